"""Holding labels against the text, the catalogue, the units and one another: ``fazhi gold check``.

An error is a label that cannot be right; a warning is one that somebody should look at. Whether a reader finds the
same is the business of evaluation.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise, takewhile
from pathlib import Path
from typing import Any, Literal

from pipelines.evaluation.gold import UNCODED, GoldDocument, GoldError, GoldFact, find_documents, load_document
from pipelines.evaluation.scoring import DOCUMENT_FIELDS
from pipelines.extraction.issuers import ISSUER_TYPES
from pipelines.extraction.masking import before_first
from pipelines.extraction.nonfacts import find_nonfacts
from pipelines.extraction.numerals import fold_width
from pipelines.gold_text import PlacedText, Span, overlap, place_facts, printed_numbers, value_of
from pipelines.reading import page_from_file, read
from pipelines.reference import Reference

Severity = Literal["error", "warning"]

VALUE_TYPES = frozenset({"count", "ratio", "amount", "zero"})
# Each qualifier with the words of which one stands near its number.
QUALIFIERS: Mapping[str, tuple[str, ...]] = {
    "exact": (),
    "range": (),
    "余": ("余", "几"),
    "多": ("多",),
    "近": ("近",),
    "约": ("约", "左右", "上下"),
    "以上": ("以上", "超", "逾", "突破", "高于"),
    "以内": ("以内", "以下", "不超", "低于", "内"),
    "至少": ("至少", "不少于", "不低于", "以上"),
}
LEVELS = frozenset({"province", "prefecture", "county"})
# How far from a number its unit and its qualifier stand, in characters.
NEAR = 12
# What parts the cells of a row in a document's text.
TABLE_MARK = "\t"
# "2017"
YEAR = re.compile(r"(?:19|20)\d{2}")
_EARLIEST, _LATEST = 1978, 2100


@dataclass(frozen=True)
class Finding:
    """Something about the labels of one document; ``where`` is a fact's id, a field, or the place in a file."""

    name: str
    severity: Severity
    where: str
    message: str


@dataclass(frozen=True)
class _Labels:
    """One document with its text and where its facts stand in it."""

    gold: GoldDocument
    text: PlacedText
    places: Mapping[str, Span]

    @property
    def lines(self) -> list[str]:
        """The lines of the text."""
        return self.text.text.split("\n")

    def near(self, fact: GoldFact, before: int, behind: int) -> str:
        """The text around the number of a fact, or its sentence where the number was not found."""
        if fact.id not in self.places:
            return fold_width(fact.sentence)
        start, end = self.places[fact.id]
        return fold_width(self.text.text[max(0, start - before) : end + behind])

    def table_above(self, fact: GoldFact) -> str:
        """The rows of the table that a fact stands in, down to its own, with the line above them; "" outside tables."""
        if fact.id not in self.places:
            return ""
        end = self.places[fact.id][1]
        lines = self.text.text[:end].split("\n")
        lines[-1] += before_first(self.text.text[end:], "\n")
        rows = list(takewhile(lambda line: TABLE_MARK in line, reversed(lines)))
        return fold_width("\n".join([*lines[-len(rows) - 1 : -len(rows)], *reversed(rows)])) if rows else ""


def check_folder(folder: Path, only: Sequence[str], reference: Reference) -> tuple[list[str], list[Finding]]:
    """Check the labels of a folder, or of the documents whose names begin as ``only`` says.

    Returns:
        The names that were checked and what was found, by document; an empty list is a clean bill.

    Raises:
        GoldError: the folder has no documents, stray files, or none of a name that was asked for.
    """
    documents = find_documents(folder)
    names = [name for name in documents if name.startswith(tuple(only) or "")]
    if not names:
        raise GoldError(f"{folder}: no document whose name begins with {', '.join(only)}")
    found: list[Finding] = []
    for name in names:
        try:
            gold = load_document(documents[name])
            text = document_text(gold.path, reference)
        except GoldError as error:
            found.append(Finding(name, "error", "file", str(error)))
            continue
        found.extend(check_document(gold, text, reference))
    return names, found


