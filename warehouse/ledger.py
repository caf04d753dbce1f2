"""The ledger: which sources were asked, when, with what outcome, and where each capture lies in the archive.

Typed rows and the few ways of writing and reading them belong here. The crawl process writes; everyone else reads,
save for the rows of runs. Page content does not belong here (it is in the archive), and neither does anything read
from it (that is in the warehouse).
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, fields
from datetime import date, datetime
from functools import cache
from operator import attrgetter
from typing import Any, Literal, TypeVar

from sqlalchemy import bindparam, func, insert, inspect, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session, sessionmaker

from warehouse.ledger_schema import make_engine, upgrade
from warehouse.ledger_tables import (
    Attempt,
    Base,
    Capture,
    CrawlRun,
    ListFingerprint,
    Source,
    Validator,
)
from warehouse.outcomes import Outcome

CaptureKind = Literal["list", "article", "continuation", "attachment", "robots"]
RunStatus = Literal["running", "done", "failed"]


@dataclass(frozen=True)
class SourceRow:
    """A row of ``source``."""

    source_id: str
    name: str
    owner: str
    region_code: str
    family: str
    start_urls: list[str]
    config_sha256: str
    first_seen_at: datetime
    last_seen_at: datetime
    is_sample: bool
    status: str = "unverified"


@dataclass(frozen=True)
class RunRow:
    """A row of ``crawl_run``."""

    run_id: str
    started_at: datetime
    finished_at: datetime | None
    status: RunStatus
    fazhi_version: str
    trigger: str


@dataclass(frozen=True)
class CaptureRow:
    """A row of ``capture``; ``warc_file`` is relative to the home's archive folder."""

    capture_id: str
    source_id: str
    url: str
    kind: CaptureKind
    payload_sha256: str
    content_type: str | None
    http_status: int
    etag: str | None
    last_modified: str | None
    fetched_at: datetime
    run_id: str
    warc_file: str
    warc_offset: int
    warc_length: int
    payload_bytes: int
    list_url: str | None
    list_title: str | None
    list_date: date | None
    first_seen_at: datetime
    last_seen_at: datetime


@dataclass(frozen=True)
class AttemptRow:
    """A row of ``attempt``; ``outcome`` is a value of :class:`warehouse.outcomes.Outcome`."""

    attempt_id: int
    run_id: str
    source_id: str
    url: str
    kind: CaptureKind
    outcome: str
    http_status: int | None
    payload_bytes: int | None
    duration_ms: int | None
    started_at: datetime
    host: str
    detail: str | None
    capture_id: str | None
    stop_reason: str | None


@dataclass(frozen=True)
class ValidatorRow:
    """A row of ``validator``."""

    url: str
    etag: str | None
    last_modified: str | None
    capture_id: str
    checked_at: datetime


@dataclass(frozen=True)
class ListFingerprintRow:
    """A row of ``list_fingerprint``."""

    source_id: str
    list_url: str
    entries_sha256: str
    entries_parsed: int
    entries_declared: int | None
    seen_at: datetime


@dataclass(frozen=True)
class NewAttempt:
    """An attempt to be written; ``capture_id`` is set by the ledger where bytes were archived."""

    run_id: str
    source_id: str
    url: str
    kind: CaptureKind
    outcome: Outcome
    started_at: datetime
    host: str
    http_status: int | None = None
    payload_bytes: int | None = None
    duration_ms: int | None = None
    detail: str | None = None
    capture_id: str | None = None
    stop_reason: str | None = None


RowT = TypeVar("RowT", SourceRow, RunRow, CaptureRow, AttemptRow, ValidatorRow, ListFingerprintRow)


def capture_id_for(url: str, payload_sha256: str) -> str:
    """Name these bytes at this address: sixteen hex digits."""
    return hashlib.sha256(f"{url}\n{payload_sha256}".encode()).hexdigest()[:16]


