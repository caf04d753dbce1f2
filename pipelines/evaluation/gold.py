"""The gold files: a document, its facts and its fields, labelled by hand.

For each NAME a folder holds one document (``NAME.txt``, ``.html``, ``.docx`` or ``.pdf``), ``NAME.jsonl``
(one fact a line; empty where the document states none) and ``NAME.doc.json`` (document fields, headings,
typed non-facts).
Reading and checking these files belongs here; comparing them with anything does not.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

DOCUMENT_SUFFIXES = (".txt", ".html", ".docx", ".pdf")
FACTS_SUFFIX = ".jsonl"
FIELDS_SUFFIX = ".doc.json"
UNCODED = "OTHER"
NOT_SCORED = "norm"

FLAGS = ("is_plan", "is_cumulative", "is_proposed")
STATED = ("comparison", "authority")

Origin = Literal["real", "composed", "not stated"]


class GoldError(ValueError):
    """A gold folder that cannot be scored against; the message names the file and what is wrong with it."""


@dataclass(frozen=True)
class GoldFact:
    """One number that a person found in a document.

    Attributes:
        id: name of the fact, unique in its document.
        code: indicator code; OTHER for a fact outside the catalogue.
        alt_codes: further codes that are right as well.
        value: in base units; with ``value_max`` where the text states a range.
        value_text: the number as printed.
        char_start: where ``value_text`` begins in the document text; None where the format has no fixed text.
        char_end: exclusive end of ``value_text``.
        period: pair of type and value; None where the fact is not dated.
        flags: is_plan, is_cumulative, is_proposed; comparison and authority as stated or not.
        raw: the line of the file as parsed, for showing.
    """

    id: str
    code: str
    alt_codes: frozenset[str]
    value: float
    value_max: float | None
    value_text: str
    unit: str | None
    qualifier: str
    period: tuple[str | None, str | None] | None
    dimension: str | None
    parent_id: str | None
    flags: Mapping[str, bool]
    sentence: str
    char_start: int | None
    char_end: int | None
    raw: Mapping[str, Any]

    def accepts(self, code: str) -> bool:
        """Whether an observation with this indicator code is coded rightly."""
        return code == self.code or code in self.alt_codes


@dataclass(frozen=True)
class NonFact:
    """A run of text with a number in it that is no fact: a slogan, a date, the name of a law."""

    type: str
    text: str

    @property
    def is_scored(self) -> bool:
        """False for norms: whether a number inside one is a fact is open, so neither answer counts."""
        return self.type != NOT_SCORED


@dataclass(frozen=True)
class GoldDocument:
    """One labelled document: where it lies, its facts and what its fields must be.

    ``headings`` is None where nobody labelled them, which is not the same as a document without headings.
    """

    name: str
    path: Path
    facts: tuple[GoldFact, ...]
    fields: Mapping[str, Any]
    headings: tuple[Mapping[str, Any], ...] | None
    non_facts: tuple[NonFact, ...]

    @property
    def has_offsets(self) -> bool:
        """Whether facts are placed by offsets: only a text file is one text for all."""
        return self.path.suffix == ".txt"

    @property
    def origin(self) -> Origin:
        """Whether the text is a real page or was composed for this project, as its fields say."""
        composed = self.fields.get("composed")
        return "not stated" if composed is None else "composed" if composed else "real"


def load_gold(folder: Path, only: Sequence[str] = ()) -> list[GoldDocument]:
    """Read the labelled documents of a folder, ordered by name.

    Args:
        folder: where they lie.
        only: beginnings of the names to take, such as ``000``; all when empty.

    Raises:
        GoldError: no gold in the folder, a document without its two gold files or the reverse, two documents
            of one name, a line that lacks a key, or a beginning that no name has; names the file and, for facts,
            the line.
    """
    documents = find_documents(folder)
    unknown = [beginning for beginning in only if not any(name.startswith(beginning) for name in documents)]
    if unknown:
        raise GoldError(f"{folder}: no document whose name begins with {', '.join(unknown)}")
    beginnings = tuple(only) or ("",)
    return [load_document(path) for name, path in documents.items() if name.startswith(beginnings)]


def find_documents(folder: Path) -> dict[str, Path]:
    """The documents of a gold folder by name, in order.

    Raises:
        GoldError: no documents, two of one name, or gold files without a document.
    """
    if not folder.is_dir():
        raise GoldError(f"{folder}: not a folder")
    documents: dict[str, Path] = {}
    for path in sorted(folder.iterdir()):
        if path.suffix not in DOCUMENT_SUFFIXES:
            continue
        if path.stem in documents:
            raise GoldError(f"{path}: a second document of the name {path.stem} beside {documents[path.stem].name}")
        documents[path.stem] = path
    for suffix in (FACTS_SUFFIX, FIELDS_SUFFIX):
        for path in sorted(folder.glob(f"*{suffix}")):
            if path.name.removesuffix(suffix) not in documents:
                raise GoldError(f"{path}: no document beside it ({', '.join(DOCUMENT_SUFFIXES)})")
    if not documents:
        raise GoldError(
            f"{folder}: no gold documents ({', '.join(DOCUMENT_SUFFIXES)} with {FACTS_SUFFIX} and {FIELDS_SUFFIX})"
        )
    return dict(sorted(documents.items()))


def load_document(path: Path) -> GoldDocument:
    """Read the gold of one document.

    Raises:
        GoldError: see :func:`load_gold`.
    """
    facts_path = path.with_name(path.stem + FACTS_SUFFIX)
    fields_path = path.with_name(path.stem + FIELDS_SUFFIX)
    fields = _parse_object(_read_text(fields_path), str(fields_path))
    lines = enumerate(_read_text(facts_path).split("\n"), 1)
    facts = tuple(
        _load_fact(line, f"{facts_path}:{number}", with_offsets=path.suffix == ".txt")
        for number, line in lines
        if line.strip()
    )
    _check_links(facts, facts_path)
    non_facts = tuple(
        NonFact(type=_take(entry, "type", str, where), text=_take(entry, "text", str, where))
        for where, entry in _entries(fields, "non_facts", fields_path)
    )
    _take_or_none(fields, "composed", bool, str(fields_path))
    headings = _entries(fields, "headings", fields_path)
    for where, entry in headings:
        _take(entry, "text", str, where)
        _take(entry, "level", int, where)
    return GoldDocument(
        name=path.stem,
        path=path,
        facts=facts,
        fields=fields,
        headings=tuple(entry for _, entry in headings) if "headings" in fields else None,
        non_facts=non_facts,
    )


def _load_fact(line: str, where: str, *, with_offsets: bool) -> GoldFact:
    raw = _parse_object(line, where)
    period = _take_or_none(raw, "period", dict, where)
    offset: Callable[[str], int | None] = (
        (lambda key: int(_take(raw, key, int, where)))
        if with_offsets
        else (lambda key: _take_or_none(raw, key, int, where))
    )
    flags = {name: bool(_take(raw, name, bool, where)) for name in FLAGS}
    flags |= {name: _take_or_none(raw, name, str, where) is not None for name in STATED}
    value_max = _take_or_none(raw, "value_max", (int, float), where)
    return GoldFact(
        id=_take(raw, "id", str, where),
        code=_take_or_none(raw, "indicator_code", str, where) or UNCODED,
        alt_codes=frozenset(_take_or_none(raw, "alt_codes", list, where) or ()),
        value=float(_take(raw, "value", (int, float), where)),
        value_max=None if value_max is None else float(value_max),
        value_text=_take(raw, "value_text", str, where),
        unit=_take_or_none(raw, "unit", str, where),
        qualifier=_take(raw, "qualifier", str, where),
        period=None if period is None else (period.get("type"), period.get("value")),
        dimension=_take_or_none(raw, "dimension", str, where),
        parent_id=_take_or_none(raw, "parent_id", str, where),
        flags=flags,
        sentence=_take(raw, "sentence", str, where),
        char_start=offset("char_start"),
        char_end=offset("char_end"),
        raw=raw,
    )


def _check_links(facts: tuple[GoldFact, ...], path: Path) -> None:
    seen: set[str] = set()
    for fact in facts:
        if fact.id in seen:
            raise GoldError(f"{path}: two facts with the id {fact.id}")
        seen.add(fact.id)
    for fact in facts:
        if fact.parent_id is not None and fact.parent_id not in seen:
            raise GoldError(f"{path}: {fact.id} names the parent {fact.parent_id}, which is not in the file")


def _read_text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise GoldError(f"{path}: missing; every gold document needs it") from None
    except UnicodeDecodeError as error:
        raise GoldError(f"{path}: not UTF-8 ({error})") from None


def _parse_object(text: str, where: str) -> dict[str, Any]:
    try:
        parsed = json.loads(text)
    except json.JSONDecodeError as error:
        raise GoldError(f"{where}: not JSON ({error})") from None
    if not isinstance(parsed, dict):
        raise GoldError(f"{where}: an object is expected, not {type(parsed).__name__}")
    return parsed


def _entries(fields: Mapping[str, Any], key: str, path: Path) -> list[tuple[str, dict[str, Any]]]:
    """The objects of a list in a ``.doc.json``, each with its place for messages; an absent list is empty."""
    entries = fields.get(key) or []
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise GoldError(f"{path}: {key} must be a list of objects")
    return [(f"{path}: {key}[{index}]", entry) for index, entry in enumerate(entries)]


def _take(raw: Mapping[str, Any], key: str, kind: type | tuple[type, ...], where: str) -> Any:
    """The value of a key that must be there and be of a kind."""
    if key not in raw:
        raise GoldError(f"{where}: the key {key} is missing")
    value = raw[key]
    is_number_for_flag = isinstance(value, bool) and kind is not bool
    if is_number_for_flag or not isinstance(value, kind):
        raise GoldError(f"{where}: {key} is {value!r}")
    return value


def _take_or_none(raw: Mapping[str, Any], key: str, kind: type | tuple[type, ...], where: str) -> Any:
    """The value of a key that may be absent or null."""
    return None if raw.get(key) is None else _take(raw, key, kind, where)
