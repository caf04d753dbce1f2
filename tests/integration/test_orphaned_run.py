"""A machine that goes down in the middle of a night: the run it leaves keeps no later one waiting, and is made good.

Dagster's own daemon starts the run, is killed with all its processes, and is started again, with the project's
sensors, storage and settings; only what a night works on is small.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import loopback_only
import pytest
from dagster import DagsterInstance, DagsterRun, DagsterRunStatus, RunRequest, SkipReason, build_schedule_context
from small_nights import WAIT_FILE

from pipelines.abandoned import was_abandoned
from pipelines.night_record import load, records
from pipelines.schedules import AFTER_CRAWL, nightly_schedule
from pipelines.settings import process_environment
from warehouse.ledger import Ledger
from warehouse.locks import writer_lock
from warehouse.paths import PROJECT_ROOT, Home

# The daemon looks once a minute, and the machine may be busy; a night that is slow is not a night that is stuck.
PATIENCE_SECONDS = 420
CRAWL_ID = "20261121T180000Z-byhand00"


@dataclass(frozen=True)
class Aftermath:
    """What was seen before the machine came up again, and after.

    Attributes:
        orphan_before: the run as the dead machine left it.
        schedule_before: what the schedule said while it stood so.
        runs: all runs when its retry was over.
        schedule_after: what the schedule says then.
    """

    home: Home
    orphan_before: DagsterRun
    schedule_before: RunRequest | SkipReason
    runs: list[DagsterRun]
    schedule_after: RunRequest | SkipReason


@contextmanager
def daemon(home: Home, env: dict[str, str], log: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Dagster's daemon in a session of its own, of which no process outlives the block."""
    command = [sys.executable, "-m", "dagster._daemon", "run", "-m", "small_nights"]
    with log.open("a", encoding="utf-8") as stream:
        process = subprocess.Popen(
            command, cwd=home.path, env=env, stdout=stream, stderr=subprocess.STDOUT, start_new_session=True
        )
        try:
            yield process
        finally:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def await_that(holds: Callable[[], object], process: subprocess.Popen[bytes], log: Path) -> None:
    """Wait until something holds.

    Raises:
        RuntimeError: the daemon ended, or it took too long; with the end of its log.
    """
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not holds():
        if process.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError(f"the daemon came to nothing: {log.read_text(encoding='utf-8')[-3000:]}")
        time.sleep(0.5)


def scheduled(instance: DagsterInstance) -> RunRequest | SkipReason:
    """What the schedule says to the next night."""
    told = nightly_schedule(build_schedule_context(instance, scheduled_execution_time=datetime.now(UTC)))
    assert isinstance(told, RunRequest | SkipReason)
    return told


@pytest.fixture(scope="module")
def aftermath(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Aftermath]:
    root = tmp_path_factory.mktemp("orphan")
    home, log, refused = Home(root / "home"), root / "daemon.log", root / "refused-hosts.log"
    home.dagster.mkdir(parents=True)
    wait = home.path / WAIT_FILE
    wait.touch()
    folders = [Path(loopback_only.__file__).parent, Path(__file__).parent, PROJECT_ROOT]
    env = {key: value for key, value in os.environ.items() if not key.startswith(("FAZHI_", "DAGSTER_", "DBT_"))}
    env |= process_environment(home) | {
        "PYTHONPATH": os.pathsep.join(map(str, folders)),
        loopback_only.LOG_VARIABLE: str(refused),
    }
    with Ledger(home.ledger_url) as ledger:
        ledger.start_run(CRAWL_ID, fazhi_version="1", trigger="by hand", started_at=datetime.now(UTC))
        ledger.finish_run(CRAWL_ID, "done", datetime.now(UTC))
    with pytest.MonkeyPatch.context() as patch:
        for name, value in process_environment(home).items():
            patch.setenv(name, value)
        patch.delenv("FAZHI_LEDGER_URL", raising=False)
        with DagsterInstance.get() as instance:
            with daemon(home, env, log) as process:
                await_that(lambda: list(home.path.glob("reading-*")), process, log)
            (orphan,) = instance.get_runs()
            before = scheduled(instance)
            wait.unlink()
            with daemon(home, env, log) as process:
                await_that(
                    lambda: any(run.parent_run_id and run.is_finished for run in instance.get_runs()), process, log
                )
                await_that(lambda: len(records(home)) > 1, process, log)
            yield Aftermath(home, orphan, before, list(instance.get_runs()), scheduled(instance))
    assert not refused.exists(), refused.read_text(encoding="utf-8")


def test_the_killed_run_is_left_as_if_it_worked(aftermath: Aftermath) -> None:
    assert (aftermath.orphan_before.job_name, aftermath.orphan_before.status) == (AFTER_CRAWL, DagsterRunStatus.STARTED)
    assert not was_abandoned(aftermath.orphan_before)


def test_it_is_failed_and_started_again_to_its_end(aftermath: Aftermath) -> None:
    by_id = {run.run_id: run for run in aftermath.runs}
    orphan = by_id.pop(aftermath.orphan_before.run_id)
    assert orphan.status is DagsterRunStatus.FAILURE
    assert was_abandoned(orphan)
    (retry,) = by_id.values()
    assert (retry.parent_run_id, retry.status) == (orphan.run_id, DagsterRunStatus.SUCCESS)


def test_no_later_night_is_kept_waiting(aftermath: Aftermath) -> None:
    assert isinstance(aftermath.schedule_after, RunRequest)
    with writer_lock(aftermath.home):
        pass


def test_both_runs_are_on_record(aftermath: Aftermath) -> None:
    found = {night.run_id: night for night in map(load, records(aftermath.home))}
    orphan = found.pop(aftermath.orphan_before.run_id)
    assert orphan.status == "failed"
    assert "process of this run is gone" in orphan.failures[0].reason
    assert [night.status for night in found.values()] == ["unchanged"]