def _row(kind: type[RowT], record: Base) -> RowT:
    return kind(**{field.name: getattr(record, field.name) for field in fields(kind)})


# Names are put in order here: databases order letters by their own locales, and a release must not depend on that.
_source_key = attrgetter("source_id")
_run_key = attrgetter("started_at", "run_id")
_fingerprint_key = attrgetter("source_id", "list_url")


def _as_columns(row: object) -> dict[str, Any]:
    return {field.name: getattr(row, field.name) for field in fields(row)}  # type: ignore[arg-type]


@cache
def _upsert(dialect: str, table: type[Base]) -> Any:
    """Insert a row, or update the one with its key, in the words of a database.

    Raises:
        KeyError: neither SQLite nor PostgreSQL.
    """
    statement: Any = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}[dialect](table)
    keys = [column.name for column in inspect(table).primary_key]
    others = [column.name for column in inspect(table).columns if column.name not in keys]
    return statement.on_conflict_do_update(
        index_elements=keys, set_={name: statement.excluded[name] for name in others}
    )


_CAPTURE = select(*Capture.__table__.columns).where(Capture.capture_id == bindparam("key"))
_VALIDATOR = select(*Validator.__table__.columns).where(Validator.url == bindparam("key"))


@dataclass
class _Waiting:
    """Rows that are recorded and not yet written; of several for one key the last one counts.

    Attributes:
        attempts: in order.
        upserts: by table and primary key.
    """

    attempts: list[dict[str, Any]] = field(default_factory=list)
    upserts: defaultdict[type[Base], dict[tuple[str, ...], dict[str, Any]]] = field(
        default_factory=lambda: defaultdict(dict)
    )

    def rows_of(self, table: type[Base]) -> list[dict[str, Any]]:
        """The rows of one table, in the order they were first recorded."""
        return self.attempts if table is Attempt else list(self.upserts[table].values())


