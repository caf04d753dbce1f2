"""Forks one night after the other, on request: what a night needs is loaded once, not for each of them.

Reads one JSON object a line from standard input. {"command", "environment", "output"} begins ``fazhi COMMAND`` as the
leader of a process group of its own and answers with its process id; {"poll"} answers with how that process ended
(negative when a signal ended it), or null while it runs. The first line it writes says whether its nights have a
network of their own.
"""

from __future__ import annotations

import ctypes
import fcntl
import json
import os
import socket
import struct
import sys
import time
import traceback
from collections.abc import Sequence
from typing import Any

import chaos_hooks
import dagster._core.storage.event_log.sqlite.sqlite_event_log
import dagster._core.storage.runs.sqlite.sqlite_run_storage
import dagster._core.storage.schedules.sqlite.sqlite_schedule_storage

import pipelines.dagster_storage
import pipelines.night
from pipelines import progress
from pipelines.cli import app
from pipelines.manifest import prepare

LOADED = (
    dagster._core.storage.event_log.sqlite.sqlite_event_log,
    dagster._core.storage.runs.sqlite.sqlite_run_storage,
    dagster._core.storage.schedules.sqlite.sqlite_schedule_storage,
    pipelines.dagster_storage,
    pipelines.night,
)
JOBS = ("nightly", "only_crawl", "only_read", "only_build", "only_publish")
# Of Linux: a network of its own for a process, and how its loopback is switched on.
CLONE_NEWNET, SIOCSIFFLAGS, IFF_UP = 0x40000000, 0x8914, 1


class StageTeller(progress.Silent):
    """Says aloud which stage a night is in."""

    def stage(self, name: str, total: int | None) -> None:  # noqa: ARG002
        """Say it."""
        chaos_hooks.say(chaos_hooks.STAGES, f"{name} {time.monotonic()}")


def be_a_night(command: Sequence[str], environment: dict[str, str], output: str) -> int:
    """Run the command line in this process, as a process of its own would; return its exit code."""
    os.setsid()
    os.environ.clear()
    os.environ.update(environment)
    for number, path, flags in (
        (0, os.devnull, os.O_RDONLY),
        (1, f"{output}.out", os.O_WRONLY | os.O_CREAT | os.O_TRUNC),
        (2, f"{output}.err", os.O_WRONLY | os.O_CREAT | os.O_TRUNC),
    ):
        opened = os.open(path, flags, 0o600)
        os.dup2(opened, number)
        os.close(opened)
    chaos_hooks.set_clock()
    chaos_hooks.watch_calls()
    sys.argv = ["fazhi", *command]
    with progress.reporting_to(StageTeller()):
        try:
            app(list(command))
        except SystemExit as end:
            return end.code if isinstance(end.code, int) else 1
        except BaseException:
            traceback.print_exc()
            return 1
    return 0


def answer(request: dict[str, Any]) -> int | None:
    """Begin a night, or say how one ended."""
    if "poll" in request:
        ended, status = os.waitpid(request["poll"], os.WNOHANG)
        return os.waitstatus_to_exitcode(status) if ended else None
    child = os.fork()
    if child == 0:
        code = be_a_night(**request)
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)
    return child


def isolate_network() -> bool:
    """Leave this process, and its children, alone with a loopback of their own; return whether that is allowed.

    So nights of several workers may serve their portals on the same ports, and releases name the same addresses.
    """
    trial = os.fork()
    if trial == 0:
        os._exit(0 if _leave_network() else 1)
    return os.waitstatus_to_exitcode(os.waitpid(trial, 0)[1]) == 0 and _leave_network()


def _leave_network() -> bool:
    if ctypes.CDLL(None).unshare(CLONE_NEWNET) != 0:
        return False
    try:
        with socket.socket() as anything:
            fcntl.ioctl(anything, SIOCSIFFLAGS, struct.pack("16sh", b"lo", IFF_UP))
    except OSError:
        return False
    return True


def serve() -> None:
    """Answer requests until standard input ends."""
    prepare()
    print(json.dumps(isolate_network()), flush=True)
    from pipelines.definitions import defs

    for job in JOBS:
        defs.resolve_job_def(job)
    for line in sys.stdin:
        print(json.dumps(answer(json.loads(line))), flush=True)


if __name__ == "__main__":
    serve()
