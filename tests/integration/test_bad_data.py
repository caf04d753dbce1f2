"""Raw rows that are bad in every way known: each ends as an issue or holds the release back, none in the tidy table."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest
from dbt_runs import run_dbt
from gold_warehouse import LUOYUAN, REGION_KEYS, Raw, add_document, add_observation, sample
from sqlalchemy.exc import IntegrityError

from pipelines.dbt_failures import FailedTest, demand_of, failed_tests
from warehouse.publish import open_marts

BAD_YEARS = (("ancient", 1066), ("future", 2099), ("negative", -1), ("vast", 10**12), ("yearless", None))
# Name, indicator, value, and what else is bad about it; all of the report of 罗源县.
BAD_NUMBERS: tuple[tuple[str, str, float, dict[str, Any]], ...] = (
    ("no-code", "", 5, {}),
    ("strange-code", "NO_SUCH_CODE", 5, {}),
    ("code-of-sql", "'; drop table raw.document; --", 5, {}),
    ("billion", "LIT_CASES", 1e9, {}),
    ("beyond", "LIT_CASES", 1e15, {}),
    ("below", "LIT_CASES", -1, {}),
    ("infinite", "LIT_CASES", float("inf"), {}),
    ("bell", "LIT_CASES", 5, {"sentence": "共\x075件。"}),
    ("zero-byte-escape", "LIT_CASES", 5, {"unit": "件\x1b[31m"}),
    ("formula", "LIT_CASES", 5, {"sentence": '=HYPERLINK("http://127.0.0.1","5件")'}),
    ("formula-part", "LIT_CASES", 5, {"dimension": "@SUM(A1:A9)"}),
    ("endless", "LIT_CASES", 5, {"sentence": "共5件," * 250_000}),
)
KINDS = {
    "no-code": "unknown_indicator",
    "strange-code": "unknown_indicator",
    "code-of-sql": "unknown_indicator",
    "billion": "implausible_value",
    "beyond": "impossible_value",
    "below": "impossible_value",
    "infinite": "impossible_value",
    "bell": "damaged_text",
    "zero-byte-escape": "damaged_text",
    "formula": "damaged_text",
    "formula-part": "damaged_text",
    "endless": "damaged_text",
}


def bad() -> Raw:
    """The sample, with bad rows beside the good ones."""
    raw = sample()
    for name, year in BAD_YEARS:
        add_document(raw, name, "luoyuan", {**LUOYUAN, "report_year": year}, f"{name}。")
        add_observation(raw, name, "o1", "LIT_CASES", 666)
    for name, code, value, more in BAD_NUMBERS:
        add_observation(raw, "luoyuan", name, code, value, **more)
    page = next(row["url"] for row in raw.tables["document"] if row["document_id"] == "luoyuan")
    text = "共49件。" * 20
    # The same report twice, word for word, and once with other numbers; an earlier text of the page itself.
    add_document(raw, "copy", "suining", LUOYUAN, text)
    add_observation(raw, "copy", "o1", "RR_CLOSED", 49)
    add_document(raw, "liar", "suining", LUOYUAN, "共666件。")
    add_observation(raw, "liar", "o1", "RR_CLOSED", 666)
    add_document(raw, "before", "luoyuan", LUOYUAN, "共667件。", night=-1, url=page)
    add_observation(raw, "before", "o1", "RR_CLOSED", 667)
    return raw


@pytest.fixture(scope="session")
def marts(tmp_path_factory: pytest.TempPathFactory, dbt_target: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """The marts of the bad rows, built with the tests that could hold them back: none does."""
    path = tmp_path_factory.mktemp("bad") / "warehouse.duckdb"
    bad().load(path)
    result = run_dbt(path, dbt_target, "build", "--exclude-resource-type", "unit_test")
    assert result.returncode == 0, result.stdout
    with open_marts(path) as connection:
        yield connection


def issues(marts: duckdb.DuckDBPyConnection, condition: str, *values: object) -> list[tuple[str, str]]:
    query = f"select kind, severity from marts.fct_data_issue where {condition} order by all"  # noqa: S608
    return marts.execute(query, list(values)).fetchall()


@pytest.mark.parametrize("name", sorted(KINDS))
def test_a_bad_number_is_an_issue(marts: duckdb.DuckDBPyConnection, name: str) -> None:
    assert issues(marts, "document_id = 'luoyuan' and observation_ids = ?", name) == [(KINDS[name], "error")]


@pytest.mark.parametrize(("name", "year"), BAD_YEARS)
def test_a_report_of_an_impossible_year_is_an_issue(
    marts: duckdb.DuckDBPyConnection, name: str, year: int | None
) -> None:
    kind = "year_unknown" if year is None else "year_impossible"
    assert issues(marts, "document_id = ?", name) == [(kind, "error")]


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("copy", [("report_at_several_addresses", "info")]),
        ("liar", [("report_at_several_addresses", "info"), ("versions_disagree", "warn")]),
        ("before", [("versions_disagree", "warn")]),
    ],
)
def test_reports_given_twice_are_issues(
    marts: duckdb.DuckDBPyConnection, name: str, found: list[tuple[str, str]]
) -> None:
    assert issues(marts, "document_id = ?", name) == found


def test_nothing_bad_is_in_the_tidy_table(marts: duckdb.DuckDBPyConnection) -> None:
    tidy = "select document_id, chosen_observation_id from marts.fct_region_year_indicator where region_code = '350123'"
    chosen = marts.execute(tidy).fetchall()
    assert {document for document, _ in chosen} == {"luoyuan"}
    assert not {number for _, number in chosen} & set(KINDS)
    assert marts.execute(
        "select count(*) from marts.fct_region_year_indicator where value in (666, 667)"
    ).fetchall() == [(0,)]


def test_no_issue_repeats_a_megabyte(marts: duckdb.DuckDBPyConnection) -> None:
    assert marts.execute("select max(length(sentence)) <= 10000 from marts.fct_data_issue").fetchall() == [(True,)]


def test_what_is_no_number_is_refused_at_the_door(tmp_path: Path) -> None:
    raw = sample()
    add_observation(raw, "luoyuan", "none", "LIT_CASES", float("nan"))
    with pytest.raises(IntegrityError, match=r"observation\.value"):
        raw.load(tmp_path / "warehouse.duckdb")


def spoiled() -> Raw:
    """The sample with rows that no reading makes: of no document, of a type and of a region that do not exist."""
    raw = sample()
    add_observation(raw, "nowhere", "o1", "LIT_CASES", 5)
    add_observation(raw, "luoyuan", "odd", "LIT_CASES", 5, value_type="guess")
    region = {**{key: key for key in REGION_KEYS}, "code": "999999", "level": "county"}
    add_document(raw, "atlantis", "luoyuan", {**LUOYUAN, "region": region}, "共5件。")
    add_observation(raw, "atlantis", "o1", "LIT_CASES", 5)
    return raw


@pytest.fixture(scope="session")
def failed(tmp_path_factory: pytest.TempPathFactory, dbt_target: Path) -> dict[str, FailedTest]:
    """The tests that hold the spoiled rows back, with what they found."""
    path = tmp_path_factory.mktemp("spoiled") / "warehouse.duckdb"
    spoiled().load(path)
    assert run_dbt(path, dbt_target, "build", "--exclude-resource-type", "test", "unit_test").returncode == 0
    target = tmp_path_factory.mktemp("spoiled-target")
    chosen = ("stg_observation", "fct_observation", "fct_report")
    assert run_dbt(path, target, "test", "--select", *chosen, "--exclude-resource-type", "unit_test").returncode == 1
    manifest = json.loads((target / "manifest.json").read_text(encoding="utf-8"))
    return {unique_id.split(".")[2]: found for unique_id, found in failed_tests(path, target, manifest).items()}


@pytest.mark.parametrize(
    ("name", "message", "row"),
    [
        (
            "relationships_stg_observation_document_id__document_id__ref_stg_document_",
            "1 row of staging.stg_observation, column document_id: every value must be in ref('stg_document')",
            "document_id=nowhere, observation_id=o1",
        ),
        (
            "accepted_values_fct_observation_value_type__count__ratio__amount__zero",
            "1 row of marts.fct_observation, column value_type: only these values are known: count, ratio, amount",
            "document_id=luoyuan, observation_id=odd, value_type=guess (1 rows)",
        ),
        (
            "relationships_fct_report_region_code__region_code__ref_dim_region_",
            "1 row of marts.fct_report, column region_code: every value must be in ref('dim_region')",
            "document_id=atlantis, region_code=999999",
        ),
    ],
)
def test_rows_that_no_reading_makes_hold_the_release_back_and_are_named(
    failed: dict[str, FailedTest], name: str, message: str, row: str
) -> None:
    found = failed[name]
    assert found.message.startswith(message)
    assert found.rows == (row,)
    assert f"dbt_project/models/{found.table.replace('.', '/')}.sql" in found.to_do


def test_every_test_of_the_project_says_what_it_demands(dbt_target: Path, marts: duckdb.DuckDBPyConnection) -> None:
    assert marts is not None  # its build has written the manifest
    nodes = json.loads((dbt_target / "manifest.json").read_text(encoding="utf-8"))["nodes"].values()
    assert all(demand_of(node) for node in nodes if node["resource_type"] == "test")
