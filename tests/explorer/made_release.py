"""Releases made of rows that a test writes down: folders with a database in the shape of the published contract.

Not a test. What is not given is null; nothing is checked against the models of dbt, so that a test can also give what
they would never let through. The release of the sample night is a fixture of ``conftest.py``.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import duckdb

from warehouse.paths import PROJECT_ROOT
from warehouse.publish import DATABASE
from warehouse.shelf import switch_latest

CONTRACT = PROJECT_ROOT / "dbt_project" / "contract.json"
CREATED = "2026-04-21T02:00:00+00:00"
DUCKDB_TYPES = {
    "string": "varchar",
    "integer": "bigint",
    "number": "double",
    "boolean": "boolean",
    "date": "date",
    "datetime": "timestamp with time zone",
}

Rows = Mapping[str, Iterable[Mapping[str, Any]]]


def make_release(exports: Path, release_id: str, rows: Rows) -> Path:
    """Write a release of some rows by table, let ``latest`` point to it, and return its folder.

    Raises:
        KeyError: the contract has no such table or column.
    """
    folder = exports / release_id
    folder.mkdir(parents=True)
    tables = json.loads(CONTRACT.read_text(encoding="utf-8"))["marts"]
    unknown = set(rows) - set(tables)
    if unknown:
        raise KeyError(f"no such tables: {sorted(unknown)}")
    with duckdb.connect(str(folder / DATABASE)) as database:
        for name, table in tables.items():
            columns = {column: DUCKDB_TYPES[each["type"]] for column, each in table["columns"].items()}
            listed = ", ".join(f'"{column}" {data_type}' for column, data_type in columns.items())
            database.execute(f'create table "{name}" ({listed})')
            for row in rows.get(name, ()):
                if set(row) - set(columns):
                    raise KeyError(f"no such columns of {name}: {sorted(set(row) - set(columns))}")
                places = ", ".join("?" for _ in columns)
                database.execute(
                    f'insert into "{name}" values ({places})',  # noqa: S608 - the contract names the tables
                    [row.get(column) for column in columns],
                )
    package = {"id": release_id, "created": CREATED, "resources": []}
    (folder / "datapackage.json").write_text(json.dumps(package), encoding="utf-8")
    switch_latest(exports, release_id)
    return folder
