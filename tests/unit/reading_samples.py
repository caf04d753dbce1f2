"""Small annual reports made up for tests: one text in, its observations out."""

from __future__ import annotations

import dataclasses
from typing import Any

from pipelines.extraction.facts import extract_observations
from pipelines.extraction.segmentation import split_sections
from pipelines.model import Document, Observation, Section
from pipelines.reference import load_reference

REPORT_YEAR = 2022


def report(text: str, year: int = REPORT_YEAR) -> Document:
    """An annual report whose body is the whole text; all other fields unknown."""
    known: dict[str, Any] = {
        "document_id": "made-up",
        "text": text,
        "is_annual_report": True,
        "doc_type": "annual_report",
        "doc_type_reason": "made up",
        "report_year": year,
        "script": "Hans",
        "container": "text",
        "body_first_line": 1,
        "body_last_line": text.count("\n") + 1,
    }
    return Document(**{field.name: known.get(field.name) for field in dataclasses.fields(Document)})


def sections_of(text: str) -> list[Section]:
    """Sections of a made-up report."""
    lines = (1, text.count("\n") + 1)
    return split_sections(text, text, lines, load_reference().outline, is_report=True)


def observe(text: str, *, year: int = REPORT_YEAR, lower_units: tuple[str, ...] = ()) -> list[Observation]:
    """Observations of a made-up report."""
    catalogue = load_reference().catalogue
    return extract_observations(report(text, year), sections_of(text), catalogue, lower_units)[0]


def codes(text: str) -> list[tuple[str, str]]:
    """(number as printed, code) of each observation."""
    return [(observation.value_text, observation.indicator_code) for observation in observe(text)]