def document_text(path: Path, reference: Reference) -> str:
    """Return the text that labels of a file quote: of text files the file itself, of others what cleaning makes of it.

    Raises:
        GoldError: a text file that is not UTF-8; its offsets would count something else.
    """
    if path.suffix != ".txt":
        return read(page_from_file(path), reference).document.text
    try:
        return path.read_bytes().decode("utf-8")
    except UnicodeDecodeError as error:
        raise GoldError(f"{path}: not UTF-8 ({error}); offsets count the characters of UTF-8 text") from None


def check_document(gold: GoldDocument, text: str, reference: Reference) -> Iterator[Finding]:
    """Yield everything that is wrong or odd about the labels of one document."""
    placed = PlacedText.of(text)
    offsets = {fact.id: (fact.char_start or 0, fact.char_end or 0) for fact in gold.facts}
    labels = _Labels(gold, placed, offsets if gold.has_offsets else place_facts(gold.facts, placed))
    for check in (_fields, _headings, _sums, _numbers):
        yield from check(labels, reference)
    for fact in gold.facts:
        for severity, message in _fact(fact, labels, reference):
            yield Finding(gold.name, severity, fact.id, message)
    yield from _overlaps(labels)


Found = Iterator[tuple[Severity, str]]


def _fact(fact: GoldFact, labels: _Labels, reference: Reference) -> Found:
    yield from _place(fact, labels)
    yield from _value(fact, labels)
    yield from _unit(fact, labels, reference)
    yield from _codes(fact, reference)
    yield from _links(fact, labels)


def _place(fact: GoldFact, labels: _Labels) -> Found:
    """Sentence verbatim in the text, the number in the sentence, both on the line."""
    sentences = list(labels.text.find(fact.sentence))
    if not sentences:
        yield "error", f"the sentence is not in the text: {fact.sentence}"
        return
    if fact.id not in labels.places:
        yield "error", f"{fact.value_text} does not stand (so often) in the sentence {fact.sentence}"
        return
    start, end = labels.places[fact.id]
    if labels.text.text[start:end] != fact.value_text and labels.gold.has_offsets:
        yield "error", f"at {start}-{end} stands {labels.text.text[start:end]!r}, not {fact.value_text!r}"
    elif not any(first <= start and end <= last for first, last in sentences):
        yield "error", f"the number at {start} stands outside the sentence {fact.sentence}"
    line = fact.raw.get("line")
    if labels.gold.has_offsets and line != labels.text.text.count("\n", 0, start) + 1:
        yield "error", f"the number stands on line {labels.text.text.count(chr(10), 0, start) + 1}, not {line}"


def _value(fact: GoldFact, labels: _Labels) -> Found:
    """The value is what is printed; ranges have an end; the words of the qualifier are there."""
    try:
        printed = value_of(fact.value_text)
    except ValueError:
        yield "error", f"{fact.value_text!r} is no number"
        return
    is_range = fact.value_max is not None
    # "2至4万件": the first number of a range borrows the multiplier of the second
    worth = {printed, printed * 1e4, printed * 1e8} if is_range else {printed}
    if not any(abs(fact.value - each) <= 1e-9 * max(1.0, each) for each in worth):
        yield "error", f"{fact.value_text!r} is worth {printed:g}, not {fact.value:g}"
    if is_range != (fact.qualifier == "range"):
        yield "error", f"qualifier {fact.qualifier} and value_max {fact.value_max} do not go together"
    if fact.value_max is not None and fact.value_max <= fact.value:
        yield "error", f"the range ends at {fact.value_max:g}, not above {fact.value:g}"
    if fact.qualifier not in QUALIFIERS:
        yield "error", f"unknown qualifier {fact.qualifier!r}; known are {', '.join(QUALIFIERS)}"
    elif QUALIFIERS[fact.qualifier] and not any(
        word in labels.near(fact, NEAR, NEAR) for word in QUALIFIERS[fact.qualifier]
    ):
        yield "warning", f"no word near {fact.value_text} says {fact.qualifier}"
    value_type = fact.raw.get("value_type")
    if value_type not in VALUE_TYPES:
        yield "error", f"value_type is {value_type!r}; known are {', '.join(sorted(VALUE_TYPES))}"
    if value_type == "zero" and fact.value != 0:
        yield "error", f"value_type zero with the value {fact.value:g}"


