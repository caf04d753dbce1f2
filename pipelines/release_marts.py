"""What dbt's manifest says of the marts: names, types, keys, units, descriptions and caveats, as a release uses them.

Dictionary, data package, comments and contract all come from here, so that they tell the same. Not here: writing
anything (``release.py``, ``release_papers.py``), and what may change between releases (``release_contract.py``).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, get_args

from warehouse.publish import ColumnType, Mart, MartColumn

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


class ContractError(ValueError):
    """A mart is not described well enough to be released; names mart and column."""


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


def schema_of(mart: Mart) -> dict[str, Any]:
    """Return the schema of a mart as a tabular data package has it, with ``volatile`` and ``caveat`` beside."""
    return {
        "fields": [_field(column) for column in mart.columns],
        "primaryKey": list(mart.key),
        "missingValues": [""],
    }


def _mart(node: Mapping[str, Any]) -> Mart:
    meta = node["config"].get("meta", {})
    columns = tuple(_column(node["name"], column) for column in node["columns"].values())
    key = tuple(meta.get("key", ()))
    if not key or not set(key) <= {column.name for column in columns}:
        raise ContractError(f"mart {node['name']}: meta.key is {list(key)}, which are not columns of it")
    if not node["description"]:
        raise ContractError(f"mart {node['name']} has no description")
    return Mart(
        name=node["name"],
        description=node["description"],
        key=key,
        columns=columns,
        caveat=meta.get("caveat"),
        is_volatile=bool(meta.get("volatile", False)),
    )


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
        caveat=meta.get("caveat"),
        is_required=any(each["type"] == "not_null" for each in column.get("constraints", [])),
        is_volatile=bool(meta.get("volatile", False)),
    )


def _field(column: MartColumn) -> dict[str, Any]:
    field: dict[str, Any] = {
        "name": column.name,
        "type": FIELD_TYPES[column.data_type],
        "description": column.description,
    }
    if column.unit:
        field["unit"] = column.unit
    if column.caveat:
        field["caveat"] = column.caveat
    if column.is_required:
        field["constraints"] = {"required": True}
    if column.is_volatile:
        field["volatile"] = True
    return field
