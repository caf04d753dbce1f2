"""The index for searching one kind of text: a file of SQLite with the tokens of each unit (FTS5) and the unit itself.

FTS5 keeps tokens only; the units of each document lie beside it, packed together, so that a place that the index names
is checked and shown without a scan of the release. A document stands in it under its id and a digest of its units:
what a release does not hold any more stays and is passed over. Which documents belong in, and when, is the business
of ``search_build.py``.
"""

from __future__ import annotations

import json
import sqlite3
import threading
import zlib
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from itertools import groupby
from operator import attrgetter
from pathlib import Path

from explorer.divisions import PROVINCE_DIGITS, stem
from explorer.releases import Row
from explorer.search_kinds import Wanted
from explorer.search_words import fold, tokens

FORMAT = 1
"""Number of the way of indexing; a file of another one is made anew."""
WAIT_SECONDS = 10.0
SHELF_ROWS = 1 << 32
"""Rows of one shelf: a province in a year."""
PROVINCES = 10**PROVINCE_DIGITS

_SCHEMA = f"""
pragma journal_mode = wal;
create table document (
    number integer primary key,
    document_id text not null,
    digest text not null,
    first_row integer not null,
    end_row integer not null,
    units blob not null,
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


@dataclass(frozen=True)
class Unit:
    """What a hit is shown as.

    Attributes:
        unit_id: its place on the page of the report.
        report_id: the report.
        report_year: the year it is about.
        region_name: the division it is of.
        path: headings above it.
        body: its text.
    """

    unit_id: str
    report_id: str | None
    report_year: int | None
    region_name: str | None
    path: str | None
    body: str


@dataclass(frozen=True)
class Catalogue:
    """The documents of an index, in the order of their rows."""

    documents: Sequence[Document] = ()
    first_rows: Sequence[int] = ()
    last_number: int = 0

    def holder(self, row: int) -> Document | None:
        """Return the document that a row belongs to; None for a row of an index that was made anew meanwhile."""
        place = bisect_right(self.first_rows, row) - 1
        return self.documents[place] if place >= 0 and row < self.documents[place].end_row else None


@dataclass
class Index:
    """The index of one kind, in a file."""

    path: Path
    _catalogue: Catalogue = field(default_factory=Catalogue)
    _lock: threading.Lock = field(default_factory=threading.Lock)

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
                self._catalogue = self._read_on(self._catalogue)
            return self._catalogue

    def add(self, documents: Iterable[tuple[str, Wanted, Sequence[Row]]]) -> None:
        """Add documents with their units, all or none."""
        free: dict[int, int] = {}
        placed: list[tuple[int, Row]] = []
        with self._connection() as connection, connection:
            for document_id, wanted, units in documents:
                shelf = first_of_shelf(wanted)
                if shelf not in free:
                    free[shelf] = _end_of_shelf(connection, shelf)
                first, free[shelf] = free[shelf], free[shelf] + len(units)
                placed += enumerate(units, first)
                connection.execute(
                    "insert into document (document_id, digest, first_row, end_row, units) values (?, ?, ?, ?, ?)",
                    (document_id, wanted.digest, first, free[shelf], _pack(units)),
                )
            placed.sort(key=lambda each: each[0])  # FTS5 writes a piece of its own for each step back
            connection.executemany(
                "insert into unit (rowid, tokens) values (?, ?)",
                ((row, " ".join(_unit_tokens(unit))) for row, unit in placed),
            )

    def rows_with(self, asked: Sequence[str], limit: int) -> list[int]:
        """Return the rows that hold all tokens: newest year first, then by province."""
        if not self.path.exists():
            return []
        match = " AND ".join(f'"{token}"' for token in asked)
        with self._connection() as connection:
            found = connection.execute(
                "select rowid from unit where unit match ? order by rowid desc limit ?", (match, limit)
            )
            return [row for (row,) in found]

    def units(self, rows: Sequence[int]) -> list[Unit]:
        """Return the units of rows, in their order; without those of an index that was made anew meanwhile.

        Rows of one document that follow one another are unpacked together.
        """
        found: list[Unit] = []
        catalogue = self.catalogue()
        with self._connection() as connection:
            for holder, of_holder in groupby(rows, key=catalogue.holder):
                stored = (
                    holder
                    and connection.execute(
                        "select units from document where first_row = ?", (holder.first_row,)
                    ).fetchone()
                )
                if holder and stored:
                    packed = json.loads(zlib.decompress(stored[0]))
                    found += [Unit(*packed[row - holder.first_row]) for row in of_holder]
        return found

    def _read_on(self, known: Catalogue) -> Catalogue:
        with self._connection() as connection:
            news = connection.execute(
                "select number, document_id, digest, first_row, end_row from document where number > ? order by number",
                (known.last_number,),
            ).fetchall()
        if not news:
            return known
        documents = sorted([*known.documents, *(Document(*row[1:]) for row in news)], key=attrgetter("first_row"))
        return Catalogue(documents, [each.first_row for each in documents], news[-1][0])

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


def first_of_shelf(wanted: Wanted) -> int:
    """Return where the rows of a province in a year begin.

    Higher rows are found first: newest year first, and within a year by the code of the province; whenever added.
    """
    province = int(code[:PROVINCE_DIGITS]) if (code := wanted.region_code or "").isdecimal() else PROVINCES - 1
    shelf: int = ((wanted.report_year or 0) * PROVINCES + PROVINCES - 1 - province) * SHELF_ROWS
    return shelf


def _end_of_shelf(connection: sqlite3.Connection, shelf: int) -> int:
    end = connection.execute(
        "select max(end_row) from document where first_row >= ? and first_row < ?", (shelf, shelf + SHELF_ROWS)
    ).fetchone()[0]
    return shelf if end is None else int(end)


def _pack(units: Sequence[Row]) -> bytes:
    listed = [[unit[name] for name in Unit.__dataclass_fields__] for unit in units]
    return zlib.compress(json.dumps(listed, ensure_ascii=False).encode())


def _unit_tokens(unit: Row) -> set[str]:
    found = tokens(fold(unit["body"]))
    found.update(filter_tokens(unit["report_year"], None, unit["topic"], unit["part"]))
    code = unit["region_code"] or ""
    found.update("region" + code[:digits] for digits in (2, 4, 6) if len(code) >= digits)
    return found
