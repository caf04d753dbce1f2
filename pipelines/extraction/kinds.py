"""What kind of document a page is, with the reason; the rules are rows of ``document_kinds.csv``.

A title that names a kind decides. Without one, the opening and the structure of the body do: a report without any
title is still a report. Nothing about region, year or issuer belongs here.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from pipelines.cleaning.tables import SEEDS_DIR, read_table

KINDS = (
    "annual_report",
    "implementation_plan",
    "work_points",
    "news",
    "interpretation",
    "notice",
    "foi_annual_report",
    "government_work_report",
    "court_report",
    "procuratorate_report",
    "white_paper",
    "third_party_evaluation",
    "template",
    "list_page",
    "error_page",
    "other",
)
REPORT_KINDS = frozenset(
    (
        "annual_report",
        "foi_annual_report",
        "government_work_report",
        "court_report",
        "procuratorate_report",
        "white_paper",
        "third_party_evaluation",
    )
)
"""Kinds that report on a year; only these have a report year."""
UNOFFICIAL_KINDS = frozenset(("news", "interpretation", "list_page", "error_page", "template"))
"""Kinds that are not the word of the body they tell of."""
PARTS = ("title", "opening", "body", "short_body")
KIND_COLUMNS = ("priority", "kind", "part", "pattern", "unless", "min_count", "reason", "example")

OPENING_CHARACTERS = 900
SHORT_CHARACTERS = 400
LIST_LINES = 5
"""A page with at least this many dated entries and no paragraph is a list."""
PARAGRAPH = 40
"""A line longer than this with a full stop is running text."""
EMPTY_CHARACTERS = 60
"""With less text than this a page has no body of its own."""
MIN_SUBJECT = 3
"""Times a body without title must speak of its subject to count as a report on it."""

# the subject of the reports in running text
SUBJECT = re.compile(r"法治政府|依法行政|法治[\u4e00-\u9fff]{2}建设")
# headings of what was done · what is lacking · what comes next
DONE_HEADING = re.compile(r"举措|成效|开展情况|工作情况|主要工作|主要做法|进展|完成情况|落实情况")
LACKING_HEADING = re.compile(r"问题|不足|困难|短板|薄弱")
NEXT_HEADING = re.compile(r"下一步|打算|思路|(?:工作|主要|重点)安排|计划|展望|下阶段|今后")
# 一、 · (一) · 第一部分
HEADING = re.compile(
    r"^(?:[一二三四五六七八九十]{1,3}[、.．]|[(（][一二三四五六七八九十]{1,3}[)）]|第[一二三四五六七八九十]部分)"
)
# a heading without number: 主要工作举措 · 存在的问题和不足
BARE_HEADING = re.compile(r"^[^。；;，,：:！!？?]{2,24}$")
# the account of a year begins with it
YEAR_OPENING = re.compile(
    r"^\s*(?:(?:19|20)\d\d|[一二三四五六七八九〇○零OΟ0]{4})\s?年|^\s*今年以来|^\s*一年来|^\s*过去的?一年"
)
# a title that only says that it is a report: 2023年度工作报告 · 年度报告(公开版) · 工作总结
GENERIC_TITLE = re.compile(
    r"^(?:(?:19|20)\d\d年?度?|[一二三四五六七八九〇○零OΟ0]{4}年度?)?(?:全年)?(?:年度)?(?:工作)?(?:情况)?的?(?:报告|总结|汇报|年报)(?:[(（][^()（）]{1,12}[)）])?$"
)
# a title in the form of a notice: …年度报告的通知 · …年度报告的函
NOTICE_TITLE = re.compile(r"(?:通知|公告|通告|的函|通报)(?:[(（][^()（）]{1,12}[)）])?$")
# a year in a title
YEAR_IN_TITLE = re.compile(r"(?:19|20)\d\d|[一二三四五六七八九〇○零OΟ0]{4}\s?年")


@dataclass(frozen=True)
class KindRule:
    """One row of the table.

    Attributes:
        priority: lower rows are tried first.
        kind: what the document is when the rule fires.
        part: where the pattern is looked for: title, opening, body, short_body.
        pattern: what must occur, at least ``min_count`` times.
        unless: what must not occur in the same part; None when nothing forbids.
        reason: why this shows the kind.
    """

    priority: int
    kind: str
    part: str
    pattern: re.Pattern[str]
    unless: re.Pattern[str] | None
    min_count: int
    reason: str

    def fires(self, text: str) -> str | None:
        """Return the words that make the rule fire on a text, or None."""
        first: str | None = None
        count = 0
        for hit in self.pattern.finditer(text):
            first = first or hit[0]
            count += 1
            if count >= self.min_count:
                break
        if first is None or count < self.min_count or (self.unless and self.unless.search(text)):
            return None
        return first


@dataclass(frozen=True)
class Kind:
    """The kind of a document and why."""

    kind: str
    reason: str

    @property
    def is_annual_report(self) -> bool:
        """Whether the document is a yearly report on building a rule-of-law government."""
        return self.kind == "annual_report"


class KindTable:
    """The rules in order of priority.

    Args:
        rows: the rows of ``document_kinds.csv``.

    Raises:
        ValueError: a kind or part is unknown or a pattern does not compile; names the row's priority.
    """

    def __init__(self, rows: Iterable[Mapping[str, str]]) -> None:
        rules = [_rule(row) for row in rows]
        self.rules: tuple[KindRule, ...] = tuple(sorted(rules, key=lambda rule: rule.priority))

    @classmethod
    def read(cls, path: Path) -> KindTable:
        """Read the table from its CSV file."""
        return cls(read_table(path, KIND_COLUMNS))

    def first_hit(self, part: str, text: str) -> Kind | None:
        """Return the kind of the first rule for a part that fires on a text."""
        for rule in self.rules:
            if rule.part == part and (words := rule.fires(text)):
                return Kind(rule.kind, f"{rule.reason}: “{words[:60]}”")
        return None


def _rule(row: Mapping[str, str]) -> KindRule:
    where = f"document_kinds.csv, priority {row['priority']}"
    if row["kind"] not in KINDS:
        raise ValueError(f"{where}: unknown kind {row['kind']!r}")
    if row["part"] not in PARTS:
        raise ValueError(f"{where}: unknown part {row['part']!r}")
    try:
        return KindRule(
            priority=int(row["priority"]),
            kind=row["kind"],
            part=row["part"],
            pattern=re.compile(row["pattern"]),
            unless=re.compile(row["unless"]) if row["unless"] else None,
            min_count=int(row["min_count"]),
            reason=row["reason"],
        )
    except re.error as error:
        raise ValueError(f"{where}: {error}") from error


@cache
def load_kinds() -> KindTable:
    """Read the project's table once."""
    return KindTable.read(SEEDS_DIR / "document_kinds.csv")


