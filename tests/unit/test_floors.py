"""The table of accuracy floors: read, compared, raised and never lowered."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from evaluation_samples import FACTS, NAME, evaluate, observations

from pipelines.evaluate import GoldError
from pipelines.evaluation.floors import COLUMNS, measure_all, raised, read_floors, shortfalls, write_floors

A, B = ("a", "coded_f1"), ("b", "coded_f1")


def test_measures_of_a_perfect_reading_are_one(tmp_path: Path) -> None:
    measured = measure_all(evaluate(tmp_path, observations()).by_document)
    assert {name for name, _ in measured} == {NAME}
    assert set(measured.values()) == {1.0}
    assert (NAME, "is_proposed_f1") not in measured, "nothing is proposed, so nothing is measured"


def test_a_mistake_shows_in_its_measure(tmp_path: Path) -> None:
    measured = measure_all(evaluate(tmp_path, observations(s_1={"unit": "宗"})).by_document)
    assert measured[NAME, "unit_accuracy"] == 1 - 1 / len(FACTS)


@pytest.mark.parametrize(
    ("floors", "measured", "messages"),
    [
        ({A: 0.9}, {A: 0.9}, []),
        ({A: 0.9}, {A: 1.0}, []),
        ({A: 0.6666}, {A: 2 / 3}, []),
        ({A: 0.9}, {A: 0.89}, ["a: coded_f1 fell to 0.8900, below its floor 0.9"]),
        ({A: 0.9}, {}, ["a: coded_f1 is no longer measured; its floor is 0.9"]),
        ({A: 0.9}, {A: 0.95, B: 1.0}, ["b: coded_f1 is 1.0000 and has no floor"]),
    ],
)
def test_shortfalls(
    floors: dict[tuple[str, str], float], measured: dict[tuple[str, str], float], messages: list[str]
) -> None:
    assert [str(each) for each in shortfalls(floors, measured)] == messages


def test_floors_rise_and_never_fall() -> None:
    assert raised({A: 0.9, B: 0.9}, {A: 0.8, B: 0.95}) == {A: 0.9, B: 0.95}
    assert raised({A: 0.9}, {B: 2 / 3}) == {A: 0.9, B: 0.6666}
    assert shortfalls(raised({}, {A: 0.29, B: 1.0}), {A: 0.29, B: 1.0}) == []


def test_what_is_written_is_read(tmp_path: Path) -> None:
    path = tmp_path / "floors.csv"
    assert read_floors(path) == {}
    write_floors(path, {B: 1.0, A: 0.6666})
    assert read_floors(path) == {A: 0.6666, B: 1.0}
    rows = list(csv.reader(path.read_text(encoding="utf-8").splitlines()))
    assert rows == [list(COLUMNS), ["a", "coded_f1", "0.6666"], ["b", "coded_f1", "1"]]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("document,floor\n", r"floors\.csv:1: the header"),
        ("document,measure,floor\na,coded_f1\n", r"floors\.csv:2: 3 cells are expected"),
        ("document,measure,floor\na,coded_f1,best\n", r"floors\.csv:2: the floor 'best'"),
        ("document,measure,floor\na,coded_f1,nan\n", r"floors\.csv:2: the floor 'nan'"),
        ("document,measure,floor\na,coded_f1,1.2\n", r"floors\.csv:2: the floor '1\.2'"),
        ("document,measure,floor\na,x,1\na,x,1\n", r"floors\.csv:3: a second floor of x for a"),
    ],
)
def test_a_faulty_table_is_refused(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "floors.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(GoldError, match=message):
        read_floors(path)
