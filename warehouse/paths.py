"""Where things lie: the project's own files, and the data home that a user may place anywhere.

Only names of places belong here; opening, creating or checking what lies there does not.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

PROJECT_ROOT = Path(__file__).resolve().parent.parent
"""The folder that holds ``scrapers``, ``pipelines``, ``warehouse`` and ``dbt_project``."""

HOME_VARIABLE = "FAZHI_HOME"
LEDGER_URL_VARIABLE = "FAZHI_LEDGER_URL"
DAGSTER_URL_VARIABLE = "FAZHI_DAGSTER_URL"


@dataclass(frozen=True)
class Home:
    """The data home: every file that a run writes lies under it.

    Attributes:
        path: absolute path of the home; it need not exist yet.
    """

    path: Path

    @property
    def archive(self) -> Path:
        """Folder of the WARC files."""
        return self.path / "archive"

    @property
    def ledger_url(self) -> str:
        """SQLAlchemy URL of the ledger: ``$FAZHI_LEDGER_URL``, else a SQLite file in the home."""
        return os.environ.get(LEDGER_URL_VARIABLE) or f"sqlite:///{self.path / 'ledger.sqlite'}"

    @property
    def warehouse(self) -> Path:
        """The DuckDB file with raw tables and marts."""
        return self.path / "warehouse.duckdb"

    @property
    def warehouse_lock(self) -> Path:
        """The file whose lock its single writer holds."""
        return self.path / "warehouse.duckdb.lock"

    @property
    def exports(self) -> Path:
        """Folder of the releases."""
        return self.path / "exports"

    @property
    def dagster(self) -> Path:
        """Folder of Dagster's own storage."""
        return self.path / "dagster"

    @property
    def dagster_url(self) -> str | None:
        """SQLAlchemy URL of Dagster's runs: ``$FAZHI_DAGSTER_URL``; None for files in :attr:`dagster`."""
        return os.environ.get(DAGSTER_URL_VARIABLE) or None


@dataclass(frozen=True)
class ScratchHome(Home):
    """A data home that is thrown away: its ledger lies in it, whatever the environment says."""

    @property
    def ledger_url(self) -> str:
        """SQLAlchemy URL of the ledger: a SQLite file in the home."""
        return f"sqlite:///{self.path / 'ledger.sqlite'}"


def get_home() -> Home:
    """Return the data home named by ``$FAZHI_HOME``, else ``data`` beside the packages."""
    named = os.environ.get(HOME_VARIABLE)
    return Home(Path(named).expanduser().resolve() if named else PROJECT_ROOT / "data")
