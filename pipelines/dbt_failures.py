"""What a failed test of the dbt project found: the table, the column, what was demanded, a few rows, what to do.

dbt itself says only how many rows a test found. Here its compiled question is asked again for the first few of them,
when dbt has ended and before anything else is done to the warehouse; a row is named by the key that the project's own
tests declare for its table. Nothing is judged here, and Dagster is not known; see ``assets.py`` for the wiring.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from warehouse.duck import open_engine

RESULTS = "run_results.json"
ROWS_SHOWN = 3
CELLS_SHOWN = 8
CELL_LENGTH = 60

# The name that dbt's own tests give to the column that they look at.
RENAMED = {"unique": "unique_field", "accepted_values": "value_field", "relationships": "from_field"}
# The tests that declare what names a row of their table.
KEY_TESTS = frozenset({"unique", "unique_together"})
# What dbt's own tests call the number of rows that hold the value.
COUNT_NAME = "n_records"
WORD = re.compile(r"\w+")  # the words of an expression: "right" <= observed
COMMENT = re.compile(r"\A(?:\s*--[^\n]*\n)+")  # -- A correction whose page no longer states the number it expects;
CONFIG = re.compile(r"\{\{\s*config\(.*?\)\s*\}\}", re.DOTALL)  # {{ config(severity='warn') }}

SEED_ADVICE = "mend these rows of {path}, then: fazhi run --only build"
MODEL_ADVICE = (
    "see what {path} makes of these rows: a number read wrongly is put right with fazhi review or in "
    "corrections.csv, a page read wrongly with fazhi run --only read; then fazhi run --only build. A row that no page "
    "explains is a fault of the model: report it with this message"
)


@dataclass(frozen=True)
class FailedTest:
    """What a failed test found.

    Attributes:
        table: the table that it asked, with its schema.
        columns: the columns that it is about, joined by ", "; empty when it is about whole rows.
        demand: what it demands of every row.
        rows: the first offending rows, each with its key and what is wrong, at most ``ROWS_SHOWN``.
        count: how many rows it found.
        to_do: what to do about it.
    """

    table: str
    columns: str
    demand: str
    rows: tuple[str, ...]
    count: int
    to_do: str

    @property
    def message(self) -> str:
        """The finding in a sentence."""
        place = f"{self.table}, column {self.columns}" if self.columns else self.table
        return f"{self.count} {'row' if self.count == 1 else 'rows'} of {place}: {self.demand}"


def failed_tests(warehouse: Path, target: Path, manifest: Mapping[str, Any]) -> dict[str, FailedTest]:
    """Return what the failed tests of the last dbt command found, by the test's unique id.

    Args:
        warehouse: the file that dbt built; nobody may be writing to it.
        target: dbt's target folder, with the results of the command.
        manifest: the project's manifest.
    """
    path = target / RESULTS
    if not path.exists():  # dbt was ended before its last word
        return {}
    results = json.loads(path.read_text(encoding="utf-8"))["results"]
    failed = [each for each in results if each["status"] in ("fail", "warn") and each["unique_id"].startswith("test.")]
    if not failed:
        return {}
    engine = open_engine(warehouse, read_only=True)
    try:
        with engine.connect() as connection:
            driver: Any = connection.connection.driver_connection
            return {
                each["unique_id"]: look_at(driver, manifest, each["unique_id"], each["compiled_code"], each["failures"])
                for each in failed
            }
    finally:
        engine.dispose()


def look_at(connection: Any, manifest: Mapping[str, Any], test_id: str, compiled: str, count: int) -> FailedTest:
    """Ask a failed test again for its first rows, and say what they are."""
    test = manifest["nodes"][test_id]
    asked_id = test.get("attached_node") or test["depends_on"]["nodes"][0]
    asked = manifest["nodes"][asked_id]
    metadata = test.get("test_metadata") or {"name": test["name"], "kwargs": {}}
    kwargs = metadata["kwargs"]
    columns = tuple(kwargs.get("columns") or filter(None, [test.get("column_name")]))
    table = f"{asked['schema']}.{asked['alias']}"
    advice = SEED_ADVICE if asked["resource_type"] == "seed" else MODEL_ADVICE
    try:
        rows = tuple(_rows(connection, table, metadata["name"], kwargs, compiled, keys_of(manifest, asked_id, test_id)))
    except duckdb.Error as error:
        rows = (_cut(f"the rows cannot be shown: {error}"),)
    return FailedTest(
        table=table,
        columns=", ".join(columns),
        demand=demand_of(test),
        rows=rows,
        count=count,
        to_do=advice.format(path=f"dbt_project/{asked['original_file_path']}"),
    )


def keys_of(manifest: Mapping[str, Any], table_id: str, failed_id: str) -> tuple[str, ...]:
    """Return the columns that name a row of a table, as its other tests declare; the shortest key, or none."""
    keys = [
        tuple(test["test_metadata"]["kwargs"].get("columns") or [test["column_name"]])
        for test_id, test in manifest["nodes"].items()
        if test_id != failed_id
        and test["resource_type"] == "test"
        and test.get("attached_node") == table_id
        and test["test_metadata"]["name"] in KEY_TESTS
    ]
    return min(keys, key=lambda key: (len(key), key), default=())


def demand_of(test: Mapping[str, Any]) -> str:
    """Say what a test demands; one that the project does not know by name says it in the comment that it begins with.

    Raises:
        ValueError: a test of a kind that has no words here, and no comment.
    """
    metadata = test.get("test_metadata")
    if metadata is None:
        comment = COMMENT.match(CONFIG.sub("", test["raw_code"]).lstrip())
        if comment is None:
            raise ValueError(f"{test['original_file_path']} does not begin with a comment that says what it demands")
        return " ".join(line.strip().removeprefix("--").strip() for line in comment[0].splitlines()).strip()
    kwargs = metadata["kwargs"]
    words = {
        "not_null": "a value must be there",
        "unique": "a value must not occur twice",
        "unique_together": "these columns together must name one row",
        "accepted_values": f"only these values are known: {', '.join(map(str, kwargs.get('values', ())))}",
        "relationships": f"every value must be in {kwargs.get('to', '')}, column {kwargs.get('field', '')}",
        "holds_for_every_row": f"in every row this must hold: {kwargs.get('expression', '')}",
        "year_within_reach": "the year must lie between the first possible report and the newest page",
    }
    if metadata["name"] not in words:
        raise ValueError(f"the test {metadata['name']} of {test['original_file_path']} has no words in dbt_failures.py")
    return words[metadata["name"]]


def _rows(
    connection: Any, table: str, kind: str, kwargs: Mapping[str, Any], compiled: str, keys: Sequence[str]
) -> Iterator[str]:
    column: str | None = kwargs.get("column_name")
    if kind == "not_null":
        yield from _holders(connection, table, str(column), None, keys, ROWS_SHOWN)
        return
    # A test of a column gives a value once for each row that holds it. The line break ends a comment of the question.
    each = "distinct *" if column else "*"
    found = connection.execute(f"select {each} from (\n{compiled}\n) order by all limit {ROWS_SHOWN}")  # noqa: S608
    names = [described[0] for described in found.description]
    told = {*keys, *WORD.findall(kwargs["expression"])} if "expression" in kwargs else set(names)
    for values in found.fetchall():
        row = dict(zip(names, values, strict=True))
        if column is None:
            yield _shown({name: value for name, value in row.items() if name in told})
        else:
            (holder,) = _holders(connection, table, column, row[RENAMED.get(kind, column)], keys, 1)
            times = f" ({row[COUNT_NAME]} rows)" if COUNT_NAME in row else ""
            yield f"{holder}{times}"


def _holders(connection: Any, table: str, column: str, value: object, keys: Sequence[str], limit: int) -> Iterator[str]:
    """Yield the first rows of a table that hold a value, by their key."""
    wanted = list(dict.fromkeys([*keys, column]))
    chosen = ", ".join(f'"{name}"' for name in wanted)
    query = f'select {chosen} from {table} where "{column}" is not distinct from ? order by all limit {limit}'  # noqa: S608
    for values in connection.execute(query, [value]).fetchall():
        yield _shown(dict(zip(wanted, values, strict=True)))


def _shown(row: Mapping[str, Any]) -> str:
    cells = [f"{name}={_cut('NULL' if value is None else str(value))}" for name, value in row.items()]
    more = f", and {len(cells) - CELLS_SHOWN} more columns" if len(cells) > CELLS_SHOWN else ""
    return ", ".join(cells[:CELLS_SHOWN]) + more


def _cut(text: str) -> str:
    """Return a text in one line of bounded length, with nothing in it that a terminal would obey."""
    flat = "".join(each if each.isprintable() else " " for each in text)
    return flat if len(flat) <= CELL_LENGTH else flat[:CELL_LENGTH] + "…"
