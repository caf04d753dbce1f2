"""Everything else that goes wrong: disks, ledger, network, clock, leftovers. Each ends in words that name the cause.

A drill makes the fault, runs what would be in its way, looks at exit code, words and the latest release, takes the
fault away and runs once more. Exit codes are those of the README: 1 for what the operator must mend, 4 for a warehouse
that somebody else writes.
"""

from __future__ import annotations

import fcntl
import os
import signal
import sqlite3
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from chaos_hooks import CLOCK
from drills import latest, leftovers, reader
from releases import differences
from stand import LAST_NIGHT, NIGHT_SECONDS, POLL_SECONDS, WITHOUT_TESTS, Base, Ended, Night, Stand

from warehouse.shelf import latest_id

MEBIBYTE = 1024**2
# A disk on which a night may begin, and one on which it may not.
LARGE_DISK, SMALL_DISK = 400 * MEBIBYTE, 60 * MEBIBYTE
ROOM_LEFT = 48 * 1024
FULL = ("no space left", "disk is full", "disk full", "could not write", "a night may need")
# Clocks stand still here, so that a failure and the success after it need nights of different hours to be told apart.
EVENING = "2026-11-20T17:00:00+00:00"
NEXT_YEAR, LONG_AGO = "2027-11-20T18:00:00+00:00", "1999-12-31T16:00:00+00:00"
# A process id that no system gives.
NOBODY = 2**22 + 1


@dataclass
class Finding:
    """What came of a drill: what the night said, and what was not as it must be."""

    name: str
    said: str = ""
    faults: list[str] = field(default_factory=list)

    def expect(self, ended: Ended, code: int, words: Sequence[str]) -> None:
        """Note down how the disturbed night ended, and whether it was with this code and one of these words."""
        said = " ".join(ended.words.split())
        telling = [said.lower().find(word) for word in words if word in said.lower()]
        start = max(0, min(telling, default=0) - 80)
        self.said = f"exit code {ended.code}: …{said[start : start + 240]}"
        if ended.code != code:
            self.faults.append(f"exit code {ended.code}, not {code}: {said[-600:]}")
        if not telling:
            self.faults.append(f"none of {list(words)} in: {said[-600:]}")
        if "Traceback" in ended.errors:
            self.faults.append(f"a traceback for the operator: {said[-300:]}")

    def compare(self, stand: Stand, base: Base, stages: Sequence[str]) -> None:
        """Run again, without the fault, and compare the release with the undisturbed one."""
        commands = [("run", "--only", stage) for stage in stages] or [("run",)]
        for command in commands:
            ended = stand.run(*command, **WITHOUT_TESTS)
            if ended.code != 0:
                self.faults.append(f"the rerun ended with exit code {ended.code}: {ended.words[-600:]}")
                return
        self.faults += differences(base.release, latest(stand.home), same_captures=bool(stages))
        self.faults += leftovers(stand.home)


Fault = Callable[[Stand, Base], Finding]


@contextmanager
def disk(stand: Stand, size: int, moment: Path | None) -> Iterator[None]:
    """Put the home, as it was at a moment, on a small disk of its own; afterwards on the large one again, as it is."""
    stand.put(None)
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(stand.home)], check=True)
    try:
        if moment is not None:
            subprocess.run(["cp", "-a", f"{moment}/.", str(stand.home)], check=True)
        yield
        kept = stand.keep("kept")
    finally:
        subprocess.run(["umount", str(stand.home)], check=True)
    stand.put(kept)
    subprocess.run(["rm", "-rf", str(kept)], check=True)


def fill(folder: Path, room: int) -> Path:
    """Fill the disk of a folder until so many bytes are left."""
    filler = folder / "filler"
    with filler.open("wb") as stream:
        state = os.statvfs(folder)
        os.posix_fallocate(stream.fileno(), 0, max(1, state.f_bavail * state.f_frsize - room))
    return filler


def await_stage(night: Night, stage: str) -> None:
    """Return when a night has come to a stage, or ended."""
    while night.poll() is None and stage not in [name for name, _ in night.stages()]:
        time.sleep(POLL_SECONDS)


