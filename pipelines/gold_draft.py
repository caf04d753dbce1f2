"""Drafts of labels: the plain file in which a person corrects what the extractor proposes, one block a sentence.

Writing drafts belongs here; compiling a corrected draft into gold is the business of ``gold_build``. A draft is YAML
with one line a fact; what a fact has as usual (exact, of the report's year, no plan …) is left out.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from pipelines.evaluation.gold import DOCUMENT_SUFFIXES, FACTS_SUFFIX, GoldDocument, GoldError, load_document
from pipelines.evaluation.scoring import DOCUMENT_FIELDS
from pipelines.extraction.masking import split_sentences
from pipelines.extraction.nonfacts import find_nonfacts
from pipelines.extraction.numerals import fold_width
from pipelines.gold_check import NEAR, document_text
from pipelines.gold_text import PlacedText, Span, overlap, place_facts, printed_numbers, value_of
from pipelines.json_output import document_to_json, observation_to_json
from pipelines.model import Reading
from pipelines.reading import page_from_file, read
from pipelines.reference import Reference

DRAFT_SUFFIX = ".gold.yml"
UNDECIDED = "?"
SUFFIX_OF = {".htm": ".html", ".shtml": ".html"}

# What a fact has unless its line says otherwise; the value, its type and the period have usual values of their own.
USUAL: Mapping[str, Any] = {
    "value_max": None,
    "unit": None,
    "qualifier": "exact",
    "is_plan": False,
    "is_cumulative": False,
    "is_proposed": False,
    "comparison": None,
    "dimension": None,
    "scope": None,
    "authority": None,
    "parent_id": None,
    "duplicate_of": None,
    "note": None,
}
# Stretches that nobody needs to name: their shape says enough.
_PLAIN_KINDS = frozenset({"date", "year_range", "time", "title"})
# What build works out by itself.
DERIVED_FIELDS = frozenset(
    {"seed", "source_file", "headings", "non_facts", "parent_child_sums", "fact_count", "char_count"}
)

HEADER = """\
# Labels of {name}, {origin}, for a person to correct. Then set "reviewed: true" and: fazhi gold build {draft}
#
# Each number that is a fact stands in {{braces}} in its sentence; below the sentence is one line for each, in order.
# A line has: code (a code of indicators.csv; OTHER outside the catalogue; "?" undecided), unit, phrase, and, where they
# are not as usual: value, value_max (end of a range), value_type, qualifier (exact), period (the report's year),
# is_plan, is_cumulative, is_proposed, comparison, dimension, scope, authority, parent_id, duplicate_of, alt_codes,
# note.
# To add a fact, put its number in braces and add its line. To drop one, take both away, or write
# {{nonfact: slogan, text: 27证合一}} in the place of its line. "各{{3}}名" said of two bodies: give the second line
# same_number: true. A brace that is part of the text is written twice.
# "parent_id" and "duplicate_of" name an id of this file. Meanings: tests/gold/README.md
"""

Row = dict[str, Any]


@dataclass(frozen=True)
class _Labelled:
    """Labels under the names of the gold files, with the place of each number in the text."""

    origin: str
    fields: Mapping[str, Any]
    headings: Sequence[Mapping[str, Any]]
    non_facts: Sequence[Mapping[str, Any]]
    facts: Sequence[tuple[Span, Row]]
    sentences: Sequence[Span]
    sums: Sequence[Row]


def draft_path(document: Path, folder: Path | None) -> Path:
    """Where the draft of a document is written: beside it, or in a folder."""
    return (folder or document.parent) / f"{document.stem}{DRAFT_SUFFIX}"


def draft(document: Path, path: Path, reference: Reference) -> str:
    """Return the draft of a document, which will be written to ``path``.

    The labels are those of the extractor; of a document with gold beside it they are the gold, to be corrected.

    Raises:
        GoldError: a format that gold cannot have, a text file that reading changes, or gold that cannot be read.
    """
    suffix = SUFFIX_OF.get(document.suffix.lower(), document.suffix.lower())
    if suffix not in DOCUMENT_SUFFIXES:
        raise GoldError(f"{document}: gold is made of {', '.join(DOCUMENT_SUFFIXES)}")
    reading = read(page_from_file(document), reference)
    text = reading.document.text
    if suffix == ".txt" and text != document_text(document, reference):
        raise GoldError(f"{document}: must be UTF-8 without a byte order mark, for offsets count its characters")
    is_labelled = document.with_name(document.stem + FACTS_SUFFIX).exists()
    labelled = _from_gold(load_document(document), text) if is_labelled else _from_reading(reading)
    return "".join(_lines(labelled, text, document, path, reference))


def _from_reading(reading: Reading) -> _Labelled:
    """What the extractor proposes."""
    document, text = reading.document, reading.document.text
    known = document_to_json(document)
    fields: Row = {"composed": None}
    for name in dict.fromkeys(name.partition(".")[0] for name in DOCUMENT_FIELDS):
        fields[name] = known[name]
    if fields["region"]:
        fields["region"] = {key: value for key, value in fields["region"].items() if key != "evidence"}
    fields["script"] = known["script"]
    headings = [
        {"line": s.line, "level": s.level, "label": s.label, "text": s.heading, "topic": s.topic, "part": s.part}
        for s in reading.sections
        if s.level
    ]
    numbers = {observation.id: number for number, observation in enumerate(reading.observations, 1)}
    facts: list[tuple[Span, Row]] = []
    for observation in reading.observations:
        row = observation_to_json(observation)
        row["id"] = numbers[observation.id]
        row["parent_id"] = numbers.get(observation.parent_id or "")
        row["duplicate_of"] = numbers.get(observation.duplicate_of or "")
        facts.append(((observation.char_start, observation.char_end), row))
    sentences = [
        (sentence.start, sentence.end)
        for section in reading.sections
        for sentence in split_sentences(fold_width(text), section.char_start, section.char_end)
    ]
    stretches = find_nonfacts(fold_width(text))
    spans = [span for span, _ in facts]
    spans += [(stretch.start, stretch.end) for stretch in stretches if stretch.kind in _PLAIN_KINDS]
    non_facts = [
        {"type": stretch.kind, "text": text[stretch.start : stretch.end]}
        for stretch in stretches
        if any(start <= stretch.start < end for start, end in sentences)
        and any(char.isdigit() for char in text[stretch.start : stretch.end])
        and not any(overlap((stretch.start, stretch.end), span) for span in spans)
    ]
    distinct = list({(entry["type"], entry["text"]): entry for entry in non_facts}.values())
    if not document.is_annual_report:
        sentences, distinct = [], []
    return _Labelled(
        "proposed by the extractor",
        fields,
        headings,
        distinct,
        facts,
        sentences,
        propose_sums([row for _, row in facts]),
    )


def _from_gold(gold: GoldDocument, text: str) -> _Labelled:
    """What is labelled already."""
    placed = place_facts(gold.facts, PlacedText.of(text))
    spans = {
        fact.id: (fact.char_start or 0, fact.char_end or 0) if gold.has_offsets else placed.get(fact.id, (0, 0))
        for fact in gold.facts
    }
    lost = [fact.id for fact in gold.facts if spans[fact.id] == (0, 0)]
    if lost:
        raise GoldError(f"{gold.path}: not in the text: {', '.join(lost)}")
    sentences = set()
    for fact in gold.facts:
        at = [
            (start, end) for start, end in PlacedText.of(text).find(fact.sentence) if start <= spans[fact.id][0] < end
        ]
        if not at:
            raise GoldError(f"{gold.path}: the sentence of {fact.id} is not in the text")
        sentences.add(at[0])
    fields = {key: value for key, value in gold.fields.items() if key not in DERIVED_FIELDS}
    non_facts = gold.fields.get("non_facts") or []
    totals = [
        {key: entry[key] for key in ("parent", "children", "relation")}
        for entry in gold.fields.get("parent_child_sums") or ()
    ]
    facts = [(spans[fact.id], dict(fact.raw)) for fact in gold.facts]
    return _Labelled("as labelled", fields, gold.headings or (), non_facts, facts, sorted(sentences), totals)


def _lines(labelled: _Labelled, text: str, document: Path, path: Path, reference: Reference) -> Iterator[str]:
    """The lines of the draft."""
    yield HEADER.format(name=document.name, origin=labelled.origin, draft=path.name)
    yield f"document: {_flow(_relative(document, path.parent))}\n"
    yield "reviewed: false\n\n"
    yield "fields:  # null: the document does not say; a key that is taken away is not scored\n"
    yield from (f"  {_pair(key, value)}\n" for key, value in labelled.fields.items())
    yield "\nheadings:\n" if labelled.headings else "\nheadings: []\n"
    yield from (f"- {_flow(dict(heading))}\n" for heading in labelled.headings)
    yield "\nnon_facts:\n" if labelled.non_facts else "\nnon_facts: []\n"
    yield from (f"- {_flow(dict(entry))}\n" for entry in labelled.non_facts)
    blocks = list(_blocks(labelled, text, reference))
    yield "\nsentences:\n" if blocks else "\nsentences: []\n"
    yield from blocks
    yield (
        "\nsums:  # partition: the parts make up the total; subset: they are some of it\n"
        if labelled.sums
        else "\nsums: []\n"
    )
    yield from (f"- {_flow(dict(entry))}\n" for entry in labelled.sums)


def propose_sums(rows: Sequence[Row]) -> list[Row]:
    """What parts add up to, for every total that has parts in its own unit.

    Where all parts make more than the total, some of them are seen from another side: then the longest run of
    neighbours that makes up the total is proposed, and nothing where there is none.
    """
    proposed = []
    for parent in rows:
        parts = [row for row in rows if row["parent_id"] == parent["id"]]
        parts = [row for row in parts if row["unit"] in (parent["unit"], None) and row["comparison"] is None]
        run = _run_within(parts, parent["value"])
        if run:
            exact = sum(row["value"] for row in run) == parent["value"]
            children = [row["id"] for row in run]
            relation = "partition" if exact else "subset"
            proposed.append({"parent": parent["id"], "children": children, "relation": relation})
    return proposed


def _run_within(parts: Sequence[Row], total: float) -> Sequence[Row]:
    """All parts where they make no more than the total, else the longest run of them that makes just that."""
    if sum(row["value"] for row in parts) <= total:
        return parts
    for length in range(len(parts) - 1, 0, -1):
        for start in range(len(parts) - length + 1):
            run = parts[start : start + length]
            if sum(row["value"] for row in run) == total:
                return run
    return ()


def _blocks(labelled: _Labelled, text: str, reference: Reference) -> Iterator[str]:
    """One block for each sentence, and one for the line of each fact that stands in none."""
    year = labelled.fields.get("report_year")
    sentences = list(labelled.sentences)
    for (start, end), _ in labelled.facts:
        if not any(first <= start and end <= last for first, last in sentences):
            line_start = text.rfind("\n", 0, start) + 1
            line_end = text.find("\n", end)
            sentences.append((line_start, len(text) if line_end < 0 else line_end))
    nonfacts = [(stretch.start, stretch.end) for stretch in find_nonfacts(fold_width(text))]
    for start, end in sorted(set(sentences)):
        inside = [(span, row) for span, row in labelled.facts if start <= span[0] and span[1] <= end]
        shut = [*nonfacts, *((a, b + (NEAR if row.get("value_max") is not None else 0)) for (a, b), row in inside)]
        shut += [span for entry in labelled.non_facts for span in _places(text, start, end, str(entry["text"]))]
        open_ = [span for span in printed_numbers(text, start, end) if not any(overlap(span, each) for each in shut)]
        marks = sorted([*inside, *((span, {"indicator_code": UNDECIDED}) for span in open_)], key=lambda mark: mark[0])
        yield f"- line: {text.count(chr(10), 0, start) + 1}\n"
        yield f"  {_pair('text', marked(text, start, end, [span for span, _ in marks]))}\n"
        if marks:
            yield "  facts:\n"
        before: Span | None = None
        for span, row in marks:
            entry = _entry(row, text[span[0] : span[1]], year, reference)
            yield f"  - {_flow(entry | ({'same_number': True} if span == before else {}))}\n"
            before = span


def _places(text: str, start: int, end: int, wanted: str) -> Iterator[Span]:
    """Where a run of text stands between two offsets."""
    at = text.find(wanted, start, end)
    while at >= 0:
        yield at, at + len(wanted)
        at = text.find(wanted, at + 1, end)


def marked(text: str, start: int, end: int, spans: Iterable[Span]) -> str:
    """Return ``text[start:end]`` with braces around the spans and its own braces doubled.

    >>> marked("办结9件", 0, 4, [(2, 3)])
    '办结{9}件'
    """
    parts, at = [], start
    for first, last in sorted(set(spans)):
        parts += [_doubled(text[at:first]), "{", _doubled(text[first:last]), "}"]
        at = last
    return "".join([*parts, _doubled(text[at:end])])


def _doubled(text: str) -> str:
    return text.replace("{", "{{").replace("}", "}}")


def usual_type(unit: str | None, reference: Reference) -> str:
    """The value type that a fact of this unit has as usual; an unknown unit counts."""
    if unit is None:
        return "zero"
    return reference.catalogue.units.value_types.get(fold_width(unit), "count")


def usual_period(year: int | None) -> dict[str, str] | None:
    """The period that a fact has as usual: the report's year."""
    return None if year is None else {"type": "year", "value": str(year)}


