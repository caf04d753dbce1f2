"""Making a release from built and checked marts: what goes in, what it is called, and whether it is new.

What the marts are is read from dbt's manifest, so that dictionary, contracts and release tell the same. The id of
a release is the date of its newest page and a digest of its content: the same archive and code give the same id
and the same CSV and Parquet files, byte for byte. Columns that change every night by nature (``volatile`` in the
dbt YAML: when a portal was last asked) do not make a release new.

Not here: building and checking the marts (dbt and ``gate.py``), writing files and the switch
(``warehouse.publish``).
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, get_args

import duckdb

from warehouse import publish
from warehouse.paths import Home
from warehouse.publish import ColumnType, Mart, MartColumn

DESCRIPTION = "datapackage.json"
DIGEST_DIGITS = 12
MART_FOLDER = "marts"
COLUMN_TYPES = frozenset(get_args(ColumnType))
# Type of a column in DuckDB → type of a field in a tabular data package.
FIELD_TYPES: Mapping[ColumnType, str] = {
    "varchar": "string",
    "bigint": "integer",
    "double": "number",
    "boolean": "boolean",
    "date": "date",
    "timestamp with time zone": "datetime",
}
TITLE = "法治政府建设年度报告 · China's annual reports on building a rule-of-law government"
CAVEATS = (
    "What governments report about themselves. A missing value is not a zero. Definitions differ between "
    "regions and years: see comparability_note in dim_indicator. Each number carries the sentence it stands in."
)


class ReleaseBlockedError(RuntimeError):
    """A release may not be made; the latest one stays as it is."""


class ContractError(ValueError):
    """A mart is not described well enough to be released; names mart and column."""


@dataclass(frozen=True)
class ReleaseResult:
    """What came of making a release.

    Attributes:
        release_id: id of the release that is the latest now.
        path: its folder.
        is_new: whether it became the latest just now; False when content was that of the latest already.
        tables: rows by mart.
        content_sha256: digest of its content without volatile columns.
    """

    release_id: str
    path: Path
    is_new: bool
    tables: Mapping[str, int]
    content_sha256: str


def build_release(home: Home, manifest_path: Path, fingerprint: str) -> ReleaseResult:
    """Publish the marts of the warehouse, unless they are those of the latest release.

    The caller holds the writer lock and has closed the warehouse.

    Args:
        home: the data home; releases lie under its ``exports``.
        manifest_path: dbt's manifest.json of the project that built the marts.
        fingerprint: of what the marts were built from; must be the one that was sealed after the checks
            (``Warehouse.record_build``).

    Returns:
        The release that is the latest now.

    Raises:
        ReleaseBlockedError: the marts were not sealed with this fingerprint, or an older release of the same
            name is damaged.
        ContractError: the manifest does not describe a mart well enough.
    """
    marts = read_marts(json.loads(manifest_path.read_text(encoding="utf-8")))
    with publish.open_marts(home.warehouse) as connection:
        _require_seal(connection, fingerprint)
        tables = publish.row_counts(connection, marts)
        digest = publish.content_digest(connection, marts)
        newest = _newest_page(connection)
    release_id = f"{newest:%Y-%m-%d}-{digest[:DIGEST_DIGITS]}"
    path = home.exports / release_id
    is_new = publish.latest_id(home.exports) != release_id
    if path.exists():
        _require_whole(path)
    else:
        _build(home, marts, tables, _package(release_id, digest, newest, fingerprint))
    if is_new:
        publish.switch_latest(home.exports, release_id)
    publish.mark_published(home.exports, release_id, fingerprint)
    return ReleaseResult(release_id, path, is_new, tables, digest)


def read_marts(manifest: Mapping[str, Any]) -> tuple[Mart, ...]:
    """Read the marts and their contracts from dbt's manifest, by name.

    Raises:
        ContractError: a mart lacks its key or a description, or a column has an unknown type.
    """
    nodes = [
        node
        for node in manifest["nodes"].values()
        if node["resource_type"] == "model" and MART_FOLDER in node["fqn"][1:-1]
    ]
    return tuple(_mart(node) for node in sorted(nodes, key=lambda node: str(node["name"])))


def _mart(node: Mapping[str, Any]) -> Mart:
    meta = node["config"].get("meta", {})
    columns = tuple(_column(node["name"], column) for column in node["columns"].values())
    key = tuple(meta.get("key", ()))
    if not key or not set(key) <= {column.name for column in columns}:
        raise ContractError(f"mart {node['name']}: meta.key is {list(key)}, which are not columns of it")
    if not node["description"]:
        raise ContractError(f"mart {node['name']} has no description")
    return Mart(node["name"], node["description"], key, columns, bool(meta.get("volatile", False)))


def _column(mart: str, column: Mapping[str, Any]) -> MartColumn:
    meta = {**column.get("meta", {}), **column.get("config", {}).get("meta", {})}
    if not column.get("description"):
        raise ContractError(f"mart {mart}: column {column['name']} has no description")
    if column.get("data_type") not in COLUMN_TYPES:
        raise ContractError(f"mart {mart}: column {column['name']} has the type {column.get('data_type')!r}")
    return MartColumn(
        name=column["name"],
        data_type=column["data_type"],
        description=column["description"],
        unit=meta.get("unit"),
        is_required=any(each["type"] == "not_null" for each in column.get("constraints", [])),
        is_volatile=bool(meta.get("volatile", False)),
    )


def _require_seal(connection: duckdb.DuckDBPyConnection, fingerprint: str) -> None:
    sealed = connection.execute("select fingerprint from raw.build_state").fetchall()
    if sealed != [(fingerprint,)]:
        raise ReleaseBlockedError(
            "the marts have not passed the checks since they were built; the latest release stays as it is",
        )


def _require_whole(path: Path) -> None:
    wrong = publish.wrong_files(path)
    if wrong:
        raise ReleaseBlockedError(
            f"the release {path} is damaged ({', '.join(wrong)}); remove that folder and publish again",
        )


def _newest_page(connection: duckdb.DuckDBPyConnection) -> datetime:
    found = connection.execute(
        "select timezone('UTC', max(first_seen_at)) from marts.fct_report_version",
    ).fetchone()
    if found is None or found[0] is None:
        raise ReleaseBlockedError("there is not a single annual report to release")
    newest = found[0]
    if not isinstance(newest, datetime):
        raise TypeError(f"first_seen_at came back as {newest!r}")
    return newest


def _build(home: Home, marts: Sequence[Mart], tables: Mapping[str, int], package: dict[str, Any]) -> None:
    with publish.building_folder(home.exports) as folder:
        with publish.open_marts(home.warehouse) as connection:
            publish.write_tables(connection, marts, folder)
        publish.write_database(home.warehouse, marts, folder / publish.DATABASE)
        publish.write_dictionary(marts, folder / publish.DICTIONARY)
        resources = [_resource(mart, tables[mart.name], folder) for mart in marts]
        text = json.dumps({**package, "resources": resources}, ensure_ascii=False, indent=2) + "\n"
        (folder / DESCRIPTION).write_text(text, encoding="utf-8")
        publish.write_checksums(folder)
        publish.settle(folder, home.exports, package["id"])


def _package(release_id: str, digest: str, newest: datetime, fingerprint: str) -> dict[str, Any]:
    """The head of the data package; ``created`` is the moment of its newest page, so that it can be made again."""
    return {
        "profile": "tabular-data-package",
        "name": "fazhi",
        "id": release_id,
        "title": TITLE,
        "description": CAVEATS,
        "created": f"{newest:%Y-%m-%dT%H:%M:%SZ}",
        "content_sha256": digest,
        "fingerprint": fingerprint,
    }


def _resource(mart: Mart, rows: int, folder: Path) -> dict[str, Any]:
    file = publish.describe_file(folder, f"{mart.name}.csv")
    parquet = publish.describe_file(folder, f"{mart.name}.parquet")
    return {
        "name": mart.name,
        "profile": "tabular-data-resource",
        "description": mart.description,
        "path": file.path,
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "bytes": file.size,
        "hash": f"sha256:{file.sha256}",
        "rows": rows,
        "parquet": {"path": parquet.path, "bytes": parquet.size, "hash": f"sha256:{parquet.sha256}"},
        "schema": {
            "fields": [_field(column) for column in mart.columns],
            "primaryKey": list(mart.key),
            "missingValues": [""],
        },
    }


def _field(column: MartColumn) -> dict[str, Any]:
    field: dict[str, Any] = {
        "name": column.name,
        "type": FIELD_TYPES[column.data_type],
        "description": column.description,
    }
    if column.unit:
        field["unit"] = column.unit
    if column.is_required:
        field["constraints"] = {"required": True}
    return field
