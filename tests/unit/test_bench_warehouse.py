"""The benchmark of the warehouse: its data follow from their seed, its figures are what was measured."""

from __future__ import annotations

import json
from random import Random
from typing import Any

import duckdb
import pytest
from typer.testing import CliRunner

from pipelines import bench_warehouse
from pipelines.bench_warehouse import wanted
from pipelines.bench_warehouse_data import YEARS, governments, reports, stamp, templates
from pipelines.bench_warehouse_memory import resident, watched
from pipelines.bench_warehouse_steps import BenchError, Clock, Cost, models_in_order, statements_of_tests
from pipelines.bench_warehouse_text import changed_text
from pipelines.cli_bench import app
from pipelines.rows import Rows, Versions

FIGURES = {
    "dbt_slowest": {"int_observation": 12.5},
    "build_ratio": 1.4,
    "build_ratio_of_computing": 1.5,
    "quiet_ratio": 1.1,
    "quiet_ratio_of_computing": 1.2,
    "peak_memory_gib": 2.8,
}


@pytest.fixture(scope="module")
def readings() -> list[Rows]:
    return templates(Versions("1", "1"))


def test_reports_follow_from_count_and_seed() -> None:
    first, again, other = reports(350, 1), reports(350, 1), reports(350, 2)
    assert first == again
    assert first != other
    assert len({(each.government.code, each.year) for each in first}) == 350
    assert {each.year for each in first} == set(YEARS)
    assert len({each.capture_id for each in first}) == len(first) > 350


def test_no_more_governments_than_there_are() -> None:
    assert len({each.code for each in governments(3_000)}) == 3_000
    with pytest.raises(ValueError, match="99999 governments are asked for"):
        governments(99_999)


def test_a_stamped_reading_is_that_of_its_report(readings: list[Rows]) -> None:
    report = reports(350, 1)[7]
    stamped = [stamp(readings[0], report, Random(3)) for _ in range(2)]  # noqa: S311
    assert stamped[0] == stamped[1]
    rows = stamped[0]
    assert rows.document[0]["region_code"] == report.government.code
    assert rows.document[0]["report_year"] == report.year
    for name, table in rows.by_table().items():
        assert {row["document_id"] for row in table} <= {report.capture_id}, name
        assert [row.keys() for row in table[:1]] == [row.keys() for row in getattr(readings[0], name)[:1]], name
    ids = {row["observation_id"] for row in rows.observation}
    assert 0 < len(ids) < len(readings[0].observation)
    assert {row["parent_id"] for row in rows.observation} <= ids | {None}
    text = rows.document[0]["text"]
    for row in rows.observation:
        assert text[row["char_start"] : row["char_end"]] == row["value_text"]
        assert text[row["sentence_start"] :].startswith(row["sentence"])
    assert all(text[row["char_start"] : row["char_end"]] == row["text"] for row in rows.item)
    assert all(text[row["char_start"] : row["char_end"]] == row["cited_as"] for row in rows.citation)


def test_figures_are_exchanged_and_everything_stands_where_it_says(readings: list[Rows]) -> None:
    for reading in readings:
        same = changed_text(reading.document[0]["text"], reading.observation, 1)
        assert same.text == reading.document[0]["text"]
        assert [same.observation(row) for row in reading.observation] == reading.observation
        assert [same.section(row) for row in reading.section] == reading.section
    row = {"char_start": 3, "char_end": 5, "value_type": "count", "value": 70.0, "value_text": "70"}
    row |= {"sentence": "新收70件", "sentence_start": 1}
    changed = changed_text("。新收70件。", [row], 20)
    assert changed.text == "。新收1400件。"
    moved = changed.observation(row)
    assert (moved["value"], moved["value_text"], moved["sentence"], moved["char_end"]) == (
        1400,
        "1400",
        "新收1400件",
        7,
    )


def test_models_come_after_what_they_read() -> None:
    def node(name: str, *reads: str, code: str | None = "select 1") -> dict[str, Any]:
        return {
            "resource_type": "model",
            "relation_name": name,
            "depends_on": {"nodes": [*reads, "seed.fazhi.s"]},
            "config": {"materialized": "table"},
            "compiled_code": code,
        }

    nodes = {"c": node("c", "b"), "a": node("a"), "b": node("b", "a"), "seed.fazhi.s": {"resource_type": "seed"}}
    assert models_in_order({"nodes": nodes}) == [f"create table {name} as select 1" for name in "abc"]
    with pytest.raises(BenchError, match="d has not been compiled"):
        models_in_order({"nodes": {"d": node("d", code=None)}})


def test_tests_are_counted_as_dbt_counts_them() -> None:
    nodes = {"t": {"resource_type": "test", "name": "t", "compiled_code": "select 1 as failing -- all of them"}}
    assert [duckdb.sql(each).fetchall() for each in statements_of_tests({"nodes": nodes})] == [[(1,)]]
    nodes["t"]["compiled_code"] = ""
    with pytest.raises(BenchError, match="t has not been compiled"):
        statements_of_tests({"nodes": nodes})


def test_memory_and_time_are_those_of_the_block() -> None:
    clock = Clock()
    with watched() as peak, clock("sum"):
        sum(range(100_000))
    assert 0 < resident() < 1 << 40
    assert peak.gib >= 0
    assert clock.costs["sum"].clock > 0
    assert Cost(1, 2) - Cost(3, 1) == Cost(0, 1)


@pytest.mark.parametrize("options", [["--json"], []])
def test_figures_are_shown(options: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[int, int]] = []

    def run(count: int, seed: int, _say: object) -> dict[str, Any]:
        asked.append((count, seed))
        return FIGURES

    monkeypatch.setattr(bench_warehouse, "run_warehouse_bench", run)
    result = CliRunner().invoke(app, ["warehouse", "--reports", "700", "--seed", "4", *options])
    assert (result.exit_code, asked) == (0, [(700, 4)])
    if options:
        assert json.loads(result.output) == FIGURES
    else:
        for name, value, limit in wanted(FIGURES):
            line = next(line for line in result.output.splitlines() if name.replace("_", " ") + " " in line)
            assert [str(value), "≤", str(limit)] == line.split()[-3:]


def test_a_failed_step_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise BenchError("dbt build failed")

    monkeypatch.setattr(bench_warehouse, "run_warehouse_bench", fail)
    result = CliRunner().invoke(app, ["warehouse"])
    assert result.exit_code == 1
    assert "dbt build failed" in result.output
