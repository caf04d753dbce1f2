"""What the explorer asks of the nightly job: how the last nights went, what waits for a person, and decisions.

Only the questions stand here. Whoever starts the explorer brings the answers (``pipelines.explorer_desk``), so that
the explorer itself depends on releases alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


class DeskError(RuntimeError):
    """Something cannot be told now; the message says what and why."""


class DecisionRefusedError(ValueError):
    """A decision cannot be taken; the message says why."""


@dataclass(frozen=True)
class Morning:
    """The morning summary of the last night.

    Attributes:
        is_red: whether it needs attention.
        headline: one line.
        came: what came, by name.
        failed: what failed, and why: red checks and warnings, steps, sources.
        to_do: what to do.
    """

    is_red: bool
    headline: str
    came: Mapping[str, int]
    failed: tuple[tuple[str, str], ...]
    to_do: tuple[str, ...]


@dataclass(frozen=True)
class Night:
    """A night, or a part of one, on record.

    Attributes:
        run_id: its name in Dagster.
        job: what ran.
        status: how it ended: published, unchanged, done, withheld, failed, bad_input or locked.
        ended_at: when.
        captures_new: new captures; None when it did not crawl.
        pages_read: pages read; None when it read none.
        red: red checks.
        warned: checks that warned.
        failures: steps that failed, and why.
    """

    run_id: str
    job: str
    status: str
    ended_at: datetime
    captures_new: int | None
    pages_read: int | None
    red: int
    warned: int
    failures: tuple[str, ...]


@dataclass(frozen=True)
class Source:
    """A source and when it last gave a page.

    Attributes:
        source_id: its id.
        name: its name.
        last_good_at: the last attempt that gave a page or said that nothing changed; None when none did.
        last_outcomes: outcomes of its attempts in the last run that asked it.
        is_failing: whether that run gave nothing.
    """

    source_id: str
    name: str
    last_good_at: datetime | None
    last_outcomes: tuple[str, ...]
    is_failing: bool


@dataclass(frozen=True)
class NumberKey:
    """By what a number is known again: address, indicator and dimension, number and sentence as printed."""

    url: str
    indicator_code: str
    dimension: str
    value_text: str
    sentence: str


@dataclass(frozen=True)
class Decided:
    """A decision that stands in the file of decisions.

    Attributes:
        decision_id: its name.
        action: what was decided.
        value: the new number or the factor, as written; empty where the action takes none.
        reason: why.
        evidence: address of what shows it.
    """

    decision_id: str
    action: str
    value: str
    reason: str
    evidence: str


@dataclass(frozen=True)
class Decision:
    """What a person decides on one number.

    Attributes:
        document_id: the document it stands in.
        observation_id: the number.
        action: one of the actions of the desk.
        value: the right number or the factor; None where the action takes none.
        reason: why.
        evidence: address of what shows it; empty for the page of the report.
        decided_by: who.
        replacing: the name of an earlier decision whose place it takes; None for a first one.
    """

    document_id: str
    observation_id: str
    action: str
    value: float | None
    reason: str
    evidence: str
    decided_by: str
    replacing: str | None


class Desk(Protocol):
    """The nightly job, as the explorer sees it."""

    @property
    def actions(self) -> Mapping[str, bool]:
        """The actions that can be decided, and whether each takes a value."""

    def morning(self) -> Morning:
        """Return the morning summary of the last night.

        Raises:
            DeskError: a record is damaged, or the ledger cannot be read.
        """

    def nights(self, limit: int) -> Sequence[Night]:
        """Return the last nights on record, newest first.

        Raises:
            DeskError: a record is damaged.
        """

    def sources(self) -> Sequence[Source]:
        """Return the sources, those that fail first; then those that gave nothing for longest.

        Raises:
            DeskError: the ledger cannot be read.
        """

    def decided(self) -> Mapping[NumberKey, Decided]:
        """Return what was decided on which numbers, whether a release holds it already or not.

        Raises:
            DeskError: the file of decisions cannot be read.
        """

    def decide(self, decision: Decision) -> str:
        """Write a decision into the file of decisions; return its name.

        Raises:
            DecisionRefusedError: it cannot be taken.
            DeskError: the file, or the release, cannot be read or written.
        """
