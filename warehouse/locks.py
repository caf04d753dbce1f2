"""The writer lock: at most one process writes the warehouse at a time.

The lock is ``fcntl.flock`` on a file beside the warehouse. The kernel frees it when its holder dies, however
it dies, so there is nothing to clean up after a crash. The text in the file (pid and command of the holder)
is only for messages; the lock itself is the kernel's.

Not here: DuckDB's own file lock, which is the second net, and any lock on the ledger, which has its own
transactions.
"""

from __future__ import annotations

import fcntl
import json
import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

POLL_SECONDS = 0.1


class HasWarehouseLock(Protocol):
    """The part of ``warehouse.paths.Home`` that locking needs."""

    @property
    def warehouse_lock(self) -> Path:
        """Path of the lock file."""
        ...


class WarehouseLockedError(RuntimeError):
    """Another process holds the writer lock.

    Attributes:
        pid: process id of the holder; None when it has not written it yet.
        command: command line of the holder; None when it has not written it yet.
    """

    def __init__(self, path: Path, pid: int | None, command: str | None) -> None:
        self.path = path
        self.pid = pid
        self.command = command
        holder = f"process {pid} ({command})" if pid is not None else "a process yet unnamed"
        super().__init__(
            f"The warehouse is being written by {holder}; lock file: {path}. "
            "Wait for it to end, or end that process: the lock is freed when it dies.",
        )


@contextmanager
def writer_lock(home: HasWarehouseLock, *, wait_seconds: float = 0.0) -> Iterator[None]:
    """Hold the writer lock of the data home for the length of a ``with`` block.

    Args:
        home: the data home; its lock file is created when missing.
        wait_seconds: how long to wait for another holder; 0 fails at once.

    Raises:
        WarehouseLockedError: another process (or another block of this one) still holds the lock after the
            wait.
    """
    path = home.warehouse_lock
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        _acquire(descriptor, path, wait_seconds)
        _write_holder(descriptor)
        yield
    finally:
        os.close(descriptor)


def _acquire(descriptor: int, path: Path, wait_seconds: float) -> None:
    deadline = time.monotonic() + wait_seconds
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= deadline:
                pid, command = _read_holder(descriptor)
                raise WarehouseLockedError(path, pid, command) from None
            time.sleep(POLL_SECONDS)
        else:
            return


def _write_holder(descriptor: int) -> None:
    holder = json.dumps({"pid": os.getpid(), "command": " ".join(sys.argv)}, ensure_ascii=False)
    os.ftruncate(descriptor, 0)
    os.pwrite(descriptor, holder.encode(), 0)


def _read_holder(descriptor: int) -> tuple[int | None, str | None]:
    """Who wrote the lock file; nothing when it is caught between truncation and writing."""
    try:
        holder = json.loads(os.pread(descriptor, 65536, 0))
        return int(holder["pid"]), str(holder["command"])
    except (ValueError, KeyError, TypeError):
        return None, None
