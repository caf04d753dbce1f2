"""The database behind the ledger: opening it, and bringing its schema up to date.

SQLite and PostgreSQL are meant, and to everyone else they are the same. What the tables hold is said in
``ledger_tables``; reading and writing them belongs to ``ledger``.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import create_engine, event, func, inspect, select, text
from sqlalchemy.engine import URL, Connection, Engine, make_url
from sqlalchemy.exc import ArgumentError, NoSuchModuleError

SQLITE_BUSY_TIMEOUT_MS = 30_000
POSTGRES_CONNECT_SECONDS = 10
POSTGRES_DRIVER = "postgresql+psycopg2"
MIGRATION_LOCK = 0x6661_7A68_6900
"""Names the right to change the schema among PostgreSQL's advisory locks (the letters "fazhi")."""
MIGRATIONS = Path(__file__).resolve().parent / "migrations"
HEAD_REVISION = "0003"
"""The newest revision under ``migrations``; lets a ledger that is up to date open without loading Alembic."""


class LedgerUnusableError(RuntimeError):
    """The ledger's address or schema is none that this code can use; the message says how to mend it."""


def _tune_sqlite(engine: Engine) -> None:
    @event.listens_for(engine, "connect")
    def set_pragmas(connection: Any, _record: object) -> None:
        cursor = connection.cursor()
        cursor.execute(f"PRAGMA busy_timeout={SQLITE_BUSY_TIMEOUT_MS}")
        cursor.execute("PRAGMA journal_mode=WAL")  # readers go on while the crawl writes
        cursor.execute("PRAGMA foreign_keys=ON")
        cursor.execute("PRAGMA synchronous=NORMAL")  # in WAL mode safe against a killed process
        cursor.close()


def ledger_address(url: str) -> URL:
    """Read the address of a ledger; a plain ``postgresql://`` gets the driver that fazhi installs.

    Raises:
        LedgerUnusableError: it is no address, or that of a database that the ledger does not run on.
    """
    try:
        parsed = make_url(url)
        backend = parsed.get_backend_name()
    except (ArgumentError, NoSuchModuleError) as error:
        raise LedgerUnusableError(f"the ledger's address cannot be read: {error}") from error
    if backend == "postgres" or parsed.drivername == "postgresql":
        return parsed.set(drivername=POSTGRES_DRIVER)
    if backend not in ("sqlite", "postgresql"):
        raise LedgerUnusableError(f"the ledger runs on SQLite and PostgreSQL, not on {backend}")
    return parsed


def sqlite_file(url: str) -> Path | None:
    """The file of a ledger on SQLite; None for PostgreSQL.

    Raises:
        LedgerUnusableError: see :func:`ledger_address`.
    """
    parsed = ledger_address(url)
    return Path(parsed.database or "") if parsed.get_backend_name() == "sqlite" else None


def make_engine(url: str) -> Engine:
    """Open the database of the ledger, creating the folder of a SQLite file.

    Args:
        url: SQLAlchemy URL of SQLite or PostgreSQL.

    Raises:
        LedgerUnusableError: the address cannot be used, or the driver of PostgreSQL is not installed.
    """
    parsed = ledger_address(url)
    if parsed.get_backend_name() == "sqlite":
        Path(parsed.database or "").parent.mkdir(parents=True, exist_ok=True)
        engine = create_engine(parsed)
        _tune_sqlite(engine)
        return engine
    try:
        # A server may have been started again since the last night: a dead connection is replaced, not used.
        return create_engine(parsed, pool_pre_ping=True, connect_args={"connect_timeout": POSTGRES_CONNECT_SECONDS})
    except ModuleNotFoundError as error:
        raise LedgerUnusableError(
            f"PostgreSQL needs its driver, and there is no {error.name}: pip install -c constraints.txt '.[postgres]'"
        ) from error


@contextmanager
def _changing_schema(engine: Engine) -> Iterator[Connection]:
    """A connection that alone may change the schema, in one transaction: all of a change or nothing of it stays."""
    if engine.dialect.name != "sqlite":
        with engine.begin() as connection:
            connection.execute(select(func.pg_advisory_xact_lock(MIGRATION_LOCK)))
            yield connection
        return
    with engine.connect() as connection:
        driver: Any = connection.connection.dbapi_connection
        driver.isolation_level = None  # by itself the driver leaves changes of the schema out of its transactions
        try:
            # A table that is rebuilt is dropped under its name while others refer to it; checked once at the end.
            connection.exec_driver_sql("PRAGMA foreign_keys=OFF")
            connection.exec_driver_sql("BEGIN IMMEDIATE")
            yield connection
            if broken := connection.exec_driver_sql("PRAGMA foreign_key_check").fetchall():
                raise LedgerUnusableError(f"{len(broken)} rows would refer to rows that are not there: {broken[0]}")
            connection.commit()
        finally:
            connection.invalidate()  # closes it, and takes back what was not committed


def _migrate(connection: Connection, target: str, *, down: bool = False) -> None:
    from alembic import command  # heavy; only a ledger behind its schema needs it
    from alembic.config import Config
    from alembic.util.exc import CommandError

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    try:
        if down:
            command.downgrade(config, target)
        else:
            command.upgrade(config, target)
    except CommandError as error:
        raise LedgerUnusableError(
            f"the ledger's schema has version {_revision(connection)}, this code knows versions up to "
            f"{HEAD_REVISION}: update fazhi, or restore a backup of its time ({error})"
        ) from error


def _revision(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    revision: str | None = connection.scalar(text("select version_num from alembic_version"))
    return revision


def current_revision(engine: Engine) -> str | None:
    """The revision of the database's schema; None for an empty database."""
    with engine.connect() as connection:
        return _revision(connection)


def upgrade(engine: Engine, target: str = HEAD_REVISION) -> None:
    """Bring the schema up to ``target``; does nothing when it is there.

    Raises:
        LedgerUnusableError: it was made by a newer fazhi, or this code does not know ``target``.
    """
    if current_revision(engine) != target:
        with _changing_schema(engine) as connection:
            if _revision(connection) != target:  # another process may have been first
                _migrate(connection, target)


def downgrade(engine: Engine, target: str) -> None:
    """Take the schema down to ``target``, "base" for an empty database."""
    with _changing_schema(engine) as connection:
        _migrate(connection, target, down=True)
