"""Writing a release: tables to files, checksums, and the one switch that makes a folder the latest.

A release is built in a folder of its own beside the others, whose name begins with a dot; it becomes visible by
one rename, and ``latest`` (a symbolic link) by one replacement of that link. A reader sees the old release or the
new one, never a part of one. Nothing in a published folder is changed again, and all its files are read-only.

CSV files are UTF-8 with a header, quoted after RFC 4180 with line feeds as line ends; null is an empty field;
moments are UTC in ISO 8601. Rows are ordered by the key of the mart, so that the same tables give the same bytes.

Not here: what the marts are and when a release may be made (``pipelines.release``).
"""
# ruff: noqa: S608 - names put into SQL come from the project's own contracts, and are quoted

from __future__ import annotations

import csv
import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import duckdb

from warehouse.duck import DUCKDB_CONFIG

MART_SCHEMA = "marts"
LATEST = "latest"
BUILDING_PREFIX = ".building-"
PUBLISHED_MARK = ".published"
CHECKSUMS = "SHA256SUMS"
DICTIONARY = "data_dictionary.csv"
DATABASE = "fazhi.duckdb"
READ_ONLY = 0o444

ColumnType = Literal["varchar", "bigint", "double", "boolean", "date", "timestamp with time zone"]


@dataclass(frozen=True)
class MartColumn:
    """A column of a mart, as its contract describes it.

    Attributes:
        name: name of the column.
        data_type: type of the column in DuckDB.
        description: what it holds.
        unit: unit of its values; None where there is none.
        is_required: whether it may not be null.
        is_volatile: whether it changes every night without anything new having come.
    """

    name: str
    data_type: ColumnType
    description: str
    unit: str | None = None
    is_required: bool = False
    is_volatile: bool = False


@dataclass(frozen=True)
class Mart:
    """A mart, as its contract describes it; ``key`` names the columns that identify and order its rows."""

    name: str
    description: str
    key: tuple[str, ...]
    columns: tuple[MartColumn, ...]
    is_volatile: bool = False

    @property
    def stable_columns(self) -> tuple[MartColumn, ...]:
        """Columns by whose content releases differ; none when the mart as a whole changes every night."""
        if self.is_volatile:
            return ()
        return tuple(column for column in self.columns if not column.is_volatile)


@dataclass(frozen=True)
class WrittenFile:
    """A file of a release."""

    path: str
    size: int
    sha256: str


@contextmanager
def open_marts(warehouse: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open the warehouse to read its marts; one thread, so that files come out the same each time."""
    connection = duckdb.connect(str(warehouse), read_only=True, config=DUCKDB_CONFIG)
    try:
        connection.execute("set TimeZone = 'UTC'")
        connection.execute("set threads = 1")
        yield connection
    finally:
        connection.close()


def content_digest(connection: duckdb.DuckDBPyConnection, marts: Sequence[Mart]) -> str:
    """Hex SHA-256 over names, types and content of all columns that are not volatile."""
    digest = hashlib.sha256()
    with tempfile.TemporaryDirectory() as folder:
        for mart in marts:
            layout = [(column.name, column.data_type, column.is_volatile) for column in mart.columns]
            digest.update(repr((mart.name, mart.key, layout)).encode())
            if mart.stable_columns:
                path = Path(folder) / "content.csv"
                _copy_csv(connection, mart, mart.stable_columns, path)
                digest.update(bytes.fromhex(file_sha256(path)))
    return digest.hexdigest()


def row_counts(connection: duckdb.DuckDBPyConnection, marts: Sequence[Mart]) -> dict[str, int]:
    """Rows of each mart."""
    counts = {}
    for mart in marts:
        found = connection.execute(f"select count(*) from {_table(mart)}").fetchone()
        counts[mart.name] = int(found[0]) if found else 0
    return counts


def write_tables(connection: duckdb.DuckDBPyConnection, marts: Sequence[Mart], folder: Path) -> None:
    """Write ``MART.csv`` and ``MART.parquet`` for each mart."""
    for mart in marts:
        _copy_csv(connection, mart, mart.columns, folder / f"{mart.name}.csv")
        columns = ", ".join(_quoted(column.name) for column in mart.columns)
        connection.execute(
            f"copy (select {columns} from {_table(mart)} order by {_order(mart)}) "
            f"to {_literal(str(folder / f'{mart.name}.parquet'))} (format parquet, compression zstd)",
        )


def write_database(warehouse: Path, marts: Sequence[Mart], target: Path) -> None:
    """Write one DuckDB file with every mart as a table, and every description as a comment."""
    with duckdb.connect(str(target), config=DUCKDB_CONFIG) as connection:
        connection.execute("set TimeZone = 'UTC'")
        connection.execute(f"attach {_literal(str(warehouse))} as warehouse (read_only)")
        for mart in marts:
            name = _quoted(mart.name)
            columns = ", ".join(_quoted(column.name) for column in mart.columns)
            connection.execute(
                f"create table {name} as select {columns} from warehouse.{_table(mart)} order by {_order(mart)}",
            )
            connection.execute(f"comment on table {name} is {_literal(mart.description)}")
            for column in mart.columns:
                text = f"{column.description} [{column.unit}]" if column.unit else column.description
                connection.execute(f"comment on column {name}.{_quoted(column.name)} is {_literal(text)}")
        connection.execute("detach warehouse")
        connection.execute("checkpoint")


def write_dictionary(marts: Sequence[Mart], path: Path) -> None:
    """Write one row per column of every mart: type, unit, key, and description."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(
            ("mart", "position", "column", "type", "unit", "is_key", "is_required", "is_volatile", "description"),
        )
        for mart in marts:
            for position, column in enumerate(mart.columns, start=1):
                writer.writerow(
                    (
                        mart.name,
                        position,
                        column.name,
                        column.data_type,
                        column.unit or "",
                        str(column.name in mart.key).lower(),
                        str(column.is_required).lower(),
                        str(mart.is_volatile or column.is_volatile).lower(),
                        column.description,
                    ),
                )


