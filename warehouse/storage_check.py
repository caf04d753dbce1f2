"""Looking, before work starts, at what would make a night fail half-way: closed folders, a full disk, a dead ledger.

Nothing is written and nothing is made; the right to write the ledger is taken and given back. A disk that fills up
later is met where it happens: what was written aside goes away, what was published stays.
"""

from __future__ import annotations

import getpass
import os
import resource
import shutil
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Literal

from sqlalchemy import Engine, create_engine, func, select, text
from sqlalchemy.exc import SQLAlchemyError

from warehouse.ledger_schema import (
    HEAD_REVISION,
    LedgerUnusableError,
    current_revision,
    ledger_address,
    make_engine,
    sqlite_file,
)
from warehouse.ledger_tables import CrawlRun
from warehouse.paths import DAGSTER_URL_VARIABLE, LEDGER_URL_VARIABLE, Home

Kind = Literal["directories", "disk", "ledger", "dagster", "clock"]

# The first night of the bundled samples writes some 80 MiB; a release is about as large as its warehouse.
NIGHT_BYTES = 96 * 1024**2
NIGHT_FILES = 500
BESIDE_A_DATABASE = ("", "-wal", "-shm", ".wal")
# A crawl started by hand holds the ledger for less than that at a time.
BUSY_SECONDS = 5
# Clocks that were set to another zone or drifted are no cause to stop a night.
CLOCK_TOLERANCE = timedelta(days=1)


@dataclass(frozen=True)
class Fault:
    """Something that would make a night fail.

    Attributes:
        kind: what was looked at.
        message: what is wrong, with the place.
        remedy: how to mend it.
    """

    kind: Kind
    message: str
    remedy: str


