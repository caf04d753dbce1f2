"""Headings → sections: where each part of a report begins and ends, what it is about, what role it plays.

Recognises the numbering of official documents (一、 (一) 1. (1); 党政机关公文格式 GB/T 9704-2012, 7.3.3) with
run-in text. Topic and part come from the tables ``heading_topics.csv`` and ``heading_parts.csv``. Reading
the numbers inside a section is not done here.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

from pipelines.cleaning.grids import Table
from pipelines.extraction.numerals import fold_width
from pipelines.extraction.words import PatternIndex, places_of_bits
from pipelines.model import Section

_NUMERAL = "[一二三四五六七八九十百零〇]{1,4}"
# "一、强化顶层设计" "十一、2024年工作安排": of what a label stands before, the first character is enough
LEVEL_1 = re.compile(rf"\s*(?P<label>{_NUMERAL}\s?[、.])\s*(?P<rest>\S)")
# "(一)健全组织领导体系,做好规划引领。市委、…"
LEVEL_2 = re.compile(rf"\s*(?P<label>\({_NUMERAL}\)[、.]?)\s*(?P<rest>\S)")
# "1.推进简政放权。" "2、强化监管" but neither "2.5万件" nor "2018.3"
LEVEL_3 = re.compile(r"\s*(?P<label>\d{1,2}\s?[.、])(?!\d)\s*(?P<rest>\S)")
# "(1)开展评查。" "(2)"
LEVEL_4 = re.compile(r"\s*(?P<label>\(\d{1,2}\)[、.]?)\s*(?P<rest>\S)")
# "第一部分 主要工作" "第二章 成效"
PART_HEADING = re.compile(rf"\s*(?P<label>第{_NUMERAL}(?:部分|章))[、:\s]*(?P<rest>\S)")
# What each begins with, before its width is folded: the first character of a line says which may fit.
_LEVELS = {
    first: levels
    for characters, levels in (
        ("第", ((1, PART_HEADING),)),
        ("一二三四五六七八九十百零〇", ((1, LEVEL_1),)),
        ("(（", ((2, LEVEL_2), (4, LEVEL_4))),
        ("0123456789０１２３４５６７８９", ((3, LEVEL_3),)),
    )
    for first in characters
}

MAX_PLAIN_HEADING = 24
# "党建引领" "优化营商环境、服务企业发展": a division that has no number
PLAIN_HEADING = re.compile(rf"[一-鿿“”、,和与及《》]{{2,{MAX_PLAIN_HEADING}}}")
PARAGRAPH_ENDS = ("。", ";", "；", "!", "！", ":", "：", "”", "）", ")")
# "健全组织领导体系。市委…": a run-in heading ends at the first full stop
HEADING_END = re.compile(r"[。!?;]")
# A numbered paragraph whose first sentence runs on is no heading; its first clause names it.
MAX_HEADING = 60
# Characters of a line among which its label and the whole of its heading stand.
MAX_LOOK = 4 * MAX_HEADING
# "一、强化领导,压实责任": clauses end here
CLAUSE_END = re.compile(r"[,:]")
# What the enclosing section is about decides between topics of nearly the same weight.
ENCLOSING_TOPIC_BONUS = 1


@dataclass(frozen=True)
class TopicRule:
    """One row of ``heading_topics.csv``: a phrase of headings that speaks for a topic with a weight."""

    topic: str
    weight: int
    pattern: re.Pattern[str]


@dataclass(frozen=True)
class PartRule:
    """One row of ``heading_parts.csv``; the first row that matches a first-level heading names its part."""

    part: str
    pattern: re.Pattern[str]


@dataclass(frozen=True)
class OutlineRules:
    """The two tables that read headings."""

    topics: tuple[TopicRule, ...]
    parts: tuple[PartRule, ...]

    @cached_property
    def _index(self) -> PatternIndex:
        return PatternIndex([rule.pattern for rule in self.topics])

    def topics_of(self, headings: Sequence[str]) -> list[list[TopicRule]]:
        """For each heading the rows of ``topics`` whose words may stand in it; all are looked through at once."""
        scan, found, start = self._index.scan("\n".join(headings)), [], 0
        for heading in headings:
            possible = self._index.possible(scan.units(start, start + len(heading)))
            found.append([self.topics[place] for place in places_of_bits(possible)])
            start += len(heading) + 1
        return found


@dataclass(frozen=True)
class _Heading:
    """A heading line found: where it stands and how it reads."""

    level: int
    label: str
    text: str
    line: int
    start: int
    text_end: int


def split_sections(
    text: str,
    simplified: str,
    body_lines: tuple[int, int],
    rules: OutlineRules,
    *,
    is_report: bool,
    tables: Sequence[Table] = (),
) -> list[Section]:
    """Cut the body of a document into sections.

    Args:
        text: the document text as stored.
        simplified: the same text line by line in simplified script (the same object for simplified documents).
        body_lines: first and last line of the body, counted from 1.
        rules: the heading tables.
        tables: tables of the text, whose numbered rows are no headings.
        is_report: topics and parts are given to annual reports only; in other kinds they would mislead.

    Returns:
        Sections in order of the text, without gaps and overlaps between the body's first and last character.
        What precedes the first heading is a section of level 0 without heading.
    """
    lines = text.split("\n")
    simple_lines = simplified.split("\n")
    starts = _line_starts(lines)
    first, last = body_lines
    rows = {row.char_start for table in tables if table.is_grid for row in table.rows if not row.is_running_text}
    headings = [
        heading
        for number in range(first, last + 1)
        if starts[number - 1] not in rows
        and (heading := _heading_of(lines[number - 1], number, starts[number - 1])) is not None
    ]
    if not any(heading.level == 1 for heading in headings):
        headings = sorted([*headings, *_plain_headings(lines, starts, first, last)], key=lambda found: found.start)
    body_start, body_end = starts[first - 1], starts[last - 1] + len(lines[last - 1])
    sections: list[Section] = []
    if not headings or headings[0].start > body_start:
        end = headings[0].start if headings else body_end
        sections.append(_preamble(first, body_start, end))
    trail: list[Section] = []
    plain = (
        [
            fold_width(_plain_text(heading, lines[heading.line - 1], simple_lines[heading.line - 1]))
            for heading in headings
        ]
        if is_report
        else []
    )
    topics = rules.topics_of(plain)
    for index, heading in enumerate(headings):
        end = headings[index + 1].start if index + 1 < len(headings) else body_end
        while trail and trail[-1].level >= heading.level:
            trail.pop()
        part, topic = _part_and_topic(plain[index], trail, rules, topics[index]) if is_report else ("other", None)
        section = _section(heading, len(sections), end, trail, part, topic)
        sections.append(section)
        trail.append(section)
    return sections


def _line_starts(lines: Sequence[str]) -> list[int]:
    """Offset of the first character of each line."""
    starts, position = [], 0
    for line in lines:
        starts.append(position)
        position += len(line) + 1
    return starts


def _heading_of(line: str, number: int, start: int) -> _Heading | None:
    """Read one line as a heading, or return None."""
    label, text, level, offset = _parse_heading(line)
    if level == 0:
        return None
    return _Heading(level, label, text, number, start, start + offset + len(text))


def _plain_headings(lines: Sequence[str], starts: Sequence[int], first: int, last: int) -> list[_Heading]:
    """Short lines without a mark at their end, each over a paragraph: how a report without numbering is divided.

    One alone is a stray line, not a division.
    """
    found = []
    filled = [number for number in range(first, last + 1) if lines[number - 1].strip()]
    for number, following in pairwise(filled):
        line, below = lines[number - 1], lines[following - 1].strip()
        text = line.strip()
        stands_over_text = len(below) > MAX_PLAIN_HEADING and below[-1:] in PARAGRAPH_ENDS
        if stands_over_text and PLAIN_HEADING.fullmatch(fold_width(text)):
            start = starts[number - 1] + line.index(text)
            found.append(_Heading(1, "", text, number, start, start + len(text)))
    return found if len(found) > 1 else []


def _heading_text(line: str) -> tuple[str, str]:
    """Label and text of a heading line; two empty strings when the line is none."""
    label, text, _, _ = _parse_heading(line)
    return label, text


def _parse_heading(line: str) -> tuple[str, str, int, int]:
    """Label, text, level and the text's offset in ``line``; level 0 when the line is no heading."""
    levels = _LEVELS.get(line.lstrip()[:1])
    if levels is None:
        return "", "", 0, 0
    # What a heading is shows in its first characters.
    folded = fold_width(line[:MAX_LOOK])
    for level, pattern in levels:
        match = pattern.match(folded)
        if match is not None:
            begin = match.start("rest")
            length = _heading_length(folded[begin:].rstrip())
            return line[match.start("label") : match.end("label")], line[begin : begin + length], level, begin
    return "", "", 0, 0


