"""``fazhi review`` and the table of decisions: what is shown, what is written, what is refused."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import duckdb
import pytest
from typer.testing import CliRunner, Result

from pipelines import cli_review, decisions
from pipelines.cli import app
from pipelines.cli_common import Exit
from pipelines.decisions import Decision, DecisionError, Guard, load_decisions
from pipelines.release_contract import read_contract
from warehouse.paths import HOME_VARIABLE, Home

PAGE = "http://www.example.gov.cn/1.html"
PLAIN = {
    "document_id": "d",
    "report_id": "government:350123:2023",
    "report_year": 2023,
    "region_code": "350123",
    "region_name": "罗源县",
    "indicator_code": "RR_CLOSED",
    "value": 49,
    "value_text": "49",
    "unit": "件",
    "sentence": "办结49件。",
    "url": PAGE,
    "is_current": True,
    "confidence": 0.5,
    "confidence_final": 0.5,
    "signals": "origin=list_item",
    "rule": "RR_CLOSED.1",
    "line": 3,
}
TYPES = {"string": "varchar", "integer": "bigint", "number": "double", "boolean": "boolean"}
NUMBERS: tuple[Mapping[str, Any], ...] = (
    {"observation_id": "low", "tidy_exclusion": "low_confidence"},
    {"observation_id": "twin", "tidy_exclusion": "low_confidence"},
    {"observation_id": "other", "value_text": "45", "sentence": "办结45件,“其中”\n2件。", "confidence_final": 0.9},
    {"observation_id": "plan", "indicator_code": "LIT_CASES", "tidy_exclusion": "plan"},
    {"observation_id": "old", "document_id": "e", "is_current": False, "tidy_exclusion": "older_version"},
    {"observation_id": "bell", "sentence": "办结\x0749件。"},
    {"observation_id": "endless", "sentence": "办" * 1_000_000},
)
WAITING: tuple[Mapping[str, Any], ...] = (
    {"observation_id": "low", "reason": "low_confidence", "doubts": "an item of a list (-1.50)", "char_start": 1},
    {"observation_id": "low", "reason": "conflicting_statements", "conflicting_values": "other=45", "char_start": 1},
    {"observation_id": "far", "reason": "broken_identity", "region_code": "510500", "report_year": 2017, "value": 1}
    | {"broken_identities": "RR_CLOSED_BY_OUTCOME", "sentence": "收案1件。", "value_text": "1"},
)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    """A home whose latest release has numbers and some that wait, and an empty table of decisions."""
    home = Home(tmp_path)
    folder = home.exports / "2026-01-05-a"
    folder.mkdir(parents=True)
    (home.exports / "latest").symlink_to(folder.name)
    shapes = read_contract().shapes
    with duckdb.connect(str(folder / "fazhi.duckdb")) as connection:
        for name, rows in (("fct_observation", NUMBERS), ("fct_review", WAITING)):
            columns = {key: TYPES[field.type] for key, field in shapes[name].fields.items()}
            connection.execute(f"create table {name} ({', '.join(f'{key} {kind}' for key, kind in columns.items())})")
            for row in rows:
                values = {key: value for key, value in {**PLAIN, **row}.items() if key in columns}
                marks = ", ".join(f"${key}" for key in values)
                connection.execute(f"insert into {name} ({', '.join(values)}) values ({marks})", values)  # noqa: S608
    table = tmp_path / "corrections.csv"
    table.write_text(",".join(decisions.COLUMNS) + "\n", encoding="utf-8")
    monkeypatch.setattr(cli_review, "DECISIONS", table)
    monkeypatch.setenv(HOME_VARIABLE, str(tmp_path))
    return home


def table_of(home: Home) -> Path:
    return home.path / "corrections.csv"


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["review", *arguments])


def listed(*arguments: str) -> list[tuple[str, str]]:
    result = run("list", "--json", *arguments)
    assert result.exit_code == 0, result.output
    return [(row["id"], row["reason"]) for row in json.loads(result.stdout)]


LOW = [("d/low", "low_confidence"), ("d/low", "conflicting_statements")]
FAR = [("d/far", "broken_identity")]


@pytest.mark.parametrize(
    ("arguments", "found"),
    [
        ([], {*LOW, *FAR}),
        (["--reason", "low_confidence"], {LOW[0]}),
        (["--region", "35"], {*LOW}),
        (["--region", "3"], {*LOW}),
        (["--year", "2017"], {*FAR}),
        (["--indicator", "RR_CLOSED", "--year", "2023"], {*LOW}),
        (["--indicator", "NO_SUCH"], set()),
        (["--region", "' or true --"], set()),
    ],
)
def test_list_shows_what_waits(home: Home, arguments: list[str], found: set[tuple[str, str]]) -> None:
    assert set(listed(*arguments)) == found


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["list"], 0, "d/low  罗源县 2023  RR_CLOSED = 49件  0.50"),
        (["list"], 0, "an item of a list (-1.50)"),
        (["list"], 0, "does not add up: RR_CLOSED_BY_OUTCOME"),
        (["list", "--limit", "1"], 0, "and 2 more"),
        (["list", "--indicator", "NO_SUCH"], 0, "Nothing waits."),
        (["list", "--reason", "doubt"], 2, "one of low_confidence"),
        (["show", "d/low"], 0, "stated otherwise: other=45"),
        (["show", "d/low"], 0, "also d/other"),
        (["show", "d/plan"], 0, "left out as: plan"),
        (["show", "d/nowhere"], 2, "no number d/nowhere"),
        (["decide", "d/low", "confirm", "--reason", "seen"], 0, "run --only build"),
        (["decide", "d/low", "confirm", "--reason", "seen"], 0, "1 more in this sentence"),
        (["decide", "d/other", "drop", "--reason", "of last year"], 0, "drop: d/other"),
        (["decide", "d/low", "override", "--value", "0", "--reason", "none"], 0, "override"),
    ],
)
def test_commands_answer(home: Home, arguments: list[str], code: int, said: str) -> None:
    result = run(*arguments)
    assert result.exit_code == code, result.output
    assert said in result.output


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["d/nowhere", "drop"], "no number d/nowhere"),
        (["d/low", "keep"], "one of confirm"),
        (["d/low", "override"], "override needs --value"),
        (["d/low", "drop", "--value", "1"], "drop takes no --value"),
        (["d/low", "scale", "--value", "0"], "not a number that scale can use"),
        (["d/low", "override", "--value", "-1"], "not a number that override can use"),
        (["d/low", "override", "--value", "inf"], "not a number that override can use"),
        (["d/low", "override", "--value", "nan"], "not a number that override can use"),
        (["d/low", "drop", "--reason", " "], "needs a reason"),
        (["d/low", "drop", "--evidence", "see the page"], "must be the address of a page"),
        (["d/low", "drop", "--replace", "0123456789ab"], "no decision 0123456789ab"),
        (["d/plan", "confirm"], "confirming changes nothing"),
        (["e/old", "drop"], "not the current one"),
        (["d/bell", "drop"], "control character"),
        (["d/endless", "drop"], "1,000,000 characters long"),
    ],
)
def test_what_cannot_be_decided_is_refused_and_nothing_written(home: Home, arguments: list[str], said: str) -> None:
    before = table_of(home).read_bytes()
    given = arguments if "--reason" in arguments else [*arguments, "--reason", "why"]
    result = run("decide", *given)
    assert result.exit_code == Exit.BAD_INPUT, result.output
    assert said in result.output
    assert table_of(home).read_bytes() == before


def test_a_decision_is_a_row_with_its_guard_and_leaves_the_list(home: Home) -> None:
    result = run("decide", "d/other", "override", "--value", "47", "--reason", "a  slip\nof the page", "--json")
    assert json.loads(result.stdout)["numbers"] == 1
    assert run("decide", "d/low", "confirm", "--reason", "seen").exit_code == 0
    guard = Guard(PAGE, "RR_CLOSED", "", "45", "办结45件,“其中”\n2件。")
    first, second = load_decisions(table_of(home))
    assert first == Decision(guard.correction_id, guard, "override", 47.0, "a slip of the page", PAGE)
    assert (second.action, second.guard.expect_sentence) == ("confirm", "办结49件。")
    assert listed() == FAR
    assert "2 more are decided" in run("list").output
    assert "decided: confirm (seen)" in run("show", "d/low").output


def test_a_note_settles_nothing(home: Home) -> None:
    assert run("decide", "d/low", "flag", "--reason", "ask the county").exit_code == 0
    assert set(listed()) == {*LOW, *FAR}


def test_deciding_anew_takes_the_place_of_the_first(home: Home) -> None:
    first = json.loads(run("decide", "d/low", "confirm", "--reason", "seen", "--json").stdout)["correction_id"]
    again = run("decide", "d/low", "drop", "--reason", "seen better")
    assert again.exit_code == Exit.BAD_INPUT
    assert f"--replace {first}" in again.output
    assert run("decide", "d/low", "drop", "--reason", "seen better", "--replace", first).exit_code == 0
    assert [each.action for each in load_decisions(table_of(home))] == ["drop"]


HEAD = ",".join(decisions.COLUMNS)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("url,action\n", "the columns must be"),
        ("\ufeff" + HEAD + "\n", "the columns must be"),
        (f"{HEAD}\na,b\n", "line 2: a row has 10 cells"),
        (f"{HEAD}\n1,2,3,4,5,6,7,8,9,10,11\n", "line 2: a row has 10 cells"),
        (f"{HEAD}\nc,{PAGE},A,,7,s,override,many,why,{PAGE}\n", "'many' is no number"),
        (f'{HEAD}\n"c', "unexpected end of data"),
    ],
)
def test_a_damaged_table_is_named_with_its_line(tmp_path: Path, content: str, said: str) -> None:
    path = tmp_path / "corrections.csv"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(DecisionError, match=said):
        load_decisions(path)


def test_the_kept_table_can_be_read_and_every_name_is_used_once() -> None:
    names = [each.correction_id for each in load_decisions()]
    assert len(set(names)) == len(names)


def test_without_a_release_it_says_how_to_make_one(home: Home, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv(HOME_VARIABLE, str(tmp_path / "empty"))
    result = run("list")
    assert result.exit_code == Exit.FAILED
    assert "fazhi run" in result.output
