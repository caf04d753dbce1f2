"""Corrected drafts → gold: ``NAME.jsonl`` and ``NAME.doc.json`` beside the document.

A draft that nobody has reviewed, that leaves something undecided or whose labels cannot be right is refused; what
the labels look like in a draft is said by ``gold_draft``.
"""

from __future__ import annotations

import json
import re
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from pipelines.evaluation.gold import FACTS_SUFFIX, FIELDS_SUFFIX, UNCODED, GoldError, load_document
from pipelines.gold_check import Finding, check_document, document_text, section_above
from pipelines.gold_draft import DRAFT_SUFFIX, SUFFIX_OF, UNDECIDED, USUAL, usual_period, usual_type
from pipelines.gold_text import Span, value_of
from pipelines.reference import Reference

# "{52}" a number, "{{" a brace of the text
MARK = re.compile(r"\{\{|\}\}|\{(?P<number>[^{}]*)\}|(?P<stray>[{}])")
_DRAFT_KEYS = {"document", "reviewed", "fields", "headings", "non_facts", "sentences", "sums"}
_SENTENCE_KEYS = {"line", "text", "facts"}
_FACT_KEYS = {"id", "code", "phrase", "alt_codes", "value", "value_type", "period", "same_number", *USUAL}
_NON_FACT_KEYS = {"nonfact", "text"}
_SUM_KEYS = {"parent", "children", "relation"}

Row = dict[str, Any]


@dataclass(frozen=True)
class Built:
    """The gold of one draft before it is written."""

    name: str
    document: Path
    facts: Sequence[Row]
    fields: Row


def build(path: Path, folder: Path | None, reference: Reference, *, force: bool) -> tuple[Path, int, list[Finding]]:
    """Compile a draft and write its gold, with the document, into a folder (default: that of the draft).

    Returns:
        The document as it now lies among the gold, the number of its facts, and what somebody should look at.

    Raises:
        GoldError: the draft is not reviewed, is no draft, or leaves something open; a label cannot be right;
            there are labels already and ``force`` is off. Nothing is written then.
    """
    built = compile_draft(path, reference)
    target = folder or path.parent
    document = target / f"{built.name}{SUFFIX_OF.get(built.document.suffix.lower(), built.document.suffix.lower())}"
    present = [file for file in _gold_files(document) if file.exists()]
    if document.exists() and document.read_bytes() != built.document.read_bytes():
        present.append(document)
    if present and not force:
        raise GoldError(f"{present[0]} is there already; --force writes over it")
    with tempfile.TemporaryDirectory() as scratch:
        tried = Path(scratch) / document.name
        _write(built, tried)
        findings = list(check_document(load_document(tried), document_text(tried, reference), reference))
    errors = [f"  {each.where}: {each.message}" for each in findings if each.severity == "error"]
    if errors:
        raise GoldError("\n".join([f"{path}: {len(errors)} labels cannot be right", *errors]))
    target.mkdir(parents=True, exist_ok=True)
    _write(built, document)
    return document, len(built.facts), findings


def _gold_files(document: Path) -> tuple[Path, Path]:
    return document.with_name(document.stem + FACTS_SUFFIX), document.with_name(document.stem + FIELDS_SUFFIX)


