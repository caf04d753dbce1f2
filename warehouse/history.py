"""What the ledger remembers of each source, condensed: when it was asked, what came of it, which pages are known.

Only facts, read with a few grouped queries; what follows from them for tonight is decided by the crawl's plan.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased

from warehouse.ledger import CaptureKind
from warehouse.ledger_schema import make_engine, upgrade
from warehouse.ledger_tables import Attempt, Capture, CrawlRun
from warehouse.outcomes import Outcome

LIST_READ = frozenset(
    {
        Outcome.FETCHED,
        Outcome.NOT_MODIFIED,
        Outcome.UNCHANGED,
        Outcome.NOT_PUBLISHED_YET,
        Outcome.LIST_INCOMPLETE,
    }
)
"""Outcomes of a list page that was read, whatever stood in it."""
PLANNED_DEPTH = "planned_depth"
"""The stop reason of a list that was left early because the night's plan said so."""
IMPORT_TRIGGER = "import"
"""What the run of an import says started it; nobody was asked in such a run."""
BUDGET_SPENT = "budget_spent"
"""The stop reason of what was left for another night, because a source had had its requests or its time."""
PAGES_KEPT: tuple[CaptureKind, ...] = ("article", "continuation", "attachment")


@dataclass(frozen=True)
class KnownPage:
    """An article, a further page of one, or a file, that is in the archive.

    Attributes:
        url: normalised address.
        kind: what it is.
        changed_at: when its newest version was first seen.
        asked_at: when it was last asked for, whatever came of it.
        list_url: the page that led to it.
        list_title: title of the entry that led to it.
        list_date: date beside that entry.
    """

    url: str
    kind: CaptureKind
    changed_at: datetime
    asked_at: datetime
    list_url: str | None = None
    list_title: str | None = None
    list_date: date | None = None


@dataclass(frozen=True)
class SourceHistory:
    """What is known of one source.

    Attributes:
        asked_at: start of the last run that asked it; None when it was never asked.
        read_at: when a list page was last read.
        swept_at: when a list was last followed as far as it goes.
        failures: runs in a row, up to the last one, in which no list page could be read.
        is_refused: whether the last run was refused (blocked, or by robots.txt).
        is_unfinished: whether the last run left something for another night, its budget being spent.
        pages: what is in the archive, by address.
        newest_on: number of the list page, counted from 1, on which the page seen first most lately was found.
    """

    asked_at: datetime | None = None
    read_at: datetime | None = None
    swept_at: datetime | None = None
    failures: int = 0
    is_refused: bool = False
    is_unfinished: bool = False
    pages: tuple[KnownPage, ...] = ()
    newest_on: int = 1


@dataclass
class _Night:
    """One run's attempts on the lists of one source."""

    started_at: datetime
    is_read: bool = False
    is_refused: bool = False
    is_unfinished: bool = False


def read_history(url: str) -> dict[str, SourceHistory]:
    """Read the history of every source that was ever asked.

    Args:
        url: SQLAlchemy URL of the ledger.

    Returns:
        Histories by source id.
    """
    engine = make_engine(url)
    upgrade(engine)
    try:
        with Session(engine) as session:
            return _read(session)
    finally:
        engine.dispose()


def _read(session: Session) -> dict[str, SourceHistory]:
    nights = _nights(session)
    pages = _known_pages(session)
    swept = _sweeps(session)
    numbers = _list_numbers(session)
    return {
        source_id: _history(found, swept.get(source_id), pages[source_id], numbers[source_id])
        for source_id, found in nights.items()
    }


def _history(
    nights: Sequence[_Night], swept_at: datetime | None, pages: Sequence[KnownPage], numbers: Mapping[str, int]
) -> SourceHistory:
    read = [night for night in nights if night.is_read]
    failures = next((gone for gone, night in enumerate(reversed(nights)) if night.is_read), len(nights))
    articles = [page for page in pages if page.kind != "continuation"]
    newest = max(articles, key=lambda page: page.changed_at, default=None)
    return SourceHistory(
        asked_at=nights[-1].started_at,
        read_at=read[-1].started_at if read else None,
        swept_at=swept_at,
        failures=failures,
        is_refused=nights[-1].is_refused,
        is_unfinished=nights[-1].is_unfinished,
        pages=tuple(pages),
        newest_on=numbers.get(newest.list_url or "", 1) if newest else 1,
    )


