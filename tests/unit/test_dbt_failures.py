"""What a failed test of the dbt project is said to have found: place, demand, rows by their key, what to do."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest

from pipelines.dbt_failures import CELL_LENGTH, ROWS_SHOWN, demand_of, failed_tests, look_at

MODEL = "model.fazhi.fct_report"
SEED = "seed.fazhi.topics"
IN_MODEL = {"attached_node": MODEL, "original_file_path": "models/marts/_marts.yml"}


def a_test(name: str, column: str | None = None, asked: str = MODEL, **kwargs: Any) -> dict[str, Any]:
    """A test as dbt's manifest holds it."""
    given = {**kwargs, **({"column_name": column} if column else {})}
    return {
        **IN_MODEL,
        "resource_type": "test",
        "name": name,
        "attached_node": asked,
        "column_name": column,
        "test_metadata": {"name": name, "kwargs": given},
        "depends_on": {"nodes": [asked]},
    }


SINGULAR = {
    "resource_type": "test",
    "name": "sums",
    "raw_code": "{{ config(severity='warn', meta={'dagster': {'ref': {'name': 'x'}}}) }}\n"
    "-- Sums must add up,\n-- in every report.\nselect 1",
    "original_file_path": "tests/sums.sql",
    "depends_on": {"nodes": [MODEL]},
}
MANIFEST: dict[str, Any] = {
    "nodes": {
        MODEL: {
            "resource_type": "model",
            "schema": "marts",
            "alias": "fct_report",
            "original_file_path": "models/marts/fct_report.sql",
        },
        SEED: {"resource_type": "seed", "schema": "seeds", "alias": "topics", "original_file_path": "seeds/topics.csv"},
        "key": a_test("unique_together", columns=["region_code", "report_year"]),
        "not_null": a_test("not_null", "title"),
        "unique": a_test("unique", "title"),
        "values": a_test("accepted_values", "level", values=["county", "city"]),
        "relation": a_test("relationships", "region_code", to="ref('dim_region')", field="region_code"),
        "every": a_test("holds_for_every_row", expression='"characters" > 0'),
        "year": a_test("year_within_reach", "report_year"),
        "seed": a_test("not_null", "name", asked=SEED),
        "sums": SINGULAR,
    }
}
QUESTIONS = {
    "key": "select region_code, report_year, count(*) as row_count from marts.fct_report group by all "
    "having count(*) > 1",
    "not_null": "select title from marts.fct_report where title is null",
    "unique": "select title as unique_field, count(*) as n_records from marts.fct_report group by title "
    "having count(*) > 1 and title is not null",
    "values": "select level as value_field, count(*) as n_records from marts.fct_report group by level "
    "having level not in ('county', 'city')",
    "relation": "select region_code as from_field from marts.fct_report where region_code = '999999' -- a comment",
    "every": 'select * from marts.fct_report where not coalesce("characters" > 0, false)',
    "year": "select report_year from marts.fct_report where report_year < 2004",
    "seed": "select name from seeds.topics where name is null",
    "sums": "select region_code, 5 as off_by from marts.fct_report where report_year = 2001",
}


@pytest.fixture(scope="module")
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    """A small mart and a small seed with every fault."""
    with duckdb.connect() as connection:
        connection.execute("create schema marts; create schema seeds")
        connection.execute("create table seeds.topics as select null::varchar as name")
        connection.execute(
            "create table marts.fct_report(region_code varchar, report_year int, title varchar, level varchar, "
            "characters int, body varchar)"
        )
        connection.executemany(
            "insert into marts.fct_report values (?, ?, ?, ?, ?, 'long and not asked for')",
            [
                ("350123", 2020, None, "county", 9),
                ("350124", 2020, None, "county", 9),
                ("350125", 2020, None, "county", 9),
                ("350126", 2020, None, "county", 9),
                ("510000", 2021, "报告", "moon", 9),
                ("510000", 2021, "报告", "moon", 9),
                ("999999", 2021, "另一份", "city", 9),
                ("110000", 2001, "\x1b[31m" + "长" * 500, "city", 0),
            ],
        )
        yield connection


