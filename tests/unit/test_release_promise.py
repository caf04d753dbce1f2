"""What may change between releases without a new major version, and what may not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import yaml

from pipelines.release_contract import (
    IS_BREAKING,
    Contract,
    Field,
    PromiseError,
    Shape,
    moved,
    read_contract,
    require_kept,
    schema_changes,
    write_contract,
)
from pipelines.release_marts import FIELD_TYPES
from pipelines.settings import DBT_PROJECT

CODE = Field("string", None, is_required=True)
YEAR = Field("integer", "year", is_required=True)
VALUE = Field("number", "件", is_required=False)
PROMISED = {"fct_x": Shape(("code",), {"code": CODE, "year": YEAR, "value": VALUE})}
Shapes = dict[str, Shape]


def fields(**changed: Field) -> Shapes:
    """The promised mart with columns changed, or added at its end."""
    return {"fct_x": Shape(("code",), dict(PROMISED["fct_x"].fields) | changed)}


def ordered(*names: str) -> Shapes:
    """The promised mart with these columns alone, in this order."""
    known = dict(PROMISED["fct_x"].fields) | {"more": VALUE}
    return {"fct_x": Shape(("code",), {name: known[name] for name in names})}


@pytest.mark.parametrize(
    ("now", "kinds"),
    [
        (PROMISED, []),
        (ordered("code", "year", "value", "more"), ["column_added"]),
        (PROMISED | {"fct_y": PROMISED["fct_x"]}, ["mart_added"]),
        (fields(value=replace(VALUE, is_required=True)), ["is_required"]),
        ({}, ["mart_removed"]),
        ({"fct_x": replace(PROMISED["fct_x"], key=("code", "year"))}, ["key_changed"]),
        (ordered("code", "year"), ["column_removed"]),
        (ordered("code", "value", "year"), ["columns_moved"]),
        (ordered("code", "more", "year", "value"), ["columns_moved", "column_added"]),
        (fields(value=replace(VALUE, type="integer")), ["type_changed"]),
        (fields(value=replace(VALUE, unit="人")), ["unit_changed"]),
        (fields(value=replace(VALUE, unit=None)), ["unit_changed"]),
        (fields(year=replace(YEAR, is_required=False)), ["may_be_null"]),
    ],
)
def test_changes_are_named_and_what_breaks_needs_a_major_version(now: Shapes, kinds: list[str]) -> None:
    promised = Contract("1.4", PROMISED)
    changes = schema_changes(PROMISED, now)
    assert [change.kind for change in changes] == kinds
    if any(change.is_breaking for change in changes):
        with pytest.raises(PromiseError, match=r"need a new major version:\n  fct_x"):
            moved(promised, now, allow_major=False)
        with pytest.raises(PromiseError, match="contract --write --major"):
            require_kept(promised, Contract("1.5", now))
        assert moved(promised, now, allow_major=True).version == "2.0"
    else:
        require_kept(promised, Contract("1.5", now))
        assert moved(promised, now, allow_major=True).version == ("1.5" if kinds else "1.4")
    require_kept(promised, Contract("2.0", now))


def test_every_kind_of_change_is_judged() -> None:
    assert {kind for kind, breaks in IS_BREAKING.items() if not breaks} == {"mart_added", "column_added", "is_required"}


def test_a_contract_does_not_go_back() -> None:
    with pytest.raises(PromiseError, match=r"from 2\.0 to 1\.9"):
        require_kept(Contract("2.0", PROMISED), Contract("1.9", PROMISED))


def test_what_is_written_is_read(tmp_path: Path) -> None:
    contract = Contract("3.1", PROMISED | {"dim_y": Shape(("a", "b"), {"b": CODE, "a": VALUE})})
    write_contract(contract, tmp_path / "contract.json")
    again = read_contract(tmp_path / "contract.json")
    assert again == contract
    assert list(again.shapes["dim_y"].fields) == ["b", "a"]


@pytest.mark.parametrize(
    "text",
    ["", "[]", "{}", '{"version": "1.0"}', '{"version": "one", "marts": {}}', '{"version": 1, "marts": {}}'],
)
def test_a_file_that_is_no_contract_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "contract.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(PromiseError, match=r"contract\.json is not a contract"):
        read_contract(path)


def described() -> Shapes:
    """The marts as the dbt YAML describes them."""
    shapes = {}
    for path in sorted((DBT_PROJECT / "models" / "marts").glob("*.yml")):
        for model in yaml.safe_load(path.read_text(encoding="utf-8")).get("models", []):
            shapes[model["name"]] = Shape(
                tuple(model["config"]["meta"]["key"]),
                {column["name"]: described_field(column) for column in model["columns"]},
            )
    return shapes


def described_field(column: dict[str, object]) -> Field:
    """A column as the dbt YAML describes it."""
    read: Callable[[str], object] = column.get
    config = read("config")
    meta = config.get("meta", {}) if isinstance(config, dict) else {}
    constraints = read("constraints") or []
    assert isinstance(constraints, list)
    types: dict[str, str] = dict(FIELD_TYPES)  # type: ignore[arg-type]
    return Field(types[str(read("data_type"))], meta.get("unit"), {"type": "not_null"} in constraints)


def test_the_marts_are_those_of_the_contract() -> None:
    changes = [str(change) for change in schema_changes(read_contract().shapes, described())]
    assert changes == [], "run: fazhi release contract --write"
