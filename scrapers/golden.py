"""Golden files of a source: pages as they once came, and what was read from them, for a person and for the tests.

A folder per source: the list page or pages, one article, and ``golden.json`` with the expected reading of the lists.
What an article says is read elsewhere; its expected reading is kept here untouched, under ``reading``.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from scrapers.encoding import decode
from scrapers.families import FAMILIES
from scrapers.families.answers import looks_like_json
from scrapers.families.common import ListPage, WebPage

GOLDEN_NAME = "golden.json"


class GoldenError(ValueError):
    """A folder of golden files is missing or broken; the message names it."""


@dataclass(frozen=True)
class RecordedPage:
    """A page as it came.

    Attributes:
        url: where it came from.
        body: its bytes, free of transfer encodings.
        content_type: what the host called it.
        list_title: for an article, the title of the entry that led to it.
        list_date: for an article, the ISO date beside that entry.
    """

    url: str
    body: bytes
    content_type: str | None = None
    list_title: str | None = None
    list_date: str | None = None


def read_list_of(family: str, options: Mapping[str, Any], url: str, body: bytes) -> ListPage:
    """Read a recorded list page with a family.

    Raises:
        UndecodableError: the bytes are no text.
        AnswerError: the family cannot make sense of an answer.
    """
    return FAMILIES[family].read_list(WebPage(url, decode(body), options))


def expectation(page: ListPage) -> dict[str, Any]:
    """What was read from a list page, as plain values."""
    return {
        "entries": [
            {"url": entry.url, "title": entry.title, "date": entry.date.isoformat() if entry.date else None}
            for entry in page.entries
        ],
        "next": page.next_page.key if page.next_page else None,
        "declared_total": page.declared_total,
        "recognised": page.recognised,
    }


def file_name(stem: str, body: bytes) -> str:
    """Name a recorded page after what it is: JSON, a file of an office program, else HTML."""
    if body.startswith(b"%PDF"):
        return f"{stem}.pdf"
    if body.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        return f"{stem}.bin"
    return f"{stem}.json" if looks_like_json(body[:4096].decode("utf-8", "replace")) else f"{stem}.html"


def write_golden(
    folder: Path,
    source_id: str,
    family: str,
    options: Mapping[str, Any],
    lists: Sequence[RecordedPage],
    article: RecordedPage | None,
    recorded_at: datetime,
) -> Path:
    """Record pages and the expected reading of the lists; return the path of ``golden.json``.

    Raises:
        GoldenError: the folder has golden files already.
    """
    path = folder / GOLDEN_NAME
    if path.exists():
        raise GoldenError(f"{path}: there already; remove the folder to record it anew")
    folder.mkdir(parents=True, exist_ok=True)
    golden: dict[str, Any] = {
        "source_id": source_id,
        "family": family,
        "options": dict(options),
        "recorded_at": recorded_at.isoformat(timespec="seconds"),
        "lists": [],
        "article": None,
        "reading": None,
    }
    for number, page in enumerate(lists, 1):
        entry = _store(folder, f"list-{number}", page)
        entry["expected"] = expectation(read_list_of(family, options, page.url, page.body))
        golden["lists"].append(entry)
    if article is not None:
        golden["article"] = _store(folder, "article", article) | {
            "list_title": article.list_title,
            "list_date": article.list_date,
        }
    path.write_text(json.dumps(golden, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    return path


def _store(folder: Path, stem: str, page: RecordedPage) -> dict[str, Any]:
    name = file_name(stem, page.body)
    (folder / name).write_bytes(page.body)
    return {"file": name, "url": page.url, "content_type": page.content_type}


def load_golden(folder: Path) -> dict[str, Any]:
    """Load what was recorded.

    Raises:
        GoldenError: there is nothing, or it is not what was once written.
    """
    path = folder / GOLDEN_NAME
    try:
        golden: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise GoldenError(f"{path}: nothing was recorded there") from error
    except ValueError as error:
        raise GoldenError(f"{path}: no JSON: {error}") from error
    missing = {"source_id", "family", "options", "lists", "article"} - set(golden)
    if missing:
        raise GoldenError(f"{path}: {sorted(missing)[0]}: missing")
    return golden


def differences(folder: Path) -> list[str]:
    """Read the recorded lists again and say, line by line, where the reading is not the expected one any more.

    Raises:
        GoldenError: there are no golden files.
    """
    golden, found = load_golden(folder), []
    for page in golden["lists"]:
        body = (folder / page["file"]).read_bytes()
        now = expectation(read_list_of(golden["family"], golden["options"], page["url"], body))
        found += [
            f"{page['file']}: {key}: expected {page['expected'][key]!r}, read {now[key]!r}"
            for key in now
            if now[key] != page["expected"].get(key)
        ]
    return found
