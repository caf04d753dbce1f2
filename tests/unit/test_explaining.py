"""``fazhi extract --explain``: every decision about a number can be shown, in words and as JSON."""

import json
import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from pipelines.cli import app
from pipelines.explaining import Explanation, LeftOut, explained, in_lines
from pipelines.extraction.steps import FLAG_RULES, STRUCTURE_RULES
from pipelines.extraction.trace import Trace
from pipelines.model import Page
from pipelines.reading import read
from pipelines.reference import load_reference

REPORT = """青山县2022年度法治政府建设情况报告

一、主要成效
(一)依法化解矛盾纠纷。2022年,全县共收到行政复议申请70件,较上年增长12%,办结69件,其中不予受理11件、维持22件。
(二)深化改革。推行“27证合一”,聘请法律顾问400余人次,行政许可事项由230项调整为219项。栽树35件。
(三)规范执法。平台运行以来,累计办理行政处罚案件143件(环保类21件)。一审、二审案件败诉分别为3件、2件。
全年未收到政府信息公开申请。县人大常委会听取法治工作报告6项。拟废止规范性文件8件。
二、下一步工作安排
力争培训执法人员500人次。
"""


def explain(text: str) -> tuple[dict[str, Explanation], list[LeftOut]]:
    trace = Trace()
    page = Page(name="report.txt", content=text.encode(), content_type="text/plain")
    explanations, left_out = explained(read(page, load_reference(), trace), trace)
    return {each.observation.value_text: each for each in explanations}, left_out


@pytest.fixture(scope="module")
def numbers() -> dict[str, Explanation]:
    return explain(REPORT)[0]


@pytest.mark.parametrize(
    ("number", "why"),
    [
        ("70", r"^RR_RECEIVED\.1 scores .* ahead of|^RR_RECEIVED\.1 fits, and no rule of another indicator$"),
        ("12", "^taken over by growth from the number that RR_RECEIVED.1 recognised$"),
        ("35", "^no rule fits, and no number beside it lends its indicator$"),
        ("230", r"^FUNC_LICENSE_ITEMS\.3 fits the number that it is paired with$"),
        ("未收到", r"^SUPV_FOI_RECEIVED\.zero1 reads the words as none$"),
    ],
)
def test_why(numbers: dict[str, Explanation], number: str, why: str) -> None:
    assert re.search(why, numbers[number].why)


@pytest.mark.parametrize(
    ("number", "step", "words"),
    [
        ("12", "growth", "较上年增长"),
        ("11", "list_opener", "其中"),
        ("22", "list_continues", "、维持"),
        ("230", "pair", "由…调整为"),
        ("21", "parenthesis", "(环保类"),
        ("3", "in_order", "分别为"),
    ],
)
def test_steps(numbers: dict[str, Explanation], number: str, step: str, words: str) -> None:
    assert step in {each.rule for each in numbers[number].steps if words in each.words}


@pytest.mark.parametrize(
    ("number", "flag", "words"),
    [
        ("70", "scope_words", "全县"),
        ("143", "since", "平台运行以来"),
        ("6", "authority_of_indicator", "人大"),
        ("8", "proposed_words", "拟废止规范性文件"),
        ("500", "plan_part", "plan"),
    ],
)
def test_flags(numbers: dict[str, Explanation], number: str, flag: str, words: str) -> None:
    assert (flag, words) in {(each.rule, each.words) for each in numbers[number].flags}


def test_rules_that_fit_show_scores_and_words(numbers: dict[str, Explanation]) -> None:
    best = numbers["70"].fitting[0]
    assert (best.rule, best.words, best.context_place) == ("RR_RECEIVED.1", "收到行政复议申请70件", "clause")
    assert [each.score for each in numbers["70"].fitting] == sorted(
        (each.score for each in numbers["70"].fitting), reverse=True
    )


@pytest.mark.parametrize(
    ("text", "rule", "reason"),
    [
        ("共收到行政复议申请7项", "RR_RECEIVED.1", "not in 项, only in "),
        ("作为被申请人收到行政复议申请7件", "RR_RECEIVED.1", "被申请人 stands in the clause"),
        ("加强管理,审结7件", "RR_CLOSED.2", "行政复议 stands nowhere near"),
    ],
)
def test_rules_that_came_near_say_why_not(text: str, rule: str, reason: str) -> None:
    report = f"青山县2022年度法治政府建设情况报告\n\n一、主要成效\n{text}。\n二、存在问题\n认识不足。\n"
    refused = {each.rule: each.reason for each in explain(report)[0]["7"].refused}
    assert refused[rule].startswith(reason)


def test_a_part_names_its_total(numbers: dict[str, Explanation]) -> None:
    assert numbers["11"].parent == "69件"
    assert numbers["70"].parent is None


def test_numbers_that_count_nothing_are_listed() -> None:
    left_out = [(each.text, each.kind, each.line) for each in explain(REPORT)[1]]
    assert ("“27证合一”", "name", 5) in left_out
    assert ("2022年", "date", 4) in left_out


def test_every_rule_that_is_code_says_what_it_does() -> None:
    assert not STRUCTURE_RULES.keys() & FLAG_RULES.keys()
    assert all(STRUCTURE_RULES.values())
    assert all(FLAG_RULES.values())


def test_every_number_has_lines() -> None:
    numbers, left_out = explain(REPORT)
    lines = [line for line, _ in in_lines(list(numbers.values()), left_out)]
    assert sum(line.startswith("  decided: ") for line in lines) == len(numbers)
    assert any("27证合一" in line for line in lines)


def test_the_command_explains(tmp_path: Path) -> None:
    path = tmp_path / "report.txt"
    path.write_text(REPORT, encoding="utf-8")
    told = CliRunner().invoke(app, ["extract", str(path), "--explain"])
    assert told.exit_code == 0
    assert "decided: " in told.stdout
    shown = json.loads(CliRunner().invoke(app, ["extract", str(path), "--explain", "--json"]).stdout)
    assert len(shown["explanations"]) == len(shown["observations"])
    assert shown["explanations"][0]["rules"][0]["rule"] == "RR_RECEIVED.1"
    assert {each["kind"] for each in shown["left_out"]} >= {"name", "date"}
    plain = json.loads(CliRunner().invoke(app, ["extract", str(path), "--json"]).stdout)
    assert "explanations" not in plain
