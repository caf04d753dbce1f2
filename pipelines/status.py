"""What the last nights did, what the release holds and how stale it is, gathered for ``fazhi status``.

Reads the ledger and the small files of the release; opens neither warehouse nor archive, so that it answers while a
night runs. No printing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import func, select
from sqlalchemy.engine import make_url
from sqlalchemy.orm import Session

from pipelines.provinces import GOOD_OUTCOMES
from pipelines.released import Released, coverage_counts, latest_release
from warehouse.ledger_schema import make_engine
from warehouse.ledger_tables import Attempt, Capture, CrawlRun, Source
from warehouse.paths import Home

RUNS_SHOWN = 5


@dataclass(frozen=True)
class RunSummary:
    """One crawl run as the ledger has it."""

    run_id: str
    started_at: datetime
    finished_at: datetime | None
    status: str
    trigger: str
    attempts: int
    outcomes: Mapping[str, int]


@dataclass(frozen=True)
class SourceState:
    """When a source last gave a page.

    Attributes:
        source_id: the source.
        name: its name.
        last_good_at: the last attempt that gave a page or said that nothing changed; None if there was none.
        last_outcomes: outcomes of its attempts in the last run that asked it.
    """

    source_id: str
    name: str
    last_good_at: datetime | None
    last_outcomes: tuple[str, ...]

    @property
    def is_failing(self) -> bool:
        """Whether its last run gave nothing."""
        return not GOOD_OUTCOMES.intersection(self.last_outcomes)


@dataclass(frozen=True)
class StatusReport:
    """All that ``fazhi status`` shows."""

    home: Path
    runs: tuple[RunSummary, ...]
    sources: tuple[SourceState, ...]
    captures: int
    release: Released | None
    coverage: Mapping[str, int]
    looked_at: datetime


def look(home: Home) -> StatusReport:
    """Gather the state of a data home; one that was never used is reported as empty, and left empty."""
    release = latest_release(home)
    coverage = coverage_counts(release) if release else {}
    now = datetime.now(UTC)
    with ledger_session(home) as session:
        if session is None:
            return StatusReport(home.path, (), (), 0, release, coverage, now)
        return StatusReport(
            home=home.path,
            runs=tuple(last_runs(session)),
            sources=tuple(source_states(session)),
            captures=session.scalar(select(func.count()).select_from(Capture)) or 0,
            release=release,
            coverage=coverage,
            looked_at=now,
        )


@contextmanager
def ledger_session(home: Home) -> Iterator[Session | None]:
    """Open the ledger as it is for the length of a ``with`` block; None when there is none, and none is made."""
    url = make_url(home.ledger_url)
    if url.get_backend_name() == "sqlite" and not Path(url.database or "").exists():
        yield None
        return
    engine = make_engine(home.ledger_url)
    try:
        with Session(engine) as session:
            yield session
    finally:
        engine.dispose()


def last_ended_crawl(home: Home) -> str | None:
    """Return the id of the newest crawl that ended well; None before the first."""
    newest = select(CrawlRun.run_id).where(CrawlRun.status == "done")
    with ledger_session(home) as session:
        if session is None:
            return None
        return session.scalar(newest.order_by(CrawlRun.started_at.desc(), CrawlRun.run_id.desc()).limit(1))


def last_runs(session: Session) -> list[RunSummary]:
    """Return the last runs, newest first, with the outcomes of each counted by the database."""
    runs = session.scalars(select(CrawlRun).order_by(CrawlRun.started_at.desc()).limit(RUNS_SHOWN)).all()
    counted = session.execute(
        select(Attempt.run_id, Attempt.outcome, func.count())
        .where(Attempt.run_id.in_([run.run_id for run in runs]))
        .group_by(Attempt.run_id, Attempt.outcome)
        .order_by(Attempt.run_id, Attempt.outcome)
    ).all()
    outcomes: dict[str, dict[str, int]] = {}
    for run_id, outcome, count in counted:
        outcomes.setdefault(run_id, {})[outcome] = count
    return [
        RunSummary(
            run_id=run.run_id,
            started_at=run.started_at,
            finished_at=run.finished_at,
            status=run.status,
            trigger=run.trigger,
            attempts=sum(outcomes.get(run.run_id, {}).values()),
            outcomes=outcomes.get(run.run_id, {}),
        )
        for run in runs
    ]


def source_states(session: Session) -> list[SourceState]:
    """Return for each source when it last gave a page, and how its last run went."""
    pages = Attempt.kind != "robots"
    good = (
        select(Attempt.source_id, func.max(Attempt.started_at))
        .where(pages, Attempt.outcome.in_(GOOD_OUTCOMES))
        .group_by(Attempt.source_id)
    )
    last_good = dict(session.execute(good).tuples().all())
    newest = select(func.max(Attempt.attempt_id)).where(pages).group_by(Attempt.source_id)
    last_runs = session.execute(select(Attempt.source_id, Attempt.run_id).where(Attempt.attempt_id.in_(newest)))
    last_run_of = dict(last_runs.tuples().all())
    # Matched here: a database would look through a whole run for each of its sources.
    seen = (
        select(Attempt.source_id, Attempt.run_id, Attempt.outcome)
        .where(pages, Attempt.run_id.in_(sorted(set(last_run_of.values()))))
        .distinct()
    )
    last_outcomes: dict[str, set[str]] = {}
    for source_id, run_id, outcome in session.execute(seen):
        if last_run_of[source_id] == run_id:
            last_outcomes.setdefault(source_id, set()).add(outcome)
    return [
        SourceState(
            source_id=source.source_id,
            name=source.name,
            last_good_at=last_good.get(source.source_id),
            last_outcomes=tuple(sorted(last_outcomes.get(source.source_id, ()))),
        )
        for source in session.scalars(select(Source).order_by(Source.source_id))
    ]
