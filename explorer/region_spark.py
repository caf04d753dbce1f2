"""Sparklines: where the points of a small plot lie, and which of them a line may join.

Pure geometry. A year without a value is a gap and never a zero; points are joined only from one year to the next.
Plots with axes are in ``charts``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

STEP = 17.0
"""From one year to the next, in pixels."""
HEIGHT = 30.0
MARGIN = 6.0


@dataclass(frozen=True)
class Spark:
    """A sparkline.

    Attributes:
        width, height: of the picture, in pixels.
        places: where the value of a year lies: (x, y), by year.
        runs: points of the lines, as SVG writes them; a single year makes none.
        breaks: x of the lines between two years where another code begins to speak.
    """

    width: float
    height: float
    places: Mapping[int, tuple[float, float]]
    runs: tuple[str, ...]
    breaks: tuple[float, ...]


def spark(values: Mapping[int, float], years: Sequence[int], changes: Sequence[int] = ()) -> Spark:
    """Return the sparkline of values by year.

    Args:
        values: by year; years that are missing stay gaps.
        years: all years that the plot spans, in order.
        changes: years that begin with another code; the line goes on, and a mark stands before them.
    """
    top = max(values.values(), default=0.0)
    places: dict[int, tuple[float, float]] = {}
    runs: list[list[int]] = []
    for year in years:
        if year not in values:
            continue
        share = values[year] / top if top > 0 else 0.0
        x = round(MARGIN + STEP * (year - years[0]), 1)
        places[year] = (x, round(HEIGHT - MARGIN - share * (HEIGHT - 2 * MARGIN), 1))
        if runs and runs[-1][-1] == year - 1:
            runs[-1].append(year)
        else:
            runs.append([year])
    return Spark(
        width=2 * MARGIN + STEP * max(len(years) - 1, 0),
        height=HEIGHT,
        places=places,
        runs=tuple(" ".join("{},{}".format(*places[year]) for year in run) for run in runs if len(run) > 1),
        breaks=tuple(round(MARGIN + STEP * (year - years[0] - 0.5), 1) for year in changes if year in years),
    )
