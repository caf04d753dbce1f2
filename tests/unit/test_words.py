"""The look at pairs of characters that spares most patterns: it may let one through, never keep one out."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.extraction.masking import SIGN
from pipelines.extraction.words import PatternIndex, places_of_bits, required_words
from pipelines.reference import load_reference

CATALOGUE = load_reference().catalogue
INDEX = CATALOGUE.index
RULES = (*CATALOGUE.rules, *CATALOGUE.zero_rules)
WORDS = sorted({word for rule in RULES for clause in required_words(rule.pattern) for word in clause})


@pytest.mark.parametrize(
    ("pattern", "clauses"),
    [
        ("会前学法", [{"会前学法"}]),
        ("会前(?:集体)?学法", [{"会前学法", "会前集体学法"}]),
        ("(?:审结|办结|结案)(?:的)?件", [{"审结件", "审结的件", "办结件", "办结的件", "结案件", "结案的件"}]),
        ("(?:查处|立案)[^。]*?案件", [{"查处", "立案"}, {"案件"}]),
        ("受理(?:(?:复议[^。]*)|诉讼)案件", [{"复议", "诉讼"}, {"受理"}, {"案件"}]),
        ("复议[案机]件", [{"复议案件", "复议机件"}]),
        ("(?<!不予)受理(?!后)", [{"受理"}]),
        ("复议|诉讼案件", [{"复议", "诉讼案件"}]),
        ("复议|[^。]", []),
        ("(?:案件)*", []),
        ("(?:案件)+", [{"案件"}]),
        ("案[^。]件", []),
        ("受理(?i:pdf)", [{"受理"}]),
    ],
)
def test_required_words(pattern: str, clauses: list[set[str]]) -> None:
    assert [set(clause) for clause in required_words(re.compile(pattern))] == clauses


def test_letters_of_either_case_require_nothing() -> None:
    assert required_words(re.compile("pdf", re.IGNORECASE)) == ()


def test_almost_every_rule_requires_words() -> None:
    assert sum(not required_words(rule.pattern) for rule in RULES) <= 2


@given(st.lists(st.sampled_from([*WORDS, SIGN, ",", "的", "、", "共", "件", "了"]), max_size=12).map("".join))
def test_no_rule_that_matches_is_kept_out(text: str) -> None:
    found = set(places_of_bits(INDEX.possible(INDEX.scan(text).units(0, len(text)))))
    matching = {number for number, rule in enumerate(CATALOGUE.rules) if rule.pattern.search(text)}
    assert matching <= found


@pytest.mark.parametrize(
    ("start", "end", "expected"), [(0, 4, [0]), (4, 9, [1]), (0, 9, [0, 1]), (1, 3, []), (3, 5, [])]
)
def test_only_the_stretch_counts(start: int, end: int, expected: list[int]) -> None:
    index = PatternIndex([re.compile("复议案件"), re.compile("(?:诉讼|应诉)[^。]*件")])
    possible = index.possible(index.scan("复议案件,应诉8件").units(start, end))
    assert list(places_of_bits(possible)) == expected


def test_patterns_with_a_name_are_told_by_it() -> None:
    index = PatternIndex([re.compile("复议")], {"trial": re.compile("诉讼"), "plan": re.compile("计划")})
    possible = index.possible(index.scan("行政诉讼").units(0, 4))
    assert list(places_of_bits(possible)) == [1]
    assert index.named(possible) == {"trial"}
