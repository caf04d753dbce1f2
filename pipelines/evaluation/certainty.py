"""Whether confidence means what it says: of the observations at 0.9, nine in ten should be right.

Arithmetic on pairs of a confidence and whether the observation was right; what right means is scoring, showing is
rendering.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

Certain = tuple[float, bool]
"""Confidence of an observation, 0 to 1, and whether gold says that it is right."""

EDGES = (0.0, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 1.0)
"""Where the bins begin, and where the last one ends; narrow above, where nearly all observations are."""
SURE = 0.9
"""From here on an observation counts as sure: of these at least 97 in 100 must be right."""


@dataclass(frozen=True)
class Bin:
    """The observations of one range of confidence: from ``low`` to below ``high`` (the last one to ``high``)."""

    low: float
    high: float
    count: int
    right: int
    confidence: float

    @property
    def share(self) -> float | None:
        """How many of them are right, 0-1; None for an empty bin."""
        return self.right / self.count if self.count else None

    def to_json(self) -> dict[str, float | None]:
        """Bounds, number, mean confidence and share right."""
        mean = self.confidence / self.count if self.count else None
        return {"low": self.low, "high": self.high, "count": self.count, "confidence": mean, "right": self.share}


@dataclass(frozen=True)
class Certainty:
    """How confidence and truth go together over many observations."""

    bins: tuple[Bin, ...]
    sure: Bin
    brier: float | None
    error: float | None

    def to_json(self) -> dict[str, Any]:
        """``sure`` is what stands at 0.9 or above, ``brier`` the mean squared error, ``ece`` the mean gap in bins."""
        return {
            "sure": self.sure.to_json(),
            "brier": self.brier,
            "ece": self.error,
            "bins": [each.to_json() for each in self.bins],
        }


def certainty_of(certain: Sequence[Certain]) -> Certainty:
    """Sum up observations: bins, the share right at 0.9 and above, Brier score and expected calibration error."""
    bins = tuple(_bin(certain, low, high) for low, high in pairwise(EDGES))
    brier = sum((confidence - is_right) ** 2 for confidence, is_right in certain) / len(certain) if certain else None
    error = sum(abs(each.confidence - each.right) for each in bins) / len(certain) if certain else None
    return Certainty(bins, _bin(certain, SURE, EDGES[-1]), brier, error)


def _bin(certain: Sequence[Certain], low: float, high: float) -> Bin:
    inside = [each for each in certain if low <= each[0] and (each[0] < high or high == EDGES[-1])]
    return Bin(low, high, len(inside), sum(is_right for _, is_right in inside), sum(each for each, _ in inside))
