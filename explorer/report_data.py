"""What the pages on one report ask of a release: the report, its versions, sections, numbers, items and citations.

Rows in, typed values out. Cutting the text, choosing what to mark and answering requests does not belong here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, Literal, TypeVar, cast

from explorer.releases import Release, Row
from explorer.web import NotFoundError

Standing = Literal[
    "tidy", "review", "plan", "cumulative", "proposed", "comparison", "other_authority", "uncoded", "older", "out"
]
"""How a number stands to the tidy table: in it, waiting for a person, or kept out and why."""
STANDINGS: tuple[Standing, ...] = (
    "tidy",
    "review",
    "plan",
    "cumulative",
    "proposed",
    "comparison",
    "other_authority",
    "uncoded",
    "older",
    "out",
)
WAITING = frozenset({"low_confidence", "broken_identity", "implausible_value", "stale_correction"})
"""Exclusions that a person can lift, as fct_review lists them."""
OF_THE_DOCUMENT = frozenset({"no_report", "older_version", "not_a_government"})
"""Exclusions of whole documents: how a number would stand by itself shows in its flags."""
OTHER_CODE = "OTHER"
LIST_SEPARATOR = "; "
"""Between the members of a list in one cell of a release."""


@dataclass(frozen=True)
class Version:
    """A row of ``fct_report_version``."""

    version: int
    document_id: str
    capture_id: str
    url: str
    first_seen_at: Any
    is_current: bool
    is_withdrawn: bool
    title: str | None
    char_count: int
    observation_count: int
    previous_document_id: str | None
    change: str


@dataclass(frozen=True)
class Section:
    """A row of ``fct_section`` with its text; offsets are those of the document."""

    section_id: str
    level: int
    label: str | None
    heading: str | None
    path: str | None
    topic: str | None
    part: str | None
    char_start: int
    body_start: int
    char_end: int
    text: str

    @property
    def heading_text(self) -> str:
        """The heading with its label, as long as in the document.

        All that a release leaves out of it are blanks around the label; they stand between label and heading here.
        """
        label, heading = self.label or "", self.heading or ""
        return label + heading.rjust(self.body_start - self.char_start - len(label))


@dataclass(frozen=True)
class Number:
    """A row of ``fct_observation`` with the names of its indicator."""

    observation_id: str
    indicator_code: str
    indicator_phrase: str | None
    name_zh: str | None
    name_en: str | None
    value: float | None
    value_max: float | None
    value_text: str
    unit: str | None
    value_type: str | None
    qualifier: str | None
    period_type: str | None
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
    section_path: str | None
    char_start: int
    char_end: int
    sentence: str
    sentence_start: int
    confidence: float | None
    confidence_final: float | None
    rule: str | None
    note: str | None
    extractor_version: str | None
    tidy_exclusion: str | None
    broken_identities: str | None
    correction_id: str | None
    correction_action: str | None
    value_stated: float | None
    signals: str | None

    @property
    def is_coded(self) -> bool:
        """Whether the catalogue knows what is counted."""
        return self.indicator_code != OTHER_CODE

    @property
    def standing(self) -> Standing:
        """How the number stands to the tidy table."""
        if self.tidy_exclusion is None:
            return "proposed" if self.is_proposed else "tidy"
        if self.tidy_exclusion in WAITING:
            return "review"
        if self.tidy_exclusion in OF_THE_DOCUMENT:
            return self._standing_by_flags
        return cast("Standing", self.tidy_exclusion) if self.tidy_exclusion in STANDINGS else "out"

    @property
    def _standing_by_flags(self) -> Standing:
        flags: tuple[tuple[bool, Standing], ...] = (
            (not self.is_coded, "uncoded"),
            (self.is_plan, "plan"),
            (self.comparison is not None, "comparison"),
            (self.is_cumulative, "cumulative"),
            (self.is_proposed, "proposed"),
        )
        by_document: Standing = "older" if self.tidy_exclusion == "older_version" else "out"
        return next((standing for is_so, standing in flags if is_so), by_document)


@dataclass(frozen=True)
class Item:
    """A row of ``fct_report_item``: a problem admitted or a plan announced."""

    item_id: str
    item_kind: str
    ordinal: int
    topic: str | None
    section_id: str | None
    char_start: int
    char_end: int
    text: str


@dataclass(frozen=True)
class Citation:
    """A row of ``fct_cited_document``."""

    citation_id: str
    title: str
    cited_as: str
    cited_kind: str | None
    cited_number: str | None
    section_id: str | None
    char_start: int
    char_end: int


@dataclass(frozen=True)
class Document:
    """One version of a report: its text in sections, and what was read from it."""

    sections: tuple[Section, ...]
    numbers: tuple[Number, ...]
    items: tuple[Item, ...]
    citations: tuple[Citation, ...]

    @property
    def text(self) -> str:
        """The text from its first section to its last."""
        return "".join(section.heading_text + section.text for section in self.sections)


Kind = TypeVar("Kind", Version, Section, Number, Item, Citation)


def _typed(kind: type[Kind], row: Mapping[str, Any]) -> Kind:
    return kind(**row)


def _columns(kind: type[Any]) -> str:
    return ", ".join(field.name for field in fields(kind))


# The columns are the fields of the classes above, no words of a request.
_VERSIONS = f"select {_columns(Version)} from fct_report_version where report_id = $id order by version"  # noqa: S608
_SECTIONS = f"select {_columns(Section)} from fct_section where document_id = $id order by ordinal"  # noqa: S608
_NUMBERS = f"""
    select {_columns(Number)}
    from fct_observation as o
    left join (select indicator_code, name_zh, name_en from dim_indicator) as i using (indicator_code)
    where o.document_id = $id
    order by char_start, char_end, observation_id
