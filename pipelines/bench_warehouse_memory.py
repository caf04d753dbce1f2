"""Peak memory of this process and all that it starts, together: looked at twice a second, on Linux."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

PROC = Path("/proc")
LOOK_EVERY_SECONDS = 0.5
PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")
GIB = 1 << 30
# Places in /proc/PID/stat behind the name in brackets: state, parent …
PARENT_PLACE = 1


@dataclass
class Peak:
    """The most memory that was seen, in bytes; pages that processes share count once for each of them."""

    size: int = 0
    over: threading.Event = field(default_factory=threading.Event)

    @property
    def gib(self) -> float:
        """The peak in GiB."""
        return round(self.size / GIB, 2)


def resident() -> int:
    """Bytes in memory of this process and all below it."""
    children: dict[int, list[int]] = {}
    for folder in PROC.iterdir():
        if folder.name.isdigit():
            parent = _parent(folder)
            if parent is not None:
                children.setdefault(parent, []).append(int(folder.name))
    total, waiting = 0, [os.getpid()]
    while waiting:
        process = waiting.pop()
        total += _resident(PROC / str(process))
        waiting += children.get(process, [])
    return total


def _parent(folder: Path) -> int | None:
    """The parent of a process; None when it has just ended."""
    try:
        stat = (folder / "stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None
    return int(stat.rpartition(")")[2].split()[PARENT_PLACE])


def _resident(folder: Path) -> int:
    try:
        return int((folder / "statm").read_text(encoding="ascii").split()[1]) * PAGE_BYTES
    except OSError:
        return 0


@contextmanager
def watched() -> Iterator[Peak]:
    """Note the peak for the length of a ``with`` block."""
    peak = Peak()

    def look() -> None:
        while not peak.over.wait(LOOK_EVERY_SECONDS):
            peak.size = max(peak.size, resident())

    thread = threading.Thread(target=look, daemon=True)
    thread.start()
    try:
        yield peak
    finally:
        peak.over.set()
        thread.join()
