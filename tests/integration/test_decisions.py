"""Decisions from the file that ``fazhi review decide`` writes to the marts: applied where they fit, else an issue."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest
from dbt_runs import run_dbt

from pipelines.decisions import COLUMNS, Action, Guard, decide, record
from warehouse.publish import open_marts

PORTAL = "http://127.0.0.1"
# Name, document (none: an address that was never read), observation whose guard is taken, what is expected instead
DECISIONS: tuple[tuple[str, str, str | None, dict[str, str], Action], ...] = (
    ("of another number", "luoyuan", "o0", {"expect_value_text": "50"}, "confirm"),
    ("of another sentence", "luoyuan", "o3", {"expect_sentence": "共 18 件。"}, "drop"),
    ("of nothing there", "luoyuan", "o0", {"indicator_code": "LIT_CASES"}, "flag"),
    (
        "of no page",
        "luoyuan",
        "o0",
        {"url": f"{PORTAL}/never.html", "expect_sentence": "他说,\"是\"\n共'1'件。"},
        "drop",
    ),
    ("drops", "000_45de09a4bdc649cd", "000-191", {}, "drop"),
    ("confirms", "000_45de09a4bdc649cd", None, {}, "confirm"),
)


def guards(connection: duckdb.DuckDBPyConnection) -> Iterator[tuple[str, Guard, Action]]:
    """The decisions, with the guards of the numbers as they stand in the warehouse."""
    query = (
        "select url, indicator_code, coalesce(dimension, '') as dimension, value_text as expect_value_text, "
        "sentence as expect_sentence from marts.fct_observation where document_id = $document "
        "and (observation_id = $number or ($number is null and indicator_code = 'DIGI_SYSTEMS_MIGRATED' "
        "and value_text = '260'))"
    )
    for name, document, number, other, action in DECISIONS:
        relation = connection.execute(query, {"document": document, "number": number})
        names = [column[0] for column in relation.description]
        found: Any = relation.fetchone()
        yield name, Guard(**{**dict(zip(names, found, strict=True)), **other}), action


@pytest.fixture(scope="module")
def ids() -> dict[str, str]:
    """Names of the decisions by what they are for; filled when they are written."""
    return {}


@pytest.fixture(scope="module")
def marts(
    tmp_path_factory: pytest.TempPathFactory, sample_warehouse: Path, dbt_target: Path, ids: dict[str, str]
) -> Iterator[duckdb.DuckDBPyConnection]:
    """The marts of the sample built again with decisions, their table loaded as dbt loads a seed."""
    folder = tmp_path_factory.mktemp("decided")
    table, path = folder / "corrections.csv", folder / "warehouse.duckdb"
    table.write_text(",".join(COLUMNS) + "\n", encoding="utf-8")
    shutil.copy(sample_warehouse, path)
    with duckdb.connect(str(path)) as connection:
        for name, guard, action in list(guards(connection)):
            decision = decide(guard, action, None, f"a number, {name}", f"{PORTAL}/evidence.html")
            record(decision, table)
            ids[decision.correction_id] = name
        connection.execute(f"copy seeds.corrections from '{table}' (format csv, header true, delimiter ',')")
        assert connection.execute(
            "select count(*), count(dimension) > 0, bool_or(contains(expect_sentence, chr(10))) from seeds.corrections"
        ).fetchall() == [(len(DECISIONS), False, True)]
    chosen = ("--select", "int_correction_match+", "--exclude-resource-type", "unit_test")
    result = run_dbt(path, dbt_target, "build", *chosen, "--indirect-selection", "cautious")
    assert result.returncode == 0, result.stdout
    with open_marts(path) as connection:
        yield connection


@pytest.mark.parametrize(
    ("name", "kind", "severity", "said"),
    [
        ("of another number", "correction_stale", "error", "the report states 49 now"),
        ("of another sentence", "correction_stale", "error", "states it in another sentence now"),
        ("of nothing there", "correction_stale", "error", "states no such number now"),
        ("of no page", "correction_without_page", "warn", "no page of this address is known"),
    ],
)
def test_a_decision_that_fits_nothing_is_an_issue(
    marts: duckdb.DuckDBPyConnection, ids: dict[str, str], name: str, kind: str, severity: str, said: str
) -> None:
    found = {
        ids[message.split()[1]]: (kind, severity, message)
        for kind, severity, message in marts.execute(
            "select kind, severity, message from marts.fct_data_issue where origin = 'correction'"
        ).fetchall()
    }
    assert set(found) == {each[0] for each in DECISIONS if each[0] not in {"drops", "confirms"}}
    assert found[name][:2] == (kind, severity)
    assert said in found[name][2]


def test_what_a_stale_decision_was_about_waits(marts: duckdb.DuckDBPyConnection) -> None:
    waiting = marts.execute(
        "select observation_id, indicator_code from marts.fct_review where reason = 'stale_correction' order by all"
    ).fetchall()
    assert waiting == [("o0", "RR_CLOSED"), ("o3", "RR_UPHELD")]
    assert marts.execute(
        "select count(*) from marts.fct_region_year_indicator where region_code = '350123' "
        "and indicator_code in ('RR_CLOSED', 'RR_UPHELD')"
    ).fetchall() == [(0,)]


def test_dropping_or_confirming_settles_a_contradiction(marts: duckdb.DuckDBPyConnection) -> None:
    assert marts.execute(
        "select count(*) from marts.fct_review where reason = 'conflicting_statements'"
    ).fetchall() == [(0,)]
    assert marts.execute(
        "select indicator_code, value_text, has_conflict from marts.fct_region_year_indicator "
        "where indicator_code in ('DIGI_DEPTS_MIGRATED', 'DIGI_SYSTEMS_MIGRATED') order by all"
    ).fetchall() == [("DIGI_DEPTS_MIGRATED", "100", False), ("DIGI_SYSTEMS_MIGRATED", "260", True)]
    assert marts.execute(
        "select indicator_code, issue.value, severity from marts.fct_data_issue as issue "
        "inner join marts.fct_observation as number on issue.document_id = number.document_id "
        "and starts_with(issue.observation_ids, number.observation_id || ';') where kind = 'conflicting_statements'"
    ).fetchall() == [("DIGI_SYSTEMS_MIGRATED", "260", "info")]
