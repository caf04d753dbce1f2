"""What a rule earns on gold: with it left out facts are lost, others take its place, or nothing changes."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from pipelines.ablation import Ablation, UnknownRuleError, ablate, leave_out, rule_kinds
from pipelines.cli import app
from pipelines.extracting import evaluate_gold
from pipelines.json_output import observation_to_json
from pipelines.reading import page_from_file, read
from pipelines.reference import load_reference

REPORT = """青山县2022年度法治政府建设情况报告

一、主要成效
(一)化解纠纷。全县共收到行政复议申请70件,办结69件,其中不予受理11件、维持22件。
(二)深化改革。行政许可事项由230项调整为219项,化解率97.5%。
二、下一步工作安排
培训执法人员500人次。
"""
REFERENCE = load_reference()


@pytest.fixture(scope="module")
def gold(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A gold folder of one report whose labels are what all rules together read, but for one."""
    folder = tmp_path_factory.mktemp("gold")
    path = folder / "青山.txt"
    path.write_text(REPORT, encoding="utf-8")
    reading = read(page_from_file(path), REFERENCE)
    lines = [observation_to_json(each) for each in reading.observations]
    for line in lines:
        if line["value_text"] == "97.5":
            line["indicator_code"] = "OTHER"
    (folder / "青山.jsonl").write_text("\n".join(json.dumps(line, ensure_ascii=False) for line in lines) + "\n")
    (folder / "青山.doc.json").write_text(json.dumps({"is_annual_report": True, "report_year": 2022}))
    return folder


@pytest.fixture(scope="module")
def ablation(gold: Path) -> Ablation:
    return ablate(gold, REFERENCE)


@pytest.mark.parametrize(
    ("rule", "kind", "verdict", "facts_lost"),
    [
        ("RR_CLOSED.2", "indicator", "earns", 1),
        ("RR_NOT_ACCEPTED.1", "indicator", "earns", 1),
        ("ENFO_TRAINING.3", "indicator", "earns", 1),
        ("RR_RECEIVED.1", "indicator", "nothing", 0),
        ("MED_SUCCESS_RATE.2", "indicator", "harms", 0),
        ("LEGALAID_CASES.1", "indicator", "unused", 0),
        ("RR_RECEIVED.zero1", "zero", "unused", 0),
        ("plan_part", "flag", "earns", 0),
        ("pair", "structure", "earns", 0),
        ("growth", "structure", "unused", 0),
    ],
)
def test_each_rule_shows_what_it_earns(ablation: Ablation, rule: str, kind: str, verdict: str, facts_lost: int) -> None:
    earning = next(each for each in ablation.earnings if each.rule == rule)
    assert (earning.kind, earning.verdict, earning.facts_lost) == (kind, verdict, facts_lost)
    assert (earning.used > 0) == (verdict != "unused")
    assert (earning.coded_f1 > 0 or earning.misses > 0) == (verdict == "earns")


def test_every_rule_is_left_out_once(ablation: Ablation) -> None:
    assert sorted(each.rule for each in ablation.earnings) == sorted(rule_kinds(REFERENCE.catalogue))
    assert [each.verdict for each in ablation.of("harms")] == ["harms"]


@pytest.mark.parametrize("rule", ["RR_CLOSED.2", "list_opener", "MED_SUCCESS_RATE.2"])
def test_leaving_out_one_rule_measures_what_the_ablation_says(gold: Path, ablation: Ablation, rule: str) -> None:
    earning = next(each for each in ablation.earnings if each.rule == rule)
    whole, without = evaluate_gold(gold), evaluate_gold(gold, without=[rule])
    assert whole.total.coded.hits - without.total.coded.hits == earning.facts_lost
    assert len(without.misses) - len(whole.misses) == earning.misses
    assert (whole.total.coded.f1 or 0) - (without.total.coded.f1 or 0) == pytest.approx(earning.coded_f1, abs=1e-4)


def test_the_best_rules_come_first(ablation: Ablation) -> None:
    earning = ablation.of("earns")
    assert list(ablation.earnings[: len(earning)]) == list(earning)
    assert [each.facts_lost for each in earning] == sorted((each.facts_lost for each in earning), reverse=True)


def test_an_unknown_rule_is_answered_with_the_nearest() -> None:
    with pytest.raises(UnknownRuleError, match=r"no rule is named list_opening; nearest: list_opener"):
        leave_out(REFERENCE, ["RR_CLOSED.1", "list_opening"])


@pytest.mark.parametrize(
    ("arguments", "code", "shown"),
    [
        (["--without", "RR_CLOSED.2", "--without", "pair"], 0, "Without RR_CLOSED.2, pair"),
        (["--without", "RR_SHUT.2"], 2, "no rule is named RR_SHUT.2"),
        (["--ablation"], 0, "Earn nothing here: "),
    ],
)
def test_the_command(gold: Path, arguments: list[str], code: int, shown: str) -> None:
    result = CliRunner().invoke(app, ["evaluate", str(gold), *arguments])
    assert result.exit_code == code
    assert shown in result.output


def test_the_command_prints_json(gold: Path) -> None:
    without = json.loads(CliRunner().invoke(app, ["evaluate", str(gold), "--without", "RR_CLOSED.2", "--json"]).stdout)
    assert without["without"] == ["RR_CLOSED.2"]
    assert without["facts"]["coded"]["recall"] < 1
    found = json.loads(CliRunner().invoke(app, ["evaluate", str(gold), "--ablation", "--json"]).stdout)
    assert {each["verdict"] for each in found["rules"]} == {"earns", "nothing", "harms", "unused"}
