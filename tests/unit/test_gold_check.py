"""What ``fazhi gold check`` finds wrong or odd about labels."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from evaluation_samples import FACTS, FIELDS, HEADING, NAME, TEXT, write_gold
from typer.testing import CliRunner

from pipelines.cli import app
from pipelines.evaluate import GoldError
from pipelines.gold_check import Finding, check_folder
from pipelines.gold_text import PlacedText, stands_alone, value_of
from pipelines.reference import load_reference

REFERENCE = load_reference()
REGION = {"code": "510500", "level": "prefecture", "name": "泸州市"}
SUM = {"parent": "s-1", "children": ["s-2", "s-3"], "relation": "partition", "holds": True}
FIELDS_HERE: dict[str, Any] = {**FIELDS, "composed": True, "region": REGION, "parent_child_sums": [SUM]}
FACTS_HERE = [
    {**fact, "value_type": "ratio" if fact["unit"] == "%" else "count", "dimension": None}
    | ({"indicator_code": "ENFO_FILES_EXCELLENT_RATE"} if fact["unit"] == "%" else {})
    for fact in FACTS
]
FACTS_HERE[4]["indicator_code"] = "OTHER"


def check(
    folder: Path, facts: list[Any], fields: Mapping[str, Any] = FIELDS_HERE, suffix: str = ".txt"
) -> list[Finding]:
    return check_folder(write_gold(folder, facts, fields, suffix=suffix), (), REFERENCE)[1]


@pytest.mark.parametrize("suffix", [".txt", ".html"])
def test_sound_labels_have_no_findings(tmp_path: Path, suffix: str) -> None:
    assert check(tmp_path, FACTS_HERE, suffix=suffix) == []


@pytest.mark.parametrize(
    ("index", "changes", "severity", "message"),
    [
        (0, {"sentence": "全年办结行政复议案件9宗。"}, "error", "the sentence is not in the text"),
        (0, {"char_start": 9, "char_end": 10}, "error", "at 9-10 stands"),
        (0, {"line": 3}, "error", "on line 2, not 3"),
        (0, {"value": 8}, "error", "'9' is worth 9, not 8"),
        (0, {"value_max": 12.0}, "error", "do not go together"),
        (0, {"qualifier": "range"}, "error", "do not go together"),
        (0, {"qualifier": "大概"}, "error", "unknown qualifier"),
        (0, {"qualifier": "近"}, "warning", "no word near 9 says 近"),
        (3, {"value_max": 2.0}, "error", "the range ends at 2"),
        (0, {"unit": None}, "error", "no unit"),
        (0, {"unit": "宗"}, "error", "the unit 宗 does not stand behind 9"),
        (0, {"value_type": "number"}, "error", "value_type is 'number'"),
        (0, {"value_type": "zero"}, "error", "value_type zero with the value 9"),
        (0, {"value_type": "amount"}, "warning", "件 is a unit of count"),
        (0, {"indicator_code": "RR_SHUT"}, "error", "no indicator RR_SHUT"),
        (0, {"alt_codes": ["RR_SHUT"]}, "error", "no indicator RR_SHUT"),
        (0, {"parent_id": "s-3"}, "error", "its own parent: s-1 → s-3 → s-1"),
        (0, {"duplicate_of": "s-9"}, "error", "duplicate_of names s-9"),
        (0, {"duplicate_of": "s-1"}, "error", "duplicate_of names s-1"),
        (0, {"period": {"type": "year", "value": "去年"}}, "error", "'去年' is no year"),
        (0, {"section": []}, "warning", f"the headings above are {HEADING}"),
        (1, {"char_start": FACTS[0]["char_start"], "char_end": FACTS[0]["char_end"]}, "error", "stands '9', not '5'"),
        (0, {"indicator_code": "LIT_LOST", "dimension": "一审"}, "warning", "gives LIT_LOST no dimensions"),
    ],
)
def test_a_fault_of_a_fact_is_named(
    tmp_path: Path, index: int, changes: dict[str, Any], severity: str, message: str
) -> None:
    facts = [{**fact, **(changes if at == index else {})} for at, fact in enumerate(FACTS_HERE)]
    found = [each for each in check(tmp_path, facts) if each.where == facts[index]["id"]]
    assert any(message in each.message for each in found), found
    assert severity in {each.severity for each in found}


@pytest.mark.parametrize(
    ("changes", "severity", "where", "message"),
    [
        ({"composed": None}, "warning", "composed", ""),
        ({"is_annual_report": "yes"}, "error", "is_annual_report", "neither true nor false"),
        ({"title": 7}, "error", "title", "no text"),
        ({"report_year": "2017"}, "error", "report_year", "no year"),
        ({"publication_date": "2018年2月"}, "error", "publication_date", "no date"),
        ({"issuer_type": "gov"}, "error", "issuer_type", "none of government"),
        ({"region": "泸州"}, "error", "region", "no object"),
        ({"region": {"code": "999999", "level": "county"}}, "error", "region", "no division"),
        ({"region": {**REGION, "level": "county"}}, "error", "region", "510500 is prefecture"),
        ({"body_last_line": 99}, "error", "body", "none of 6 lines"),
        ({"fact_count": 3}, "error", "fact_count", "there are 6 facts"),
        ({"headings": [{"line": 2, "level": 1, "text": "依法行政"}]}, "error", "headings[0]", "line 2 does not hold"),
        ({"headings": [{"line": 9, "level": 1, "text": "依法行政"}]}, "error", "headings[0]", "line 9"),
        ({"headings": [{**FIELDS["headings"][0], "topic": "LAW"}]}, "error", "headings[0]", "unknown topic"),
        ({"non_facts": [{"type": "slogan", "text": "八个一"}]}, "error", "non_facts[0]", "not in the text"),
        ({"non_facts": [{"type": "name", "text": "案件9件"}]}, "error", "non_facts[0]", "labelled as the fact s-1"),
        ({"non_facts": []}, "warning", f"at {TEXT.index('1名')}", "neither fact nor non-fact"),
        ({"parent_child_sums": [{**SUM, "parent": "s-8"}]}, "error", "parent_child_sums[0]", "no fact s-8"),
        ({"parent_child_sums": [{**SUM, "children": ["s-2", "s-4"]}]}, "error", "parent_child_sums[0]", "s-4 do not"),
        ({"parent_child_sums": [{**SUM, "children_sum": 8}]}, "error", "parent_child_sums[0]", "says otherwise"),
        ({"parent_child_sums": [{**SUM, "relation": "parts"}]}, "error", "parent_child_sums[0]", "neither partition"),
        ({"parent_child_sums": [{**SUM, "children": ["s-2"]}]}, "error", "parent_child_sums[0]", "holds must be false"),
        (
            {"parent_child_sums": [{**SUM, "children": ["s-2"], "holds": False}]},
            "warning",
            "parent_child_sums[0]",
            "in the report itself",
        ),
    ],
)
def test_a_fault_of_the_fields_is_named(
    tmp_path: Path, changes: dict[str, Any], severity: str, where: str, message: str
) -> None:
    fields = {key: value for key, value in {**FIELDS_HERE, **changes}.items() if (key, value) != ("composed", None)}
    found = [each for each in check(tmp_path, FACTS_HERE, fields) if each.where == where]
    assert [each.severity for each in found] == [severity], found
    assert message in found[0].message


def test_a_field_that_is_not_labelled_is_told(tmp_path: Path) -> None:
    fields = {key: value for key, value in FIELDS_HERE.items() if key != "addressee"}
    (found,) = check(tmp_path, FACTS_HERE, fields)
    assert (found.severity, found.where) == ("warning", "addressee")


def test_a_number_that_the_page_does_not_repeat_is_labelled_once(tmp_path: Path) -> None:
    facts = [*FACTS_HERE, {**FACTS_HERE[0], "id": "s-7"}]
    found = [each for each in check(tmp_path, facts, suffix=".html") if each.severity == "error"]
    assert [each.where for each in found] == ["s-7"]
    assert "(so often)" in found[0].message


def test_a_file_that_is_no_gold_is_one_finding(tmp_path: Path) -> None:
    write_gold(tmp_path, FACTS_HERE, FIELDS_HERE, name="a")
    write_gold(tmp_path, [{"id": "b-1"}], name="b")
    found = check_folder(tmp_path, (), REFERENCE)[1]
    assert [(each.name, each.where) for each in found if each.severity == "error"] == [("b", "file")]
    assert check_folder(tmp_path, ["a"], REFERENCE) == (["a"], [])
    with pytest.raises(GoldError, match="no document whose name begins with x"):
        check_folder(tmp_path, ["x"], REFERENCE)


@pytest.mark.parametrize(
    ("printed", "value"),
    [
        ("52", 52),
        ("1,286", 1286),
        ("１２", 12),
        ("24 万", 240000),
        ("130余万", 1300000),
        ("2.23亿", 223000000),
        ("百分之98.5", 98.5),
        ("百分之九十八点五", 98.5),
        ("两", 2),
        ("二十三", 23),
        ("无", 0),
        ("未发生", 0),
        ("零", 0),
    ],
)
def test_what_a_printed_number_is_worth(printed: str, value: float) -> None:
    assert value_of(printed) == value


@pytest.mark.parametrize("printed", ["", "若干", "件", "十五五", "1,2"])
def test_what_is_no_number(printed: str) -> None:
    with pytest.raises(ValueError, match="not a"):
        value_of(printed)


@pytest.mark.parametrize(
    ("text", "number", "alone"),
    [
        ("受理2件", "2", True),
        ("受理12件", "2", False),
        ("受理21件", "2", False),
        ("占2.5%", "2", False),
        ("占1.2%", "2", False),
        ("共1,286件", "286", False),
        ("共1,286件", "1", False),
        ("第1，2023年", "1", True),
        ("受理2。", "2", True),
        ("2", "2", True),
    ],
)
def test_a_number_inside_another_is_none(text: str, number: str, alone: bool) -> None:
    assert stands_alone(text, list(PlacedText.of(text).find(number))[-1]) is alone


def test_the_command_prints_findings_and_fails_on_errors(tmp_path: Path) -> None:
    runner = CliRunner()
    folder = str(write_gold(tmp_path, FACTS_HERE, FIELDS_HERE))
    assert runner.invoke(app, ["gold", "check", folder]).output.splitlines()[-1] == "1 documents, 0 errors, 0 warnings"
    write_gold(tmp_path, [{**FACTS_HERE[0], "value": 8}], {**FIELDS_HERE, "parent_child_sums": []})
    result = runner.invoke(app, ["gold", "check", folder, "--json"])
    assert result.exit_code == 1
    answer = json.loads(result.output)
    assert answer["documents"] == [NAME]
    assert {(each["severity"], each["where"]) for each in answer["findings"]} >= {("error", "s-1")}
    assert runner.invoke(app, ["gold", "check", str(tmp_path / "nowhere")]).exit_code == 2
