"""The promise to readers: names, types, order, keys and units of the marts, and which changes break it.

``dbt_project/contract.json`` holds what is promised, under a version ``MAJOR.MINOR``. Columns come to the end of a
mart, marts come as new ones: that moves the minor version. Whatever a reader's program could stumble over (a name
that went, another type, key, unit or order, a column that may be empty now) needs a new major version. The file is
kept by ``fazhi release contract --write``; publishing compares with the last release in the same way.

Not here: reading the marts from dbt (``release_marts.py``), comparing what stands in the tables
(``release_changes.py``).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from pipelines.release_marts import schema_of
from pipelines.settings import DBT_PROJECT
from warehouse.publish import Mart

CONTRACT = DBT_PROJECT / "contract.json"
FIRST_VERSION = "1.0"

ChangeKind = Literal[
    "mart_added",
    "mart_removed",
    "key_changed",
    "column_added",
    "column_removed",
    "columns_moved",
    "type_changed",
    "unit_changed",
    "may_be_null",
    "is_required",
]
# What a program that reads the release could stumble over, and what it could not.
IS_BREAKING: Mapping[ChangeKind, bool] = {
    "mart_added": False,
    "mart_removed": True,
    "key_changed": True,
    "column_added": False,
    "column_removed": True,
    "columns_moved": True,
    "type_changed": True,
    "unit_changed": True,
    "may_be_null": True,
    "is_required": False,
}


class PromiseError(ValueError):
    """A change would break what readers were promised, or the contract file cannot be used."""


@dataclass(frozen=True)
class Field:
    """A column as promised; ``type`` is that of the data package."""

    type: str
    unit: str | None
    is_required: bool


@dataclass(frozen=True)
class Shape:
    """A mart as promised: its key, and its columns in their order."""

    key: tuple[str, ...]
    fields: Mapping[str, Field]


@dataclass(frozen=True)
class Contract:
    """What is promised, under its version."""

    version: str
    shapes: Mapping[str, Shape]

    @property
    def major(self) -> int:
        """The major version."""
        return int(self.version.partition(".")[0])


@dataclass(frozen=True)
class SchemaChange:
    """One difference between two contracts.

    Attributes:
        kind: what differs.
        mart: name of the mart.
        column: name of the column; None where the mart as a whole is meant.
        old: what was promised; None for what is new.
        new: what is now; None for what is gone.
    """

    kind: ChangeKind
    mart: str
    column: str | None
    old: str | None
    new: str | None

    @property
    def is_breaking(self) -> bool:
        """Whether a reader's program could stumble over it."""
        return IS_BREAKING[self.kind]

    def __str__(self) -> str:
        place = f"{self.mart}.{self.column}" if self.column else self.mart
        values = " → ".join(value for value in (self.old, self.new) if value)
        return f"{place}: {self.kind.replace('_', ' ')}{f' ({values})' if values else ''}"


def shapes_of(marts: Iterable[Mart]) -> dict[str, Shape]:
    """Return the shapes of marts as dbt describes them."""
    return {mart.name: shape_of(schema_of(mart)) for mart in marts}


def contract_of(package: Mapping[str, Any]) -> Contract:
    """Return what a release promised, from its data package.

    Raises:
        KeyError: the release was made before contracts had versions.
    """
    shapes = {resource["name"]: shape_of(resource["schema"]) for resource in package["resources"]}
    return Contract(package["contract_version"], shapes)


def read_contract(path: Path = CONTRACT) -> Contract:
    """Read the contract file.

    Raises:
        PromiseError: it is missing or not of its form.
    """
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        shapes = {
            name: Shape(
                tuple(mart["key"]),
                {
                    column: Field(each["type"], each.get("unit"), each.get("required", False))
                    for column, each in mart["columns"].items()
                },
            )
            for name, mart in found["marts"].items()
        }
        contract = Contract(found["version"], shapes)
        _next(contract.version, is_major=False)
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise PromiseError(f"{path} is not a contract of marts: {error!r}") from error
    return contract


def write_contract(contract: Contract, path: Path = CONTRACT) -> None:
    """Write the contract file, one line per column."""
    marts = []
    for name, shape in sorted(contract.shapes.items()):
        columns = [f"        {_text(column)}: {_text(_plain(field))}" for column, field in shape.fields.items()]
        marts.append(
            f'    {_text(name)}: {{\n      "key": {_text(list(shape.key))},\n'
            f'      "columns": {{\n' + ",\n".join(columns) + "\n      }\n    }",
        )
    body = ",\n".join(marts)
    path.write_text(f'{{\n  "version": {_text(contract.version)},\n  "marts": {{\n{body}\n  }}\n}}\n', encoding="utf-8")


