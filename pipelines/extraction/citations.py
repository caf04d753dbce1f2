"""The documents that a text names in 《》: title, number, year of issue and kind, each with its place.

A short form that the text introduces itself (以下简称《纲要》) stands for its document afterwards. Kinds are rows of
``citation_kinds.csv``. Whether a document exists, and numbers named without a title, are not the business here.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

import numpy as np

from pipelines.cleaning.document_number import DocumentNumber, parse_document_number
from pipelines.cleaning.script import Converted
from pipelines.cleaning.tables import SEEDS_DIR, read_table
from pipelines.extraction.characters import code_points, kind, line_starts
from pipelines.model import Citation, Issue, Section

KINDS = (
    "law",
    "regulation",
    "government_rule",
    "party_document",
    "normative_document",
    "plan",
    "report",
    "other",
)
"""法律, 法规, 政府规章, 党内法规与党的文件, 规范性文件, 规划方案, 报告, and what no rule knows."""
PARTS = ("title", "number")
COLUMNS = ("priority", "kind", "part", "pattern", "unless", "example")

# 《…》 · 〈…〉 or <…> inside it
MARK = re.compile(r"[《》〈〉<>\n]")
_CLOSING = {"《": "》", "〈": "〉", "<": ">"}
# behind a title: "(川府发〔2015〕1号)" "(中办发〔2019〕28号,以下简称《规定》)" "(省政府令第278号)"
NUMBER_BEHIND = re.compile(r"\s*\((?P<number>[^()]{2,40}?号)(?:文件?)?(?=[,;、)])")
# an order's number holds brackets of its own or none: "省政府令第278号" "(省政府令(第278号))"
ORDER_BEHIND = re.compile(r"\s*\((?P<number>[^()]{2,15}令\s*\(?第\s*\d{1,4}\s*号\)?)")
_BEFORE_NUMBER = "按照|根据|依据|落实|贯彻|印发|转发|执行|下发|遵循|关于|以"
# before a title: "川府发〔2015〕1号《关于…》" "国发〔2010〕33号文件《…》"
NUMBER_BEFORE = re.compile(
    rf"(?:{_BEFORE_NUMBER}|[,。;:(、\s]|^)(?P<number>(?:(?!{_BEFORE_NUMBER})[\u4e00-\u9fff]){{1,10}}"
    r"[〔\[(【](?:19|20)\d\d[〕\])】]\d{1,4}号)(?:文件?)?(?:印发的?)?$"
)
# a short form: "(以下简称《纲要》)" "(以下统称《条例》)" "(简称《规定》)"; "(以下简称“《纲要》”)"
SHORT_FORM = re.compile(r"简称(?:为)?[:,]?[“\"‘']?$|统称(?:为)?[:,]?[“\"‘']?$")
# "2022年印发的《…》" "2021年,我县修订了《…》": when it was issued, in words
ISSUED_IN = re.compile(
    r"(?P<year>(?:19|20)\d\d)年(?:\d{1,2}月(?:\d{1,2}日)?)?,?[^,。;《》]{0,12}"
    r"(?:印发|出台|制定|制发|修订|修正|公布|颁布|发布)(?:了|的|实施)?$"
)
# what stands between titles of one list: "《…》《…》" "《…》(川府发〔2015〕1号)、《…》"
NEXT_IN_LIST = re.compile(r"(?:\([^()]{0,60}\))?(?:、|和|及|以及|与|,)?")
# "优化营商环境条例(2019年)" "行政处罚法(2021年修订)" but not a span of years
YEAR_IN_TITLE = re.compile(r"\((?P<year>(?:19|20)\d\d)年?(?:修订|修正|版|修改)?\)$")
# at the end of a title: "(草案)" "(征求意见稿)" "(修订草案送审稿)"
DRAFT = re.compile(r"\([^()]*(?:草案|意见稿|送审稿|讨论稿|审议稿|建议稿)[^()]*\)$|草案$")
# what titles may lack: marks, brackets round dates, the 年 of a date, and the state's name
IGNORED_IN_KEYS = re.compile(
    r"(?<=\d)年|[\s《》〈〉<>“”\"‘’'()—–－~～至·、,:-]|^中华人民共和国|^关于(?:印发|公布|发布)?"
)
# A sentence ends behind one of these.
_SENTENCE_END = kind("。!?;\n")

MAX_TITLE = 140
"""A longer stretch between marks is no title: a mark was lost."""
MIN_INNER = 4
"""Shorter words between inner marks are emphasis, no title of its own."""
DEEPEST = 4
"""Marks inside marks beyond which the text is garbled."""
SHOWN = 40
"""Characters of a title without end that its issue shows."""
LOOK_BEFORE = 40
LOOK_BEHIND = 70


@dataclass(frozen=True)
class CitationRule:
    """One row of the table: a pattern of titles or numbers that shows the kind of the document."""

    kind: str
    part: str
    pattern: re.Pattern[str]
    unless: re.Pattern[str] | None

    def fires(self, text: str) -> bool:
        """Whether the rule knows a title or number."""
        return self.pattern.search(text) is not None and not (self.unless and self.unless.search(text))


class CitationKinds:
    """The rules in order of priority.

    Args:
        rows: the rows of ``citation_kinds.csv``.

    Raises:
        ValueError: a kind or part is unknown or a pattern does not compile; names the row's priority.
    """

    def __init__(self, rows: Iterable[Mapping[str, str]]) -> None:
        self.rules = tuple(_rule(row) for row in sorted(rows, key=lambda row: int(row["priority"])))

    @classmethod
    def read(cls, path: Path) -> CitationKinds:
        """Read the table from its CSV file."""
        return cls(read_table(path, COLUMNS))

    def kind_of(self, title: str, number: str | None) -> str:
        """Return the kind of the first rule that knows the title or the number; "other" when none does."""
        texts = {"title": title, "number": number}
        return next((rule.kind for rule in self.rules if (text := texts[rule.part]) and rule.fires(text)), "other")


def _rule(row: Mapping[str, str]) -> CitationRule:
    where = f"citation_kinds.csv, priority {row['priority']}"
    if row["kind"] not in KINDS:
        raise ValueError(f"{where}: unknown kind {row['kind']!r}")
    if row["part"] not in PARTS:
        raise ValueError(f"{where}: unknown part {row['part']!r}")
    try:
        unless = re.compile(row["unless"]) if row["unless"] else None
        return CitationRule(row["kind"], row["part"], re.compile(row["pattern"]), unless)
    except re.error as error:
        raise ValueError(f"{where}: {error}") from error


@cache
def load_citation_kinds() -> CitationKinds:
    """Read the project's table once."""
    return CitationKinds.read(SEEDS_DIR / "citation_kinds.csv")