def _nights(session: Session) -> dict[str, list[_Night]]:
    """What came of the lists of each source in each run, oldest run first."""
    columns = (Attempt.source_id, Attempt.run_id, Attempt.outcome, Attempt.kind, Attempt.stop_reason)
    query = (
        select(*columns, func.min(Attempt.started_at))
        .join(CrawlRun, CrawlRun.run_id == Attempt.run_id)
        .where(Attempt.kind.in_(("list", "robots")), CrawlRun.trigger != IMPORT_TRIGGER, CrawlRun.status == "done")
        .group_by(*columns)
    )
    found: dict[tuple[str, str], _Night] = {}
    rows: Iterable[Any] = session.execute(query)
    for source_id, run_id, value, kind, stop_reason, started_at in rows:
        outcome = Outcome(value)
        night = found.setdefault((source_id, run_id), _Night(started_at))
        night.started_at = min(night.started_at, started_at)
        night.is_read |= kind == "list" and outcome in LIST_READ
        refusals = (Outcome.ROBOTS_DISALLOWED, Outcome.ROBOTS_UNREACHABLE)
        night.is_refused |= outcome.is_block or outcome in refusals
        night.is_unfinished |= stop_reason == BUDGET_SPENT
    nights: dict[str, list[_Night]] = defaultdict(list)
    for (source_id, _), night in sorted(found.items(), key=lambda item: item[1].started_at):
        nights[source_id].append(night)
    return nights


def _sweeps(session: Session) -> dict[str, datetime]:
    """When a list of each source was last followed as far as it goes, with nothing left over."""
    left_over = aliased(Attempt)
    query = (
        select(Attempt.source_id, func.max(Attempt.started_at))
        .join(CrawlRun, CrawlRun.run_id == Attempt.run_id)
        .where(
            CrawlRun.status == "done",
            CrawlRun.trigger != IMPORT_TRIGGER,
            Attempt.kind == "list",
            Attempt.outcome.in_([outcome.value for outcome in LIST_READ]),
            Attempt.stop_reason.is_not(None),
            Attempt.stop_reason != PLANNED_DEPTH,
            ~select(left_over.attempt_id)
            .where(
                left_over.run_id == Attempt.run_id,
                left_over.source_id == Attempt.source_id,
                left_over.stop_reason == BUDGET_SPENT,
            )
            .exists(),
        )
        .group_by(Attempt.source_id)
    )
    return {source_id: asked_at for source_id, asked_at in session.execute(query)}  # noqa: C416 - rows, not pairs


def _known_pages(session: Session) -> dict[str, list[KnownPage]]:
    asked = {
        (row[0], row[1]): row[2]
        for row in session.execute(
            select(Attempt.source_id, Attempt.url, func.max(Attempt.started_at))
            .where(Attempt.kind.in_(PAGES_KEPT))
            .group_by(Attempt.source_id, Attempt.url)
        )
    }
    columns = (
        Capture.source_id,
        Capture.url,
        Capture.kind,
        Capture.first_seen_at,
        Capture.last_seen_at,
        Capture.list_url,
        Capture.list_title,
        Capture.list_date,
    )
    query = select(*columns).where(Capture.kind.in_(PAGES_KEPT)).order_by(Capture.first_seen_at, Capture.capture_id)
    newest: dict[tuple[str, str], KnownPage] = {}
    for row in session.execute(query):
        newest[row.source_id, row.url] = _known_page(row, asked)
    pages: dict[str, list[KnownPage]] = defaultdict(list)
    for (source_id, _), page in sorted(newest.items()):
        pages[source_id].append(page)
    return pages


def _known_page(row: Any, asked: Mapping[tuple[str, str], datetime]) -> KnownPage:
    return KnownPage(
        url=row.url,
        kind=row.kind,
        changed_at=row.first_seen_at,
        asked_at=max(row.last_seen_at, asked.get((row.source_id, row.url), row.last_seen_at)),
        list_url=row.list_url,
        list_title=row.list_title,
        list_date=row.list_date,
    )


def _list_numbers(session: Session) -> dict[str, dict[str, int]]:
    """The place of each list page in the order in which a source's lists are asked, first ever asked first."""
    query = (
        select(Attempt.source_id, Attempt.url, func.min(Attempt.attempt_id))
        .where(Attempt.kind == "list")
        .group_by(Attempt.source_id, Attempt.url)
        .order_by(func.min(Attempt.attempt_id))
    )
    numbers: dict[str, dict[str, int]] = defaultdict(dict)
    for source_id, url, _ in session.execute(query):
        numbers[source_id][url] = len(numbers[source_id]) + 1
    return numbers