def moved(promised: Contract, shapes: Mapping[str, Shape], *, allow_major: bool) -> Contract:
    """Return the contract that follows: same version without a change, else the next minor or major one.

    Raises:
        PromiseError: a change breaks the promise, and a new major version was not allowed.
    """
    changes = schema_changes(promised.shapes, shapes)
    if not changes:
        return promised
    breaking = [change for change in changes if change.is_breaking]
    if breaking and not allow_major:
        raise PromiseError(
            f"these changes break the contract {promised.version} and need a new major version:\n"
            + "\n".join(f"  {change}" for change in breaking)
        )
    return Contract(_next(promised.version, is_major=bool(breaking)), shapes)


def require_kept(last: Contract, now: Contract) -> None:
    """Refuse a release that breaks what the last one promised, unless its major version is higher.

    Raises:
        PromiseError: it breaks the promise, or its version is lower than that of the last release.
    """
    if now.major > last.major:
        return
    if now.major < last.major:
        raise PromiseError(f"the contract went back from {last.version} to {now.version}")
    breaking = [change for change in schema_changes(last.shapes, now.shapes) if change.is_breaking]
    if breaking:
        raise PromiseError(
            f"the marts break what the last release promised (contract {last.version}):\n"
            + "\n".join(f"  {change}" for change in breaking)
            + "\nUndo that, or move the major version: fazhi release contract --write --major"
        )


def schema_changes(old: Mapping[str, Shape], new: Mapping[str, Shape]) -> list[SchemaChange]:
    """Return all differences, by mart; within a mart in the order of its columns."""
    found: list[SchemaChange] = []
    for name in sorted(old.keys() | new.keys()):
        if name not in new:
            found.append(SchemaChange("mart_removed", name, None, None, None))
        elif name not in old:
            found.append(SchemaChange("mart_added", name, None, None, None))
        else:
            found.extend(_mart_changes(name, old[name], new[name]))
    return found


def _mart_changes(mart: str, old: Shape, new: Shape) -> Iterator[SchemaChange]:
    if old.key != new.key:
        yield SchemaChange("key_changed", mart, None, ", ".join(old.key), ", ".join(new.key))
    kept = [name for name in old.fields if name in new.fields]
    at_the_front = list(new.fields)[: len(kept)]
    if at_the_front != kept:
        place = next(place for place, name in enumerate(kept) if name != at_the_front[place])
        yield SchemaChange("columns_moved", mart, None, kept[place], at_the_front[place])
    for name, field in old.fields.items():
        if name not in new.fields:
            yield SchemaChange("column_removed", mart, name, field.type, None)
        else:
            yield from _field_changes(mart, name, field, new.fields[name])
    for name, field in new.fields.items():
        if name not in old.fields:
            yield SchemaChange("column_added", mart, name, None, field.type)


def _field_changes(mart: str, name: str, old: Field, new: Field) -> Iterator[SchemaChange]:
    if old.type != new.type:
        yield SchemaChange("type_changed", mart, name, old.type, new.type)
    if old.unit != new.unit:
        yield SchemaChange("unit_changed", mart, name, old.unit or "no unit", new.unit or "no unit")
    if old.is_required and not new.is_required:
        yield SchemaChange("may_be_null", mart, name, None, None)
    if new.is_required and not old.is_required:
        yield SchemaChange("is_required", mart, name, None, None)


def shape_of(schema: Mapping[str, Any]) -> Shape:
    """Return the shape of a mart from its schema in a data package."""
    fields: Sequence[Mapping[str, Any]] = schema["fields"]
    return Shape(
        tuple(schema["primaryKey"]),
        {
            field["name"]: Field(field["type"], field.get("unit"), field.get("constraints", {}).get("required", False))
            for field in fields
        },
    )


def _next(version: str, *, is_major: bool) -> str:
    major, minor = (int(part) for part in version.split("."))
    return f"{major + 1}.0" if is_major else f"{major}.{minor + 1}"


def _plain(field: Field) -> dict[str, Any]:
    plain: dict[str, Any] = {"type": field.type}
    if field.unit is not None:
        plain["unit"] = field.unit
    if field.is_required:
        plain["required"] = True
    return plain


def _text(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)
