"""One page in, everything read from it out: the single path that nights, commands and evaluation share.

Strings together cleaning, document reading, segmentation and extraction; each is a package of its own. No
storage, no network.
"""

from __future__ import annotations

import mimetypes
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

from pipelines.cleaning.attachments.doc import installed_programs
from pipelines.cleaning.attachments.names import sanitised
from pipelines.cleaning.grids import Table
from pipelines.cleaning.page import clean_page
from pipelines.cleaning.script import Converted
from pipelines.cleaning.tables import SEEDS_DIR
from pipelines.digests import digest_of
from pipelines.extraction.citations import find_citations
from pipelines.extraction.documents import read_document
from pipelines.extraction.facts import extract_observations
from pipelines.extraction.items import find_items
from pipelines.extraction.numerals import fold_width
from pipelines.extraction.regions import RegionTable
from pipelines.extraction.segmentation import split_sections
from pipelines.extraction.trace import Trace
from pipelines.model import Citation, Document, Issue, Observation, Page, Reading, Section
from pipelines.reference import Reference

_ROOT = Path(__file__).resolve().parent
# Raised by hand when the meaning of what is read changes; the digest behind it follows every edit by itself.
_MAJOR = "1"

FAILURE_KINDS = frozenset({"attachment_unparsed", "attachment_no_text", "parse_failed"})
"""Issues of a file that gave no text."""
NO_TEXT = "none"
"""The container of a capture that gave none."""


def read(page: Page, reference: Reference, trace: Trace | None = None) -> Reading:
    """Read one page: document, sections, observations, items, citations and all issues met on the way.

    A trace notes what the observations rest on, for those who ask.
    """
    cleaned = clean_page(page)
    document, issues = read_document(page, cleaned, reference.regions, reference.kinds)
    simplified = cleaned.simplified
    plain = Converted(fold_width(simplified.text), simplified.offsets)
    sections = _sections(document, simplified.text, reference, cleaned.tables)
    observations, more = read_numbers(document, sections, cleaned.tables, reference, trace, plain)
    items = find_items(document.text, plain, sections, reference.outline) if document.is_annual_report else []
    citations, open_marks = _citations(document, plain, sections, reference)
    return Reading(
        page,
        document,
        tuple(sections),
        tuple(observations),
        (*issues, *more, *open_marks),
        tuple(items),
        tuple(citations),
    )


def read_numbers(
    document: Document,
    sections: Sequence[Section],
    tables: Sequence[Table],
    reference: Reference,
    trace: Trace | None = None,
    plain: Converted | None = None,
) -> tuple[list[Observation], list[Issue]]:
    """Read the numbers of a document, be it a second time with another catalogue.

    ``plain`` is its text in Simplified script and folded width, where that is known already.
    """
    region = document.region
    lower = _lower_units(reference.regions, region.code, document.report_year) if region else frozenset()
    return extract_observations(document, sections, reference.catalogue, lower, trace, tables, plain)


def failure_of(reading: Reading) -> Issue | None:
    """Return the reason why a file gave no text; None when it did, and for pages."""
    if reading.document.container != NO_TEXT:
        return None
    return next((issue for issue in reading.issues if issue.kind in FAILURE_KINDS), None)


@lru_cache(maxsize=4096)
def _lower_units(regions: RegionTable, code: str, year: int | None) -> frozenset[str]:
    """Names of the divisions under a code; a run reads many pages of few regions."""
    return regions.names_under(code, year)


def _sections(document: Document, simplified: str, reference: Reference, tables: Sequence[Table]) -> list[Section]:
    """Cut the document's body; a page without a body has no sections."""
    if document.body_first_line is None or document.body_last_line is None:
        return []
    lines = (document.body_first_line, document.body_last_line)
    return split_sections(
        document.text, simplified, lines, reference.outline, is_report=document.is_annual_report, tables=tables
    )


def _citations(
    document: Document, plain: Converted, sections: list[Section], reference: Reference
) -> tuple[list[Citation], list[Issue]]:
    """The documents that the body names; a page without a body names none."""
    if not sections:
        return [], []
    span = (sections[0].char_start, sections[-1].char_end)
    return find_citations(document.text, plain, span, sections, reference.citation_kinds)


def page_from_file(path: Path, url: str | None = None) -> Page:
    """Take a saved page, text or attached file from disk; the address is unknown unless given."""
    content_type, _ = mimetypes.guess_type(path.name)
    return Page(
        name=path.name, content=path.read_bytes(), content_type=content_type, url=url, file_name=sanitised(path.name)
    )


@lru_cache(maxsize=1)
def cleaner_version() -> str:
    """Version of everything that makes a document from bytes; changes with any edit of its code or tables.

    The programs that are installed for reading DOC are part of it, so that files are read again once there is one.
    """
    return "+".join((_version("cleaning"), *installed_programs()))


@lru_cache(maxsize=1)
def extractor_version() -> str:
    """Version of everything that makes observations from a document; changes with any edit of code or tables."""
    return _version("extraction")


def _version(package: str) -> str:
    """Major number and a digest of a package's modules, the shared model and the reference tables."""
    files = sorted([*(_ROOT / package).rglob("*.py"), _ROOT / "model.py", *SEEDS_DIR.glob("*.csv")])
    return f"{_MAJOR}+{digest_of(files, _ROOT.parent)[:8]}"
