"""The database behind the ledger: opening it, and bringing its schema up to date.

What the tables hold is said in ``ledger_tables``; reading and writing them belongs to ``ledger``.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sqlalchemy import create_engine, event, inspect, text
from sqlalchemy.engine import Connection, Engine, make_url

SQLITE_BUSY_TIMEOUT_MS = 30_000
MIGRATIONS = Path(__file__).resolve().parent / "migrations"
HEAD_REVISION = "0002"
"""The newest revision under ``migrations``; lets a ledger that is up to date open without loading Alembic."""


def _tune_sqlite(engine: Engine) -> None:
    @event.listens_for(engine, "connect")
    def set_pragmas(connection: Any, _record: object) -> None:
        cursor = connection.cursor()
        cursor.execute("PRAGMA journal_mode=WAL")  # readers go on while the crawl writes
        cursor.execute(f"PRAGMA busy_timeout={SQLITE_BUSY_TIMEOUT_MS}")
        cursor.execute("PRAGMA foreign_keys=ON")
        cursor.execute("PRAGMA synchronous=NORMAL")  # in WAL mode safe against a killed process
        cursor.close()


def make_engine(url: str) -> Engine:
    """Open the database of the ledger, creating the folder of a SQLite file.

    Args:
        url: any SQLAlchemy URL; SQLite and PostgreSQL are meant.
    """
    parsed = make_url(url)
    is_sqlite = parsed.get_backend_name() == "sqlite"
    if is_sqlite and parsed.database and parsed.database != ":memory:":
        Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(parsed)
    if is_sqlite:
        _tune_sqlite(engine)
    return engine


def _migrate(connection: Connection, target: str, *, down: bool = False) -> None:
    from alembic import command  # heavy; only a ledger behind its schema needs it
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    if down:
        command.downgrade(config, target)
    else:
        command.upgrade(config, target)


def current_revision(engine: Engine) -> str | None:
    """The revision of the database's schema; None for an empty database."""
    if not inspect(engine).has_table("alembic_version"):
        return None
    with engine.connect() as connection:
        revision: str | None = connection.scalar(text("select version_num from alembic_version"))
    return revision


def upgrade(engine: Engine) -> None:
    """Bring the schema up to :data:`HEAD_REVISION`; does nothing when it is there."""
    if current_revision(engine) != HEAD_REVISION:
        with engine.begin() as connection:
            _migrate(connection, HEAD_REVISION)


def downgrade(engine: Engine, target: str) -> None:
    """Take the schema down to ``target``, "base" for an empty database."""
    with engine.begin() as connection:
        _migrate(connection, target, down=True)
