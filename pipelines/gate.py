"""The gate before a release: asks the checks of a data home, and keeps the seal that publishing demands.

What is asked is in ``gate_checks.py``; wiring into Dagster is in ``checks.py``.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pipelines.gate_checks import Check, Verdict
from pipelines.news import find_news
from pipelines.released import released_rows
from warehouse.duck import Warehouse, open_engine
from warehouse.paths import Home

# Stands where the fingerprint of a build stands that passed the gate.
UNSEALED = "building"


def verdicts(home: Home, checks: Sequence[Check], *, accept_drop: bool = False) -> dict[str, Verdict]:
    """Ask checks of the warehouse and return the verdicts by name of the check.

    Args:
        home: the data home.
        checks: what to ask.
        accept_drop: do not compare with the last release, because the fall is known and wanted.
    """
    before = {} if accept_drop else released_rows(home)
    engine = open_engine(home.warehouse, read_only=True)
    try:
        with engine.connect() as connection:
            driver: Any = connection.connection.driver_connection
            return {check.name: check.judge(driver, before) for check in checks}
    finally:
        engine.dispose()


def break_seal(home: Home) -> None:
    """Forget that the marts passed the gate, because they are about to be built again."""
    with Warehouse(home.warehouse) as warehouse:
        warehouse.record_build(UNSEALED)


def seal(home: Home) -> None:
    """Remember that the marts as they are now passed the gate; publishing asks for it."""
    now = find_news(home).fingerprint
    with Warehouse(home.warehouse) as warehouse:
        warehouse.record_build(now)
