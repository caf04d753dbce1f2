"""Compares the release that a disturbed night left with that of an undisturbed one, and says what differs.

Files are compared byte for byte, with these exceptions:

- ``fazhi.duckdb`` table by table: DuckDB places blocks by what its threads did first, so that the same rows give
  another file, and ``SHA256SUMS`` has its checksum in it.
- Columns and marts that the data package calls volatile tell when and how often a portal was asked. A night that was
  killed and run again has asked twice, and says so.
- After a kill in the crawl, pages lie in the archive files of two runs, so that the columns that name those files
  differ; all else must not. The name of a release holds a digest of all columns, so it may differ then too.
"""
# ruff: noqa: S608 - the names put into SQL are those of the project's own tables

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import duckdb

from warehouse.publish import CHECKSUMS, DATABASE, wrong_files

PLACES = frozenset({"warc_file", "warc_offset"})
PACKAGE = "datapackage.json"
CHANGES = "changes.parquet"
# What names a release by its content.
NAMES = ("id", "content_sha256", "fingerprint")


def differences(wanted: Path, found: Path, *, same_captures: bool) -> Iterator[str]:
    """Yield what differs between two releases, in words.

    Args:
        wanted: the folder of the undisturbed release.
        found: the folder of the other.
        same_captures: whether both nights read the same archive files.
    """
    yield from (f"{name}: not as {CHECKSUMS} says" for name in wrong_files(found))
    names = [sorted(path.relative_to(each).as_posix() for path in each.rglob("*")) for each in (wanted, found)]
    if names[0] != names[1]:
        yield f"other files: {sorted(set(names[0]) ^ set(names[1]))}"
        return
    packages = [package_of(each) for each in (wanted, found)]
    if same_captures and [packages[0][key] for key in NAMES[:2]] != [packages[1][key] for key in NAMES[:2]]:
        yield f"another name: {packages[0]['id']} and {packages[1]['id']}"
    hidden = hidden_columns(packages[0], () if same_captures else PLACES)
    for name in names[0]:
        if name in (CHECKSUMS, DATABASE) or (wanted / name).is_dir():
            continue
        if (wanted / name).read_bytes() == (found / name).read_bytes():
            continue
        mart = Path(name).stem
        if name == PACKAGE:
            values = [comparable(package, hidden) for package in packages]
            if values[0] != values[1]:
                yield f"{name}: {[key for key in values[0] if values[0][key] != values[1].get(key)]}"
        elif mart in hidden and Path(name).suffix in (".csv", ".parquet"):
            yield from rows_that_differ(wanted / name, found / name, hidden[mart])
        elif without_names(wanted / name, packages[0]) != without_names(found / name, packages[1]):
            yield f"{name}: other bytes"
    yield from tables_that_differ(wanted / DATABASE, found / DATABASE, hidden)


def package_of(folder: Path) -> dict[str, Any]:
    """The data package of a release."""
    package: dict[str, Any] = json.loads((folder / PACKAGE).read_text(encoding="utf-8"))
    return package


def hidden_columns(package: Mapping[str, Any], more: Sequence[str] | frozenset[str]) -> dict[str, frozenset[str]]:
    """By mart, the columns that are not compared."""
    hidden = {}
    for resource in package["resources"]:
        fields = resource["schema"]["fields"]
        names = frozenset(
            field["name"]
            for field in fields
            if field.get("volatile") or resource.get("volatile") or field["name"] in more
        )
        if names:
            hidden[resource["name"]] = names
    return hidden


def comparable(package: Mapping[str, Any], hidden: Mapping[str, frozenset[str]]) -> dict[str, Any]:
    """A data package without what follows from columns that are not compared."""
    kept = {key: value for key, value in package.items() if key not in (*NAMES, "changes", "resources")}
    for resource in package["resources"]:
        left_out = ("bytes", "hash", "rows", "parquet", "excel") if resource["name"] in hidden else ()
        kept[resource["name"]] = {key: value for key, value in resource.items() if key not in left_out}
    return kept


def without_names(path: Path, package: Mapping[str, Any]) -> bytes:
    """The content of a file without the name of its release."""
    content = path.read_bytes()
    for key in NAMES:
        content = content.replace(str(package[key]).encode(), key.encode())
    return content


def rows_that_differ(wanted: Path, found: Path, hidden: frozenset[str]) -> Iterator[str]:
    """Yield a line when two files of a mart differ in columns that are compared."""
    with duckdb.connect() as connection:
        read = "read_csv('{}', all_varchar=true)" if wanted.suffix == ".csv" else "read_parquet('{}')"
        sides = [f"(from {read.format(path)})" for path in (wanted, found)]
        yield from _relations_that_differ(connection, wanted.name, sides, hidden)


def tables_that_differ(wanted: Path, found: Path, hidden: Mapping[str, frozenset[str]]) -> Iterator[str]:
    """Yield a line for each table of two databases that differs, in rows, columns or comments."""
    described = "select table_name, column_name, data_type, comment from duckdb_columns() where database_name = '{}'"
    tables = "select table_name, comment from duckdb_tables() where database_name = '{}' order by 1"
    with duckdb.connect() as connection:
        for path, name in ((wanted, "wanted"), (found, "found")):
            connection.execute(f"attach '{path}' as {name} (read_only)")
        if len({repr(connection.execute(tables.format(each)).fetchall()) for each in ("wanted", "found")}) > 1:
            yield f"{DATABASE}: other tables or comments"
            return
        if (
            len(
                {
                    repr(sorted(connection.execute(described.format(each)).fetchall(), key=repr))
                    for each in ("wanted", "found")
                }
            )
            > 1
        ):
            yield f"{DATABASE}: other columns or comments"
            return
        for table, _ in connection.execute(tables.format("wanted")).fetchall():
            sides = [f"{each}.{table}" for each in ("wanted", "found")]
            yield from _relations_that_differ(connection, f"{DATABASE} {table}", sides, hidden.get(table, frozenset()))


def _relations_that_differ(
    connection: duckdb.DuckDBPyConnection, label: str, sides: Sequence[str], hidden: frozenset[str]
) -> Iterator[str]:
    columns = [[row[0] for row in connection.execute(f"describe select * from {side}").fetchall()] for side in sides]
    if columns[0] != columns[1]:
        yield f"{label}: other columns"
        return
    # The first column of an Excel file begins with a mark of the order of bytes.
    kept = ", ".join(f'"{name}"' for name in columns[0] if name.lstrip("\ufeff") not in hidden)
    if not kept:
        return
    rows = [connection.execute(f"select {kept} from {side}").fetchall() for side in sides]
    if rows[0] != rows[1]:
        yield f"{label}: other rows ({len(rows[0])} and {len(rows[1])})"