def _unit(fact: GoldFact, labels: _Labels, reference: Reference) -> Found:
    """The unit is printed behind the number or heads its table, is known, and is of the fact's type."""
    value_type = fact.raw.get("value_type")
    if fact.unit is None:
        if value_type != "zero":
            yield "error", "no unit; only a zero in words goes without"
        return
    unit = fold_width(fact.unit)
    is_in_words = unit == "%" and "百分之" in labels.near(fact, NEAR, 0)
    if unit not in labels.near(fact, 0, NEAR) and unit not in labels.table_above(fact) and not is_in_words:
        yield "error", f"the unit {fact.unit} does not stand behind {fact.value_text}"
    known = reference.catalogue.units.value_types.get(unit)
    if known is None:
        yield "warning", f"the unit {fact.unit} is not in units.csv"
    elif value_type not in (known, "zero"):
        yield "warning", f"value_type is {value_type}, but {fact.unit} is a unit of {known}"


def _codes(fact: GoldFact, reference: Reference) -> Found:
    """Codes are in the catalogue, and so are dimensions where the catalogue names them all."""
    catalogue = reference.catalogue
    unknown = [code for code in (fact.code, *fact.alt_codes) if code != UNCODED and code not in catalogue.indicators]
    if unknown:
        yield "error", f"no indicator {', '.join(unknown)} in the catalogue"
        return
    indicator = catalogue.indicators.get(fact.code)
    if indicator is None:
        return
    if fact.dimension is not None and not indicator.has_dimensions:
        yield "warning", f"the catalogue gives {fact.code} no dimensions; labelled is {fact.dimension}"
    value_type = fact.raw.get("value_type")
    says_another_type = value_type in ("count", "ratio") and {value_type, indicator.value_type} == {"count", "ratio"}
    if says_another_type and fact.raw.get("comparison") is None:
        yield "warning", f"{fact.code} is a {indicator.value_type}; labelled is a {value_type} ({fact.unit})"


def _links(fact: GoldFact, labels: _Labels) -> Found:
    """Parents without circles, repetitions of other facts, a year that is one, headings above the line."""
    facts = {each.id: each for each in labels.gold.facts}
    trail = [fact.id]
    while (parent := facts[trail[-1]].parent_id) is not None:
        if parent in trail:
            yield "error", f"its own parent: {' → '.join([*trail, parent])}"
            break
        trail.append(parent)
    repeated = fact.raw.get("duplicate_of")
    if repeated is not None and (repeated not in facts or repeated == fact.id):
        yield "error", f"duplicate_of names {repeated}, which is no other fact of the document"
    if fact.period is not None and fact.period[0] == "year" and not YEAR.fullmatch(str(fact.period[1])):
        yield "error", f"the period {fact.period[1]!r} is no year"
    section = fact.raw.get("section")
    if labels.gold.has_offsets and labels.gold.headings and section is not None:
        above = section_above(labels.gold.headings, int(fact.raw.get("line", 0)))
        if above != section:
            yield "warning", f"the headings above are {' › '.join(above)}; labelled is {' › '.join(section)}"


def section_above(headings: Sequence[Mapping[str, Any]], line: int) -> list[str]:
    """The headings that a line stands under, outermost first, label and text joined."""
    path: list[tuple[int, str]] = []
    for heading in headings:
        if heading["line"] <= line:
            path = [above for above in path if above[0] < heading["level"]]
            path.append((heading["level"], f"{heading.get('label') or ''}{heading['text']}"))
    return [heading for _, heading in path]


