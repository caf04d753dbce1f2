"""Rows of kills from their beginning to the verdict: kill, run again, compare, with a reader who polls all along."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from chaos_hooks import CLOCK
from kills import EndedBadlyError, Row, kill_one
from releases import differences
from stand import HERE, LAST_NIGHT, WITHOUT_TESTS, Base, Ended, Stand, require_good, undisturbed

from warehouse.paths import PROJECT_ROOT

# The sources that were there the night before; the others come with tonight's.
EARLIER_SOURCES = "sample-lu*.yml"


@dataclass
class Verdict:
    """What came of a row.

    Attributes:
        row: the row.
        died_in: the stages that its nights died in.
        faults: what is not as it must be, in words.
        seconds: how long it took.
        looks: how often the reader looked.
    """

    row: Row
    died_in: list[str]
    faults: list[str]
    seconds: float
    looks: int


@contextmanager
def reader(exports: Path, complaints: list[str]) -> Iterator[list[int]]:
    """Watch the latest release for the length of a block; gives the list that the number of looks is put into."""
    looks: list[int] = []
    with subprocess.Popen(
        [sys.executable, str(HERE / "watch_latest.py"), str(exports)],
        cwd=PROJECT_ROOT,
        env={**os.environ, "PYTHONPATH": str(PROJECT_ROOT)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            yield looks
        finally:
            said = json.loads(process.communicate()[0])
            looks.append(said["looks"])
            complaints += [f"a reader saw {each}" for each in said["complaints"][:5]]


def bases(stands: Sequence[Stand]) -> dict[str, Base]:
    """Undisturbed nights to measure by: on an empty home, and on one that has a release of the night before."""
    first, second = stands[0], stands[-1]
    with ThreadPoolExecutor(len(stands)) as pool:
        nights = pool.submit(second_night, second), pool.submit(undisturbed, first, "first", None)
        return {"second night": nights[0].result(), "first night": nights[1].result()}


def second_night(stand: Stand) -> Base:
    """An undisturbed night after one that did not have all the sources yet."""
    stand.put(None)
    earlier = str(PROJECT_ROOT / "scrapers" / "sources" / "sample" / EARLIER_SOURCES)
    require_good(stand.run("run", "--sources", earlier, **{CLOCK: LAST_NIGHT}, **WITHOUT_TESTS), ("published",))
    return undisturbed(stand, "second", stand.keep("before"))


def rerun(stand: Stand, row: Row) -> Ended:
    """Run again what was killed, or all of it, and leave it alone."""
    if row.is_rerun_whole or row.stage is None:
        return stand.run("run", **WITHOUT_TESTS)
    ended = stand.run("run", "--only", row.stage, **WITHOUT_TESTS)
    if row.stage == "publish" or ended.code != 0:
        return ended
    return stand.run("run", "--only", "publish")


def drill(stand: Stand, measure: Mapping[str, Base], row: Row) -> Verdict:
    """Kill nights in a row, run once more, and compare what is left."""
    began = time.monotonic()
    base = measure[row.base]
    stand.put(base.moments[row.stage or "crawl"])
    command = ("run", "--only", row.stage) if row.stage else ("run",)
    died_in: list[str] = []
    faults: list[str] = []
    with reader(stand.home / "exports", faults) as looks:
        for kill in row.kills:
            try:
                died = kill_one(stand, base, kill, command)
            except EndedBadlyError as error:
                faults.append(str(error))
                continue
            if died is not None:
                died_in.append(died)
        ended = rerun(stand, row)
    if ended.code != 0:
        faults.append(f"the rerun ended with exit code {ended.code}: {ended.words}")
    else:
        same = row.stage is not None
        faults += differences(base.release, latest(stand.home), same_captures=same)
    faults += leftovers(stand.home)
    return Verdict(row, died_in, faults, time.monotonic() - began, looks[0])


def latest(home: Path) -> Path:
    """The folder of the latest release."""
    return home / "exports" / (home / "exports" / "latest").readlink()


def leftovers(home: Path) -> Iterator[str]:
    """Yield what a killed night left and the rerun should have put in order."""
    exports = home / "exports"
    hidden = {".history", ".published"}
    yield from (f"left in exports: {path.name}" for path in exports.glob(".*") if path.name not in hidden)
    yield from (f"left in the archive: {path.name}" for path in (home / "archive").glob("*.open"))
    yield from (f"left in the nights' records: {path.name}" for path in (home / "nights").glob("*.new"))
    with sqlite3.connect(home / "ledger.sqlite") as ledger:
        if ledger.execute("pragma integrity_check").fetchall() != [("ok",)]:
            yield "the ledger is damaged"
        for (run_id,) in ledger.execute("select run_id from crawl_run where status = 'running'").fetchall():
            yield f"crawl run {run_id} is still called running"
    with sqlite3.connect(home / "dagster" / "history" / "runs.db") as runs:
        for run_id, status in runs.execute("select run_id, status from runs").fetchall():
            if status not in ("SUCCESS", "FAILURE"):
                yield f"Dagster's run {run_id} is still called {status}"
