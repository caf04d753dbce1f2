"""Confidence as arithmetic: what the signals of an observation come to by a table of weights.

Each signal takes one of a few values ("context=paragraph"); the table ``confidence_weights.csv`` gives each value
a weight in log-odds, and the confidence is what their sum means as a probability. The weights are fitted on gold by
:mod:`pipelines.calibration`; which signals fire is said by :mod:`pipelines.extraction.signals`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

Signals = tuple[tuple[str, str], ...]

BASE = ("base", "all")
"""The signal that every observation has: the log-odds that all start from."""
SEPARATOR = "; "
"""Between the signals of an observation as they are stored: "origin=rule; context=sentence"."""

MOST_PATTERNS = 4096
"""So many combinations of signals are remembered; a thousand reports show a few hundred."""


@dataclass(frozen=True)
class ConfidenceTable:
    """The weights of ``confidence_weights.csv``: log-odds by signal and value."""

    weights: Mapping[tuple[str, str], float]
    _known: dict[Signals, tuple[float, str]] = field(default_factory=dict, init=False, repr=False, compare=False)

    def confidence(self, signals: Signals) -> float:
        """Probability, 0 to 1 with two decimals, that an observation with these signals is right.

        Raises:
            KeyError: the table has no weight for a signal's value.
        """
        return self.weighed(signals)[0]

    def weighed(self, signals: Signals) -> tuple[float, str]:
        """The same probability, and the signals as they are stored with it.

        Raises:
            KeyError: the table has no weight for a signal's value.
        """
        known = self._known.get(signals)
        if known is None:
            odds = self.weights[BASE] + sum(self.weights[signal] for signal in signals)
            # Rounded down: 0.8999 must not pass for 0.90.
            known = math.floor(100 / (1 + math.exp(-odds))) / 100, write_signals(signals)
            if len(self._known) < MOST_PATTERNS:
                self._known[signals] = known
        return known


def write_signals(signals: Signals) -> str:
    """Return signals as they are stored with an observation."""
    return SEPARATOR.join(f"{name}={value}" for name, value in signals)


def read_signals(text: str) -> Signals:
    """Return the signals that :func:`write_signals` wrote."""
    pairs = (part.partition("=") for part in text.split(SEPARATOR) if part)
    return tuple((name, value) for name, _, value in pairs)
