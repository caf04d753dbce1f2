"""The problems that a report admits and what it plans for the next year, item by item, each with its place.

Finds the stretches of a report that speak of problems or plans, by the parts of its sections, by headings further
down, by headings without number, and by the phrases that open such a paragraph; how a stretch falls into items is
said in ``lists``. Numbers inside an item are observations, not read here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from pipelines.cleaning.script import Converted, to_simplified
from pipelines.extraction.lists import Piece, split_list
from pipelines.extraction.numerals import fold_width
from pipelines.extraction.segmentation import OutlineRules, part_of_heading, topic_of_heading
from pipelines.model import Item, Section

Kind = Literal["problem", "plan"]
KIND_OF_PART: dict[str, Kind] = {"problems": "problem", "plan": "plan"}

# a heading that announces both: "八、存在问题和2016年工作打算" "存在的不足及下一步工作安排"
SPEAKS_OF_PROBLEMS = re.compile(r"问题|不足|困难|短板|薄弱环节|差距")
SPEAKS_OF_PLANS = re.compile(
    r"下一?步|下阶段|下一年|今后|明年|打算|工作(?:思路|安排|计划|重点|要点)|努力方向|改进(?:措施|方向)"
)
# a heading below the first level that opens a list of problems or plans: "(六)存在的主要问题" "(七)下一步工作打算"
NAMES_PROBLEMS = re.compile(
    r"^(?:当前|目前|工作中|我[市县区镇乡局])?(?:还|仍|尚)?(?:存在|面临)的?(?:主要|突出|一些|的)*(?:问题|不足|困难|短板|差距|薄弱环节)"
    r"(?:(?:和|与|及|、)[\u4e00-\u9fff]{2,6})?$|^(?:主要|突出|存在)?(?:问题|不足|短板)(?:和(?:问题|不足|困难|原因))?$"
)
NAMES_PLANS = re.compile(
    r"^(?:20\d\d年度?)?(?:下一?步|下一?年度?|下阶段|今后|明年)?的?(?:主要|重点|工作|总体)*(?:打算|思路|安排|计划|举措|措施|重点|方向)$|"
    r"^(?:下一?步|下阶段)(?:工作)?$"
)
# a heading that asks why, which is no problem of its own: "(二)原因分析" "产生问题的原因"
NAMES_CAUSES = re.compile(r"原因(?:分析|剖析)?$")
# a line without number that is a heading all the same has none of these marks
RUNNING_TEXT = re.compile(r"[。;,!?]")
MAX_HEADING = 26
# a paragraph that opens with problems: "在看到成绩的同时,还存在一些问题:" "存在的主要问题:一是…"
OPENS_PROBLEMS = re.compile(
    r"^[^。;:]{0,60}?(?:还|仍|仍然|依然|也)?(?:存在|面临)(?:着|有|的)?(?:一些|不少|诸多|以下|如下|主要|突出|的)*"
    r"(?:问题|不足|短板|差距|薄弱环节|困难)"
)
# a paragraph that opens with plans: "下一步,我县将…" "2024年,全市将…" "今后,…"
OPENS_PLANS = re.compile(r"^(?:下一?步|下阶段|今后|明年|接下来|20\d\d年,?(?:[我全][市县区镇乡局])?(?:将|要|计划))")
# where a paragraph turns from problems to plans: "…未单独设立。2016年将重点做好…" "…不足。下一步,…"
TURN = re.compile(
    r"(?:(?<=[。;!])|^)\s*(?:下一?步|下阶段|今后|明年|接下来|20\d\d年,?[^。;,]{0,8}?(?:将|要|重点|计划))", re.MULTILINE
)
# a list that goes on in the next line: "二是…" "(2)…" "3.…"
GOES_ON = re.compile(r"^\s*(?:[一二三四五六七八九十]{1,3}[是要]|\(?\d{1,2}[).、]|\([一二三四五六七八九十]{1,3}\))")
# what names an item for its topic: its first sentence or clause, without its label
FIRST_CLAUSE = re.compile(r"[。;:!?]|\n")
LATE_SHARE = 0.5
"""Share of the body before which a mere paragraph does not open the problems or plans of the whole report."""


@dataclass(frozen=True)
class _Stretch:
    """A part of the plain text that lists items of one kind, or one item that a heading opens."""

    kind: Kind
    start: int
    end: int
    section: Section
    is_item: bool = False


def find_items(text: str, plain: Converted, sections: Sequence[Section], rules: OutlineRules) -> list[Item]:
    """List the problems and plans of an annual report.

    Args:
        text: the document text as stored.
        plain: the same text in Simplified script and folded width, with the way back.
        sections: its sections with their parts.
        rules: the heading tables.

    Returns:
        The items in order of the text, numbered from 1 within each kind.
    """
    items: list[Item] = []
    counts: dict[Kind, int] = {"problem": 0, "plan": 0}
    line, position = 1, 0
    for stretch in sorted(_stretches(plain, sections, rules), key=lambda each: each.start):
        for piece, topic, start, end in _pieces_of(plain, stretch, rules):
            counts[stretch.kind] += 1
            line += text.count("\n", position, start)
            position = start
            items.append(
                Item(
                    item_id=f"i{len(items):04d}",
                    kind=stretch.kind,
                    ordinal=counts[stretch.kind],
                    label=text[start : start + len(piece.label or "")] or None,
                    form=piece.form,
                    text=text[start:end],
                    topic=topic,
                    section_id=stretch.section.section_id,
                    line=line,
                    char_start=start,
                    char_end=end,
                )
            )
    return items


def _pieces_of(
    plain: Converted, stretch: _Stretch, rules: OutlineRules
) -> Iterator[tuple[Piece, str | None, int, int]]:
    """Yield the items of a stretch, each with its topic and its place in the stored text."""
    section = stretch.section
    inside = plain.text[stretch.start : stretch.end]
    if stretch.is_item:
        pieces = [Piece(len(inside) - len(inside.lstrip()), len(inside.rstrip()), section.label, "heading")]
    else:
        pieces = split_list(inside)
    leads = [
        FIRST_CLAUSE.split(inside[piece.start + len(piece.label or "") : piece.end].lstrip(), maxsplit=1)[0]
        for piece in pieces
    ]
    for piece, lead, topics in zip(pieces, leads, rules.topics_of(leads), strict=True):
        start, end = (plain.original_offset(stretch.start + index) for index in (piece.start, piece.end))
        yield piece, topic_of_heading(lead, topics, section.topic), start, end


def _stretches(plain: Converted, sections: Sequence[Section], rules: OutlineRules) -> list[_Stretch]:
    outline = _Outline(plain, sections)
    found = [each for section in sections if (kind := outline.opens(section)) for each in outline.expand(section, kind)]
    missing = {"problem", "plan"} - {each.kind for each in found}
    if missing and sections:
        taken = {each.section.section_id for each in found}
        free = [section for section in sections if section.section_id not in taken]
        for make in (_under_bare_headings, _of_paragraphs):
            found += [each for each in make(plain, free, rules) if each.kind in missing]
            missing -= {each.kind for each in found}
    return found


class _Outline:
    """The sections as a tree, to find those that open problems or plans and what lies below them."""

    def __init__(self, plain: Converted, sections: Sequence[Section]) -> None:
        self._plain = plain
        self._sections = sections
        self._below: dict[str | None, list[Section]] = {}
        for section in sections:
            self._below.setdefault(section.parent_section_id, []).append(section)
        self._by_id = {section.section_id: section for section in sections}

    def opens(self, section: Section) -> Kind | Literal["both"] | None:
        """What a section opens: the first-level ones by their part, others by a heading that says nothing else."""
        heading = _plain(section.heading or "")
        if section.parent_section_id is None:
            kind = KIND_OF_PART.get(section.part)
            if kind and SPEAKS_OF_PROBLEMS.search(heading) and SPEAKS_OF_PLANS.search(heading):
                return "both"
            return kind
        top = section
        while top.parent_section_id is not None:
            top = self._by_id[top.parent_section_id]
        return None if top.part in KIND_OF_PART else _named(heading)

    def _whole(self, section: Section) -> tuple[int, int]:
        """Where a section with all below it begins and ends."""
        last = section
        for other in self._sections[section.ordinal + 1 :]:
            if other.level <= section.level:
                break
            last = other
        return self._plain.simplified_offset(section.char_start), self._plain.simplified_offset(last.char_end)

    def expand(self, section: Section, kind: Kind | Literal["both"]) -> Iterator[_Stretch]:
        """Cut a section into items by the headings right below it, or hand its own text over to be split."""
        below = self._below.get(section.section_id, [])
        if not below:
            yield from self._own_text(section, kind)
            return
        current: Kind = "problem" if kind == "both" else kind
        for child in below:
            heading = _plain(child.heading or "")
            if named := _named(heading):
                current = named if kind == "both" or named == kind else current
                yield from self.expand(child, current)
            elif not (current == "problem" and NAMES_CAUSES.search(heading)):
                yield _Stretch(current, *self._whole(child), child, is_item=True)

    def _own_text(self, section: Section, kind: Kind | Literal["both"]) -> Iterator[_Stretch]:
        start, end = (self._plain.simplified_offset(at) for at in (section.body_start, section.char_end))
        own = self._plain.text[start:end]
        start += len(own) - len(own.lstrip("。.: \t\n"))
        if kind != "both":
            yield _Stretch(kind, start, end, section)
            return
        turn = _turn(self._plain.text, start, end)
        yield _Stretch("problem", start, turn, section)
        if turn < end:
            yield _Stretch("plan", turn, end, section)


def _turn(plain: str, start: int, end: int) -> int:
    """Where a stretch turns from problems to plans; its end when it does not."""
    turn = TURN.search(plain, start, end)
    return turn.start() if turn else end


def _plain(heading: str) -> str:
    return fold_width(to_simplified(heading).text).strip(" 。:")


def _named(heading: str) -> Kind | None:
    """What a heading opens that says nothing else: "存在的主要问题" → "problem"."""
    if NAMES_PROBLEMS.search(heading):
        return "problem"
    return "plan" if NAMES_PLANS.search(heading) else None


def _lines_of(plain: Converted, section: Section) -> Iterator[tuple[int, int, str]]:
    """Start, end and wording of the filled lines of a section."""
    start = plain.simplified_offset(section.body_start if section.heading else section.char_start)
    for line in plain.text[start : plain.simplified_offset(section.char_end)].split("\n"):
        if line.strip():
            yield start, start + len(line), line.strip()
        start += len(line) + 1


def _under_bare_headings(plain: Converted, sections: Sequence[Section], rules: OutlineRules) -> Iterator[_Stretch]:
    """Stretches below headings without number, down to the next such heading or numbered section."""
    for section in sections:
        opened: tuple[Kind, int] | None = None
        for start, end, line in _lines_of(plain, section):
            if len(line) > MAX_HEADING or RUNNING_TEXT.search(line):
                continue
            if opened:
                yield _Stretch(opened[0], opened[1], start, section)
            part = part_of_heading(line.rstrip(":"), rules.parts)
            opened = (KIND_OF_PART[part], end) if part in KIND_OF_PART else None
        if opened:
            yield _Stretch(opened[0], opened[1], plain.simplified_offset(section.char_end), section)


def _of_paragraphs(plain: Converted, sections: Sequence[Section], _rules: OutlineRules) -> Iterator[_Stretch]:
    """Stretches of paragraphs in the later part of a report that open with problems or plans."""
    body_start, body_end = sections[0].char_start, sections[-1].char_end
    floor = body_start + LATE_SHARE * (body_end - body_start)
    for section in sections:
        opened: _Stretch | None = None
        for start, end, line in _lines_of(plain, section):
            kind: Kind | None = "plan" if OPENS_PLANS.match(line) else "problem" if OPENS_PROBLEMS.match(line) else None
            if opened and kind is None and GOES_ON.match(line):
                opened = replace(opened, end=end)
                continue
            if opened:
                yield from _turned(plain.text, opened)
            opened = _Stretch(kind, start, end, section) if kind and start >= floor else None
        if opened:
            yield from _turned(plain.text, opened)


def _turned(plain: str, stretch: _Stretch) -> Iterator[_Stretch]:
    """Cut a paragraph of problems where it turns to plans."""
    turn = _turn(plain, stretch.start, stretch.end) if stretch.kind == "problem" else stretch.end
    if turn > stretch.start:
        yield replace(stretch, end=turn)
    if turn < stretch.end:
        yield replace(stretch, kind="plan", start=turn)
