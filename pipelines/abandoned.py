"""Runs whose process is gone: found by the mark of their process, and reported as failed.

Dagster's launcher for one machine looks after a run only as long as the code server that started it lives, and never
after one of the command line: such a run would stay "started" for ever and, one run at a time, keep every later night
waiting. Once such a run is failed, Dagster's
retries start it again from the step it died in. Nothing is killed here.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from dagster import DagsterInstance, DagsterRun, DagsterRunStatus, RunRecord, RunsFilter

from pipelines.settings import ABANDONED_TAG, PROCESS_TAG

BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
# Where /proc/<pid>/stat has the moment of the process's start, counted behind the name in brackets.
START_FIELD = 19
# The state there of a process that ended and waits for its parent to notice.
ZOMBIE = "Z"
WORKING = (DagsterRunStatus.STARTED, DagsterRunStatus.CANCELING)
# A run marks itself with its first step; one that has not by now died before.
UNMARKED_SECONDS = 600
MESSAGE = "The process of this run is gone (killed, or the machine went down). What was archived and loaded is kept."


def process_mark(pid: int) -> str | None:
    """Return what names a living process on all machines and for all time; None when there is none of that number.

    Host, number, and, where the system tells them, boot and moment of the start: numbers are used again.
    """
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return None
    except PermissionError:
        pass  # somebody else's process lives
    try:
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
        if fields[0] == ZOMBIE:
            return None
        started, boot = fields[START_FIELD], BOOT_ID.read_text(encoding="utf-8").strip()
    except (OSError, IndexError):
        started = boot = ""
    return f"{socket.gethostname()} {pid} {boot} {started}".rstrip()


def claim(instance: DagsterInstance, run_id: str) -> None:
    """Mark a run as worked on by this process; the mark names the run too, because a retry inherits the tags."""
    instance.add_run_tags(run_id, {PROCESS_TAG: f"{run_id} {process_mark(os.getpid())}"})


def is_abandoned(record: RunRecord, now: datetime) -> bool:
    """Return whether a run's process is gone: the one of its mark, or, without a mark, whichever started it."""
    run = record.dagster_run
    owner, _, mark = run.tags.get(PROCESS_TAG, "").partition(" ")
    if owner != run.run_id:
        return record.start_time is not None and now.timestamp() - record.start_time > UNMARKED_SECONDS
    host, number = mark.split()[:2]
    return host == socket.gethostname() and process_mark(int(number)) != mark


def was_abandoned(run: DagsterRun) -> bool:
    """Return whether a run was failed because its process was gone."""
    return run.tags.get(ABANDONED_TAG) == run.run_id


def fail_abandoned(instance: DagsterInstance, now: datetime) -> Iterator[DagsterRun]:
    """Report the runs whose process is gone as failed, and yield them."""
    for record in instance.get_run_records(RunsFilter(statuses=list(WORKING))):
        if is_abandoned(record, now):
            run = record.dagster_run
            instance.add_run_tags(run.run_id, {ABANDONED_TAG: run.run_id})
            instance.report_run_failed(run, MESSAGE)
            yield run
