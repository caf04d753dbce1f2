"""Runs dbt on a warehouse file, as the night does: a process of its own, told by the environment where the data lie.

The process is guarded: a dbt that reached for a host beyond this machine is an error.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import loopback_only

from warehouse.paths import PROJECT_ROOT

DBT = Path(sys.executable).parent / "dbt"
PROJECT = PROJECT_ROOT / "dbt_project"


def run_dbt(warehouse: Path, target: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a dbt command and return its result; the target folder may be shared to parse only once."""
    refused = target / "refused-hosts.log"
    guard = str(Path(loopback_only.__file__).parent)
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(filter(None, [guard, os.environ.get("PYTHONPATH")])),
        loopback_only.LOG_VARIABLE: str(refused),
        "FAZHI_WAREHOUSE": str(warehouse),
        "DBT_TARGET_PATH": str(target),
        "DBT_LOG_PATH": str(target),
        "DO_NOT_TRACK": "1",
    }
    result = subprocess.run(
        [str(DBT), *arguments, "--project-dir", str(PROJECT), "--profiles-dir", str(PROJECT)],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    if refused.exists():
        raise AssertionError(f"dbt reached for hosts beyond loopback: {refused.read_text(encoding='utf-8')}")
    return result
