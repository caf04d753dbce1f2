"""The index for searching one kind of text: a file of SQLite with the tokens of each unit (FTS5).

The file holds no text: a search gives places of documents, and the text itself is read and checked in the release.
A document stands in it under its id and a digest of its units; what a release does not hold any more stays and is
passed over. Which documents belong in, and when, is the business of ``search_build.py``.
"""

from __future__ import annotations

import sqlite3
import threading
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from explorer.divisions import stem
from explorer.releases import Row
from explorer.search_words import fold, tokens

FORMAT = 1
"""Number of the way of indexing; a file of another one is made anew."""
WAIT_SECONDS = 10.0

_SCHEMA = f"""
pragma journal_mode = wal;
create table document (
    number integer primary key,
    document_id text not null,
    digest text not null,
    first_row integer not null,
    end_row integer not null,
    units text not null,
    unique (document_id, digest)
);
create index document_first_row on document (first_row);
create virtual table unit using fts5(tokens, content='', columnsize=0, detail=none, tokenize='ascii');
pragma user_version = {FORMAT};
"""


class NoFullTextError(RuntimeError):
    """The SQLite of this Python cannot index text."""


@dataclass(frozen=True)
class Document:
    """A document in the index.

    Attributes:
        document_id: its id.
        digest: of its units.
        first_row: row of its first unit; the others follow.
        end_row: the row after its last unit.
    """

    document_id: str
    digest: str
    first_row: int
    end_row: int


@dataclass
class Catalogue:
    """The documents of an index, in the order of their rows; grows as the index does."""

    documents: list[Document] = field(default_factory=list)
    first_rows: list[int] = field(default_factory=list)
    last_number: int = 0

    def holder(self, row: int) -> Document | None:
        """Return the document that a row belongs to; None for a row of an index that was made anew meanwhile."""
        place = bisect_right(self.first_rows, row) - 1
        return self.documents[place] if place >= 0 and row < self.documents[place].end_row else None


class Index:
    """The index of one kind."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._catalogue = Catalogue()
        self._lock = threading.Lock()

    def prepare(self) -> None:
        """Make the file when there is none, or none that can be used.

        Raises:
            NoFullTextError: this SQLite has no FTS5.
        """
        require_full_text()
        if self.path.exists() and self._format() != FORMAT:
            self.remove()
        if not self.path.exists():
            self.path.parent.mkdir(parents=True, exist_ok=True)
            draft = self.path.with_suffix(".new")
            draft.unlink(missing_ok=True)
            with closing(sqlite3.connect(draft)) as connection:
                connection.executescript(_SCHEMA)
            draft.replace(self.path)

    def remove(self) -> None:
        """Throw the file away; what it held can be made again."""
        for suffix in ("", "-wal", "-shm"):
            self.path.with_name(self.path.name + suffix).unlink(missing_ok=True)
        with self._lock:
            self._catalogue = Catalogue()

    def catalogue(self) -> Catalogue:
        """Return the documents that are in the index now."""
        with self._lock:
            if self.path.exists():
                self._read_on()
            return self._catalogue

    def add(self, documents: Iterable[tuple[str, str, Sequence[Row]]]) -> None:
        """Add documents, all or none.

        Args:
            documents: id, digest and units (``unit_id``, ``body`` and what is filtered by) of each.
        """
        with self._connection() as connection, connection:
            free = connection.execute("select coalesce(max(end_row), 1) from document").fetchone()[0]
            for document_id, digest, units in documents:
                names = "\n".join(unit["unit_id"] for unit in units)
                connection.execute(
                    "insert into document (document_id, digest, first_row, end_row, units) values (?, ?, ?, ?, ?)",
                    (document_id, digest, free, free + len(units), names),
                )
                connection.executemany(
                    "insert into unit (rowid, tokens) values (?, ?)",
                    [(free + place, " ".join(_unit_tokens(unit))) for place, unit in enumerate(units)],
                )
                free += len(units)

    def rows_with(self, asked: Sequence[str], limit: int) -> list[int]:
        """Return the rows that hold all tokens, those added last first."""
        if not self.path.exists():
            return []
        match = " AND ".join(f'"{token}"' for token in asked)
        with self._connection() as connection:
            found = connection.execute(
                "select rowid from unit where unit match ? order by rowid desc limit ?", (match, limit)
            )
            return [row for (row,) in found]

    def unit_ids(self, rows: Sequence[tuple[Document, int]]) -> list[tuple[str, str]]:
        """Return document and unit of rows, each given with the document that it belongs to."""
        starts = sorted({holder.first_row for holder, _ in rows})
        units: dict[int, list[str]] = {}
        with self._connection() as connection:
            for start in starts:
                stored = connection.execute("select units from document where first_row = ?", (start,)).fetchone()
                units[start] = stored[0].split("\n") if stored else []
        return [
            (holder.document_id, units[holder.first_row][row - holder.first_row])
            for holder, row in rows
            if units[holder.first_row]
        ]

    def _read_on(self) -> None:
        with self._connection() as connection:
            news = connection.execute(
                "select number, document_id, digest, first_row, end_row from document where number > ? order by number",
                (self._catalogue.last_number,),
            ).fetchall()
        for number, document_id, digest, first_row, end_row in news:
            self._catalogue.documents.append(Document(document_id, digest, first_row, end_row))
            self._catalogue.first_rows.append(first_row)
            self._catalogue.last_number = number

    def _format(self) -> int | None:
        try:
            with self._connection() as connection:
                return int(connection.execute("pragma user_version").fetchone()[0])
        except sqlite3.OperationalError:
            raise
        except sqlite3.DatabaseError:
            return None  # no database, or a damaged one

    @contextmanager
    def _connection(self) -> Iterator[sqlite3.Connection]:
        with closing(sqlite3.connect(self.path, timeout=WAIT_SECONDS)) as connection:
            connection.execute("pragma synchronous = normal")
            yield connection


def require_full_text() -> None:
    """Check that this SQLite can index text.

    Raises:
        NoFullTextError: it cannot.
    """
    with closing(sqlite3.connect(":memory:")) as connection:
        try:
            connection.execute("create virtual table probe using fts5(tokens)")
        except sqlite3.OperationalError as error:
            raise NoFullTextError(f"SQLite {sqlite3.sqlite_version}: {error}") from error


def filter_tokens(year: int | None, region: str | None, topic: str | None, part: str | None) -> list[str]:
    """Return the tokens of what hits are filtered by; longer than those of text, so that none is mistaken.

    A region stands for all that lie in it: the code without its trailing pairs of zeros.
    """
    pairs = (("year", year), ("region", region and stem(region)), ("topic", topic), ("part", part))
    return [name + str(value).lower().replace("_", "") for name, value in pairs if value]


def _unit_tokens(unit: Row) -> set[str]:
    found = tokens(fold(unit["body"]))
    code = unit["region_code"] or ""
    found.update(filter_tokens(unit["report_year"], None, unit["topic"], unit["part"]))
    for digits in (2, 4, 6):
        if len(code) >= digits:
            found.add("region" + code[:digits])
    return found