def _write(built: Built, document: Path) -> None:
    if not document.exists() or document.read_bytes() != built.document.read_bytes():
        shutil.copyfile(built.document, document)
    facts, fields = _gold_files(document)
    lines = "".join(json.dumps(fact, ensure_ascii=False) + "\n" for fact in built.facts)
    facts.write_text(lines, encoding="utf-8")
    fields.write_text(json.dumps(built.fields, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def compile_draft(path: Path, reference: Reference) -> Built:
    """Read a draft and work out its gold.

    Raises:
        GoldError: see :func:`build`.
    """
    draft = _load(path)
    document = (path.parent / str(draft["document"])).resolve()
    if not document.is_file():
        raise GoldError(f"{path}: the document {document} is not there")
    if draft["reviewed"] is not True:
        raise GoldError(f'{path}: not reviewed; set "reviewed: true" once every line is right')
    name = path.name.removesuffix(DRAFT_SUFFIX)
    fields = dict(_mapping(draft["fields"], f"{path}: fields"))
    if not isinstance(fields.get("composed"), bool):
        raise GoldError(f"{path}: composed must say whether the text was composed (true) or is a real page (false)")
    headings = [_mapping(each, f"{path}: headings") for each in draft["headings"] or ()]
    non_facts = [dict(_mapping(each, f"{path}: non_facts")) for each in draft["non_facts"] or ()]
    text = document_text(document, reference) if document.suffix.lower() == ".txt" else None
    facts: list[Row] = []
    reader = _SentenceBuilder(name, fields.get("report_year"), headings, text, reference)
    for block in draft["sentences"] or ():
        found, nots = reader.read(_mapping(block, f"{path}: sentences"))
        facts += found
        non_facts += [entry for entry in nots if entry not in non_facts]
    totals = []
    for each in draft["sums"] or ():
        entry = dict(_mapping(each, f"{path}: sums"))
        entry |= {"parent": reader.full_id(entry.get("parent"))}
        entry |= {"children": [reader.full_id(child) for child in entry.get("children") or ()]}
        totals.append(_sum(entry, facts, f"{path}: sums"))
    return Built(name, document, facts, _fields(name, document, fields, headings, non_facts, totals, facts, text))


def _load(path: Path) -> Mapping[str, Any]:
    if not path.name.endswith(DRAFT_SUFFIX):
        raise GoldError(f"{path}: a draft is called NAME{DRAFT_SUFFIX}")
    try:
        draft = _mapping(yaml.safe_load(path.read_text(encoding="utf-8")), str(path))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise GoldError(f"{path}: {error}") from None
    _refuse_keys(draft, _DRAFT_KEYS, str(path))
    missing = sorted(_DRAFT_KEYS - draft.keys())
    if missing:
        raise GoldError(f"{path}: the key {', '.join(missing)} is missing")
    return draft


@dataclass
class _SentenceBuilder:
    """Turns the sentences of a draft into facts, one after another."""

    name: str
    year: int | None
    headings: Sequence[Mapping[str, Any]]
    text: str | None
    reference: Reference
    position: int = 0

    def read(self, block: Mapping[str, Any]) -> tuple[list[Row], list[Row]]:
        """The facts and the non-facts of one sentence.

        Raises:
            GoldError: braces and lines do not go together, the sentence is not on its line, a line is undecided.
        """
        where = f"{self.name}, line {block.get('line')}"
        _refuse_keys(block, _SENTENCE_KEYS, where)
        if type(block.get("line")) is not int or not isinstance(block.get("text"), str):
            raise GoldError(f"{where}: a sentence has a line and a text")
        sentence, spans = unmarked(block["text"], where)
        entries = [_mapping(entry, where) for entry in block.get("facts") or ()]
        spans = self._one_each(spans, entries, f"{where}: {sentence}")
        start = self._find(sentence, block["line"], where)
        facts: list[Row] = []
        nots: list[Row] = []
        for (first, last), entry in zip(spans, entries, strict=True):
            if "nonfact" in entry:
                _refuse_keys(entry, _NON_FACT_KEYS, where)
                nots.append({"type": entry["nonfact"], "text": entry.get("text", sentence[first:last])})
                continue
            offsets = (None, None) if start is None else (start + first, start + last)
            line = None if start is None else block["line"]
            fact = self._fact(entry, sentence[first:last], f"{where}: {sentence[first:last]}")
            above = section_above(self.headings, block["line"])
            place = {"section": above, "line": line, "char_start": offsets[0], "char_end": offsets[1]}
            facts.append(fact | place | {"sentence": sentence, "note": entry.get("note")})
        return facts, nots

    def _one_each(self, spans: Sequence[Span], entries: Sequence[Mapping[str, Any]], where: str) -> list[Span]:
        """The number of each line; several lines share one where they say so."""
        own = [entry for entry in entries if not entry.get("same_number")]
        if len(own) != len(spans) or (entries and entries[0].get("same_number")):
            raise GoldError(f"{where}: {len(spans)} numbers in braces, but lines for {len(own)}")
        index, chosen = -1, []
        for entry in entries:
            index += not entry.get("same_number")
            chosen.append(spans[index])
        return chosen

    def _find(self, sentence: str, line: int, where: str) -> int | None:
        """Where the sentence begins in a text file, not before the sentence before it; None for other formats."""
        if self.text is None:
            return None
        lines = self.text.split("\n")
        if not 1 <= line <= len(lines):
            raise GoldError(f"{where}: the text has {len(lines)} lines")
        begin = sum(len(each) + 1 for each in lines[: line - 1])
        start = self.text.find(sentence, max(begin, self.position), begin + len(lines[line - 1]))
        if start < 0:
            raise GoldError(f"{where}: not on this line, or not behind the sentence before it: {sentence}")
        self.position = start + len(sentence)
        return start

    def _fact(self, entry: Mapping[str, Any], printed: str, where: str) -> Row:
        """All that a line and its number say."""
        if entry.get("code") in (None, UNDECIDED):
            raise GoldError(f"{where}: undecided; give a code, {UNCODED}, or a nonfact")
        _refuse_keys(entry, _FACT_KEYS, where)
        missing = sorted({"id", "phrase"} - entry.keys())
        if missing:
            raise GoldError(f"{where}: the key {', '.join(missing)} is missing")
        stated = {key: entry.get(key, usual) for key, usual in USUAL.items() if key != "note"}
        try:
            value = entry["value"] if "value" in entry else value_of(printed)
        except ValueError:
            raise GoldError(f"{where}: cannot tell what this number is worth; give its value") from None
        return {
            "id": self.full_id(entry["id"]),
            "indicator_phrase": entry["phrase"],
            "indicator_code": entry["code"],
            **({"alt_codes": entry["alt_codes"]} if entry.get("alt_codes") else {}),
            "value": int(value) if float(value).is_integer() else value,
            "value_text": printed,
            "value_type": entry.get("value_type", usual_type(stated["unit"], self.reference)),
            "period": entry["period"] if "period" in entry else usual_period(self.year),
            **stated,
            "parent_id": self.full_id(stated["parent_id"]),
            "duplicate_of": self.full_id(stated["duplicate_of"]),
        }

    def full_id(self, given: Any) -> str | None:
        """A number of the draft becomes an id of the document; an id stays."""
        return f"{self.name}-{given:03d}" if type(given) is int else given


def unmarked(text: str, where: str) -> tuple[str, list[Span]]:
    """Take the braces out of a sentence.

    >>> unmarked("办结{9}件", "")
    ('办结9件', [(2, 3)])

    Raises:
        GoldError: an open, empty or stray brace.
    """
    plain, spans, at = "", [], 0
    for match in MARK.finditer(text):
        plain += text[at : match.start()]
        at = match.end()
        number = match["number"]
        if match["stray"] or number == "":
            raise GoldError(f"{where}: a brace without its number or partner: {text}")
        if number is None:
            plain += match.group()[0]
        else:
            spans.append((len(plain), len(plain) + len(number)))
            plain += number
    return plain + text[at:], spans


def _fields(
    name: str,
    document: Path,
    fields: Mapping[str, Any],
    headings: Sequence[Mapping[str, Any]],
    non_facts: Sequence[Row],
    totals: Sequence[Row],
    facts: Sequence[Row],
    text: str | None,
) -> Row:
    """The document fields, with what follows from the rest."""
    source = {"seed": name, "source_file": f"{name}{SUFFIX_OF.get(document.suffix.lower(), document.suffix.lower())}"}
    count = {} if text is None else {"char_count": len(text)}
    return {
        **source,
        **fields,
        **count,
        "headings": list(headings),
        "non_facts": list(non_facts),
        "parent_child_sums": list(totals),
        "fact_count": len(facts),
    }


def _sum(entry: Mapping[str, Any], facts: Sequence[Row], where: str) -> Row:
    """One entry of ``parent_child_sums``, worked out from what the draft says of it.

    Raises:
        GoldError: it names no parent, no parts, or facts that are not there.
    """
    _refuse_keys(entry, _SUM_KEYS, where)
    known = {fact["id"]: fact for fact in facts}
    named = [entry.get("parent"), *(entry.get("children") or ())]
    strangers = [str(each) for each in named if each not in known]
    if strangers or len(named) == 1:
        raise GoldError(f"{where}: no fact {', '.join(strangers)}" if strangers else f"{where}: no children")
    parent, total = known[entry["parent"]], sum(known[child]["value"] for child in entry["children"])
    return {
        "parent": parent["id"],
        "parent_phrase": parent["indicator_phrase"],
        "parent_value": parent["value"],
        "children": list(entry["children"]),
        "children_sum": total,
        "relation": entry.get("relation"),
        "holds": total == parent["value"] if entry.get("relation") == "partition" else total <= parent["value"],
    }


def _mapping(value: Any, where: str) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise GoldError(f"{where}: keys with values are expected, not {value!r}")
    return value


def _refuse_keys(entry: Mapping[str, Any], known: set[str], where: str) -> None:
    unknown = sorted(str(key) for key in entry.keys() - known)
    if unknown:
        raise GoldError(f"{where}: unknown key {', '.join(unknown)}; known are {', '.join(sorted(known))}")
