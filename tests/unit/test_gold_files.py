"""The gold files agree with themselves and with the documents they label."""

from __future__ import annotations

import json
import re
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from pipelines.evaluate import GoldDocument, GoldFact, load_gold

GOLD = {document.name: document for document in load_gold(Path(__file__).parents[1] / "gold", ("000", "001", "003"))}
FACTS = [pytest.param(GOLD[name], fact, id=fact.id) for name in GOLD for fact in GOLD[name].facts]

# "1,365" "24.5" "1.2万" "24 万" "70余万"
ARABIC = re.compile(r"(?P<digits>[\d,]+(?:\.\d+)?) ?[余多]?(?P<scale>[万亿]?)")
SCALES = {"": 1, "万": 10_000, "亿": 100_000_000}
CHINESE = {"两": 2, "七": 7, "无": 0}


def text_of(document: GoldDocument) -> str:
    return document.path.read_bytes().decode("utf-8")


def number(printed: str) -> float:
    if printed in CHINESE:
        return CHINESE[printed]
    match = ARABIC.fullmatch(printed)
    assert match, printed
    return float(match["digits"].replace(",", "")) * SCALES[match["scale"]]


def test_the_three_documents_are_here() -> None:
    counts = {name[:3]: len(document.facts) for name, document in GOLD.items()}
    assert counts == {"000": 211, "001": 27, "003": 0}


@pytest.mark.parametrize(("document", "fact"), FACTS)
def test_a_fact_stands_where_it_says(document: GoldDocument, fact: GoldFact) -> None:
    text = text_of(document)
    assert fact.char_start is not None
    assert text[fact.char_start : fact.char_end] == fact.value_text
    line = text.split("\n")[fact.raw["line"] - 1]
    assert fact.sentence in line
    line_start = text.index(line)
    sentence_start = text.index(fact.sentence, line_start)
    assert sentence_start <= fact.char_start < sentence_start + len(fact.sentence)


@pytest.mark.parametrize(("document", "fact"), FACTS)
def test_a_value_is_the_printed_number(document: GoldDocument, fact: GoldFact) -> None:
    assert fact.value == pytest.approx(number(fact.value_text))
    assert (fact.value_max is not None) == (fact.qualifier == "range")
    assert fact.value_max is None or fact.value_max > fact.value
    if fact.unit:
        assert fact.char_end is not None
        assert fact.unit in text_of(document)[fact.char_end : fact.char_end + 10]


@pytest.mark.parametrize(("document", "fact"), FACTS)
def test_a_fact_stands_under_the_headings_above_it(document: GoldDocument, fact: GoldFact) -> None:
    path: list[tuple[int, str]] = []
    for heading in document.headings or ():
        if heading["line"] <= fact.raw["line"]:
            path = [above for above in path if above[0] < heading["level"]]
            path.append((heading["level"], heading["label"] + heading["text"]))
    assert [heading for _, heading in path] == fact.raw["section"]


@pytest.mark.parametrize("name", GOLD)
def test_numbers_are_labelled_once(name: str) -> None:
    spans = sorted((fact.char_start or 0, fact.char_end or 0) for fact in GOLD[name].facts)
    assert all(end <= start for (_, end), (start, _) in pairwise(spans))


@pytest.mark.parametrize("name", GOLD)
def test_references_name_facts_of_the_document(name: str) -> None:
    ids = {fact.id for fact in GOLD[name].facts}
    for fact in GOLD[name].facts:
        assert fact.parent_id != fact.id
        assert fact.raw["duplicate_of"] in ids | {None}


@pytest.mark.parametrize("name", GOLD)
def test_document_fields_agree_with_the_text(name: str) -> None:
    document, text = GOLD[name], text_of(GOLD[name])
    lines = text.split("\n")
    assert document.fields["fact_count"] == len(document.facts)
    assert document.fields["char_count"] == len(text)
    assert "\r" not in text
    for heading in document.headings or ():
        assert heading["label"] + heading["text"] in lines[heading["line"] - 1]
    for non_fact in document.non_facts:
        assert non_fact.text in text
    title_line = document.fields["title_line"]
    assert title_line is None or document.fields["title"] in lines[title_line - 1]


def sums() -> list[Any]:
    documents = [(name, document.fields["parent_child_sums"]) for name, document in GOLD.items()]
    return [pytest.param(GOLD[name], entry, id=entry["parent"]) for name, entries in documents for entry in entries]


@pytest.mark.parametrize(("document", "entry"), sums())
def test_parts_add_up(document: GoldDocument, entry: dict[str, Any]) -> None:
    facts = {fact.id: fact for fact in document.facts}
    parent, children = facts[entry["parent"]], [facts[child] for child in entry["children"]]
    total = sum(child.value for child in children)
    assert {child.parent_id for child in children} == {parent.id}
    assert (parent.value, total) == (entry["parent_value"], entry["children_sum"])
    assert total == parent.value if entry["relation"] == "partition" else total <= parent.value
    assert entry["holds"]


def test_every_line_of_gold_has_the_same_keys() -> None:
    files = [document.path.with_suffix(".jsonl") for document in GOLD.values()]
    lines = [json.loads(line) for file in files for line in file.read_text(encoding="utf-8").splitlines()]
    assert len({frozenset(line) - {"alt_codes"} for line in lines}) == 1