def _heading_length(rest: str) -> int:
    """How many characters of the text behind a label are heading: to the full stop, or the first clause."""
    stop = HEADING_END.search(rest)
    length = stop.start() if stop else len(rest)
    if length > MAX_HEADING:
        clause = CLAUSE_END.search(rest)
        length = clause.start() if clause and clause.start() <= MAX_HEADING else min(length, MAX_HEADING)
    return length


def _preamble(line: int, start: int, end: int) -> Section:
    """The text before the first heading."""
    return Section("s0000", 0, 0, None, None, (), None, "achievements", line, start, start, end, None)


def _plain_text(heading: _Heading, printed: str, simplified: str) -> str:
    """The text of a heading in simplified script, from its line as printed and in that script."""
    if not heading.label:
        return simplified.strip()
    return heading.text if printed == simplified else _heading_text(simplified)[1]


def _section(
    heading: _Heading, ordinal: int, end: int, trail: Sequence[Section], part: str, topic: str | None
) -> Section:
    """A section as its heading gives it."""
    path = (*(trail[-1].path if trail else ()), f"{heading.label}{heading.text}".rstrip())
    # In the order of the fields: to name them all takes longer, and a report has dozens of sections.
    return Section(
        f"s{ordinal:04d}",
        ordinal,
        heading.level,
        heading.label or None,
        heading.text.rstrip(),
        path,
        topic,
        part,
        heading.line,
        heading.start,
        heading.text_end,
        end,
        trail[-1].section_id if trail else None,
    )


