"""Looking, before work starts, at what would make a night fail half-way: closed folders, a full disk, a dead ledger.

Nothing is written and nothing is made. A disk that fills up later is met where it happens: what was written aside
goes away, what was published stays.
"""

from __future__ import annotations

import getpass
import os
import resource
import shutil
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from warehouse.paths import Home

Kind = Literal["directories", "disk", "ledger"]

# A night of the bundled samples writes a tenth of this; a release is as large again as the warehouse it comes from.
NIGHT_BYTES = 64 * 1024**2
NIGHT_FILES = 500
BESIDE_A_DATABASE = ("", "-wal", "-shm", ".wal")


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
        faults += ledger_faults(home.ledger_url)
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
    from sqlalchemy.exc import SQLAlchemyError  # late: half a second that the looks at the disk need not wait for

    from warehouse.ledger_schema import HEAD_REVISION, LedgerUnusableError, sqlite_file

    remedy = "start the server, or correct FAZHI_LEDGER_URL"
    try:
        file = sqlite_file(url)
        if file is not None:
            remedy = "set it right, or put a backup back: fazhi restore BACKUP --replace"
        problem = None if file is not None else _server_problem(url)
        revision = None if problem else _revision_without_writing(url, file)
    except LedgerUnusableError as error:
        yield Fault("ledger", str(error), "see FAZHI_LEDGER_URL")
        return
    except SQLAlchemyError as error:
        lines = str(getattr(error, "orig", None) or error).strip().splitlines()
        yield Fault("ledger", f"the ledger cannot be opened: {lines[0] if lines else error!r}", remedy)
        return
    if problem is not None:
        yield Fault("ledger", f"the ledger's database {problem}", "see to the database, or correct FAZHI_LEDGER_URL")
    if revision is not None and revision > HEAD_REVISION:
        message = f"the ledger's schema has version {revision}, this code knows versions up to {HEAD_REVISION}"
        yield Fault("ledger", message, "update fazhi")


def ledger_revision(url: str) -> str | None:
    """The schema version of a ledger; None where there is none yet. Nothing is made.

    Raises:
        LedgerUnusableError: the address cannot be used.
        SQLAlchemyError: it cannot be opened.
    """
    from warehouse.ledger_schema import sqlite_file

    return _revision_without_writing(url, sqlite_file(url))


def _revision_without_writing(url: str, file: Path | None) -> str | None:
    from sqlalchemy import create_engine

    from warehouse.ledger_schema import current_revision, make_engine

    if file is not None and not file.exists():
        return None
    engine = make_engine(url) if file is None else create_engine(f"sqlite:///file:{file}?mode=ro&uri=true")
    try:
        return current_revision(engine)
    finally:
        engine.dispose()


def _server_problem(url: str) -> str | None:
    """What keeps a PostgreSQL server from being the ledger's, in words; None when nothing does."""
    from sqlalchemy import text

    from warehouse.ledger_schema import make_engine

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
    from warehouse.ledger_schema import LedgerUnusableError, sqlite_file

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
