"""The values that flow through reading: page → document → sections → observations, items, citations, and the issues.

Only plain, frozen dataclasses of strings, numbers and dates belong here, so that they travel unchanged
through a test, a notebook, a process pool or a table. The names of fields are the names of columns in the
``raw_*`` tables and of keys in ``fazhi extract --json``. No reading, no storage, no defaults for the unknown.
"""

from __future__ import annotations

import hashlib
from dataclasses import MISSING, dataclass, fields
from datetime import date, datetime
from typing import Any, Literal, TypeVar

Severity = Literal["error", "warn", "info"]
Stage = Literal["clean", "read", "extract"]
_Class = TypeVar("_Class")


def filled_at_once(cls: type[_Class]) -> type[_Class]:
    """Give a frozen dataclass of many fields an ``__init__`` that fills its dictionary in one go.

    The one that comes with it sets field after field past the lock of a frozen class, which takes four times as long;
    a page has a hundred of these values.
    """
    names = tuple(field.name for field in fields(cls))  # type: ignore[arg-type]
    defaults = {field.name: field.default for field in fields(cls) if field.default is not MISSING}  # type: ignore[arg-type]

    def fill(self: _Class, *values: Any, **named: Any) -> None:
        own = self.__dict__
        if len(values) == len(names) and not named:
            own.update(zip(names, values, strict=True))
            return
        own.update(defaults)
        if values:
            own.update(zip(names, values, strict=False))
        own.update(named)
        if len(own) != len(names):
            raise TypeError(f"{cls.__name__} has the fields {', '.join(names)}, not {', '.join(own)}")

    cls.__init__ = fill  # type: ignore[assignment, method-assign]
    return cls


@dataclass(frozen=True)
class Page:
    """The bytes of one capture and what the crawl knows about them; input of all reading.

    Attributes:
        name: what to call it in messages: a file name or the capture id.
        content: the body exactly as received.
        content_type: the Content-Type header, or a guess from the file's ending; may be wrong or None.
        url: the address it came from; None for a bare file.
        capture_id: id of the capture in the archive; None outside the warehouse.
        source_id: id of the portal's source file; None outside the warehouse.
        family: CMS family of the source ("trs", "ucap", …); None lets cleaning try all.
        source_region_code: six-digit GB/T 2260 code of the source's owner, from the registry.
        source_owner: name of the body that runs the portal, from the registry, such as "泸州市人民政府".
        list_title: the full title of the link on the list page.
        list_date: the date beside the link on the list page.
        fetched_at: when the bytes were received (aware, UTC).
        file_name: name of an attached file as its server or link gives it; None for pages.
        further: the other pages of an article that is cut into several, in order.
        article: the page that links this file and has no text of its own, so that the file is the article's text.
    """

    name: str
    content: bytes
    content_type: str | None = None
    url: str | None = None
    capture_id: str | None = None
    source_id: str | None = None
    family: str | None = None
    source_region_code: str | None = None
    source_owner: str | None = None
    list_title: str | None = None
    list_date: date | None = None
    fetched_at: datetime | None = None
    file_name: str | None = None
    further: tuple[Page, ...] = ()
    article: Page | None = None

    @property
    def content_sha256(self) -> str:
        """Hex SHA-256 of the bytes."""
        return hashlib.sha256(self.content).hexdigest()

    @property
    def document_id(self) -> str:
        """Sixteen hex digits that name these bytes at this address; a page that changed in any part gets a new id."""
        key = "\n".join([self.url or self.name, self.content_sha256, *(page.content_sha256 for page in self.further)])
        return hashlib.sha256(key.encode()).hexdigest()[:16]


@dataclass(frozen=True)
class Issue:
    """Something that reading could not take at face value; never dropped, never guessed away."""

    stage: Stage
    severity: Severity
    kind: str
    message: str
    value: str | None = None
    sentence: str | None = None


@dataclass(frozen=True)
class Region:
    """A division of GB/T 2260 as valid in a stated year."""

    code: str
    name: str
    level: Literal["province", "prefecture", "county"]
    level_zh: str
    province: str
    province_code: str
    parent_code: str | None
    parent_name: str | None
    evidence: str