class StorageError(RuntimeError):
    """A night cannot be run here; the message has a line for each reason, with the way to mend it."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        self.faults = tuple(faults)
        super().__init__("\n".join(f"{fault.message}: {fault.remedy}" for fault in faults))


def require_storage(home: Home, more: Iterable[Path] = ()) -> None:
    """Stop before a night that storage would not let come to its end.

    Args:
        home: the data home.
        more: further folders that a night writes into.

    Raises:
        StorageError: with every fault found.
    """
    faults = [*place_faults(home, more), *disk_faults(home)]
    if not faults:  # else the ledger's file tells the same again
        faults += [*ledger_faults(home.ledger_url), *dagster_faults(home)]
    if not faults:
        faults += clock_faults(home.ledger_url, datetime.now(UTC))
    if faults:
        raise StorageError(faults)


def place_faults(home: Home, more: Iterable[Path] = ()) -> Iterator[Fault]:
    """Folders and files that must be written and cannot be."""
    ledger = _ledger_file(home)
    folders = [home.path, home.archive, home.exports, home.dagster, home.path / "logs", *more]
    folders += [ledger.parent] if ledger else []
    for folder in dict.fromkeys(folders):
        place = existing_above(folder)
        if not place.is_dir():
            yield Fault("directories", f"{place} is no folder", "move that file away, or set FAZHI_HOME elsewhere")
        elif not os.access(place, os.W_OK | os.X_OK):
            yield _closed(folder, place)
    files = [home.warehouse_lock, home.archive / ".lock"]
    files += [
        path.with_name(path.name + suffix) for path in (home.warehouse, ledger) if path for suffix in BESIDE_A_DATABASE
    ]
    for path in files:
        if path.exists() and not os.access(path, os.R_OK | os.W_OK):
            yield _closed(path, path)


def _closed(wanted: Path, place: Path) -> Fault:
    if os.statvfs(place).f_flag & os.ST_RDONLY:
        remedy = "mount it for writing, or set FAZHI_HOME to another disk"
        return Fault("directories", f"{wanted} is not writable, its file system is read-only", remedy)
    remedy = "give this user the right to write there, or set FAZHI_HOME to a folder of its own"
    return Fault("directories", f"{wanted} is not writable for {_user()}", remedy)


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a number without a name, as in some containers
        return f"user {os.getuid()}"


def needed_bytes(home: Home) -> int:
    """Bytes that a night may write at most: a release beside the tables, and what is new."""
    return NIGHT_BYTES + (home.warehouse.stat().st_size if home.warehouse.exists() else 0)


def disk_faults(home: Home) -> Iterator[Fault]:
    """Disks without room, for bytes or for files, and a limit on the size of files."""
    wanted = needed_bytes(home)
    ledger = _ledger_file(home)
    places = {
        existing_above(place) for place in (home.path, home.archive, home.exports, ledger and ledger.parent) if place
    }
    remedy = "make room, or set FAZHI_HOME to a larger disk"
    for place in {place.stat().st_dev: place for place in sorted(places, reverse=True)}.values():
        free = shutil.disk_usage(place).free
        if free < wanted:
            message = f"{place} has {_mebibytes(free)} free, and a night may need {_mebibytes(wanted)}"
            yield Fault("disk", message, remedy)
        disk = os.statvfs(place)
        if disk.f_files and disk.f_favail < NIGHT_FILES:  # some file systems do not count files
            yield Fault(
                "disk", f"{place} has room for {disk.f_favail} more files, a night may need {NIGHT_FILES}", remedy
            )
    limit = resource.getrlimit(resource.RLIMIT_FSIZE)[0]
    if limit != resource.RLIM_INFINITY and limit < wanted:
        message = (
            f"files of this process may not grow past {_mebibytes(limit)}, and a night may need {_mebibytes(wanted)}"
        )
        yield Fault("disk", message, "raise the limit (ulimit -f unlimited, LimitFSIZE= of systemd)")


def ledger_faults(url: str) -> Iterator[Fault]:
    """A ledger that cannot be reached, read or written, or that a newer fazhi made."""
    try:
        file = sqlite_file(url)
    except LedgerUnusableError as error:
        yield Fault("ledger", str(error), f"see {LEDGER_URL_VARIABLE}")
        return
    remedy = "set it right, or put a backup back: fazhi restore BACKUP --replace"
    faults = list(_server_faults(url, "the ledger", LEDGER_URL_VARIABLE) if file is None else _busy_faults(file))
    try:
        revision = None if faults else _revision_without_writing(url, file)
    except SQLAlchemyError as error:
        faults, revision = [Fault("ledger", f"the ledger cannot be opened: {_first_line(error)}", remedy)], None
    yield from faults
    if revision is not None and revision > HEAD_REVISION:
        message = f"the ledger's schema has version {revision}, this code knows versions up to {HEAD_REVISION}"
        yield Fault("ledger", message, "update fazhi")


def _busy_faults(file: Path) -> Iterator[Fault]:
    """A SQLite ledger that somebody else keeps locked; what else is wrong with it is found by reading it."""
    if not file.exists():
        return
    try:
        with closing(sqlite3.connect(f"{file.absolute().as_uri()}?mode=rw", uri=True, timeout=BUSY_SECONDS)) as ledger:
            ledger.execute("begin immediate")
            ledger.rollback()
    except sqlite3.Error as error:
        if getattr(error, "sqlite_errorname", "").startswith("SQLITE_BUSY"):
            message = f"the ledger {file} is being written by another process"
            yield Fault("ledger", message, "wait for it to end, or find it (fuser names it) and end it")


def clock_faults(url: str, now: datetime) -> Iterator[Fault]:
    """A clock that stands before the last crawl: what would be noted down now would lie before what is known.

    Args:
        url: of a ledger that can be read.
        now: what the clock shows.
    """
    newest = _newest_run(url)
    if newest is not None and now < newest - CLOCK_TOLERANCE:
        message = f"the clock shows {now:%Y-%m-%d %H:%M} UTC, but the last crawl began at {newest:%Y-%m-%d %H:%M} UTC"
        remedy = "set the clock right; or, if it was wrong then, put back a backup of before: "
        yield Fault("clock", message, f"{remedy}fazhi restore BACKUP --replace")


def _newest_run(url: str) -> datetime | None:
    """When the newest crawl in a ledger began; None for a ledger that is not there or not yet of this version."""
    file = sqlite_file(url)
    if _revision_without_writing(url, file) != HEAD_REVISION:
        return None
    engine = _reading_engine(url, file)
    try:
        with engine.connect() as connection:
            return connection.scalar(select(func.max(CrawlRun.started_at)))
    finally:
        engine.dispose()


def dagster_faults(home: Home) -> Iterator[Fault]:
    """A server for Dagster's runs that cannot be used, or that is to keep them beside the ledger."""
    if home.dagster_url is None:
        return
    try:
        ours, theirs = ledger_address(home.ledger_url), ledger_address(home.dagster_url)
    except LedgerUnusableError as error:
        yield Fault("dagster", str(error), f"see {DAGSTER_URL_VARIABLE}")
        return
    if theirs.get_backend_name() != "postgresql":
        yield Fault(
            "dagster", f"{DAGSTER_URL_VARIABLE} does not name PostgreSQL", "unset it for files in the data home"
        )
    elif all(getattr(ours, part) == getattr(theirs, part) for part in ("host", "port", "database", "query")):
        message = "ledger and Dagster are to share one database, and both number their schemas in it"
        yield Fault("dagster", message, f"make a database for each, and name it in {DAGSTER_URL_VARIABLE}")
    else:
        yield from _server_faults(home.dagster_url, "Dagster's storage", DAGSTER_URL_VARIABLE)


