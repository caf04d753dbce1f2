"""Where the reference tables lie and how one is read; no meaning of any table belongs here.

The tables are the seeds of the dbt project, so that Python and SQL read the same rows.
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path

SEEDS_DIR = Path(__file__).resolve().parents[2] / "dbt_project" / "seeds"


def read_table(path: Path, columns: Sequence[str]) -> list[dict[str, str]]:
    """Read a CSV table whose header must hold the named columns.

    Args:
        path: a UTF-8 CSV file with a header.
        columns: the names that must be there; others are kept too.

    Returns:
        One dict a row; cells are stripped strings, empty where nothing is stated.

    Raises:
        ValueError: a column is missing or a row has too many or too few cells; names file and row.
    """
    with path.open(encoding="utf-8-sig", newline="") as handle:
        reader = csv.DictReader(handle)
        missing = [name for name in columns if name not in (reader.fieldnames or ())]
        if missing:
            raise ValueError(f"{path.name}: missing column {', '.join(missing)}")
        rows: list[dict[str, str]] = []
        for number, row in enumerate(reader, start=2):
            if None in row or None in row.values():
                raise ValueError(f"{path.name}, row {number}: wrong number of cells")
            rows.append({key: value.strip() for key, value in row.items()})
    return rows