def describe_file(folder: Path, name: str) -> WrittenFile:
    """Size and checksum of a file of a release."""
    path = folder / name
    return WrittenFile(name, path.stat().st_size, file_sha256(path))


def write_checksums(folder: Path) -> None:
    """Write ``SHA256SUMS`` over all other files, in the format of ``sha256sum``."""
    names = sorted(path.name for path in folder.iterdir())
    lines = [f"{file_sha256(folder / name)}  {name}\n" for name in names]
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


@contextmanager
def building_folder(exports: Path) -> Iterator[Path]:
    """An empty folder to build a release in; what is left of it afterwards, or of a killed build, is removed."""
    exports.mkdir(parents=True, exist_ok=True)
    for left in exports.glob(f"{BUILDING_PREFIX}*"):
        shutil.rmtree(left)
    folder = exports / f"{BUILDING_PREFIX}{os.getpid()}"
    folder.mkdir()
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def settle(folder: Path, exports: Path, release_id: str) -> Path:
    """Make a built folder a release under its name: files read-only and on disk, then one rename."""
    for path in sorted(folder.iterdir()):
        path.chmod(READ_ONLY)
        _sync(path)
    _sync(folder)
    target = exports / release_id
    folder.rename(target)
    _sync(exports)
    return target


def switch_latest(exports: Path, release_id: str) -> None:
    """Let ``latest`` point to a release, by one atomic replacement of the link."""
    link = exports / f".{LATEST}-{os.getpid()}"
    link.unlink(missing_ok=True)
    link.symlink_to(release_id, target_is_directory=True)
    link.replace(exports / LATEST)
    _sync(exports)


def latest_id(exports: Path) -> str | None:
    """Name of the release that ``latest`` points to; None before the first."""
    link = exports / LATEST
    return link.resolve().name if link.is_dir() else None


def mark_published(exports: Path, release_id: str, fingerprint: str) -> None:
    """Remember that what has this fingerprint is published as this release, even when it was made from another."""
    mark = exports / f"{PUBLISHED_MARK}-{os.getpid()}"
    mark.write_text(f"{release_id}\n{fingerprint}\n", encoding="utf-8")
    _sync(mark)
    mark.replace(exports / PUBLISHED_MARK)


def published_fingerprint(exports: Path) -> str | None:
    """The fingerprint last published, while ``latest`` still is the release it was published as."""
    mark = exports / PUBLISHED_MARK
    if not mark.is_file():
        return None
    release_id, fingerprint = mark.read_text(encoding="utf-8").split()
    return fingerprint if release_id == latest_id(exports) else None


def file_sha256(path: Path) -> str:
    """Hex SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _copy_csv(
    connection: duckdb.DuckDBPyConnection,
    mart: Mart,
    columns: Sequence[MartColumn],
    path: Path,
) -> None:
    connection.execute(
        f"copy (select {', '.join(_csv_expression(column) for column in columns)} "
        f"from {_table(mart)} order by {_order(mart)}) "
        f"to {_literal(str(path))} (format csv, header, delimiter ',', quote '\"', escape '\"')",
    )


def _csv_expression(column: MartColumn) -> str:
    name = _quoted(column.name)
    if column.data_type == "timestamp with time zone":
        return f"strftime({name}, '%Y-%m-%dT%H:%M:%S.%fZ') as {name}"
    return name


def _order(mart: Mart) -> str:
    return ", ".join(_quoted(name) for name in mart.key)


def _table(mart: Mart) -> str:
    return f"{MART_SCHEMA}.{_quoted(mart.name)}"


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