def _server_faults(url: str, name: str, variable: str) -> Iterator[Fault]:
    kind: Kind = "ledger" if variable == LEDGER_URL_VARIABLE else "dagster"
    try:
        problem = _server_problem(url)
    except LedgerUnusableError as error:
        yield Fault(kind, f"{name}: {error}", f"see {variable}")
    except SQLAlchemyError as error:
        yield Fault(kind, f"{name} cannot be opened: {_first_line(error)}", f"start the server, or correct {variable}")
    else:
        if problem is not None:
            yield Fault(kind, f"{name}: the database {problem}", f"see to the database, or correct {variable}")


def _first_line(error: SQLAlchemyError) -> str:
    lines = str(getattr(error, "orig", None) or error).strip().splitlines()
    return lines[0] if lines else repr(error)


def ledger_revision(url: str) -> str | None:
    """The schema version of a ledger; None where there is none yet. Nothing is made.

    Raises:
        LedgerUnusableError: the address cannot be used.
        SQLAlchemyError: it cannot be opened.
    """
    return _revision_without_writing(url, sqlite_file(url))


def _revision_without_writing(url: str, file: Path | None) -> str | None:
    if file is not None and not file.exists():
        return None
    engine = _reading_engine(url, file)
    try:
        return current_revision(engine)
    finally:
        engine.dispose()


def _reading_engine(url: str, file: Path | None) -> Engine:
    return make_engine(url) if file is None else create_engine(f"sqlite:///file:{file}?mode=ro&uri=true")


def _server_problem(url: str) -> str | None:
    """What keeps a PostgreSQL server from being the ledger's, in words; None when nothing does."""
    engine = make_engine(url)
    try:
        with engine.connect() as connection:
            if connection.scalar(text("show transaction_read_only")) == "on":
                return "is read-only"
            encoding = connection.scalar(text("show server_encoding"))
            if encoding != "UTF8":
                return f"keeps text as {encoding}, and Chinese needs UTF8"
            if not connection.scalar(text("select has_schema_privilege(current_schema(), 'create')")):
                return "lets this user make no tables"
            closed = connection.scalar(
                text(
                    "select string_agg(relname, ', ' order by relname) from pg_class where relkind = 'r' and "
                    "relnamespace = current_schema()::regnamespace and not has_table_privilege(oid, 'insert, update')"
                )
            )
            return f"does not let this user write: {closed}" if closed else None
    finally:
        engine.dispose()


def _ledger_file(home: Home) -> Path | None:
    """The ledger's file; None for a server, and for an address that looking at the ledger will name as wrong."""
    try:
        return sqlite_file(home.ledger_url)
    except LedgerUnusableError:
        return None


def existing_above(place: Path) -> Path:
    """A place, or the nearest one above it that exists."""
    while not place.exists() and place != place.parent:
        place = place.parent
    return place


def _mebibytes(count: int) -> str:
    return f"{count / 1024**2:,.0f} MiB"
