"""Masked sentences: what rules see, and the way back to the text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.extraction.masking import MAX_SENTENCE, SIGN, MaskedSentence, MaskedText, split_sentences
from pipelines.extraction.numerals import fold_width
from pipelines.extraction.quantities import find_quantities
from pipelines.reference import load_reference

CATALOGUE = load_reference().catalogue


def masked(text: str) -> list[MaskedSentence]:
    folded = fold_width(text)
    quantities, nonfacts = find_quantities(folded, CATALOGUE.units)
    whole = MaskedText(folded, quantities, nonfacts, CATALOGUE.index)
    return whole.sentences(split_sentences(folded, 0, len(folded)))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("受理近100件。", ["受理N。"]),
        ("受理 3 件，办结2件。", ["受理N,办结N。"]),
        ("印发《办法》和《3项规定》,修订2件。", ["印发《》和《》,修订N。"]),
        ("受理(含结转)3件。", ["受理N。"]),
        ("受理3件(其中网上2件)。", ["受理N(其中网上N)。"]),
        ("“放管服”取消5项。", ["放管服取消N。"]),
        ("一是受理3件。二是办结2件!", ["一是受理N。", "二是办结N!"]),
        ("受理3件\n\n办结2件", ["受理N", "办结N"]),
        ("印发《关于(试行)的通知》(县政发〔2023〕5号)3份。", ["印发《》N。"]),
        ("受理\ue0003件。", ["受理N。"]),
        ("受理近\n3件。", ["受理近", "N。"]),
        ("𠮷县受理3件。", ["𠮷县受理N。"]),
    ],
)
def test_masked_sentences(text: str, expected: list[str]) -> None:
    assert [sentence.text.replace(SIGN, "N") for sentence in masked(text)] == expected


def test_the_way_back() -> None:
    text = "市委 (办)发文，共“办结”近3件。"
    (sentence,) = masked(text)
    at = sentence.text.index("办结")
    assert sentence.position(at) == text.index("办结")
    assert sentence.index_of(text.index("办结")) == at
    assert sentence.unmasked(0, 4) == "市委 (办)发文"


@given(st.text(alphabet="3件近余《》()“”。\n,、受理 \ue000年", max_size=60))
def test_each_sign_is_a_quantity(text: str) -> None:
    for sentence in masked(text):
        assert sentence.text.count(SIGN) == len(sentence.quantities) == len(sentence.tokens)
        assert all(sentence.text[token] == SIGN for token in sentence.tokens)


@pytest.mark.parametrize("piece", ["受理3件,", "受理1,365件", "受理案件", "3件、"])
def test_endless_sentences_are_cut_and_lose_nothing(piece: str) -> None:
    text = piece * 2000
    sentences = split_sentences(text, 0, len(text))
    assert "".join(text[sentence.start : sentence.end] for sentence in sentences) == text
    assert max(sentence.end - sentence.start for sentence in sentences) <= MAX_SENTENCE
    assert sum(len(sentence.quantities) for sentence in masked(text)) == (2000 if "3" in piece else 0)
