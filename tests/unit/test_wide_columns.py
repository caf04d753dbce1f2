"""The columns of ``region_year_wide``: named with their unit, in an order that never changes."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest

SCRIPT = Path(__file__).resolve().parents[2] / "dbt_project" / "scripts" / "write_wide.py"


@pytest.fixture(scope="module")
def wide() -> ModuleType:
    spec = importlib.util.spec_from_file_location("write_wide", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def test_the_contract_is_current(wide: ModuleType) -> None:
    message = "run: python dbt_project/scripts/write_wide.py"
    assert wide.TARGET.read_text(encoding="utf-8") == wide.current_contract(), message


@pytest.mark.parametrize(
    ("name_en", "code", "token"),
    [
        ("cases or pieces", "RR_CLOSED", "cases"),
        ("cases or pieces", "RULE_NORM_ISSUED", "pieces"),
        ("working days", "FUNC_AVG_DAYS", "working_days"),
        ("person-times", "CAPA_TRAINING", "person_times"),
        ("percent", "LIT_LOST_RATE", "percent"),
    ],
)
def test_units_become_parts_of_names(wide: ModuleType, name_en: str, code: str, token: str) -> None:
    assert wide.unit_token(name_en, code) == token


def test_new_columns_go_to_the_end(wide: ModuleType) -> None:
    columns = [wide.Column(name, "double", name) for name in ("new__cases", "old_b__cases", "old_a__cases")]
    ordered = wide.ordered(columns, ["old_a__cases", "old_b__cases"])
    assert [column.name for column in ordered] == ["old_a__cases", "old_b__cases", "new__cases"]


def test_a_released_column_may_not_vanish(wide: ModuleType) -> None:
    with pytest.raises(ValueError, match="old__cases"):
        wide.ordered([], ["old__cases"])