def disk_too_small(stand: Stand, base: Base) -> Finding:
    """A disk with too little room for a night: it does not begin."""
    found = Finding("disk too small")
    with disk(stand, SMALL_DISK, base.moments["publish"]):
        found.expect(stand.run("run", "--only", "publish"), 1, ("a night may need",))
    found.compare(stand, base, ("publish",))
    return found


def disk_fills(stage: str, told: str, again: Sequence[str]) -> Fault:
    """Return the drill of a disk that fills up when a stage has begun."""

    def drill(stand: Stand, base: Base) -> Finding:
        found = Finding(f"disk fills up: {told}")
        with disk(stand, LARGE_DISK, base.moments[stage]):
            before = latest_id(stand.home / "exports")
            with reader(stand.home / "exports", found.faults):
                night = stand.begin("run", "--only", stage, **WITHOUT_TESTS)
                await_stage(night, told)
                filler = fill(stand.home, ROOM_LEFT)
                found.expect(night.wait(), 1, FULL)
            filler.unlink()
            if latest_id(stand.home / "exports") != before:
                found.faults.append("latest was switched")
        found.compare(stand, base, again)
        return found

    return drill


def read_only_home(stand: Stand, base: Base) -> Finding:
    """A disk that was mounted for reading only."""
    found = Finding("read-only home")
    with disk(stand, LARGE_DISK, base.moments["publish"]):
        subprocess.run(["mount", "-o", "remount,ro", str(stand.home)], check=True)
        found.expect(stand.run("run", "--only", "publish"), 1, ("read-only",))
        subprocess.run(["mount", "-o", "remount,rw", str(stand.home)], check=True)
    found.compare(stand, base, ("publish",))
    return found


def ledger_busy(stand: Stand, base: Base) -> Finding:
    """Another process holds the ledger locked before the night begins."""
    found = Finding("ledger busy")
    stand.put(base.moments["publish"])
    with ledger_held(stand.home):
        found.expect(stand.run("run", "--only", "publish"), 1, ("is being written by another process",))
    found.compare(stand, base, ("publish",))
    return found


def ledger_gets_busy(stand: Stand, base: Base) -> Finding:
    """Another process takes the ledger when the crawl has begun, and keeps it longer than the crawl waits."""
    found = Finding("ledger gets busy")
    stand.put(base.moments["crawl"])
    night = stand.begin("run", "--only", "crawl")
    await_stage(night, "crawl")
    with ledger_held(stand.home):
        found.expect(night.wait(), 1, ("database is locked",))
    found.compare(stand, base, ())
    return found


@contextmanager
def ledger_held(home: Path) -> Iterator[None]:
    """Hold the ledger locked, as a backup or a shell that somebody forgot would."""
    with closing(sqlite3.connect(home / "ledger.sqlite", timeout=NIGHT_SECONDS)) as other:
        other.execute("begin exclusive")
        try:
            yield
        finally:
            other.rollback()


def warehouse_busy(stand: Stand, base: Base) -> Finding:
    """A living process holds the writer lock."""
    found = Finding("warehouse busy")
    stand.put(base.moments["publish"])
    with (stand.home / "warehouse.duckdb.lock").open("a+") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        lock.truncate(0)
        lock.write(f'{{"pid": {os.getpid()}, "command": "another night"}}')
        lock.flush()
        found.expect(stand.run("run", "--only", "publish"), 4, (f"process {os.getpid()} (another night)",))
    found.compare(stand, base, ("publish",))
    return found


def stale_leftovers(stand: Stand, base: Base) -> Finding:
    """What dead processes and a power failure leave: locks of nobody, half-written files, a torn log."""
    found = Finding("stale lock, half-written files, torn .wal")
    stand.put(base.moments["publish"])
    exports = stand.home / "exports"
    (stand.home / "warehouse.duckdb.lock").write_text(f'{{"pid": {NOBODY}, "command": "fazhi run"}}', encoding="utf-8")
    (stand.home / "archive" / ".lock").write_text(str(NOBODY), encoding="utf-8")
    for name in (
        f".history-{NOBODY}",
        f".published-{NOBODY}",
        f".building-{NOBODY}/half.csv",
        f".leaving-{NOBODY}/half.csv",
    ):
        (exports / name).parent.mkdir(exist_ok=True)
        (exports / name).write_bytes(b"half a li")
    (exports / f".latest-{NOBODY}").symlink_to("nowhere")
    (stand.home / "warehouse.duckdb.wal").write_bytes(b"\x63\x18VERSION\x66\x00torn")
    (stand.home / "nights").mkdir(exist_ok=True)
    (stand.home / "nights" / "20261119T180000Z-dead.new").write_text("{", encoding="utf-8")
    found.said = "nothing, and went on"
    found.compare(stand, base, ("publish",))
    return found


