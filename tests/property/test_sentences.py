"""Value, end of range, unit and qualifier survive every arrangement of the grammar."""

from __future__ import annotations

from hypothesis import given
from sentence_grammar import Phrase, Stated, in_characters, lists, money, pairs, quantities, ranges, sentences, tries

from pipelines.extraction.numerals import fold_width
from pipelines.extraction.quantities import find_quantities
from pipelines.reference import load_reference

UNITS = load_reference().catalogue.units


def stated_in(text: str) -> tuple[Stated, ...]:
    found, _ = find_quantities(fold_width(text), UNITS)
    return tuple(Stated(round(q.value, 6), q.value_max, q.unit, q.qualifier) for q in found)


def assert_survives(phrase: Phrase) -> None:
    assert stated_in(phrase.text) == phrase.stated, phrase.text


@tries(400)
@given(quantities())
def test_a_number_with_its_unit(phrase: Phrase) -> None:
    assert_survives(Phrase("办理") + phrase + "。")


@tries(100)
@given(ranges())
def test_a_range(phrase: Phrase) -> None:
    assert_survives(Phrase("配备") + phrase + "。")


@tries(100)
@given(money())
def test_money(phrase: Phrase) -> None:
    assert_survives(phrase + "。")


@tries(100)
@given(in_characters())
def test_a_number_in_characters(phrase: Phrase) -> None:
    assert_survives(phrase + "。")


@tries(100)
@given(pairs())
def test_before_and_after(phrase: Phrase) -> None:
    assert_survives(phrase + "。")


@tries(200)
@given(lists())
def test_a_list(phrase: Phrase) -> None:
    assert_survives(phrase + "。")


@tries(400)
@given(sentences())
def test_a_sentence(phrase: Phrase) -> None:
    assert_survives(phrase)
