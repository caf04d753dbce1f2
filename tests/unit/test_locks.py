"""The writer lock between processes."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from warehouse.locks import WarehouseLockedError, writer_lock

HOLD_UNTIL_STDIN_CLOSES = """
import sys
from pathlib import Path
from types import SimpleNamespace
from warehouse.locks import writer_lock
with writer_lock(SimpleNamespace(warehouse_lock=Path(sys.argv[1]))):
    print("held", flush=True)
    sys.stdin.read()
"""


@dataclass(frozen=True)
class LockHome:
    """A data home of which only the lock file matters."""

    warehouse_lock: Path


@pytest.fixture
def home(tmp_path: Path) -> LockHome:
    return LockHome(tmp_path / "deep" / "warehouse.duckdb.lock")


def test_lock_can_be_taken_again_after_release(home: LockHome) -> None:
    with writer_lock(home):
        pass
    with writer_lock(home):
        assert str(os.getpid()) in home.warehouse_lock.read_text()


def test_second_holder_is_refused_with_pid_and_command(home: LockHome) -> None:
    with writer_lock(home), pytest.raises(WarehouseLockedError) as caught, writer_lock(home):
        pass
    assert caught.value.pid == os.getpid()
    assert str(os.getpid()) in str(caught.value)
    assert str(home.warehouse_lock) in str(caught.value)


def test_lock_is_freed_when_an_exception_leaves_the_block(home: LockHome) -> None:
    with pytest.raises(ZeroDivisionError), writer_lock(home):
        raise ZeroDivisionError
    with writer_lock(home):
        pass


def test_killed_holder_frees_the_lock(home: LockHome) -> None:
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLD_UNTIL_STDIN_CLOSES, str(home.warehouse_lock)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        with pytest.raises(WarehouseLockedError) as caught, writer_lock(home):
            pass
        assert caught.value.pid == holder.pid
        holder.kill()
        holder.wait()
    with writer_lock(home):
        pass


def test_waiting_ends_when_the_holder_goes(home: LockHome) -> None:
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLD_UNTIL_STDIN_CLOSES, str(home.warehouse_lock)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with holder:
        assert holder.stdout is not None
        assert holder.stdin is not None
        holder.stdout.readline()
        holder.stdin.close()
        with writer_lock(home, wait_seconds=60):
            assert holder.wait() == 0


def test_holder_without_a_name_is_reported_as_such(home: LockHome) -> None:
    with writer_lock(home):
        home.warehouse_lock.write_text("")
        with pytest.raises(WarehouseLockedError, match="yet unnamed"), writer_lock(home):
            pass
