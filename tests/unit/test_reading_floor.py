"""The accuracy floors: they may rise, never fall. Figures as `fazhi evaluate` prints them for the two gold folders."""

from pathlib import Path
from typing import Any

import pytest

from pipelines.evaluate import evaluate_folder
from pipelines.reading import page_from_file, read
from pipelines.reference import load_reference

GOLD = Path(__file__).parents[1] / "gold"
COMPOSED = Path(__file__).parents[1] / "gold_composed"


def scores_of(folder: Path) -> dict[str, Any]:
    reference = load_reference()
    evaluation = evaluate_folder(
        folder, lambda path: read(page_from_file(path), reference), tiers=reference.catalogue.tiers
    )
    return evaluation.to_json()


def figure(scores: dict[str, Any], path: str) -> float:
    value: Any = scores
    for key in path.split("/"):
        value = value[key]
    return float(value)


@pytest.fixture(scope="module")
def scores() -> dict[str, Any]:
    return scores_of(GOLD)


@pytest.fixture(scope="module")
def composed() -> dict[str, Any]:
    return scores_of(COMPOSED)


@pytest.mark.parametrize(
    ("path", "floor"),
    [
        ("facts/candidate/precision", 1.0),
        ("facts/candidate/recall", 1.0),
        ("facts/code_accuracy", 1.0),
        ("facts/coded/f1", 1.0),
        ("facts/core_coded/f1", 1.0),
        ("facts/value_accuracy", 1.0),
        ("facts/unit_accuracy", 1.0),
        ("facts/qualifier_accuracy", 1.0),
        ("facts/dimension_accuracy", 0.93),
        ("facts/period_accuracy", 1.0),
        ("facts/flags/is_plan/f1", 1.0),
        ("facts/flags/is_cumulative/f1", 1.0),
        ("facts/flags/is_proposed/f1", 1.0),
        ("facts/flags/comparison/f1", 1.0),
        ("facts/flags/authority/f1", 1.0),
        ("facts/parent/f1", 1.0),
        ("headings/f1", 1.0),
        ("headings/topic_accuracy", 1.0),
    ],
)
def test_floor(scores: dict[str, Any], path: str, floor: float) -> None:
    assert figure(scores, path) >= floor


@pytest.mark.parametrize(
    ("path", "floor"),
    [
        ("facts/candidate/f1", 0.99),
        ("facts/code_accuracy", 0.96),
        ("facts/coded/f1", 0.97),
        ("facts/core_coded/f1", 0.97),
        ("facts/value_accuracy", 1.0),
        ("facts/unit_accuracy", 1.0),
        ("facts/qualifier_accuracy", 1.0),
        ("facts/flags/is_plan/f1", 0.97),
        ("facts/flags/is_cumulative/f1", 1.0),
        ("facts/flags/is_proposed/f1", 1.0),
        ("facts/flags/comparison/f1", 1.0),
        ("facts/parent/f1", 0.90),
        ("by_document/province_2021/coded_f1", 0.95),
        ("by_document/township_2023/coded_f1", 0.94),
        ("headings/f1", 1.0),
    ],
)
def test_floor_on_composed_reports(composed: dict[str, Any], path: str, floor: float) -> None:
    assert figure(composed, path) >= floor


def test_document_fields_are_all_right(scores: dict[str, Any]) -> None:
    assert {name: value for name, value in scores["document_fields"].items() if value != 1.0} == {}


def test_no_non_fact_is_taken_for_a_fact(scores: dict[str, Any]) -> None:
    assert scores["facts"]["non_facts_extracted"] == 0


def test_a_plan_yields_no_observations() -> None:
    path = next(GOLD.glob("003_*.txt"))
    assert read(page_from_file(path), load_reference()).observations == ()