@pytest.mark.parametrize(
    ("name", "place", "rows"),
    [
        (
            "key",
            "marts.fct_report, column region_code, report_year:",
            ("region_code=510000, report_year=2021, row_count=2",),
        ),
        (
            "not_null",
            "marts.fct_report, column title: a value must be there",
            tuple(f"region_code=35012{n}, report_year=2020, title=NULL" for n in (3, 4, 5)),
        ),
        ("unique", "column title:", ("region_code=510000, report_year=2021, title=报告 (2 rows)",)),
        (
            "values",
            "column level: only these values are known: county, city",
            ("region_code=510000, report_year=2021, level=moon (2 rows)",),
        ),
        ("relation", "must be in ref('dim_region'), column region_code", ("region_code=999999, report_year=2021",)),
        (
            "every",
            'marts.fct_report: in every row this must hold: "characters" > 0',
            ("region_code=110000, report_year=2001, characters=0",),
        ),
        ("year", "column report_year:", ("region_code=110000, report_year=2001",)),
        ("seed", "seeds.topics, column name:", ("name=NULL",)),
        ("sums", "marts.fct_report: Sums must add up, in every report.", ("region_code=110000, off_by=5",)),
    ],
)
def test_rows_are_named_by_their_key(
    connection: duckdb.DuckDBPyConnection, name: str, place: str, rows: tuple[str, ...]
) -> None:
    nodes = {key: node for key, node in MANIFEST["nodes"].items() if key in (MODEL, SEED, "key", name)}
    found = look_at(connection, {"nodes": nodes}, name, QUESTIONS[name], 7)
    assert found.message.startswith("7 rows of ")
    assert place in found.message
    assert found.rows == rows
    path = "seeds/topics.csv" if name == "seed" else "models/marts/fct_report.sql"
    assert f"dbt_project/{path}" in found.to_do


def test_what_is_shown_is_bounded_and_harmless(connection: duckdb.DuckDBPyConnection) -> None:
    question = "select title as unique_field, 1 as n_records from marts.fct_report where report_year = 2001"
    (row,) = look_at(connection, MANIFEST, "unique", question, 1).rows
    assert row.isprintable()
    assert len(row) < CELL_LENGTH * 3
    many = "select range as off_by, * from range(1000), marts.fct_report"
    found = look_at(connection, MANIFEST, "sums", many, 1000)
    assert len(found.rows) == ROWS_SHOWN


def test_a_question_that_cannot_be_asked_again_says_so(connection: duckdb.DuckDBPyConnection) -> None:
    (row,) = look_at(connection, MANIFEST, "sums", "select * from marts.gone", 1).rows
    assert row.startswith("the rows cannot be shown: ")


@pytest.mark.parametrize("test", [a_test("dance", "title"), {**SINGULAR, "raw_code": "select 1"}])
def test_a_test_without_words_is_refused(test: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"no words|does not begin with a comment"):
        demand_of(test)


def test_only_tests_that_are_not_green_are_asked_again(tmp_path: Path) -> None:
    warehouse = tmp_path / "warehouse.duckdb"
    with duckdb.connect(str(warehouse)) as connection:
        connection.execute("create schema seeds; create table seeds.topics as select null as name")
    results = [
        {"unique_id": "test.fazhi.bad", "status": "fail", "compiled_code": QUESTIONS["seed"], "failures": 1},
        {"unique_id": "test.fazhi.good", "status": "pass", "compiled_code": "broken", "failures": 0},
        {"unique_id": MODEL, "status": "error", "compiled_code": "broken", "failures": None},
    ]
    assert failed_tests(warehouse, tmp_path, MANIFEST) == {}
    (tmp_path / "run_results.json").write_text(json.dumps({"results": results}), encoding="utf-8")
    nodes = {**MANIFEST["nodes"], "test.fazhi.bad": MANIFEST["nodes"]["seed"]}
    found = failed_tests(warehouse, tmp_path, {"nodes": nodes})
    assert {name: each.message for name, each in found.items()} == {
        "test.fazhi.bad": "1 row of seeds.topics, column name: a value must be there"
    }
