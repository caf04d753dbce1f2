"""What the explorer asks of the nightly job: how the last nights went, what waits for a person, and decisions.

Only the questions stand here. Whoever starts the explorer brings the answers (``pipelines.explorer_desk``), so that
the explorer itself depends on releases alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol


class DecisionRefusedError(ValueError):
    """A decision cannot be taken; the message says why."""


@dataclass(frozen=True)
class Decision:
    """What a person decided on one number.

    Attributes:
        document_id: the document it stands in.
        observation_id: the number.
        action: confirm, override, scale, drop or flag.
        value: the new value or factor, as typed; empty where the action takes none.
        reason: why.
        evidence: address of what shows it; may be empty.
        decided_by: who.
    """

    document_id: str
    observation_id: str
    action: str
    value: str
    reason: str
    evidence: str
    decided_by: str


class Desk(Protocol):
    """The nightly job, as the explorer sees it."""

    def morning(self) -> Mapping[str, Any]:
        """Return the morning summary of the last night, as ``fazhi status --morning --json`` prints it."""

    def nights(self, limit: int) -> list[Mapping[str, Any]]:
        """Return the last nights, newest first: run_id, started_at, finished_at, status, message."""

    def decided(self) -> Mapping[tuple[str, str], str]:
        """Return the action decided for (document_id, observation_id), of decisions not yet in a release too."""

    def decide(self, decision: Decision) -> str:
        """Write a decision into the file of decisions; return what was written, in a line.

        Raises:
            DecisionRefusedError: it cannot be taken.
        """
