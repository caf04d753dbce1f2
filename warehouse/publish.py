"""Writing the files of a release: tables as CSV, Parquet, DuckDB and a CSV variant for Excel, and their checksums.

CSV files are UTF-8 with a header, quoted after RFC 4180 with line feeds as line ends; null is an empty field;
moments are UTC in ISO 8601. Their rows are ordered by the key of the mart. Parquet files are ordered by region and
year first, where a mart has them, so that a reader can skip the row groups that it did not ask for. The same tables
give the same bytes.

Cells of the Excel variant are made harmless: what a spreadsheet would run as a formula, or silently turn into
another number, gets an apostrophe in front.

Not here: what the marts are and when a release may be made (``pipelines.release``), and the folder that releases
lie in with its one switch (``shelf.py``).
"""
# ruff: noqa: S608 - names put into SQL come from the project's own contracts, and are quoted

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeVar

import duckdb

from warehouse.duck import DUCKDB_CONFIG

MART_SCHEMA = "marts"
CHECKSUMS = "SHA256SUMS"
DATABASE = "fazhi.duckdb"
EXCEL_FOLDER = "excel"
# Rows of a Parquet row group, in DuckDB's steps of 2,048: small enough that one region's years lie in few of them,
# large enough to compress.
ROW_GROUP_ROWS = 25 * 2_048
# What Parquet files are ordered by before the key.
ASKED_FOR_FIRST = ("region_code", "report_year")
BYTE_ORDER_MARK = "\ufeff"
# Excel cuts a cell at 32,767 UTF-16 units without a word; we cut before, and say so by the dots.
EXCEL_CELL_CHARACTERS = 32_000
# The apostrophe that marks a cell as text, as a literal of SQL.
APOSTROPHE = "'" * 4
# Cells that a spreadsheet would not leave as they are, as a pattern that RE2 and Python read alike:
# "=1+1" "＝1" " @SUM(A1)" "\t-2" are run; "12e345" and "12345678901234567890" become other numbers.
SPREADSHEET_HAZARD = "^[\\s\u00a0\u3000\ufeff\\x00-\\x1f]*[=+\\-@＝＋－＠]|^[\\t\\r\\n]|^\\d+[eE]\\d+$|^\\d{16,}$"
# Most cells begin with a Latin letter or a Chinese character, and need no closer look.
HARMLESS_START = "unicode({0}) between 65 and 122 or unicode({0}) between 19968 and 40959"

Result = TypeVar("Result")
ColumnType = Literal["varchar", "bigint", "double", "boolean", "date", "timestamp with time zone"]


@dataclass(frozen=True)
class MartColumn:
    """A column of a mart, as its contract describes it.

    Attributes:
        name: name of the column.
        data_type: type of the column in DuckDB.
        description: what it holds.
        unit: unit of its values; None where there is none.
        caveat: what to mind before using it; None where there is nothing.
        is_required: whether it may not be null.
        is_volatile: whether it changes every night without anything new having come.
    """

    name: str
    data_type: ColumnType
    description: str
    unit: str | None = None
    caveat: str | None = None
    is_required: bool = False
    is_volatile: bool = False

    @property
    def comment(self) -> str:
        """Description, unit and caveat in one text."""
        unit = f" [{self.unit}]" if self.unit else ""
        caveat = f" Caveat: {self.caveat}" if self.caveat else ""
        return f"{self.description}{unit}{caveat}"


@dataclass(frozen=True)
class Mart:
    """A mart, as its contract describes it; ``key`` names the columns that identify and order its rows."""

    name: str
    description: str
    key: tuple[str, ...]
    columns: tuple[MartColumn, ...]
    caveat: str | None = None
    is_volatile: bool = False

    @property
    def stable_columns(self) -> tuple[MartColumn, ...]:
        """Columns by whose content releases differ; none when the mart as a whole changes every night."""
        if self.is_volatile:
            return ()
        return tuple(column for column in self.columns if not column.is_volatile)

    @property
    def comment(self) -> str:
        """Description and caveat in one text."""
        return f"{self.description} Caveat: {self.caveat}" if self.caveat else self.description


@dataclass(frozen=True)
class WrittenFile:
    """A file of a release; ``path`` is relative to its folder."""

    path: str
    size: int
    sha256: str