@dataclass(frozen=True)
class _Named:
    """A title between its marks: offsets in the plain text, and the place of the title that holds it."""

    start: int
    end: int
    outer: int | None


def find_citations(
    text: str, plain: Converted, span: tuple[int, int], sections: Sequence[Section], kinds: CitationKinds
) -> tuple[list[Citation], list[Issue]]:
    """List the documents that a text names.

    Args:
        text: the document text as stored.
        plain: the same text in Simplified script and folded width, with the way back.
        span: start and end of the body in ``text``.
        sections: the sections of the body.
        kinds: the rules for kinds.

    Returns:
        The citations in order of the text, an inner title behind the one that holds it; and the issues: an opening
        mark without its closing one (``citation_unclosed``).
    """
    first, last = (plain.simplified_offset(offset) for offset in span)
    named, unclosed = _named(plain.text, first, last)
    issues = [
        Issue("extract", "info", "citation_unclosed", "a title without its closing mark", beginning)
        for at in unclosed
        for beginning in plain.text[at : at + SHOWN].split("\n", 1)[:1]
    ]
    if not named:
        return [], issues
    reader = _Reader(text, plain, sections, kinds)
    return list(reader.read(named)), issues


def _named(plain: str, first: int, last: int) -> tuple[list[_Named], list[int]]:
    """Titles between marks, outer ones before those they hold, and the places of marks that stay open."""
    starts: list[int] = []
    ends: list[int | None] = []
    outers: list[int | None] = []
    open_marks: list[int] = []
    unclosed: list[int] = []

    def give_up() -> None:
        unclosed.extend(starts[at] for at in open_marks if plain[starts[at]] == "《")
        open_marks.clear()

    for hit in MARK.finditer(plain, first, last):
        mark = hit[0]
        if mark == "\n" or len(open_marks) > DEEPEST:
            give_up()
        if mark in _CLOSING and (mark == "《" or open_marks):
            starts.append(hit.start())
            ends.append(None)
            outers.append(open_marks[-1] if open_marks else None)
            open_marks.append(len(starts) - 1)
        elif open_marks and _CLOSING[plain[starts[open_marks[-1]]]] == mark:
            ends[open_marks.pop()] = hit.end()
    give_up()
    found: list[_Named] = []
    place: dict[int, int] = {}
    for at, (start, end, outer) in enumerate(zip(starts, ends, outers, strict=True)):
        holder = place.get(outer) if outer is not None else None
        length = (end or start) - start - 2
        if 0 < length <= MAX_TITLE and (plain[start] == "《" or (holder is not None and length >= MIN_INNER)):
            place[at] = len(found)
            found.append(_Named(start, start + length + 2, holder))
    return found, unclosed