def portals(name: str, disturb: Callable[[Night], None], **settings: str) -> Fault:
    """Return the drill of portals that fail while they are asked; what was had of them before stays published."""

    def drill(stand: Stand, base: Base) -> Finding:
        found = Finding(f"portals {name}")
        stand.put(base.moments["crawl"])
        before = latest_id(stand.home / "exports")
        with reader(stand.home / "exports", found.faults):
            night = stand.begin("run", **WITHOUT_TESTS, **{CLOCK: EVENING}, **settings)
            await_stage(night, "crawl")
            disturb(night)
            found.expect(night.wait(), 3, ("connection_failed", "timeout", "robots_unreachable"))
        if latest_id(stand.home / "exports") != before:
            found.faults.append("latest was switched")
        found.compare(stand, base, ())
        return found

    return drill


def portal_processes(night: Night) -> list[int]:
    """The processes that serve the portals, once they are there."""
    while night.poll() is None and not (found := night.children("sample-portals")):
        time.sleep(POLL_SECONDS)
    return found


def stop_answering(night: Night) -> None:
    """Let the portals hang when the crawl begins: they take connections and never answer."""
    while night.poll() is None and not night.children("scrapers", "crawl"):
        time.sleep(POLL_SECONDS)
    for pid in portal_processes(night):
        os.kill(pid, signal.SIGSTOP)


def die(night: Night) -> None:
    """Let the portals die when the crawl begins: from then on they refuse."""
    while night.poll() is None and not night.children("scrapers", "crawl"):
        time.sleep(POLL_SECONDS)
    for pid in portal_processes(night):
        os.kill(pid, signal.SIGKILL)


def clock_behind(stand: Stand, base: Base) -> Finding:
    """The clock has fallen back by decades, as with an empty battery."""
    found = Finding("clock behind")
    stand.put(base.moments["publish"])
    found.expect(stand.run("run", "--only", "publish", **{CLOCK: LONG_AGO}), 1, ("the clock shows",))
    found.compare(stand, base, ("publish",))
    return found


def clock_ahead(stand: Stand, base: Base) -> Finding:
    """The clock was a year ahead for one night: the next one says so, and a backup of before leads out of it."""
    found = Finding("clock ahead for a night")
    stand.put(base.moments["crawl"])
    backups = stand.folder / "backups"
    made = stand.run("backup", str(backups), "--with-archive", **{CLOCK: LAST_NIGHT})
    wrong = stand.run("run", "--only", "crawl", **{CLOCK: NEXT_YEAR})
    if made.code or wrong.code:
        found.faults.append(f"backup {made.code}, night {wrong.code}: {made.words}{wrong.words}")
        return found
    found.expect(stand.run("run"), 1, ("the clock shows",))
    restored = stand.run("restore", str((made.report or {})["path"]), "--replace")
    if restored.code:
        found.faults.append(f"restore {restored.code}: {restored.words}")
    found.compare(stand, base, ())
    return found


# What needs no more than another publishing to be tried.
CHEAP: tuple[Fault, ...] = (ledger_busy, warehouse_busy, clock_behind, stale_leftovers)
# What needs a disk of its own, which only root may mount.
DISKS: tuple[Fault, ...] = (
    disk_too_small,
    read_only_home,
    disk_fills("crawl", "crawl", ()),
    disk_fills("read", "read", ("read", "build", "publish")),
    disk_fills("build", "build", ("build", "publish")),
    disk_fills("publish", "publish", ("publish",)),
)
OTHERS: tuple[Fault, ...] = (
    ledger_gets_busy,
    portals("die", die),
    portals("hang", stop_answering, FAZHI_REQUEST_SECONDS="2"),
    clock_ahead,
)