def _entry(row: Row, printed: str, year: int | None, reference: Reference) -> Row:
    """The line of a fact: what must be there, and what is not as usual."""
    if row["indicator_code"] == UNDECIDED:
        return {"code": UNDECIDED, "number": printed}
    entry: Row = {"id": row["id"], "code": row["indicator_code"]}
    entry |= {key: row[key] for key in ("alt_codes",) if row.get(key)}
    entry |= {key: row[key] for key, usual in USUAL.items() if row.get(key, usual) != usual}
    if _value_or_none(printed) != row["value"]:
        entry["value"] = row["value"]
    if row["value_type"] != usual_type(row["unit"], reference):
        entry["value_type"] = row["value_type"]
    if row.get("period") != usual_period(year):
        entry["period"] = row.get("period")
    return entry | {"phrase": row["indicator_phrase"]}


def _value_or_none(printed: str) -> float | None:
    try:
        return value_of(printed)
    except ValueError:
        return None


def _relative(document: Path, folder: Path) -> str:
    """The path of the document as seen from the draft."""
    return os.path.relpath(document.resolve(), folder.resolve())


def _pair(key: str, value: Any) -> str:
    return f"{key}: {_flow(value)}"


def _flow(value: Any) -> str:
    """A value on one line of YAML."""
    shown = yaml.safe_dump(value, default_flow_style=True, allow_unicode=True, width=float("inf"), sort_keys=False)
    return shown.removesuffix("...\n").strip()