"""  # noqa: S608
_ITEMS = f"select {_columns(Item)} from fct_report_item where document_id = $id order by char_start, item_id"  # noqa: S608
_CITATIONS = f"""
    select {_columns(Citation)} from fct_cited_document where document_id = $id order by char_start, citation_id
"""  # noqa: S608


def report_row(release: Release, report_id: str) -> Row:
    """Return the row of a report.

    Raises:
        NotFoundError: the release has no such report.
    """
    row = release.row("select * from fct_report where report_id = $id", {"id": report_id})
    if row is None:
        raise NotFoundError(report_id)
    return row


def versions_of(release: Release, report_id: str) -> list[Version]:
    """Return the versions of a report, oldest first."""
    return [_typed(Version, row) for row in release.rows(_VERSIONS, {"id": report_id})]


def version_named(versions: list[Version], document_id: str) -> Version:
    """Return the version with a document id.

    Raises:
        NotFoundError: the report has none.
    """
    found = next((version for version in versions if version.document_id == document_id), None)
    if found is None:
        raise NotFoundError(document_id)
    return found


def document_of(release: Release, document_id: str) -> Document:
    """Return a version with all that was read from it."""
    named = {"id": document_id}
    return Document(
        sections=tuple(_typed(Section, row) for row in release.rows(_SECTIONS, named)),
        numbers=tuple(_typed(Number, row) for row in release.rows(_NUMBERS, named)),
        items=tuple(_typed(Item, row) for row in release.rows(_ITEMS, named)),
        citations=tuple(_typed(Citation, row) for row in release.rows(_CITATIONS, named)),
    )


def topic_names(release: Release) -> dict[str, Row]:
    """Return name_zh and name_en of the topics by code."""
    return release.remember(
        "report.topics",
        lambda: {
            row["domain"]: row
            for row in release.rows(
                "select distinct domain, domain_zh as name_zh, domain_en as name_en from dim_indicator"
            )
        },
    )


def members(cell: str | None) -> list[str]:
    """Return the members of a list that stands in one cell."""
    return cell.split(LIST_SEPARATOR) if cell else []
