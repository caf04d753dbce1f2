"""What a night tells whoever watches it: the stage it is in and how far it has come.

The steps of the night report here whatever runs them; the command line installs a reporter that draws bars, the
daemon leaves the silent one. No output of its own and no knowledge of what a stage does.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol


class Reporter(Protocol):
    """Somebody who watches a night."""

    def stage(self, name: str, total: int | None) -> None:
        """A stage begins; ``total`` is the number of steps it will report, None when it cannot say."""
        ...

    def advance(self, steps: int) -> None:
        """So many steps of the present stage are done."""
        ...


class Silent:
    """A reporter that says nothing."""

    def stage(self, name: str, total: int | None) -> None:
        """Say nothing."""

    def advance(self, steps: int) -> None:
        """Say nothing."""


_reporters: list[Reporter] = [Silent()]


@contextmanager
def reporting_to(reporter: Reporter) -> Iterator[None]:
    """Let this reporter watch for the length of a ``with`` block."""
    _reporters.append(reporter)
    try:
        yield
    finally:
        _reporters.remove(reporter)


def stage(name: str, total: int | None = None) -> None:
    """Say that a stage begins."""
    _reporters[-1].stage(name, total)


def advance(steps: int = 1) -> None:
    """Say that steps of the present stage are done."""
    _reporters[-1].advance(steps)
