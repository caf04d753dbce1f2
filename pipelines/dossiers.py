"""Which captures make one document: an article with its further pages and files, or a file that a list links itself.

Only captures of the ledger are grouped here; nothing is loaded or read.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from warehouse.ledger import CaptureRow

FIGURES = re.compile(r"(\d+)")  # t20190918_693227_10.shtml after t20190918_693227_2.shtml


@dataclass(frozen=True)
class Dossier:
    """All captures that belong to one address.

    Attributes:
        versions: captures of the address itself, newest first; empty when only parts of it are in the archive.
        continuations: captures of the article's further pages.
        attachments: captures of the files that it links.
    """

    versions: tuple[CaptureRow, ...]
    continuations: tuple[CaptureRow, ...] = ()
    attachments: tuple[CaptureRow, ...] = ()

    @property
    def captures(self) -> tuple[CaptureRow, ...]:
        """All of them."""
        return (*self.versions, *self.continuations, *self.attachments)


def gather_dossiers(captures: Iterable[CaptureRow]) -> list[Dossier]:
    """Group captures by the document they belong to, in the order in which these appear.

    A file or further page belongs to the article that led to it; a file that a list led to is a document of its own.
    Lists and robots files belong to none.
    """
    wanted = [capture for capture in captures if capture.kind in ("article", "continuation", "attachment")]
    articles = {(capture.source_id, capture.url) for capture in wanted if capture.kind == "article"}
    groups: dict[tuple[str, str], dict[str, list[CaptureRow]]] = defaultdict(lambda: defaultdict(list))
    for capture in wanted:
        first_page = (capture.source_id, capture.list_url or "")
        is_part = capture.kind != "article" and (first_page in articles or capture.kind == "continuation")
        key = first_page if is_part else (capture.source_id, capture.url)
        groups[key][capture.kind if is_part else "version"].append(capture)
    return [
        Dossier(
            versions=tuple(sorted(group["version"], key=_age, reverse=True)),
            continuations=tuple(sorted(group["continuation"], key=_age)),
            attachments=tuple(sorted(group["attachment"], key=_age)),
        )
        for group in groups.values()
    ]


def _age(capture: CaptureRow) -> tuple[float, str]:
    return capture.first_seen_at.timestamp(), capture.capture_id


def parts_of(version: CaptureRow, newer: CaptureRow | None, parts: Sequence[CaptureRow]) -> list[CaptureRow]:
    """Return the parts that go with a version of an article, one capture for each address, in the order of numbers.

    Args:
        version: the version.
        newer: the one that took its place; None for the newest.
        parts: captures of further pages, or of files, of any age.

    Returns:
        Of each address the newest capture from the version's own time; addresses that were no longer asked when this
        version was seen are left out, unless that would leave none.
    """
    in_time = [part for part in parts if newer is None or part.first_seen_at < newer.first_seen_at] or list(parts)
    alive = [part for part in in_time if part.last_seen_at >= version.first_seen_at] or in_time
    newest = {part.url: part for part in sorted(alive, key=_age)}
    return [newest[url] for url in sorted(newest, key=natural_order)]


def natural_order(url: str) -> tuple[tuple[int, int, str], ...]:
    """A key that sorts page 10 after page 2."""
    return tuple((1, int(piece), "") if piece.isdigit() else (0, 0, piece) for piece in FIGURES.split(url))
