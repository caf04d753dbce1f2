"""What a process of a disturbed night does differently: its clock, its death at a chosen call, its stages told aloud.

Everything is asked for by the environment, so that it reaches the children of a night too. Nothing of the product is
replaced but the clock that its modules read. No judgement here: what is disturbed and what must come of it is said by
the drills.
"""

from __future__ import annotations

import importlib.abc
import importlib.machinery
import os
import signal
import sys
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType
from typing import Any

CLOCK = "CHAOS_CLOCK"
"""The moment (ISO 8601) that every clock of the project shows, for the length of the night."""
STAGES = "CHAOS_STAGES"
"""The file that a night writes the names of its stages to."""
CALLS = "CHAOS_CALLS"
"""The file that the main process of a night notes down its calls to the file system in: one line "CALL NAME" each."""
KILL_AT = "CHAOS_KILL_AT"
""""NUMBER before|after group|self": which of these calls is the last, and who dies with it."""

PACKAGES = ("scrapers", "pipelines", "warehouse")
# The calls that make files final: what lies between two of them is a state that a reader or a restart may meet.
WATCHED = ("rename", "replace", "symlink", "unlink", "rmdir", "fsync")
# Where they count: the folders whose content must be whole at every moment, below the data home.
PLACES = ("exports",)


class _AnyMoment(type):
    def __instancecheck__(cls, value: object) -> bool:
        return isinstance(value, datetime)


class StoppedClock(datetime, metaclass=_AnyMoment):
    """Stands for ``datetime`` in the project's modules: makes the same moments, but ``now`` is always the same."""

    def __new__(cls, *values: Any, **named: Any) -> datetime:  # type: ignore[misc]
        """Make an ordinary moment."""
        return datetime(*values, **named)  # noqa: DTZ001 - the caller's business

    @classmethod
    def now(cls, tz: Any = None) -> datetime:  # type: ignore[override]
        """Return the moment of the environment."""
        return datetime.fromisoformat(os.environ[CLOCK]).astimezone(tz or UTC)


class _ClockSetter(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Imports the project's modules as ever, and hands each that has a clock the stopped one."""

    def find_spec(
        self, name: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        """Find a module of the project where it is."""
        if name.partition(".")[0] not in PACKAGES:
            return None
        spec = importlib.machinery.PathFinder.find_spec(name, path, target)
        if spec is not None and spec.loader is not None:
            loader: Any = spec.loader
            execute = loader.exec_module

            def exec_module(module: ModuleType) -> None:
                execute(module)
                stop_clock(module)

            loader.exec_module = exec_module
        return spec


def stop_clock(module: ModuleType) -> None:
    """Hand a module the stopped clock, if it has one."""
    if getattr(module, "datetime", None) is datetime:
        module.datetime = StoppedClock  # type: ignore[attr-defined]


def set_clock() -> None:
    """Let the clocks of this process show the moment of the environment."""
    if CLOCK in os.environ:
        for name, module in list(sys.modules.items()):
            if name.partition(".")[0] in PACKAGES:
                stop_clock(module)
        sys.meta_path.insert(0, _ClockSetter())


def watch_calls() -> None:
    """Note down the calls of this process that make files final, if asked to, and die at the one that is named."""
    if CALLS not in os.environ:
        return
    number, moment, victims = os.environ.get(KILL_AT, "0 before self").split()
    home = os.environ["FAZHI_HOME"]
    counted = 0

    def watched(name: str, original: Callable[..., Any]) -> Callable[..., Any]:
        def call(*values: Any, **named: Any) -> Any:
            nonlocal counted
            # A link is made with two names, of which the second is the file.
            place = place_of(values[1] if name == "symlink" else values[0], home)
            if place is None:
                return original(*values, **named)
            counted += 1
            is_last = counted == int(number)
            say(CALLS, f"{name} {place}")
            if is_last and moment == "before":
                die(victims)
            try:
                return original(*values, **named)
            finally:
                if is_last:  # also after a call that failed, as taking away what is not there
                    die(victims)

        return call

    for name in WATCHED:
        setattr(os, name, watched(name, getattr(os, name)))


def place_of(subject: object, home: str) -> str | None:
    """Return the name, below the data home, of the file that a call is about; None for files that do not count."""
    try:
        name = (
            Path(f"/proc/self/fd/{subject}").readlink() if isinstance(subject, int) else Path(str(subject)).absolute()
        )
        inside = name.relative_to(home)
    except (OSError, ValueError):
        return None
    return str(inside) if inside.parts and inside.parts[0] in PLACES else None


def die(victims: str) -> None:
    """Kill this process, or all of the night, as nobody can refuse."""
    if victims == "group":
        os.killpg(0, signal.SIGKILL)
    os.kill(os.getpid(), signal.SIGKILL)


def say(variable: str, line: str) -> None:
    """Append a line to the file that the environment names; the process may be killed right after."""
    log = os.open(os.environ[variable], os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        os.write(log, f"{line}\n".encode())
    finally:
        os.close(log)