class Ledger:
    """The ledger behind one database URL; its schema is brought up to date when it is opened.

    Args:
        url: SQLAlchemy URL, usually ``get_home().ledger_url``.

    """

    def __init__(self, url: str) -> None:
        self.url = url
        self._engine = make_engine(url)
        upgrade(self._engine)
        self._sessions = sessionmaker(self._engine, expire_on_commit=False)
        self._before_commit: Callable[[], None] | None = None
        self._known: set[int] = set()
        self._waiting = _Waiting()

    def __enter__(self) -> Ledger:
        return self

    def __exit__(self, *_exc: object) -> None:
        self.close()

    def close(self) -> None:
        """Give back the database connections."""
        self._engine.dispose()

    @contextmanager
    def _transaction(self) -> Iterator[Session]:
        self.commit()
        with self._sessions.begin() as session:
            yield session

    @property
    def pending(self) -> int:
        """Attempts in the open group, not yet written."""
        return len(self._waiting.attempts)

    @contextmanager
    def grouped(self, before_commit: Callable[[], None]) -> Iterator[None]:
        """Write attempts in groups for the length of a ``with`` block; whoever records says when with ``commit``.

        Args:
            before_commit: puts on the disk what the rows of a group speak of.
        """
        self._before_commit = before_commit
        with self._engine.connect() as connection:  # most pages of a night are new: those need not be looked for
            self._known = {hash(key) for key in connection.scalars(select(Capture.capture_id))}
            self._known |= {hash(key) for key in connection.scalars(select(Validator.url))}
        try:
            yield
            self.commit()
        finally:
            self._waiting = _Waiting()
            self._before_commit = None

    def commit(self) -> None:
        """Write the open group of attempts; does nothing when there is none."""
        if not self._waiting.attempts:
            return
        if self._before_commit is not None:
            self._before_commit()
        waiting, self._waiting = self._waiting, _Waiting()
        with self._engine.begin() as connection:
            for table in (Capture, Attempt, Validator, ListFingerprint):
                rows = waiting.rows_of(table)
                if rows:
                    statement = insert(Attempt) if table is Attempt else _upsert(connection.dialect.name, table)
                    connection.execute(statement, rows)

    def _find(self, query: Any, table: type[Base], key: str) -> Mapping[str, Any] | None:
        """The row of a key, also when it is in the open group; None when there is none."""
        if self._before_commit is not None and hash(key) not in self._known:
            return None
        waiting = self._waiting.upserts[table].get((key,))  # the key of a capture or validator is one column
        if waiting is not None:
            return waiting
        with self._engine.connect() as connection:
            found = connection.execute(query, {"key": key}).one_or_none()
        return None if found is None else dict(found._mapping)

    # -- reading -------------------------------------------------------------------------------------

    def sources(self) -> list[SourceRow]:
        """Every source ever crawled, by id."""
        with self._sessions() as session:
            return sorted((_row(SourceRow, record) for record in session.scalars(select(Source))), key=_source_key)

    def runs(self) -> list[RunRow]:
        """Every run, oldest first."""
        with self._sessions() as session:
            return sorted((_row(RunRow, record) for record in session.scalars(select(CrawlRun))), key=_run_key)

    def captures(self, kind: CaptureKind | None = None, *, after: int | None = None) -> list[CaptureRow]:
        """Every capture, in the order of first sight.

        Args:
            kind: only those of this kind.
            after: only those that attempts later than the one of this id made or saw again; no other capture can have
                changed since that attempt (see ``record``).
        """
        query = select(Capture).order_by(Capture.first_seen_at, Capture.capture_id)
        if kind is not None:
            query = query.where(Capture.kind == kind)
        if after is not None:
            named = select(Attempt.capture_id).where(Attempt.attempt_id > after, Attempt.capture_id.is_not(None))
            query = query.where(Capture.capture_id.in_(named))
        with self._sessions() as session:
            return [_row(CaptureRow, record) for record in session.scalars(query)]

    def count_captures(self, source_id: str, *, kinds: Sequence[CaptureKind], other_than_run: str) -> int:
        """How many captures of these kinds a source has from other runs than one."""
        query = select(func.count()).select_from(Capture)
        query = query.where(Capture.source_id == source_id, Capture.kind.in_(kinds), Capture.run_id != other_than_run)
        with self._sessions() as session:
            return session.scalar(query) or 0

    def last_captures(self, source_id: str, kind: CaptureKind, other_than_run: str, limit: int) -> list[CaptureRow]:
        """The newest captures of a source and kind that other runs than one made."""
        query = select(Capture).where(
            Capture.source_id == source_id, Capture.kind == kind, Capture.run_id != other_than_run
        )
        query = query.order_by(Capture.fetched_at.desc(), Capture.capture_id).limit(limit)
        with self._sessions() as session:
            return [_row(CaptureRow, record) for record in session.scalars(query)]

    def capture(self, capture_id: str) -> CaptureRow | None:
        """The capture of that id, or None."""
        found = self._find(_CAPTURE, Capture, capture_id)
        return None if found is None else CaptureRow(**found)

    def attempts(self, run_id: str | None = None, *, after: int | None = None) -> list[AttemptRow]:
        """Every attempt, or those of one run, or those later than the one of an id, in the order they were recorded."""
        query = select(Attempt).order_by(Attempt.attempt_id)
        if run_id is not None:
            query = query.where(Attempt.run_id == run_id)
        if after is not None:
            query = query.where(Attempt.attempt_id > after)
        with self._sessions() as session:
            return [_row(AttemptRow, record) for record in session.scalars(query)]

    def counts(self) -> dict[str, int]:
        """How many captures and attempts there are, by the name of their table."""
        with self._sessions() as session:
            return {
                table.__tablename__: session.scalar(select(func.count()).select_from(table)) or 0
                for table in (Capture, Attempt)
            }

    def validator(self, url: str) -> ValidatorRow | None:
        """What the host gave us to ask "changed since?" with, or None."""
        found = self._find(_VALIDATOR, Validator, url)
        return None if found is None else ValidatorRow(**found)

    def list_fingerprints(self) -> list[ListFingerprintRow]:
        """What each list page held when last read."""
        with self._sessions() as session:
            rows = (_row(ListFingerprintRow, record) for record in session.scalars(select(ListFingerprint)))
            return sorted(rows, key=_fingerprint_key)

    # -- runs ----------------------------------------------------------------------------------------

    def start_run(self, run_id: str, *, fazhi_version: str, trigger: str, started_at: datetime) -> bool:
        """Open a run; return False when a run of that id is already there (it is left as it is)."""
        with self._transaction() as session:
            if session.get(CrawlRun, run_id) is not None:
                return False
            session.add(
                CrawlRun(
                    run_id=run_id,
                    started_at=started_at,
                    finished_at=None,
                    status="running",
                    fazhi_version=fazhi_version,
                    trigger=trigger,
                )
            )
            return True

    def finish_run(self, run_id: str, status: Literal["done", "failed"], finished_at: datetime) -> None:
        """Close a run.

        Raises:
            KeyError: no run of that id.
        """
        with self._transaction() as session:
            run = session.get(CrawlRun, run_id)
            if run is None:
                raise KeyError(f"no run {run_id!r} in the ledger")
            run.status = status
            run.finished_at = finished_at

    def fail_abandoned_runs(self, current_run_id: str, now: datetime) -> list[str]:
        """Mark every other run still "running" as failed and return their ids; its process is gone.

        Only the holder of the archive's lock may say so.
        """
        query = select(CrawlRun).where(CrawlRun.status == "running", CrawlRun.run_id != current_run_id)
        with self._transaction() as session:
            abandoned = list(session.scalars(query))
            for run in abandoned:
                run.status = "failed"
                run.finished_at = now
            return sorted(run.run_id for run in abandoned)

    # -- writing by the crawl ------------------------------------------------------------------------

    def put_source(self, row: SourceRow) -> None:
        """Write a source, keeping the time it was first seen."""
        with self._transaction() as session:
            known = session.get(Source, row.source_id)
            columns = _as_columns(row)
            if known is not None:
                columns["first_seen_at"] = known.first_seen_at
            session.merge(Source(**columns))

    def record(
        self,
        attempt: NewAttempt,
        *,
        capture: CaptureRow | None = None,
        validators: Mapping[str, str | None] | None = None,
        fingerprint: ListFingerprintRow | None = None,
    ) -> None:
        """Write one attempt and all that belongs to it, in one transaction, or in the open group of attempts.

        Nothing else writes a capture, so that whoever knows the attempts up to one of them finds what changed since.

        Args:
            attempt: the attempt; its ``capture_id`` names a capture already there or given here.
            capture: the new capture, or the known one with a later ``last_seen_at`` and what lists now say.
            validators: ``etag`` and ``last_modified`` to be sent next time; needs ``attempt.capture_id``.
            fingerprint: what the list page held.
        """
        if self._before_commit is not None:
            self._known |= {hash(attempt.url), hash(capture.capture_id if capture else "")}
        upserts = self._waiting.upserts
        if capture is not None:
            upserts[Capture][capture.capture_id,] = _as_columns(capture)
        if validators is not None:
            upserts[Validator][attempt.url,] = {
                "url": attempt.url,
                "etag": validators.get("etag"),
                "last_modified": validators.get("last_modified"),
                "capture_id": attempt.capture_id,
                "checked_at": attempt.started_at,
            }
        if fingerprint is not None:
            upserts[ListFingerprint][fingerprint.source_id, fingerprint.list_url] = _as_columns(fingerprint)
        self._waiting.attempts.append(_as_columns(attempt) | {"outcome": attempt.outcome.value})
        if self._before_commit is None:
            self.commit()