class _Reader:
    """Reads the named titles of one text in their order."""

    def __init__(self, text: str, plain: Converted, sections: Sequence[Section], kinds: CitationKinds) -> None:
        self._text, self._converted, self._plain, self._kinds = text, plain, plain.text, kinds
        self._sections = sections
        self._sentence_ends: list[int] = (np.flatnonzero(_SENTENCE_END[code_points(plain.text)]) + 1).tolist()
        self._section_starts = [section.char_start for section in sections]
        self._line_starts = line_starts(text)
        self._short_forms: dict[str, Citation] = {}
        self._counts: Counter[str] = Counter()
        self._year_in_words: tuple[int, int] | None = None

    def read(self, named: Sequence[_Named]) -> Iterator[Citation]:
        """Yield a citation for each title but those that introduce a short form."""
        made: dict[int, Citation] = {}
        latest: Citation | None = None
        for index, each in enumerate(named):
            if each.outer is None and latest and SHORT_FORM.search(self._plain[max(0, each.start - 8) : each.start]):
                self._short_forms[self._title(each)] = latest
                continue
            outer = None if each.outer is None else made.get(each.outer)
            citation = self._citation(each, f"c{len(made):04d}", outer)
            made[index] = citation
            if each.outer is None:
                latest = citation
            yield citation

    def _title(self, each: _Named) -> str:
        return "".join(self._plain[each.start + 1 : each.end - 1].split())

    def _citation(self, each: _Named, citation_id: str, outer: Citation | None) -> Citation:
        as_printed = self._title(each)
        meant = self._short_forms.get(as_printed)
        title = meant.title if meant else as_printed
        number = None if outer else self._number(each)
        year, source = self._issued(each, title, number)
        if meant and number is None and year is None:
            number_text, number_raw, year, source = (
                meant.number, meant.number_raw, meant.issued_year, meant.issued_year_source,
            )  # fmt: skip
        else:
            number_text, number_raw = (number.text, number.raw) if number else (None, None)
        key = IGNORED_IN_KEYS.sub("", title) or title
        self._counts[key] += 1
        start, end = self._back(each.start, each.end)
        sentence_start, sentence_end = self._sentence(each)
        return Citation(
            citation_id=citation_id,
            title=title,
            title_key=key,
            cited_as=self._text[start:end],
            kind=self._kinds.kind_of(title, number_text),
            is_draft=DRAFT.search(title) is not None,
            number=number_text,
            number_raw=number_raw,
            issued_year=year,
            issued_year_source=source,
            occurrence=self._counts[key],
            within=outer.citation_id if outer else None,
            section_id=self._section_at(start),
            line=bisect_right(self._line_starts, start),
            char_start=start,
            char_end=end,
            sentence=self._text[sentence_start:sentence_end],
            sentence_start=sentence_start,
        )

    def _number(self, each: _Named) -> DocumentNumber | None:
        behind = self._plain[each.end : each.end + LOOK_BEHIND]
        for pattern in (ORDER_BEHIND, NUMBER_BEHIND):
            if (hit := pattern.match(behind)) and (number := parse_document_number(hit["number"])):
                return number
        before = NUMBER_BEFORE.search(self._plain[max(0, each.start - LOOK_BEFORE) : each.start])
        return parse_document_number(before["number"]) if before else None

    def _issued(
        self, each: _Named, title: str, number: DocumentNumber | None
    ) -> tuple[int | None, Literal["number", "text", "title"] | None]:
        """The year of issue: of the number, else of words before the title or its list, else of the title's end."""
        in_words = self._said_before(each) if each.outer is None else None
        if number and number.year:
            return number.year, "number"
        if in_words:
            return in_words, "text"
        ended = YEAR_IN_TITLE.search(title)
        return (int(ended["year"]), "title") if ended else (None, None)

    def _said_before(self, each: _Named) -> int | None:
        """The year of issue that words before a title state, or before the first title of its list."""
        year: int | None = None
        if said := ISSUED_IN.search(self._plain[max(0, each.start - LOOK_BEFORE) : each.start]):
            year = int(said["year"])
        elif self._year_in_words and NEXT_IN_LIST.fullmatch(self._plain, self._year_in_words[1], each.start):
            year = self._year_in_words[0]
        self._year_in_words = (year, each.end) if year else None
        return year

    def _back(self, start: int, end: int) -> tuple[int, int]:
        return self._converted.original_offset(start), self._converted.original_offset(end)

    def _sentence(self, each: _Named) -> tuple[int, int]:
        """The sentence around a title without blanks at its ends."""
        before = bisect_right(self._sentence_ends, each.start)
        behind = bisect_left(self._sentence_ends, each.end)
        start = self._sentence_ends[before - 1] if before else 0
        end = self._sentence_ends[behind] if behind < len(self._sentence_ends) else len(self._plain)
        inside = self._plain[start:end]
        start += len(inside) - len(inside.lstrip())
        return self._back(start, start + len(inside.strip()))

    def _section_at(self, offset: int) -> str | None:
        index = bisect_right(self._section_starts, offset) - 1
        return self._sections[index].section_id if index >= 0 else None
