"""What a mart must be described with before it can be released."""

from __future__ import annotations

from typing import Any

import pytest

from pipelines.release_marts import ContractError, read_marts


def manifest(**changes: Any) -> dict[str, Any]:
    """A manifest with one mart, changed at the named places."""
    column = {
        "name": "code",
        "data_type": changes.get("data_type", "varchar"),
        "description": changes.get("column_description", "Code."),
        "config": {"meta": {"unit": "件", "volatile": True, "caveat": "Mind."}},
        "constraints": [{"type": "not_null"}],
    }
    node = {
        "resource_type": "model",
        "name": "fct_x",
        "fqn": ["fazhi", changes.get("folder", "marts"), "fct_x"],
        "description": changes.get("description", "Things."),
        "config": {"meta": {"key": changes.get("key", ["code"])}},
        "columns": {"code": column},
    }
    return {"nodes": {"model.fazhi.fct_x": node, "test.fazhi.t": {"resource_type": "test"}}}


def test_a_contract_is_read() -> None:
    (mart,) = read_marts(manifest())
    assert (mart.name, mart.key, mart.is_volatile) == ("fct_x", ("code",), False)
    (column,) = mart.columns
    assert (column.unit, column.is_required, column.is_volatile) == ("件", True, True)
    assert column.comment == "Code. [件] Caveat: Mind."
    assert mart.stable_columns == ()


def test_only_marts_are_released() -> None:
    assert read_marts(manifest(folder="intermediate")) == ()


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"key": []}, "fct_x: meta.key"),
        ({"key": ["other"]}, "other"),
        ({"description": ""}, "mart fct_x has no description"),
        ({"column_description": ""}, "column code has no description"),
        ({"data_type": "decimal(9,2)"}, "decimal"),
        ({"data_type": None}, "None"),
    ],
)
def test_a_mart_that_is_not_described_is_refused(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ContractError, match=message):
        read_marts(manifest(**changes))
