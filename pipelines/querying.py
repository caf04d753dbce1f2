"""Questions to the latest release: DuckDB, read-only, with no way to another file or to the network."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, TextIO

import duckdb

from warehouse.paths import Home
from warehouse.shelf import ASKING_CONFIG

RELEASE_DATABASE = "fazhi.duckdb"


class NoReleaseError(FileNotFoundError):
    """There is no release to ask."""


class QueryError(ValueError):
    """DuckDB refused the question; the message is its own."""


@dataclass(frozen=True)
class Answer:
    """The rows of an answer under the names of their columns."""

    columns: tuple[str, ...]
    rows: Sequence[tuple[Any, ...]]

    def as_objects(self) -> list[dict[str, Any]]:
        """Return one dictionary per row, with dates as ISO text and decimals as numbers."""
        return [dict(zip(self.columns, map(_plain, row), strict=True)) for row in self.rows]

    def write_csv(self, stream: TextIO) -> None:
        """Write RFC 4180 CSV with a header; nothing stands for null."""
        writer = csv.writer(stream)
        writer.writerow(self.columns)
        writer.writerows(map(_cell, row) for row in self.rows)


def _cell(value: Any) -> Any:
    """Return a value as the CSV files of the release write it."""
    return str(value).lower() if isinstance(value, bool) else value


def _plain(value: Any) -> Any:
    if isinstance(value, date):
        return value.isoformat()
    return float(value) if isinstance(value, Decimal) else value


def ask(home: Home, sql: str, parameters: Mapping[str, object] | None = None) -> Answer:
    """Run one SQL statement on the latest release, with the values of its ``$name`` parameters.

    Raises:
        NoReleaseError: nothing was published yet.
        QueryError: the statement is wrong, or wants to change or reach something.
    """
    database = home.exports / "latest" / RELEASE_DATABASE
    if not database.exists():
        raise NoReleaseError(f"no release in {home.exports}; make one with: fazhi run")
    with duckdb.connect(str(database), read_only=True, config=ASKING_CONFIG) as connection:
        try:
            relation = connection.execute(sql, parameters)
        except duckdb.Error as error:
            raise QueryError(str(error)) from error
        columns = tuple(column[0] for column in relation.description or ())
        return Answer(columns, relation.fetchall() if columns else [])
