"""Every typed non-fact that the gold names, one test each: a slogan, a date, a document number yields no number."""

from functools import lru_cache
from pathlib import Path

import pytest

from pipelines.evaluation.gold import GoldDocument, NonFact, load_gold
from pipelines.evaluation.matching import match_document
from pipelines.reading import page_from_file, read
from pipelines.reference import load_reference

GOLD = Path(__file__).parents[1] / "gold"
DOCUMENTS = load_gold(GOLD)


@lru_cache
def numbers_read_in(name: str) -> dict[NonFact, list[str]]:
    """The non-facts of a document in which the reader saw a number, with these numbers."""
    gold = next(document for document in DOCUMENTS if document.name == name)
    reading = read(page_from_file(gold.path), load_reference())
    return {entry: [each.value_text for each in found] for entry, found in match_document(gold, reading).non_facts}


def entries(document: GoldDocument) -> list[NonFact]:
    return [entry for entry in document.non_facts if entry.is_scored]


@pytest.mark.parametrize(
    ("name", "entry"),
    [
        pytest.param(document.name, entry, id=f"{document.name[:15]} {entry.type} {entry.text}")
        for document in DOCUMENTS
        for entry in entries(document)
    ],
)
def test_a_non_fact_yields_no_number(name: str, entry: NonFact) -> None:
    assert numbers_read_in(name).get(entry, []) == []
