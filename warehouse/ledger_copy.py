"""Copying a whole ledger from one database to another, between SQLite and PostgreSQL too.

A copy has the schema version of its original, so that one can be taken before a change of the schema. Where copies
are kept, and what else belongs to a backup, is said in ``backup``.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from sqlalchemy import Connection, DateTime, Engine, MetaData, Table, create_engine, func, insert, inspect, select, text

from warehouse.ledger_schema import HEAD_REVISION, current_revision, make_engine, sqlite_file, upgrade
from warehouse.ledger_tables import UtcDateTime

ROWS_AT_ONCE = 5_000
VERSION_TABLE = "alembic_version"
# The counter of attempts goes on after the greatest number copied.
NEXT_ATTEMPT = "select setval(pg_get_serial_sequence('attempt', 'attempt_id'), max(attempt_id)) from attempt"


def copy_to_file(url: str, target: Path) -> tuple[str, dict[str, int]]:
    """Copy a ledger into a new SQLite file, as it was at one moment.

    Args:
        url: SQLAlchemy URL of the ledger; a SQLite file that is not there counts as an empty ledger.
        target: where the file is made; it has no others beside it when it is done.

    Returns:
        The schema version of the copy, and its rows by table.

    Raises:
        LedgerUnusableError: the ledger cannot be opened, or was made by a newer fazhi.
    """
    file = sqlite_file(url)
    copy = create_engine(f"sqlite:///{target}")
    try:
        if file is not None and not file.exists():
            upgrade(copy)
            return HEAD_REVISION, row_counts(copy)
        original = make_engine(url)
        try:
            version = current_revision(original) or HEAD_REVISION
            upgrade(copy, version)
            _copy(original, copy)
        finally:
            original.dispose()
        return version, row_counts(copy)
    finally:
        copy.dispose()


def copy_from_file(source: Path, url: str) -> dict[str, int]:
    """Put the rows of a SQLite file into a ledger in the place of all its own, in one transaction.

    Args:
        source: a file of :func:`copy_to_file`, of this code's schema version.
        url: SQLAlchemy URL of the ledger.

    Returns:
        Rows by table.
    """
    original, ledger = create_engine(f"sqlite:///{source}"), make_engine(url)
    try:
        upgrade(ledger)
        _copy(original, ledger)
        return row_counts(ledger)
    finally:
        original.dispose()
        ledger.dispose()


def ledger_rows(url: str) -> Mapping[str, int]:
    """Rows by table of a ledger; none where there is no ledger yet. Nothing is made or changed."""
    file = sqlite_file(url)
    if file is not None and not file.exists():
        return {}
    engine = make_engine(url)
    try:
        return row_counts(engine) if inspect(engine).has_table(VERSION_TABLE) else {}
    finally:
        engine.dispose()


def row_counts(engine: Engine) -> dict[str, int]:
    """Rows by table."""
    with engine.connect() as connection:
        return {
            table.name: connection.scalar(select(func.count()).select_from(table)) or 0 for table in _tables(connection)
        }


def _copy(original: Engine, target: Engine) -> None:
    reading = original.connect()
    if original.dialect.name == "postgresql":  # all tables as they were at one moment
        reading = reading.execution_options(isolation_level="REPEATABLE READ")
    with reading, target.begin() as writing:
        tables = _tables(reading)
        for table in reversed(tables):
            writing.execute(table.delete())
        for table in tables:
            rows = reading.execution_options(yield_per=ROWS_AT_ONCE).execute(
                select(table).order_by(*table.primary_key.columns)
            )
            for part in rows.mappings().partitions():
                writing.execute(insert(table), [dict(row) for row in part])
        if target.dialect.name == "postgresql":
            writing.execute(text(NEXT_ATTEMPT))


def _tables(connection: Connection) -> list[Table]:
    """The tables as they are in the database, referred ones first; their types are those of no one database."""
    found = MetaData()
    found.reflect(connection, only=lambda name, _: name != VERSION_TABLE)
    for table in found.sorted_tables:
        for column in table.columns:
            generic = column.type.as_generic()
            column.type = UtcDateTime() if isinstance(generic, DateTime) else generic
    return found.sorted_tables
