"""Accuracy floors: what each labelled document is read with at least, in a table that only ever rises.

The table ``floors.csv`` lies beside the gold and has one row for a document and a measure. Measures are made from
scores here, compared with the table and raised in it; scoring itself, and saying where reading fell short, are not.
A measure that cannot be taken (an empty denominator) has no row.
"""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from pipelines.evaluation.gold import GoldError
from pipelines.evaluation.scoring import Score, Share

FLOORS_FILE = "floors.csv"
COLUMNS = ("document", "measure", "floor")
# Floors are written with so many decimals, rounded down; a tenth of a fact in a thousand is never in doubt.
DECIMALS = 4

Floors = Mapping[tuple[str, str], float]


@dataclass(frozen=True)
class Shortfall:
    """A measure that does not stand on its floor.

    ``measured`` is None where the measure can no longer be taken, ``floor`` None where the table has no row for it.
    """

    document: str
    measure: str
    floor: float | None
    measured: float | None

    def __str__(self) -> str:
        if self.floor is None:
            return f"{self.document}: {self.measure} is {self.measured:.4f} and has no floor"
        if self.measured is None:
            return f"{self.document}: {self.measure} is no longer measured; its floor is {self.floor}"
        return f"{self.document}: {self.measure} fell to {self.measured:.4f}, below its floor {self.floor}"


def measures(score: Score) -> dict[str, float | None]:
    """The measures that have floors, by name, each 0-1 and better when higher; None where the denominator is empty."""
    fields = sum(score.fields.values(), Share())
    left_alone = score.non_facts - score.non_facts_extracted
    return {
        "candidate_precision": score.candidate.precision,
        "candidate_recall": score.candidate.recall,
        "code_accuracy": score.code.rate,
        "coded_f1": score.coded.f1,
        "core_coded_f1": score.core_coded.f1,
        **{f"{name}_accuracy": share.rate for name, share in score.attributes.items()},
        **{f"{name}_f1": counts.f1 for name, counts in score.flags.items()},
        "parent_f1": score.parent.f1,
        "non_facts_left_alone": Share(left_alone, score.non_facts).rate,
        "document_fields": fields.rate,
        "headings_f1": score.headings.f1,
        "topic_accuracy": score.topics.rate,
    }


def measure_all(by_document: Mapping[str, Score]) -> dict[tuple[str, str], float]:
    """The measures that could be taken of all documents, as :func:`shortfalls` and :func:`raised` want them."""
    return {
        (name, measure): value
        for name, each in by_document.items()
        for measure, value in measures(each).items()
        if value is not None
    }


def read_floors(path: Path) -> dict[tuple[str, str], float]:
    """Read the table of floors; a file that is not there has none.

    Raises:
        GoldError: the header is another, a row has a floor that is no number from 0 to 1, or stands twice.
    """
    if not path.exists():
        return {}
    rows = csv.reader(io.StringIO(path.read_text(encoding="utf-8")))
    if tuple(next(rows, ())) != COLUMNS:
        raise GoldError(f"{path}:1: the header must be {','.join(COLUMNS)}")
    floors: dict[tuple[str, str], float] = {}
    for row in rows:
        where = f"{path}:{rows.line_num}"
        if len(row) != len(COLUMNS):
            raise GoldError(f"{where}: {len(COLUMNS)} cells are expected, not {len(row)}")
        document, measure, floor = row
        if (document, measure) in floors:
            raise GoldError(f"{where}: a second floor of {measure} for {document}")
        floors[document, measure] = _parse_floor(floor, where)
    return floors


def _parse_floor(cell: str, where: str) -> float:
    try:
        floor = float(cell)
    except ValueError:
        floor = math.nan
    if not 0 <= floor <= 1:
        raise GoldError(f"{where}: the floor {cell!r} is no number from 0 to 1")
    return floor


def shortfalls(floors: Floors, measured: Floors) -> list[Shortfall]:
    """Every measure below its floor or without one, and every floor whose measure is gone, by document."""
    return [
        Shortfall(*key, floors.get(key), measured.get(key))
        for key in sorted({*floors, *measured})
        if key not in floors or key not in measured or _rounded_down(measured[key]) < floors[key]
    ]


def raised(floors: Floors, measured: Floors) -> dict[tuple[str, str], float]:
    """The floors, each lifted to what was measured where that is higher, and new ones; none is lowered or dropped."""
    return {key: max(floors.get(key, 0.0), _rounded_down(measured.get(key, 0.0))) for key in {*floors, *measured}}


def write_floors(path: Path, floors: Floors) -> None:
    """Write the table, sorted, so that a change of one floor is one line of a diff."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows((*key, f"{floors[key]:.{DECIMALS}f}".rstrip("0").rstrip(".")) for key in sorted(floors))
    path.write_text(text.getvalue(), encoding="utf-8")


def _rounded_down(value: float) -> float:
    """Cut to ``DECIMALS``, sparing the dust of binary fractions (0.29 * 100 is 28.999…)."""
    scale: int = 10**DECIMALS
    return math.floor(value * scale + 1e-9) / scale
