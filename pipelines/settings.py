"""Where the project lies and how its child processes are started: folders, environment, the sources of a night.

Light on purpose: nothing here may import Dagster, dbt, DuckDB or pandas, because ``fazhi --help`` comes through
here. No reading of source files (that is the crawl's business) and no storage.
"""

from __future__ import annotations

import os
import sys
from enum import StrEnum
from pathlib import Path

from warehouse.paths import PROJECT_ROOT, Home

SAMPLE_SOURCES = PROJECT_ROOT / "scrapers" / "sources" / "sample"
DBT_PROJECT = PROJECT_ROOT / "dbt_project"
# dbt as a child of a night, and the variable that tells it the interpreter.
DBT_PROCESS = PROJECT_ROOT / "pipelines" / "dbt_process.sh"
PYTHON_VARIABLE = "FAZHI_PYTHON"
CONSTRAINTS = PROJECT_ROOT / "constraints.txt"

# Where the portals are: their nights, years and deadlines.
TIMEZONE = "Asia/Shanghai"
# The run tag that tells the ledger what started a night.
TRIGGER_TAG = "fazhi/trigger"
# Run tags to find runs by: the part of the night they are, the code they ran, what came of them.
PART_TAG = "fazhi/part"
VERSION_TAG = "fazhi/version"
NEWS_TAG = "fazhi/news"
RELEASE_TAG = "fazhi/release"
# The run tag that names the process of a run, by which a run without one is found.
PROCESS_TAG = "fazhi/process"
ABANDONED_TAG = "fazhi/abandoned"
# What the reading of pages says of the last crawl whose pages it had before it.
CRAWL_READ = "crawl_read"
SOURCES_VARIABLE = "FAZHI_SOURCES"
KEEP_DAYS_VARIABLE = "FAZHI_KEEP_DAYS"
DAYS_KEPT = 90
NOTIFY_VARIABLE = "FAZHI_NOTIFY"
DAGSTER_HOME_VARIABLE = "DAGSTER_HOME"
DAGSTER_STORAGE_VARIABLE = "FAZHI_DAGSTER"
WAREHOUSE_VARIABLE = "FAZHI_WAREHOUSE"

# What Dagster, dbt and their libraries would otherwise tell or ask the world.
QUIET = {
    "DO_NOT_TRACK": "1",
    "DAGSTER_DISABLE_TELEMETRY": "1",
    "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
    "DBT_NO_VERSION_CHECK": "true",
    "DBT_USE_COLORS": "false",
}


def process_environment(home: Home) -> dict[str, str]:
    """Return the variables that every process of a night must see: data home, Dagster, dbt, no telemetry."""
    return {
        **QUIET,
        "FAZHI_HOME": str(home.path),
        DAGSTER_HOME_VARIABLE: str(PROJECT_ROOT),
        DAGSTER_STORAGE_VARIABLE: str(home.dagster),
        WAREHOUSE_VARIABLE: str(home.warehouse),
    }


def apply_environment(home: Home) -> None:
    """Put :func:`process_environment` into this process, before Dagster or dbt are imported."""
    home.dagster.mkdir(parents=True, exist_ok=True)
    os.environ.update(process_environment(home))


def default_sources() -> list[str]:
    """Return the sources of a night when none are named: ``$FAZHI_SOURCES`` (split like a path) or the samples."""
    named = [part for part in os.environ.get(SOURCES_VARIABLE, "").split(os.pathsep) if part]
    return named or [str(SAMPLE_SOURCES)]


def notify_targets() -> str:
    """Return where the operator wants notices, as ``$FAZHI_NOTIFY`` says; empty for nowhere."""
    return os.environ.get(NOTIFY_VARIABLE, "")


def keep_days() -> int:
    """Return for how many days runs, their logs and records are kept: ``$FAZHI_KEEP_DAYS`` or 90.

    Raises:
        ValueError: the variable is not a number of days from 1.
    """
    named = os.environ.get(KEEP_DAYS_VARIABLE) or str(DAYS_KEPT)
    if not named.isascii() or not named.isdigit() or int(named) < 1:
        raise ValueError(f"{KEEP_DAYS_VARIABLE} is {named!r}; it must be a number of days from 1")
    return int(named)


def dbt_executable() -> Path:
    """Return the ``dbt`` of this very Python environment, whatever stands on PATH.

    Raises:
        FileNotFoundError: dbt is not installed beside this interpreter.
    """
    candidate = Path(sys.executable).parent / "dbt"
    if not candidate.exists():
        raise FileNotFoundError(f"no dbt beside {sys.executable}; run `make setup`")
    return candidate


class Stage(StrEnum):
    """The stages of a night that may be run alone, in their order."""

    CRAWL = "crawl"
    READ = "read"
    BUILD = "build"
    PUBLISH = "publish"
