"""Checking sources: does each answer, may it be asked, is it still of its family, and what is its newest report?

One short crawl of first list pages on a data home that is thrown away; no article is asked for. Nothing is stored
and no source is changed.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Literal

from scrapers.columns import reports_among, year_in
from scrapers.encoding import UndecodableError, decode
from scrapers.families.answers import AnswerError
from scrapers.families.common import Entry, WebPage
from scrapers.families.detect import detect_family
from scrapers.golden import read_list_of
from scrapers.plan import SourcePlan
from scrapers.sources import SourceConfig
from scrapers.titles import TitleRule
from warehouse.archive import read_payload
from warehouse.history import LIST_READ
from warehouse.ledger import AttemptRow, CaptureRow, Ledger
from warehouse.outcomes import RULES, Outcome
from warehouse.paths import Home, ScratchHome

RUN_ID = "check"
LIST_PAGES = 2
NOTHING = TitleRule(include=re.compile(r"(?!)"))  # wants no title, not even 泸州市2017年法治政府建设报告
ROBOTS_WORDS = {
    Outcome.FETCHED: "rules",
    Outcome.NOT_FOUND: "no file",
    Outcome.ROBOTS_UNREACHABLE: "unreachable",
}

Verdict = Literal["ok", "warn", "bad"]


@dataclass(frozen=True)
class SourceCheck:
    """What came of checking one source.

    Attributes:
        source_id: the source.
        status: as its file says.
        verdict: bad when its list could not be read, warn when it was but something is not as it should be.
        outcome: how asking for its list ended.
        robots: what robots.txt said: rules, no file, forbidden, unreachable, or the outcome of asking for it.
        family: as its file says.
        detected: the family that the page shows; None when there was no page.
        evidence: what on the page shows it.
        entries: entries on the list pages looked at.
        newest_title: the newest report on them.
        newest_date: ISO date beside it.
        newest_year: the year that its title names.
        remarks: what is not as it should be, with the next step.
    """

    source_id: str
    status: str
    verdict: Verdict
    outcome: str
    robots: str
    family: str
    detected: str | None = None
    evidence: str | None = None
    entries: int = 0
    newest_title: str | None = None
    newest_date: str | None = None
    newest_year: int | None = None
    remarks: tuple[str, ...] = ()


def check_sources(sources: Sequence[SourceConfig], *, list_pages: int = LIST_PAGES) -> list[SourceCheck]:
    """Ask for the first list pages of each source and judge what comes; retired sources are not asked.

    Raises:
        SourceFileError: real portals, but no contact.
        ArchiveError: the crawl could not store what it fetched.
        CrawlInterruptedError: it was stopped.
    """
    from scrapers.crawl import run_crawl

    asked = [source for source in sources if source.status != "retired"]
    if not asked:
        return []
    looks = [replace(source, titles=NOTHING, candidates=None) for source in asked]
    plans = {
        source.source_id: SourcePlan(source.source_id, "check", "probe", min(list_pages, source.max_pages))
        for source in asked
    }
    with tempfile.TemporaryDirectory(prefix="fazhi-check-") as temporary:
        home = ScratchHome(Path(temporary))
        run_crawl(looks, RUN_ID, home, trigger="source check", plans=plans)
        with Ledger(home.ledger_url) as ledger:
            attempts, captures = ledger.attempts(RUN_ID), ledger.captures("list")
        return [_judge(source, home, attempts, captures) for source in asked]


def _judge(
    source: SourceConfig, home: Home, attempts: Sequence[AttemptRow], captures: Sequence[CaptureRow]
) -> SourceCheck:
    mine = [attempt for attempt in attempts if attempt.source_id == source.source_id]
    lists = [attempt for attempt in mine if attempt.kind == "list"]
    read = [attempt for attempt in lists if Outcome(attempt.outcome) in LIST_READ]
    pages = [
        WebPage(capture.url, text, source.options)
        for capture in captures
        if capture.source_id == source.source_id and (text := _text(read_payload(home, capture))) is not None
    ]
    told = (read or lists)[-1] if lists else None
    outcome = told.outcome if told else "not asked"
    check = SourceCheck(
        source.source_id,
        source.status,
        "ok" if read else "bad",
        outcome,
        _robots(mine),
        source.family,
    )
    if pages:
        detection = detect_family(pages[0])
        check = replace(check, detected=detection.family, evidence=detection.evidence)
    entries = _entries(source, home, captures)
    newest = next(iter(reports_among(entries, source.titles)), None)
    if newest is not None:
        nothing_was_wanted = check.outcome == Outcome.NOT_PUBLISHED_YET.value  # the look itself fetches no report
        check = replace(
            check,
            outcome=Outcome.FETCHED.value if nothing_was_wanted else check.outcome,
            newest_title=newest.title,
            newest_date=newest.date.isoformat() if newest.date else None,
            newest_year=year_in(newest.title),
        )
    remarks = tuple(_remarks(source, check, told))
    verdict: Verdict = check.verdict if not remarks or check.verdict == "bad" else "warn"
    return replace(check, entries=len(entries), remarks=remarks, verdict=verdict)


def _text(body: bytes) -> str | None:
    try:
        return decode(body)
    except UndecodableError:
        return None


def _entries(source: SourceConfig, home: Home, captures: Sequence[CaptureRow]) -> list[Entry]:
    entries: list[Entry] = []
    for capture in captures:
        if capture.source_id == source.source_id:
            try:
                body = read_payload(home, capture)
                entries += read_list_of(source.family, source.options, capture.url, body).entries
            except (AnswerError, UndecodableError, ValueError):
                continue
    return entries


def _robots(attempts: Sequence[AttemptRow]) -> str:
    if any(attempt.outcome == Outcome.ROBOTS_DISALLOWED.value for attempt in attempts):
        return "forbidden"
    asked = [Outcome(attempt.outcome) for attempt in attempts if attempt.kind == "robots"]
    return ROBOTS_WORDS.get(asked[-1], asked[-1].value) if asked else "not asked"


def _remarks(source: SourceConfig, check: SourceCheck, told: AttemptRow | None) -> list[str]:
    remarks = []
    if told is not None and check.verdict == "bad":
        detail = f" ({told.detail})" if told.detail else ""
        remarks.append(f"{told.outcome}{detail}: {RULES[Outcome(told.outcome)].next_step}")
    if check.detected not in {None, "generic", source.family}:
        remarks.append(f"the page shows {check.detected} ({check.evidence}); write it into the source's family")
    if check.verdict != "bad" and check.newest_title is None:
        remarks.append("no annual report on the first list pages; look whether the column is the right one")
    return remarks


def check_json(check: SourceCheck) -> dict[str, object]:
    """A check as plain values."""
    return {name: list(value) if isinstance(value, tuple) else value for name, value in vars(check).items()}


def days_since(moment: datetime | None, now: datetime) -> str:
    """How many days ago something was, in words."""
    if moment is None:
        return "never"
    days = (now - moment).days
    return "today" if days == 0 else f"{days} d ago"