def _part_and_topic(
    heading: str, trail: Sequence[Section], rules: OutlineRules, topics: Sequence[TopicRule]
) -> tuple[str, str | None]:
    """The part of a section (from its own or the enclosing first-level heading) and its topic, by the rows given.

    A first-level heading that only names a part ("一、主要举措和成效") is about everything, so it has no topic.
    """
    if trail:
        return trail[0].part, topic_of_heading(heading, topics, trail[-1].topic)
    part = part_of_heading(heading, rules.parts)
    names_only_a_part = part is not None and part != "first_responsible"
    return part or "achievements", None if names_only_a_part else topic_of_heading(heading, topics)


def part_of_heading(heading: str, rules: Sequence[PartRule]) -> str | None:
    """Name the part that a first-level heading opens; None when it names a theme, which is an achievement.

    The five parts are those of 《法治政府建设与责任落实督察工作规定》 as local guides spell them out.
    """
    return next((rule.part for rule in rules if rule.pattern.search(heading)), None)


def topic_of_heading(heading: str, rules: Sequence[TopicRule], enclosing: str | None = None) -> str | None:
    """Return the topic with the most weight in ``heading``, or None when no phrase speaks for any.

    The topic of the enclosing section counts a little more where it speaks at all; of equals, the one named
    first in the heading wins.
    """
    weights: dict[str, int] = {}
    places: dict[str, int] = {}
    for rule in rules:
        match = rule.pattern.search(heading)
        if match is not None:
            weights[rule.topic] = weights.get(rule.topic, 0) + rule.weight
            places[rule.topic] = min(places.get(rule.topic, len(heading)), match.start())
    if not weights:
        return None
    if enclosing in weights:
        weights[enclosing] += ENCLOSING_TOPIC_BONUS
    return max(weights, key=lambda topic: (weights[topic], -places[topic]))
