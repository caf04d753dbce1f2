"""A reading as JSON, under the field names of the gold files: what ``fazhi extract --json`` prints.

Only the shape belongs here: no reading, no files, no choice of what to show.
"""

from __future__ import annotations

from dataclasses import asdict, fields
from datetime import date
from typing import Any

from pipelines.model import Document, Issue, Observation, Reading, Section


def reading_to_json(reading: Reading, name: str) -> dict[str, Any]:
    """One JSON object for a page: what was read, under the names of the parts of a reading.

    ``document.text`` is the text that all offsets count in. Dates are ISO strings, regions and periods
    objects, paths lists.

    Args:
        reading: what was read from the page.
        name: the file name to report under ``file``.
    """
    return {
        "file": name,
        "document": document_to_json(reading.document),
        "sections": [section_to_json(section, reading.document.text) for section in reading.sections],
        "observations": [observation_to_json(observation) for observation in reading.observations],
        "items": [asdict(item) for item in reading.items],
        "citations": [asdict(citation) for citation in reading.citations],
        "issues": [issue_to_json(issue) for issue in reading.issues],
    }


def document_to_json(document: Document) -> dict[str, Any]:
    """All fields of a document; dates as ``YYYY-MM-DD``, the region as an object or null."""
    return {key: value.isoformat() if isinstance(value, date) else value for key, value in asdict(document).items()}


def section_to_json(section: Section, text: str) -> dict[str, Any]:
    """All fields of a section, the path as a list, and its text below the heading."""
    values = {**asdict(section), "path": list(section.path)}
    return {**values, "text": text[section.body_start : section.char_end]}


def observation_to_json(observation: Observation) -> dict[str, Any]:
    """All fields of an observation; the period as ``{"type", "value"}``, the section path as a list."""
    values: dict[str, Any] = {}
    for each in fields(observation):
        value = getattr(observation, each.name)
        if each.name == "period_type":
            values["period"] = {"type": value, "value": observation.period_value}
        elif each.name == "section":
            values["section"] = list(value)
        elif each.name != "period_value":
            values[each.name] = value
    return values


def issue_to_json(issue: Issue) -> dict[str, Any]:
    """All fields of an issue."""
    return asdict(issue)
