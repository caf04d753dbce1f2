"""Turns readings and ledger rows into rows of the raw tables: flat, one dictionary per row.

Only the shape belongs here: no reading, no storage, no choice of what is read.
"""

from __future__ import annotations

import hashlib
from dataclasses import asdict, dataclass, field, fields
from typing import Any

from pipelines.model import Citation, Document, Issue, Item, Observation, Reading, Section

PATH_SEPARATOR = " › "
REGION_COLUMNS = {
    "code": "region_code",
    "name": "region_name",
    "level": "region_level",
    "level_zh": "region_level_zh",
    "province": "region_province",
    "province_code": "region_province_code",
    "parent_code": "region_parent_code",
    "parent_name": "region_parent_name",
    "evidence": "region_evidence",
}

Row = dict[str, Any]


@dataclass(frozen=True)
class Versions:
    """The versions of the code and tables that read a page."""

    cleaner: str
    extractor: str


@dataclass
class Rows:
    """Rows by raw table, gathered over many pages."""

    document: list[Row] = field(default_factory=list)
    section: list[Row] = field(default_factory=list)
    observation: list[Row] = field(default_factory=list)
    item: list[Row] = field(default_factory=list)
    citation: list[Row] = field(default_factory=list)
    issue: list[Row] = field(default_factory=list)
    read_state: list[Row] = field(default_factory=list)

    def add(self, other: Rows) -> None:
        """Take over the rows of another gathering."""
        for name, rows in other.by_table().items():
            getattr(self, name).extend(rows)

    def by_table(self) -> dict[str, list[Row]]:
        """Return the rows under the names of their tables."""
        return {each.name: getattr(self, each.name) for each in fields(self)}


def document_row(reading: Reading, versions: Versions) -> Row:
    """Return the row of ``raw.document``; the region is flattened into ``region_*``."""
    document, page = reading.document, reading.page
    row = {each.name: getattr(document, each.name) for each in fields(Document) if each.name != "region"}
    region = document.region
    row.update(
        {column: getattr(region, name) if region else None for name, column in REGION_COLUMNS.items()},
    )
    return {
        **row,
        "capture_id": page.capture_id,
        "source_id": page.source_id,
        "url": page.url,
        "content_sha256": page.content_sha256,
        "fetched_at": page.fetched_at,
        "cleaner_version": versions.cleaner,
        "char_count": len(document.text),
    }


def section_row(section: Section, document: Document) -> Row:
    """Return the row of ``raw.section``, with the text below the heading."""
    return {
        **asdict(section),
        "path": PATH_SEPARATOR.join(section.path),
        "document_id": document.document_id,
        "text": document.text[section.body_start : section.char_end],
    }


def observation_row(observation: Observation, document: Document, versions: Versions) -> Row:
    """Return the row of ``raw.observation``."""
    row = asdict(observation)
    row["observation_id"] = row.pop("id")
    row["section_path"] = PATH_SEPARATOR.join(row.pop("section"))
    return {**row, "document_id": document.document_id, "extractor_version": versions.extractor}


def item_row(item: Item, document: Document) -> Row:
    """Return the row of ``raw.item``."""
    return {**asdict(item), "document_id": document.document_id}


def citation_row(citation: Citation, document: Document) -> Row:
    """Return the row of ``raw.citation``."""
    return {**asdict(citation), "document_id": document.document_id}


def issue_row(
    issue: Issue,
    *,
    ordinal: int,
    document_id: str | None,
    capture_id: str | None,
    source_id: str | None,
    url: str | None,
) -> Row:
    """Return the row of ``raw.issue``; its id is made from what it says, where, and the how manieth it is."""
    values = asdict(issue)
    key = "\n".join(str(value) for value in (capture_id, document_id, ordinal, *values.values()))
    return {
        "issue_id": hashlib.sha256(key.encode()).hexdigest()[:16],
        "document_id": document_id,
        "capture_id": capture_id,
        "source_id": source_id,
        "url": url,
        **values,
    }


def reading_rows(reading: Reading, versions: Versions) -> Rows:
    """Return all rows of one page that was read."""
    document, page = reading.document, reading.page
    return Rows(
        document=[document_row(reading, versions)],
        section=[section_row(section, document) for section in reading.sections],
        observation=[observation_row(observation, document, versions) for observation in reading.observations],
        item=[item_row(item, document) for item in reading.items],
        citation=[citation_row(citation, document) for citation in reading.citations],
        issue=[
            issue_row(
                issue,
                ordinal=ordinal,
                document_id=document.document_id,
                capture_id=page.capture_id,
                source_id=page.source_id,
                url=page.url,
            )
            for ordinal, issue in enumerate(reading.issues)
        ],
        read_state=[_state_row(page.capture_id, document.document_id, versions)],
    )


def failure_rows(issue: Issue, *, capture_id: str, source_id: str, url: str, versions: Versions) -> Rows:
    """Return the rows of a page that could not be read: the reason, and that it was tried with these versions."""
    row = issue_row(issue, ordinal=0, document_id=None, capture_id=capture_id, source_id=source_id, url=url)
    return Rows(issue=[row], read_state=[_state_row(capture_id, None, versions)])


def part_rows(capture_id: str, document_id: str | None, versions: Versions) -> Rows:
    """Return the rows of a part of a document: that it was read, and with which document."""
    return Rows(read_state=[_state_row(capture_id, document_id, versions)])


def _state_row(capture_id: str | None, document_id: str | None, versions: Versions) -> Row:
    return {
        "capture_id": capture_id,
        "document_id": document_id,
        "cleaner_version": versions.cleaner,
        "extractor_version": versions.extractor,
    }