@dataclass(frozen=True)
class Document:
    """One page read as a document.

    ``text`` is the stored document text: for HTML the serialised main part, for ``.txt`` the file as it is.
    All offsets of sections and observations count characters of ``text``; line numbers start at 1.
    ``body_first_line`` and ``body_last_line`` bound the report proper: after the addressee, before the signature.
    Fields that the page does not state are None; what was inferred stands in a field of its own.
    """

    document_id: str
    text: str
    is_annual_report: bool
    doc_type: str
    doc_type_reason: str
    title: str | None
    title_source: str | None
    title_simplified: str | None
    html_title: str | None
    site_name: str | None
    region: Region | None
    report_year: int | None
    report_year_source: str | None
    issuing_body: str | None
    issuing_body_inferred: str | None
    issuer_type: str | None
    document_number: str | None
    document_number_raw: str | None
    index_number: str | None
    publication_date: date | None
    publication_date_source: str | None
    generated_date: date | None
    addressee: str | None
    addressee_normalized: str | None
    signature_body: str | None
    signature_date: date | None
    validity: str | None
    script: Literal["Hans", "Hant"]
    encoding: str | None
    body_first_line: int | None
    body_last_line: int | None
    container: str


@filled_at_once
@dataclass(frozen=True)
class Section:
    """A heading and the text under it, down to the next heading of the same or a higher level.

    The first section may be the preamble: level 0, no label, no heading. ``char_start`` is where the heading
    (or preamble) begins; ``body_start`` where the text after the heading begins; ``char_end`` is exclusive and
    stops where the next heading of any level begins, so sections never overlap and cover the body without gaps.
    """

    section_id: str
    ordinal: int
    level: int
    label: str | None
    heading: str | None
    path: tuple[str, ...]
    topic: str | None
    part: str
    line: int
    char_start: int
    body_start: int
    char_end: int
    parent_section_id: str | None


@filled_at_once
@dataclass(frozen=True)
class Observation:
    """One number that a report states, with everything needed to doubt it.

    The field names are those of the gold standard. ``value`` is in base units (1.2万 → 12000), ``value_max`` only
    for ranges; a zero said in words (无败诉案件) has value 0, no unit and the value type zero.
    ``char_start``/``char_end`` bound ``value_text`` in the document text; ``sentence`` is verbatim, for a number of a
    table the line of its row, with the header over it in ``note``.
    ``parent_id`` and ``duplicate_of`` name other observations of the same document. ``confidence`` is the chance
    that value, unit, indicator and flags are right, from the ``signals`` ("origin=rule; context=sentence; …").
    """

    id: str
    indicator_phrase: str
    indicator_code: str
    value: float
    value_max: float | None
    value_text: str
    unit: str | None
    value_type: Literal["count", "ratio", "amount", "zero"]
    qualifier: str
    period_type: str
    period_value: str | None
    is_plan: bool
    is_cumulative: bool
    is_proposed: bool
    comparison: str | None
    dimension: str | None
    scope: str | None
    authority: str | None
    parent_id: str | None
    duplicate_of: str | None
    section_id: str | None
    section: tuple[str, ...]
    topic: str | None
    part: str
    line: int
    char_start: int
    char_end: int
    sentence: str
    sentence_start: int
    confidence: float
    rule: str
    signals: str
    note: str | None = None


@filled_at_once
@dataclass(frozen=True)
class Item:
    """One problem that a report admits, or one thing that it plans for the next year.

    ``text`` is verbatim from ``char_start`` to ``char_end`` of the document text, its label included. ``ordinal``
    counts the items of one kind in a document from 1. ``form`` says by what the item was told from its neighbours: a
    heading, a label inside the text (一是, 1.), a paragraph, a clause between semicolons, or a sentence.
    """

    item_id: str
    kind: Literal["problem", "plan"]
    ordinal: int
    label: str | None
    form: Literal["heading", "label", "paragraph", "clause", "sentence"]
    text: str
    topic: str | None
    section_id: str | None
    line: int
    char_start: int
    char_end: int


@filled_at_once
@dataclass(frozen=True)
class Citation:
    """One place where a document names another by its title in 《》.

    ``cited_as`` is the title as printed there, between ``char_start`` and ``char_end`` with its marks. ``title`` is the
    full title: where the text introduced a short form (以下简称《纲要》), what the short form stands for. ``title_key``
    is the title without marks, blanks, 中华人民共和国 and the like, the same for all ways to write it. ``occurrence``
    counts the places that cite the same title. ``within`` names the citation whose title holds this one.
    """

    citation_id: str
    title: str
    title_key: str
    cited_as: str
    kind: str
    is_draft: bool
    number: str | None
    number_raw: str | None
    issued_year: int | None
    issued_year_source: Literal["number", "text", "title"] | None
    occurrence: int
    within: str | None
    section_id: str | None
    line: int
    char_start: int
    char_end: int
    sentence: str
    sentence_start: int


@dataclass(frozen=True)
class Reading:
    """Everything read from one page."""

    page: Page
    document: Document
    sections: tuple[Section, ...] = ()
    observations: tuple[Observation, ...] = ()
    issues: tuple[Issue, ...] = ()
    items: tuple[Item, ...] = ()
    citations: tuple[Citation, ...] = ()
