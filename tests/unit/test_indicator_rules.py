"""Each rule of the catalogue recognises its own example, which is also its documentation."""

import csv
import re
from collections import Counter
from pathlib import Path

import pytest

from pipelines.extraction.catalogue import CatalogueError, compile_pattern, compile_words
from pipelines.extraction.masking import SIGN
from pipelines.reference import load_catalogue
from tests.unit.reading_samples import observe

SEEDS = Path(__file__).parents[2] / "dbt_project" / "seeds"
CATALOGUE = load_catalogue()
# "开展督察[2]次": the number in brackets is the one that the rule is about
MARKED = re.compile(r"\[(?P<number>[^\]]+)\]")


def rules(table: str) -> list[dict[str, str]]:
    with (SEEDS / table).open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


RULES = {row["rule_id"]: row for table in ("indicator_rules.csv", "indicator_zero_rules.csv") for row in rules(table)}
FURTHER = [(row["rule_id"], row["example"]) for row in rules("indicator_rule_examples.csv")]


@pytest.mark.parametrize(("rule_id", "example"), [*((name, row["example"]) for name, row in RULES.items()), *FURTHER])
def test_every_rule_recognises_its_examples(rule_id: str, example: str) -> None:
    marked = list(MARKED.finditer(example))[-1]
    text = example[: marked.start()] + marked["number"] + example[marked.end() :] + "。"
    found = {observation.char_start: observation for observation in observe(text)}
    assert found[marked.start()].indicator_code == RULES[rule_id]["code"]
    assert found[marked.start()].value_text.startswith(marked["number"])


def test_every_rule_has_two_examples_or_more() -> None:
    examples = Counter(name for name, _ in {*FURTHER, *((name, row["example"]) for name, row in RULES.items())})
    assert {name: count for name, count in examples.items() if count < 2} == {}


def test_every_core_indicator_that_reports_state_has_a_rule() -> None:
    ruled = {rule.code for rule in CATALOGUE.rules}
    stated = {code for code, indicator in CATALOGUE.indicators.items() if indicator.domain != "META"}
    assert stated - ruled == set()


def test_rule_ids_are_unique() -> None:
    ids = [rule.rule_id for rule in (*CATALOGUE.rules, *CATALOGUE.zero_rules)]
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize(
    ("pattern", "text", "matches"),
    [
        ("受理N", f"受理{SIGN}", True),
        ("{规范性文件}", f"规范性文件共{SIGN}", True),
        ("{规范性文件}", f"{SIGN}规范性文件", True),
        ("移送~案件N", f"移送涉嫌犯罪案件{SIGN}", True),
        ("移送~案件N", f"移送线索,案件{SIGN}", False),
        ("由M~N", f"由{SIGN}调整为{SIGN}", True),
        ("Z败诉", "无败诉", True),
        ("取消[^;。]{0,40}?等N", f"取消甲,乙等{SIGN}", True),
    ],
)
def test_pattern_language(pattern: str, text: str, *, matches: bool) -> None:
    assert (compile_pattern(pattern).search(text) is not None) is matches


@pytest.mark.parametrize(("pattern", "message"), [("受理", "names no quantity"), ("(受理N", "no regular expression")])
def test_bad_patterns_are_refused(pattern: str, message: str) -> None:
    with pytest.raises(CatalogueError, match=message):
        compile_pattern(pattern)


def test_bad_words_are_refused() -> None:
    with pytest.raises(CatalogueError, match="no regular expression"):
        compile_words("(复议")


def test_words_may_name_a_quantity() -> None:
    assert compile_words("压缩N").search(f"时限压缩{SIGN}") is not None
