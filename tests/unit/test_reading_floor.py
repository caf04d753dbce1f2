"""The accuracy floors of ``tests/gold/floors.csv``: a measure may rise above its floor and must not fall below it."""

from pathlib import Path

import pytest

from pipelines.evaluate import Evaluation
from pipelines.evaluation.floors import FLOORS_FILE, measure_all, read_floors, shortfalls
from pipelines.extracting import evaluate_gold

GOLD = Path(__file__).parents[1] / "gold"


@pytest.fixture(scope="module")
def evaluation() -> Evaluation:
    return evaluate_gold(GOLD)


def test_nothing_fell(evaluation: Evaluation) -> None:
    fallen = shortfalls(read_floors(GOLD / FLOORS_FILE), measure_all(evaluation.by_document))
    assert [str(each) for each in fallen] == [], "new documents get their floors by: fazhi gold floors --raise"


def test_what_states_no_facts_yields_none(evaluation: Evaluation) -> None:
    silent = {name: each.candidate for name, each in evaluation.by_document.items() if not each.candidate.gold}
    assert {name: counts.observed for name, counts in silent.items() if counts.observed} == {}
    assert silent


def test_the_aims_hold_over_real_pages(evaluation: Evaluation) -> None:
    """The least that reading must reach on real pages whatever the floors say."""
    _, real = evaluation.by_origin["real"]
    assert real.candidate.precision == real.candidate.recall == 1.0
    assert (real.coded.f1 or 0) >= 0.97
    assert {name: share.rate for name, share in real.attributes.items() if name in ("value", "unit")} == {
        "value": 1.0,
        "unit": 1.0,
    }
    assert {name: share.rate for name, share in real.fields.items() if share.rate != 1.0} == {}
    assert real.non_facts_extracted == 0
