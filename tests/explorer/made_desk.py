"""A desk that says what a test gives it, and remembers what was decided. Not a test."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from explorer.desk import Decided, Decision, DecisionRefusedError, DeskError, Morning, Night, NumberKey, Source

LONG_AGO = datetime(2020, 1, 2, 3, 4, tzinfo=UTC)
MORNING = Morning(
    is_red=True,
    headline="[RED] the release was withheld",
    came={"sources asked": 5, "something new": 7},
    failed=(("red check fct_report.reports_kept", "3 rows <b>fewer</b>"),),
    to_do=("fazhi status",),
)
NIGHT = Night("0123456789abcdef", "nightly", "withheld", LONG_AGO, 12, None, 1, 2, ("read: no memory",))
SOURCES = (
    Source("lu-zhou", "泸州市人民政府网", None, ("blocked:rs_412",), is_failing=True),
    Source("silent", "久无音信", LONG_AGO, ("unchanged",), is_failing=False),
    Source("well", "正常", datetime.now(UTC), ("fetched",), is_failing=False),
)


@dataclass
class MadeDesk:
    """What it tells; a text in place of an answer is why it cannot be told."""

    morning_told: Morning | str = MORNING
    nights_told: Sequence[Night] | str = (NIGHT,)
    sources_told: Sequence[Source] | str = SOURCES
    decided_told: Mapping[NumberKey, Decided] | str = field(default_factory=dict)
    refuses: str | None = None
    taken: list[Decision] = field(default_factory=list)

    @property
    def actions(self) -> Mapping[str, bool]:
        """Two actions, one of which takes a value."""
        return {"confirm": False, "override": True}

    def morning(self) -> Morning:
        """The summary given."""
        if isinstance(self.morning_told, str):
            raise DeskError(self.morning_told)
        return self.morning_told

    def nights(self, limit: int) -> Sequence[Night]:
        """The nights given."""
        if isinstance(self.nights_told, str):
            raise DeskError(self.nights_told)
        return self.nights_told[:limit]

    def sources(self) -> Sequence[Source]:
        """The sources given."""
        if isinstance(self.sources_told, str):
            raise DeskError(self.sources_told)
        return self.sources_told

    def decided(self) -> Mapping[NumberKey, Decided]:
        """The decisions given."""
        if isinstance(self.decided_told, str):
            raise DeskError(self.decided_told)
        return self.decided_told

    def decide(self, decision: Decision) -> str:
        """Remember it, or refuse."""
        if self.refuses:
            raise DecisionRefusedError(self.refuses)
        self.taken.append(decision)
        return "0123456789ab"
