"""Draws the points at which nights are killed, and kills them there: by time, at a call to the file system, in a test.

A row is one or more kills, each of the night begun after the one before, and then one rerun that is left alone. What
is killed is the night, or the stage that the point lies in alone, begun where the undisturbed night had come to it:
the daemon goes on from the step that a night died in, a person may run the stage or all of it again.
"""

from __future__ import annotations

import os
import random
import signal
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from chaos_hooks import CALLS, KILL_AT
from stand import POLL_SECONDS, WITHOUT_TESTS, Base, Night, Stand

Point = Literal["crawl", "load", "read", "build", "test", "check", "export", "switch"]
Victims = Literal["group", "main", "dbt", "crawl"]

# How many points of a hundred lie in each part of a night, and what a night's own name for that part is.
SHARES: dict[Point, int] = {
    "crawl": 18, "load": 9, "read": 9, "build": 13, "test": 6, "check": 6, "export": 15, "switch": 24,
}  # fmt: skip
# Kills in a row before the rerun: a night that did not come to its building costs little, so more of them are killed.
IN_A_ROW: dict[Point, int] = {
    "crawl": 8, "load": 8, "read": 8, "build": 4, "test": 4, "check": 4, "export": 1, "switch": 1,
}  # fmt: skip
# The stage that is begun alone for a point, in its place the whole night.
STAGE_OF: dict[Point, str] = {
    "build": "build",
    "test": "build",
    "check": "build",
    "export": "publish",
    "switch": "publish",
}
# The stage that a night says it is in when it has come to a point, where that is not the point's own name.
NAME_OF: dict[Point, str] = {"export": "publish"}
# One rerun of so many is of the whole night where the stage alone was killed.
WHOLE_RERUN = 5
TESTS = 250
MARK_OF_TEST = " PASS "
CHILD_SECONDS = 30


class EndedBadlyError(RuntimeError):
    """A night that was to be killed failed by itself; the message says where and how."""


@dataclass(frozen=True)
class Kill:
    """A point at which a night is killed.

    Attributes:
        point: the part of the night.
        victims: the whole process group, the main process alone, or one child alone.
        share: how far into that part, from 0 to 1; of the calls of a switch, which of them.
        moment: for a call, whether before or after it.
    """

    point: Point
    victims: Victims
    share: float
    moment: Literal["before", "after"] = "after"

    def __str__(self) -> str:
        return f"{self.point}@{self.share:.2f}/{self.victims}"


@dataclass(frozen=True)
class Row:
    """Kills in a row, and the rerun after them."""

    kills: tuple[Kill, ...]
    base: str
    is_rerun_whole: bool

    @property
    def stage(self) -> str | None:
        """The stage that is run alone; None for the whole night."""
        return STAGE_OF.get(self.kills[0].point)

    def __str__(self) -> str:
        return f"{self.base}: {', '.join(map(str, self.kills))}, then {'all' if self.is_rerun_whole else self.stage}"


def draw(points: int, seed: int, bases: Sequence[str], in_a_row: int) -> list[Row]:
    """Draw rows with so many kills, no row longer than that; every part of the night gets its share."""
    chance = random.Random(seed)  # noqa: S311 - chooses moments
    total = sum(SHARES.values())
    wanted = {point: max(1, round(points * share / total)) for point, share in SHARES.items()}
    wanted["switch"] += points - sum(wanted.values())
    rows: list[Row] = []
    for group in (("crawl", "load", "read"), ("build", "test", "check"), ("export",), ("switch",)):
        kills = [_kill(point, chance) for point in SHARES if point in group for _ in range(wanted[point])]
        chance.shuffle(kills)
        size = min(in_a_row, IN_A_ROW[kills[0].point])
        for number, start in enumerate(range(0, len(kills), size)):
            is_whole = kills[0].point not in STAGE_OF or number % WHOLE_RERUN == 0
            rows.append(Row(tuple(kills[start : start + size]), chance.choice(bases), is_whole))
    chance.shuffle(rows)
    return rows


def _kill(point: Point, chance: random.Random) -> Kill:
    victims: tuple[Victims, ...] = ("group", "group", "main")
    if point in ("build", "test"):
        victims = ("group", "main", "dbt")
    elif point == "crawl":
        victims = ("group", "main", "crawl")
    return Kill(point, chance.choice(victims), chance.random(), chance.choice(("before", "after")))


def environment_for(kill: Kill, base: Base, stand: Stand) -> dict[str, str]:
    """What the night that is to die must be told."""
    settings = {} if kill.point == "test" else dict(WITHOUT_TESTS)
    if kill.point == "switch":
        first = next(number for number, line in enumerate(base.calls, 1) if line.startswith("rename "))
        number = first + int(kill.share * (len(base.calls) - first + 1))
        victims = "group" if kill.victims == "group" else "self"
        settings |= {KILL_AT: f"{number} {kill.moment} {victims}", CALLS: str(stand.folder / "calls")}
    return settings


def kill_one(stand: Stand, base: Base, kill: Kill, command: Sequence[str]) -> str | None:
    """Begin a night and kill it; return the stage it died in, None when it had come to its end before.

    Of a child that is killed, the night itself ends as it will.

    Raises:
        EndedBadlyError: it ended otherwise than well before it was killed.
    """
    night = stand.begin(*command, **environment_for(kill, base, stand))
    if kill.point == "switch":
        ended = night.wait()
        return _stage_of(night) if ended.code == -signal.SIGKILL else _too_late(night, kill)
    if not _await(night, kill, base):
        return _too_late(night, kill)
    died_in = _stage_of(night)
    if kill.victims == "group":
        night.kill_group()
    elif kill.victims == "main":
        os.kill(night.pid, signal.SIGKILL)
    else:
        for pid in _child(night, kill.victims):
            os.kill(pid, signal.SIGKILL)
    night.wait()
    return died_in


def _too_late(night: Night, kill: Kill) -> None:
    ended = night.wait()
    if ended.code != 0:
        raise EndedBadlyError(
            f"before {kill} a night ended by itself in {_stage_of(night)}, exit code {ended.code}: {ended.words}"
        )


def _stage_of(night: Night) -> str:
    stages = night.stages()
    return stages[-1][0] if stages else "start"


def _await(night: Night, kill: Kill, base: Base) -> bool:
    """Wait until a night has come to the point; return whether it still runs."""
    reached: float | None = None
    delay = kill.share * base.seconds.get(NAME_OF.get(kill.point, kill.point), 0.0)
    while night.poll() is None:
        if reached is None and _has_come_to(night, kill):
            reached = time.monotonic()
        if reached is not None and time.monotonic() - reached >= delay:
            return True
        time.sleep(POLL_SECONDS)
    return False


def _has_come_to(night: Night, kill: Kill) -> bool:
    names = [name for name, _ in night.stages()]
    if kill.point != "test":
        return NAME_OF.get(kill.point, kill.point) in names
    log = night.stand.home / "logs" / "night.log"
    written = log.read_text(encoding="utf-8", errors="replace") if log.exists() else ""
    return "build" in names and written.count(MARK_OF_TEST) > kill.share * TESTS


def _child(night: Night, kind: str) -> Iterator[int]:
    """Yield the living child of a kind, waiting for it to begin."""
    words = {"dbt": ("pipelines.dbt_process",), "crawl": ("scrapers", "crawl")}[kind]
    deadline = time.monotonic() + CHILD_SECONDS
    while time.monotonic() < deadline and night.poll() is None:
        found = night.children(*words)
        if found:
            yield from found
            return
        time.sleep(POLL_SECONDS)
