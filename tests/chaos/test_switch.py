"""The switch of releases, killed before and after every call that makes a file final, while a reader polls."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Thread

import pytest
from chaos_hooks import CALLS, KILL_AT
from watch_latest import glance

from warehouse import shelf
from warehouse.paths import PROJECT_ROOT
from warehouse.publish import wrong_files

HERE = Path(__file__).parent
OLD, NEW = "2026-11-19-old", "2026-11-20-new"
# The calls of a publishing here: files and folders put on disk, the renaming, the link, history and mark.
CALLS_AT_LEAST = 18


def publish(home: Path, name: str, **environment: str) -> int:
    """Publish in a process of its own and return how it ended."""
    done = subprocess.run(
        [sys.executable, str(HERE / "publish_small.py"), str(home / "exports"), name],
        env=os.environ
        | {"PYTHONPATH": os.pathsep.join([str(PROJECT_ROOT), str(HERE / "hooks")]), "FAZHI_HOME": str(home)}
        | environment,
        check=False,
    )
    return done.returncode


@contextmanager
def polled(exports: Path, complaints: list[str]) -> Iterator[None]:
    """Open the latest release over and over for the length of a block."""
    is_over = Event()

    def look() -> None:
        while not is_over.wait(0.001):
            try:
                folder = exports / (exports / "latest").readlink()
            except OSError as error:
                complaints.append(repr(error))
                continue
            fault = glance(folder) or wrong_files(folder)
            if fault:
                complaints.append(f"{folder.name}: {fault}")

    reader = Thread(target=look)
    reader.start()
    try:
        yield
    finally:
        is_over.set()
        reader.join()


@pytest.mark.parametrize("moment", ["before", "after"])
def test_whatever_call_is_the_last_the_rerun_publishes_and_readers_see_whole_releases(
    tmp_path: Path, moment: str
) -> None:
    complaints: list[str] = []
    first = tmp_path / "first"
    assert publish(first, OLD) == 0
    number = 0
    while True:
        number += 1
        home = tmp_path / str(number)
        shutil.copytree(first, home, symlinks=True)
        exports = home / "exports"
        kill = {KILL_AT: f"{number} {moment} self", CALLS: str(home / "calls")}
        with polled(exports, complaints):
            code = publish(home, NEW, **kill)
            assert shelf.latest_id(exports) in (OLD, NEW)
            if code == 0:
                break
            assert code == -signal.SIGKILL
            assert publish(home, NEW) == 0
        assert shelf.latest_id(exports) == NEW
        assert shelf.published_fingerprint(exports) == f"of-{NEW}"
        assert [each.release_id for each in shelf.read_history(exports)] == [OLD, NEW]
        kept = {OLD, NEW, shelf.LATEST, shelf.HISTORY, shelf.PUBLISHED_MARK}
        assert {path.name for path in exports.iterdir()} == kept, number
    assert complaints == []
    assert number > CALLS_AT_LEAST
