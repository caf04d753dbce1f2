"""The problems that a report admits and what it plans for the next year, item by item, each with its place.

Finds the stretches of a report that speak of problems or plans, by the parts of its sections, by headings further
down, by headings without number, and by the phrases that open such a paragraph; how a stretch falls into items is
said in ``lists``. Numbers inside an item are observations, not read here.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from pipelines.cleaning.script import to_simplified
from pipelines.extraction.lists import split_list
from pipelines.extraction.numerals import fold_width
from pipelines.extraction.segmentation import OutlineRules, TopicRule, part_of_heading, topic_of_heading
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
    """A part of the text that lists items of one kind, or one item that a heading opens."""

    kind: Kind
    start: int
    end: int
    section: Section | None
    is_item: bool = False


def find_items(text: str, sections: Sequence[Section], rules: OutlineRules) -> list[Item]:
    """List the problems and plans of an annual report.

    Args:
        text: the document text as stored.
        sections: its sections with their parts.
        rules: the heading tables.

    Returns:
        The items in order of the text, numbered from 1 within each kind.
    """
    stretches = _stretches(text, sections, rules)
    starts = [0, *(hit + 1 for hit, character in enumerate(text) if character == "\n")] if stretches else []
    items: list[Item] = []
    counts: dict[Kind, int] = {"problem": 0, "plan": 0}
    for stretch in sorted(stretches, key=lambda each: each.start):
        for item in _items_of(text, stretch, rules.topics):
            counts[item.kind] += 1
            line = bisect_right(starts, item.char_start)
            items.append(replace(item, item_id=f"i{len(items):04d}", ordinal=counts[item.kind], line=line))
    return items


def _items_of(text: str, stretch: _Stretch, topics: Sequence[TopicRule]) -> Iterator[Item]:
    converted = to_simplified(text[stretch.start : stretch.end])
    plain = fold_width(converted.text)
    section_id = stretch.section.section_id if stretch.section else None
    enclosing = stretch.section.topic if stretch.section else None

    def item(start: int, end: int, label: str | None, form: str) -> Item:
        first, last = (stretch.start + converted.original_offset(index) for index in (start, end))
        lead = FIRST_CLAUSE.split(plain[start + len(label or "") : end].lstrip(), maxsplit=1)[0]
        topic = topic_of_heading(lead, topics, enclosing)
        printed = text[first : first + len(label)] if label else None
        return Item("", stretch.kind, 0, printed, form, text[first:last], topic, section_id, 0, first, last)  # type: ignore[arg-type]

    if stretch.is_item:
        section = stretch.section
        label = section.label if section else None
        end = len(plain.rstrip())
        if end > len(label or ""):
            yield item(len(plain) - len(plain.lstrip()), end, label, "heading")
        return
    for piece in split_list(plain):
        yield item(piece.start, piece.end, piece.label, piece.form)


def _stretches(text: str, sections: Sequence[Section], rules: OutlineRules) -> list[_Stretch]:
    outline = _Outline(text, sections)
    found = [each for section in sections if (kind := outline.opens(section)) for each in outline.expand(section, kind)]
    missing = {"problem", "plan"} - {each.kind for each in found}
    if missing and sections:
        taken = {each.section.section_id for each in found if each.section}
        free = [section for section in sections if section.section_id not in taken]
        for make in (_under_bare_headings, _of_paragraphs):
            found += [each for each in make(text, free, rules) if each.kind in missing]
            missing -= {each.kind for each in found}
    return found


class _Outline:
    """The sections as a tree, to find those that open problems or plans and what lies below them."""

    def __init__(self, text: str, sections: Sequence[Section]) -> None:
        self._text = text
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

    def end_of(self, section: Section) -> int:
        """Where a section with all below it ends."""
        last = section
        for other in self._sections[section.ordinal + 1 :]:
            if other.level <= section.level:
                break
            last = other
        return last.char_end

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
                yield _Stretch(current, child.char_start, self.end_of(child), child, is_item=True)

    def _own_text(self, section: Section, kind: Kind | Literal["both"]) -> Iterator[_Stretch]:
        start, end = section.body_start, section.char_end
        start += len(self._text[start:end]) - len(self._text[start:end].lstrip("。.:： \t\u3000\xa0\n"))
        if kind != "both":
            yield _Stretch(kind, start, end, section)
            return
        turn = _turn(self._text, start, end)
        yield _Stretch("problem", start, turn, section)
        if turn < end:
            yield _Stretch("plan", turn, end, section)


def _turn(text: str, start: int, end: int) -> int:
    """Where a stretch turns from problems to plans; its end when it does not."""
    converted = to_simplified(text[start:end])
    turn = TURN.search(fold_width(converted.text))
    return start + converted.original_offset(turn.start()) if turn else end


def _plain(heading: str) -> str:
    return fold_width(to_simplified(heading).text).strip(" 。:")


def _named(heading: str) -> Kind | None:
    """What a heading opens that says nothing else: "存在的主要问题" → "problem"."""
    if NAMES_PROBLEMS.search(heading):
        return "problem"
    return "plan" if NAMES_PLANS.search(heading) else None


def _lines_of(text: str, section: Section) -> Iterator[tuple[int, int, str]]:
    """Start, end and plain wording of the filled lines of a section."""
    start = section.body_start if section.heading else section.char_start
    for line in text[start : section.char_end].split("\n"):
        if line.strip():
            yield start, start + len(line), fold_width(to_simplified(line).text).strip()
        start += len(line) + 1


def _under_bare_headings(text: str, sections: Sequence[Section], rules: OutlineRules) -> Iterator[_Stretch]:
    """Stretches below headings without number, down to the next such heading or numbered section."""
    for section in sections:
        opened: tuple[Kind, int] | None = None
        for start, end, line in _lines_of(text, section):
            if len(line) > MAX_HEADING or RUNNING_TEXT.search(line):
                continue
            if opened:
                yield _Stretch(opened[0], opened[1], start, section)
            part = part_of_heading(line.rstrip(":"), rules.parts)
            opened = (KIND_OF_PART[part], end) if part in KIND_OF_PART else None
        if opened:
            yield _Stretch(opened[0], opened[1], section.char_end, section)


def _of_paragraphs(text: str, sections: Sequence[Section], _rules: OutlineRules) -> Iterator[_Stretch]:
    """Stretches of paragraphs in the later part of a report that open with problems or plans."""
    body_start, body_end = sections[0].char_start, sections[-1].char_end
    floor = body_start + LATE_SHARE * (body_end - body_start)
    for section in sections:
        opened: _Stretch | None = None
        for start, end, line in _lines_of(text, section):
            kind: Kind | None = "plan" if OPENS_PLANS.match(line) else "problem" if OPENS_PROBLEMS.match(line) else None
            if opened and kind is None and GOES_ON.match(line):
                opened = replace(opened, end=end)
                continue
            if opened:
                yield from _turned(text, opened)
            opened = _Stretch(kind, start, end, section) if kind and start >= floor else None
        if opened:
            yield from _turned(text, opened)


def _turned(text: str, stretch: _Stretch) -> Iterator[_Stretch]:
    """Cut a paragraph of problems where it turns to plans."""
    turn = _turn(text, stretch.start, stretch.end) if stretch.kind == "problem" else stretch.end
    if turn > stretch.start:
        yield replace(stretch, end=turn)
    if turn < stretch.end:
        yield replace(stretch, kind="plan", start=turn)