def _overlaps(labels: _Labels) -> Iterator[Finding]:
    """Two facts share a whole number ("各3名") or nothing; no fact stands in a non-fact."""
    name = labels.gold.name
    placed = sorted((labels.places[fact.id], fact.id) for fact in labels.gold.facts if fact.id in labels.places)
    for (one, first), (other, second) in pairwise(placed):
        if one != other and overlap(one, other):
            yield Finding(name, "error", second, f"its number overlaps with that of {first}")
    for index, entry in enumerate(labels.gold.non_facts):
        where = f"non_facts[{index}]"
        spans = list(labels.text.find(entry.text))
        if not spans:
            yield Finding(name, "error", where, f"not in the text: {entry.text}")
        covered = [[key for span, key in placed if start <= span[0] and span[1] <= end] for start, end in spans]
        if spans and all(covered) and entry.is_scored:
            yield Finding(name, "error", where, f"{entry.text} is also labelled as the fact {covered[0][0]}")


def _fields(labels: _Labels, reference: Reference) -> Iterator[Finding]:
    """Types and values of the document fields, and which are not labelled."""
    fields, name = labels.gold.fields, labels.gold.name
    for key in dict.fromkeys(field.partition(".")[0] for field in DOCUMENT_FIELDS):
        if key not in fields:
            yield Finding(name, "warning", key, "not labelled, so not scored; null says that the document is silent")
    if "composed" not in fields:
        yield Finding(name, "warning", "composed", "not stated: was the text composed (true), or is it real (false)?")
    year = fields.get("report_year")
    faults = [*_types(fields), *(("region", message) for message in _region(fields.get("region"), year, reference))]
    if labels.gold.has_offsets:
        faults += [("body", message) for message in _body(fields, len(labels.lines))]
    if fields.get("fact_count", len(labels.gold.facts)) != len(labels.gold.facts):
        faults.append(("fact_count", f"{fields['fact_count']}, but there are {len(labels.gold.facts)} facts"))
    yield from (Finding(name, "error", key, message) for key, message in faults)