def _has_paragraph(lines: Sequence[str]) -> bool:
    return any(len(line) > PARAGRAPH and "。" in line for line in lines)


def _by_structure(lines: Sequence[str]) -> Kind | None:
    """Recognise a report without title by its build: a year's account, its subject, and the usual parts."""
    filled = [line.strip() for line in lines if line.strip()]
    mentions = sum(len(SUBJECT.findall(line)) for line in filled)
    if mentions < MIN_SUBJECT:
        return None
    headings = [line[:60] for line in filled if HEADING.match(line) or BARE_HEADING.match(line)]
    parts = [
        name
        for name, pattern in (("done", DONE_HEADING), ("lacking", LACKING_HEADING), ("next", NEXT_HEADING))
        if any(pattern.search(heading) for heading in headings)
    ]
    opens = any(YEAR_OPENING.match(line) for line in filled[:6])
    if len(parts) >= 2 and (opens or len(parts) == 3):
        return Kind(
            "annual_report",
            f"no title; the text accounts for a year of 法治政府建设 ({mentions} mentions) in parts {', '.join(parts)}",
        )
    return None


def classify(table: KindTable, title: str | None, lines: Sequence[str], list_entries: int = 0) -> Kind:
    """Decide the kind of a document.

    Args:
        table: the rules.
        title: Simplified title, or None when none is stated.
        lines: Simplified lines of the report proper (of the whole text when that has no bounds).
        list_entries: lines of the whole page that look like entries of a list.

    Returns:
        The kind and the reason. Order: error pages and lists by their build, the title's rules, the opening's and
        body's rules, the structure of the body; "other" when nothing fires.
    """
    text = "\n".join(lines)
    if len(text) <= SHORT_CHARACTERS and (gone := table.first_hit("short_body", text)):
        return gone
    if list_entries >= LIST_LINES and not _has_paragraph(lines):
        return Kind("list_page", f"{list_entries} dated entries and no paragraph")
    if title and (named := table.first_hit("title", title)):
        return _confirmed(table, named, title, lines)
    opening = text[:OPENING_CHARACTERS]
    for part, where in (("opening", opening), ("body", text)):
        if shown := table.first_hit(part, where):
            return shown
    if (not title or GENERIC_TITLE.match(title)) and (built := _by_structure(lines)):
        return built
    subject = f"title “{title[:60]}”" if title else "a text without title"
    return Kind("other", f"no rule knows {subject}")


def _confirmed(table: KindTable, named: Kind, title: str, lines: Sequence[str]) -> Kind:
    """Check a report's title against its text.

    Blanks make it a template, no text and no year a column; a notice that names the report and holds no report is a
    notice.
    """
    if not named.is_annual_report:
        return named
    text = "\n".join(lines)
    if (blank := table.first_hit("body", text)) and blank.kind == "template":
        return blank
    if len(text) < EMPTY_CHARACTERS and not YEAR_IN_TITLE.search(title):
        return Kind("list_page", f"the name of a column without text: “{title[:60]}”")
    asked = table.first_hit("opening", text[:OPENING_CHARACTERS]) if NOTICE_TITLE.search(title) else None
    if asked and asked.kind == "notice" and _by_structure(lines) is None:
        return asked
    return named