@contextmanager
def open_marts(warehouse: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open the warehouse to read its marts; one thread, so that answers come in the same order each time."""
    with _opened(warehouse) as connection:
        yield connection


@contextmanager
def open_tables(database: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open what ``write_database`` wrote, to copy its tables; each copy runs in one thread and keeps their order."""
    with _opened(database) as connection:
        yield connection


@contextmanager
def _opened(path: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    connection = duckdb.connect(str(path), read_only=True, config=DUCKDB_CONFIG)
    try:
        connection.execute("set TimeZone = 'UTC'")
        connection.execute("set threads = 1")
        yield connection
    finally:
        connection.close()


def write_database(warehouse: Path, marts: Sequence[Mart], target: Path) -> None:
    """Write one DuckDB file with every mart as a table ordered by its key, and every description as a comment."""
    with duckdb.connect(str(target), config=DUCKDB_CONFIG) as connection:
        connection.execute("set TimeZone = 'UTC'")
        connection.execute(f"attach {literal(str(warehouse))} as warehouse (read_only)")
        connection.execute("begin")
        for mart in marts:
            name = quoted(mart.name)
            connection.execute(table_statement(mart))
            connection.execute(f"comment on table {name} is {literal(mart.comment)}")
            for column in mart.columns:
                place = f"{name}.{quoted(column.name)}"
                connection.execute(f"comment on column {place} is {literal(column.comment)}")
        connection.execute("commit")
        connection.execute("detach warehouse")
        connection.execute("checkpoint")


def row_counts(connection: duckdb.DuckDBPyConnection, marts: Sequence[Mart]) -> dict[str, int]:
    """Rows of each table of the release's database."""
    counts = {}
    for mart in marts:
        found = connection.execute(f"select count(*) from {quoted(mart.name)}").fetchone()
        counts[mart.name] = int(found[0]) if found else 0
    return counts


def write_csv_files(connection: duckdb.DuckDBPyConnection, marts: Sequence[Mart], folder: Path) -> str:
    """Write ``MART.csv`` for each mart, and say what content that is.

    Returns:
        Hex SHA-256 over names, types, units and content of all columns that are not volatile.
    """

    def write(cursor: duckdb.DuckDBPyConnection, mart: Mart) -> bytes:
        whole = folder / f"{mart.name}.csv"
        cursor.execute(csv_statement(mart, mart.columns, whole))
        layout = [(column.name, column.data_type, column.unit, column.is_volatile) for column in mart.columns]
        digest = hashlib.sha256(repr((mart.name, mart.key, layout)).encode())
        if mart.stable_columns == mart.columns:
            digest.update(bytes.fromhex(file_sha256(whole)))
        elif mart.stable_columns:
            with tempfile.TemporaryDirectory(dir=folder) as scratch:
                stable = Path(scratch) / "stable.csv"
                cursor.execute(csv_statement(mart, mart.stable_columns, stable))
                digest.update(bytes.fromhex(file_sha256(stable)))
        return digest.digest()

    return hashlib.sha256(b"".join(_side_by_side(connection, marts, write))).hexdigest()


def write_other_files(connection: duckdb.DuckDBPyConnection, marts: Sequence[Mart], folder: Path) -> None:
    """Write ``MART.parquet`` and ``excel/MART.csv`` for each mart."""
    (folder / EXCEL_FOLDER).mkdir()

    def write(cursor: duckdb.DuckDBPyConnection, mart: Mart) -> None:
        cursor.execute(parquet_statement(mart, folder / f"{mart.name}.parquet"))
        cursor.execute(excel_statement(mart, folder / EXCEL_FOLDER / f"{mart.name}.csv"))

    _side_by_side(connection, marts, write)


def table_statement(mart: Mart) -> str:
    """SQL that makes the table of a mart from that of the warehouse, attached as ``warehouse``."""
    columns = _list([column.name for column in mart.columns])
    source = f"warehouse.{MART_SCHEMA}.{quoted(mart.name)}"
    return f"create table {quoted(mart.name)} as select {columns} from {source} order by {_list(mart.key)}"


def csv_statement(mart: Mart, columns: Sequence[MartColumn], path: Path) -> str:
    """SQL that writes some columns of a mart as CSV."""
    selected = ", ".join(f"{_csv_text(column)} as {quoted(column.name)}" for column in columns)
    return _copy_statement(mart, selected, path)


def excel_statement(mart: Mart, path: Path) -> str:
    """SQL that writes a mart as the CSV variant for Excel."""
    marks = (BYTE_ORDER_MARK, *("" for _ in mart.columns))
    selected = ", ".join(
        f"{excel_text(column)} as {quoted(mark + column.name)}"
        for mark, column in zip(marks, mart.columns, strict=False)
    )
    return _copy_statement(mart, selected, path)


def _copy_statement(mart: Mart, selected: str, path: Path) -> str:
    return (
        f"copy (select {selected} from {quoted(mart.name)}) "
        f"to {literal(str(path))} (format csv, header, delimiter ',', quote '\"', escape '\"')"
    )


def parquet_statement(mart: Mart, path: Path) -> str:
    """SQL that writes a mart as Parquet."""
    order = parquet_order(mart)
    return (
        f"copy (select * from {quoted(mart.name)} order by {_list(order)}) to {literal(str(path))} "
        f"(format parquet, compression zstd, row_group_size {ROW_GROUP_ROWS}, "
        f"kv_metadata {{sorted_by: {literal(', '.join(order))}, description: {literal(mart.comment)}}})"
    )


def parquet_order(mart: Mart) -> tuple[str, ...]:
    """The columns that the Parquet file of a mart is ordered by."""
    names = {column.name for column in mart.columns}
    first = tuple(name for name in ASKED_FOR_FIRST if name in names)
    return (*first, *(name for name in mart.key if name not in first))


def describe_file(folder: Path, name: str) -> WrittenFile:
    """Size and checksum of a file of a release."""
    path = folder / name
    return WrittenFile(name, path.stat().st_size, file_sha256(path))


def files_of(folder: Path) -> list[str]:
    """Names of all files of a release, relative to its folder, sorted."""
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


def write_checksums(folder: Path) -> None:
    """Write ``SHA256SUMS`` over all other files, in the format of ``sha256sum``."""
    lines = [f"{file_sha256(folder / name)}  {name}\n" for name in files_of(folder)]
    (folder / CHECKSUMS).write_text("".join(lines), encoding="utf-8")


def wrong_files(folder: Path) -> list[str]:
    """Names of files of a release that are missing or not as its ``SHA256SUMS`` says."""
    sums = folder / CHECKSUMS
    if not sums.is_file():
        return [CHECKSUMS]
    wrong = []
    for line in sums.read_text(encoding="utf-8").splitlines():
        expected, name = line.split("  ", 1)
        path = folder / name
        if not path.is_file() or file_sha256(path) != expected:
            wrong.append(name)
    return wrong


def file_sha256(path: Path) -> str:
    """Hex SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def quoted(name: str) -> str:
    """A name as SQL wants it."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """A text as SQL wants it."""
    return "'" + text.replace("'", "''") + "'"


def excel_text(column: MartColumn) -> str:
    """A cell of a text column as a spreadsheet may open it, in SQL: made harmless, and no longer than it takes."""
    if column.data_type != "varchar":
        return _csv_text(column)
    name = quoted(column.name)
    cut = (
        f"case when strlen({name}) > {EXCEL_CELL_CHARACTERS} and length({name}) > {EXCEL_CELL_CHARACTERS} "
        f"then left({name}, {EXCEL_CELL_CHARACTERS}) || '…' else {name} end"
    )
    hazard = f"not ({HARMLESS_START.format(name)}) and regexp_matches({name}, {literal(SPREADSHEET_HAZARD)})"
    return f"case when {hazard} then {APOSTROPHE} || {cut} else {cut} end"


def _side_by_side(
    connection: duckdb.DuckDBPyConnection,
    marts: Sequence[Mart],
    write: Callable[[duckdb.DuckDBPyConnection, Mart], Result],
) -> list[Result]:
    """Write marts at the same time, each by a cursor of its own; results come in the order of the marts."""

    def one(mart: Mart) -> Result:
        with connection.cursor() as cursor:
            cursor.execute("set TimeZone = 'UTC'")
            return write(cursor, mart)

    with ThreadPoolExecutor(max_workers=os.cpu_count()) as pool:
        return list(pool.map(one, marts))


def _csv_text(column: MartColumn) -> str:
    name = quoted(column.name)
    if column.data_type == "timestamp with time zone":
        return f"strftime({name}, '%Y-%m-%dT%H:%M:%S.%fZ')"
    return name


def _list(names: Sequence[str]) -> str:
    return ", ".join(quoted(name) for name in names)