def _types(fields: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Fields of the wrong type, and what is wrong."""
    for key in ("title", "issuing_body", "document_number", "addressee", "doc_type"):
        if not isinstance(fields.get(key), str | None):
            yield key, f"{fields[key]!r} is no text"
    if not isinstance(fields.get("is_annual_report", False), bool):
        yield "is_annual_report", f"{fields['is_annual_report']!r} is neither true nor false"
    if fields.get("issuer_type") not in (None, *ISSUER_TYPES):
        yield "issuer_type", f"{fields['issuer_type']!r} is none of {', '.join(ISSUER_TYPES)}"
    for key in ("publication_date", "signature_date"):
        if not _is_date(fields.get(key)):
            yield key, f"{fields[key]!r} is no date of the form 2018-02-28"
    year = fields.get("report_year")
    if year is not None and not (type(year) is int and _EARLIEST <= year <= _LATEST):
        yield "report_year", f"{year!r} is no year"


def _is_date(value: Any) -> bool:
    if value is None:
        return True
    try:
        return isinstance(value, str) and date.fromisoformat(value).isoformat() == value
    except ValueError:
        return False


def _region(region: Any, year: Any, reference: Reference) -> Iterator[str]:
    """The code exists and has the stated level and name."""
    if region is None:
        return
    if not isinstance(region, Mapping) or not {"code", "level"} <= region.keys():
        yield f"{region!r} is no object of code and level"
        return
    division = reference.regions.by_code(str(region["code"]), year if isinstance(year, int) else None)
    if division is None:
        yield f"no division has the code {region['code']!r}"
        return
    for key, known in (("level", division.level), ("name", division.name)):
        if region.get(key, known) != known:
            yield f"{region['code']} is {known}; labelled is {region[key]}"


def _body(fields: Mapping[str, Any], lines: int) -> Iterator[str]:
    """First and last line of the body are lines of the document, in order."""
    first, last = fields.get("body_first_line"), fields.get("body_last_line")
    if first is None and last is None:
        return
    if not (type(first) is int and type(last) is int and 1 <= first <= last <= lines):
        yield f"the body from line {first!r} to {last!r} is none of {lines} lines"


def _headings(labels: _Labels, reference: Reference) -> Iterator[Finding]:
    """Headings stand on their lines; of other formats than text, somewhere."""
    domains = {indicator.domain for indicator in reference.catalogue.indicators.values()}
    for index, heading in enumerate(labels.gold.headings or ()):
        where = f"headings[{index}]"
        whole = f"{heading.get('label') or ''}{heading['text']}"
        line = heading.get("line")
        if labels.gold.has_offsets and not (type(line) is int and 1 <= line <= len(labels.lines)):
            yield Finding(labels.gold.name, "error", where, f"line {line!r} is none of the document")
        elif labels.gold.has_offsets and not _contains(labels.lines[int(line or 1) - 1], whole):
            yield Finding(labels.gold.name, "error", where, f"line {line} does not hold {whole}")
        elif not any(labels.text.find(whole)):
            yield Finding(labels.gold.name, "error", where, f"not in the text: {whole}")
        if heading.get("topic") is not None and heading["topic"] not in domains:
            yield Finding(labels.gold.name, "error", where, f"unknown topic {heading['topic']!r}")


def _contains(line: str, wanted: str) -> bool:
    return any(PlacedText.of(line).find(wanted))


def _sums(labels: _Labels, _: Reference) -> Iterator[Finding]:
    """Parts add up as ``parent_child_sums`` says, and every entry quotes the facts rightly."""
    facts = {fact.id: fact for fact in labels.gold.facts}
    for index, entry in enumerate(labels.gold.fields.get("parent_child_sums") or ()):
        where = f"parent_child_sums[{index}]"
        for severity, message in _sum(entry, facts):
            yield Finding(labels.gold.name, severity, where, message)


def _sum(entry: Mapping[str, Any], facts: Mapping[str, GoldFact]) -> Found:
    missing = [str(key) for key in (entry.get("parent"), *entry.get("children", ())) if key not in facts]
    if missing:
        yield "error", f"no fact {', '.join(missing)}"
        return
    parent, children = facts[entry["parent"]], [facts[child] for child in entry["children"]]
    strangers = [child.id for child in children if child.parent_id != parent.id]
    if strangers:
        yield "error", f"{', '.join(strangers)} do not name {parent.id} as their parent"
        return
    total = sum(child.value for child in children)
    if (entry.get("parent_value", parent.value), entry.get("children_sum", total)) != (parent.value, total):
        yield "error", f"{parent.id} is {parent.value:g} and its parts make {total:g}; the entry says otherwise"
    if entry.get("relation") not in ("partition", "subset"):
        yield "error", f"relation is {entry.get('relation')!r}, neither partition nor subset"
        return
    holds = total == parent.value if entry["relation"] == "partition" else total <= parent.value
    if entry.get("holds", True) is not holds:
        yield (
            "error",
            f"the parts of {parent.id} make {total:g} of {parent.value:g}; holds must be {str(holds).lower()}",
        )
    elif not holds:
        yield "warning", f"in the report itself the parts of {parent.id} make {total:g} of {parent.value:g}"


def _numbers(labels: _Labels, _: Reference) -> Iterator[Finding]:
    """Every number of a report's body is a fact, lies in a non-fact, or is plainly a date, a title or the like."""
    text, fields = labels.text.text, labels.gold.fields
    first, last = fields.get("body_first_line"), fields.get("body_last_line")
    if not fields.get("is_annual_report") or not (type(first) is int and type(last) is int):
        return
    lines = labels.lines
    start = sum(len(line) + 1 for line in lines[: first - 1]) if labels.gold.has_offsets else 0
    end = sum(len(line) + 1 for line in lines[:last]) if labels.gold.has_offsets else len(text)
    covered = [(stretch.start, stretch.end) for stretch in find_nonfacts(fold_width(text))]
    covered += [span for entry in labels.gold.non_facts for span in labels.text.find(entry.text)]
    for fact in labels.gold.facts:
        if fact.id in labels.places:
            begin, stop = labels.places[fact.id]
            covered.append((begin, stop + (NEAR if fact.value_max is not None else 0)))
    for span in printed_numbers(text, start, min(end, len(text))):
        if not any(overlap(span, each) for each in covered):
            around = text[max(0, span[0] - NEAR) : span[1] + NEAR].replace("\n", " ")
            yield Finding(labels.gold.name, "warning", f"at {span[0]}", f"neither fact nor non-fact: …{around}…")
