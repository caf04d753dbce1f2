"""Copies the ledger's tables into the warehouse, so that the marts can join what was crawled with what was read.

A night brings few attempts and captures to those of all nights before, so only these are copied; where the ledger is
not the one that the warehouse knows, because a backup took its place, all of it is.
"""

from __future__ import annotations

from dataclasses import fields
from typing import Any

import pandas as pd
from sqlalchemy import text

from warehouse.duck import Changes, Warehouse
from warehouse.ledger import AttemptRow, CaptureRow, Ledger, RunRow, SourceRow
from warehouse.paths import Home

LAST_CRAWL = text(
    "select run_id from raw.crawl_run where status = 'done' order by started_at desc, run_id desc limit 1"
)


def load_ledger(home: Home) -> dict[str, Changes]:
    """Make the raw tables source, crawl_run, capture and attempt the same as the ledger's; return what changed."""
    with Ledger(home.ledger_url) as ledger, Warehouse(home.warehouse) as warehouse:
        runs = ledger.runs()
        few = {"source": _frame(ledger.sources(), SourceRow), "crawl_run": _frame(runs, RunRow)}
        known = warehouse.runs()
        if known and known <= {(run.run_id, run.started_at) for run in runs}:
            last = warehouse.last_attempt()
            added = {
                "capture": _frame(ledger.captures(after=last), CaptureRow),
                "attempt": _frame(ledger.attempts(after=last), AttemptRow),
            }
            changes = warehouse.load_ledger_tables(few, added)
            loaded = warehouse.row_counts()
            if all(loaded[name] == count for name, count in ledger.counts().items()):
                return changes
        many = {"capture": _frame(ledger.captures(), CaptureRow), "attempt": _frame(ledger.attempts(), AttemptRow)}
        return warehouse.load_ledger_tables(few | many)


def last_crawl_loaded(home: Home) -> str | None:
    """Return the id of the newest crawl that ended well, as the warehouse has it; None before the first."""
    with Warehouse(home.warehouse) as warehouse:
        found: str | None = warehouse.connection.execute(LAST_CRAWL).scalar_one_or_none()
    return found


def _frame(rows: list[Any], kind: type[Any]) -> pd.DataFrame:
    """Return dataclass rows as a frame, with its columns also when there is no row."""
    names = [each.name for each in fields(kind)]
    return pd.DataFrame({name: pd.Series([getattr(row, name) for row in rows], dtype=object) for name in names})
