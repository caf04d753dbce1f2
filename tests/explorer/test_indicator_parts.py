"""The parts of an indicator's page that need no server: spans of values, breaks, nesting, marks."""

from __future__ import annotations

from typing import Any

import pytest

from explorer.indicator_catalogue import nested
from explorer.indicator_data import Number, Standing, Tally
from explorer.indicator_series import breaks_of
from explorer.indicator_year import bin_name, to_bins


@pytest.mark.parametrize(
    ("values", "scale", "expected"),
    [
        ([], "linear", []),
        ([5.0], "linear", [("5–5.5", 1)]),
        ([0.0, 0.0], "linear", [("0–1", 2)]),
        ([0.0, 4.0, 15.9], "linear", [(f"{n}–{n + 1}", int(n in (0, 4, 15))) for n in range(16)]),
        ([-3.0, 13.0], "linear", [(f"{n}–{n + 1}", int(n in (-3, 13))) for n in range(-3, 14)]),
        ([0.0, 3.0, 30.0], "log", [("0–2", 1), ("2–5", 1), ("5–10", 0), ("10–20", 0), ("20–50", 1)]),
        ([1.0, 2.0], "log", [("1–2", 1), ("2–5", 1)]),
        ([0.0], "log", [("0–1", 1)]),
    ],
)  # fmt: skip
def test_every_value_falls_into_one_span(values: list[float], scale: str, expected: list[tuple[str, int]]) -> None:
    bins = to_bins(values, scale)
    assert [(bin_name(each), each.count) for each in bins] == expected
    assert sum(each.count for each in bins) == len(values)


@pytest.mark.parametrize("scale", ["linear", "log"])
@pytest.mark.parametrize("top", [0.3, 7.0, 99.9, 12_345.0, 8.7e9])
def test_spans_reach_from_the_least_to_the_most(scale: str, top: float) -> None:
    values = sorted([top / 3, top / 2, top])
    bins = to_bins(values, scale)
    assert bins[0].lower <= values[0]
    assert values[-1] < bins[-1].upper
    assert len(bins) < 40


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (None, []),
        ("", []),
        ("2021:改革:甲;乙", [(2021, "2021 改革:甲;乙")]),
        ("2021:改革;2024:新法,2024年起", [(2021, "2021 改革"), (2024, "2024 新法,2024年起")]),
        ("无年份", []),
    ],
)
def test_breaks_are_read_from_the_note(text: str | None, expected: list[tuple[int, str]]) -> None:
    assert [(note.year, note.label) for note in breaks_of(text)] == expected


def number(**changes: Any) -> Number:
    row: dict[str, Any] = {
        "region_code": "220000", "region_name": "吉林省", "region_level": "province", "year": 2019, "value": 1.0,
        "value_max": None, "unit": "件", "qualifier": "exact", "value_text": "1", "scope": None, "is_cumulative": False,
        "has_conflict": False, "conflicting_values": None, "confidence_final": 0.96, "document_id": "d",
        "observation_id": "o", "sentence": "", "url": "",
    }  # fmt: skip
    return Number(**(row | changes))


@pytest.mark.parametrize(
    ("changes", "flags", "kind"),
    [
        ({}, (), "plain"),
        ({"qualifier": "zero_by_words"}, (), "plain"),
        ({"qualifier": "余"}, ("rounded",), "rounded"),
        ({"qualifier": "range", "value_max": 3.0}, ("rounded",), "rounded"),
        ({"is_cumulative": True, "qualifier": "近"}, ("cumulative", "rounded"), "cumulative"),
        ({"confidence_final": 0.85, "is_cumulative": True}, ("unsure", "cumulative"), "unsure"),
        ({"has_conflict": True, "confidence_final": 0.85}, ("conflict", "unsure"), "conflict"),
    ],
)
def test_a_mark_shows_the_gravest_doubt(changes: dict[str, Any], flags: tuple[str, ...], kind: str) -> None:
    stated = number(**changes)
    assert (stated.flags, stated.kind) == (flags, kind)


def test_indicators_stand_below_the_one_they_belong_to() -> None:
    parents = {"A": "TOPIC", "B": "A", "C": "TOPIC", "D": "B", "E": "LOST"}
    rows = [{"indicator_code": code, "parent_code": parent} for code, parent in parents.items()]
    order = [(each.row["indicator_code"], each.depth) for each in nested(rows)]
    assert order == [("A", 0), ("B", 1), ("D", 2), ("C", 0), ("E", 0)]


def test_the_standing_knows_levels_and_years() -> None:
    standing = Standing(
        {
            (2016, "county"): Tally(expected=9, reported=2),
            (2018, "county"): Tally(expected=9, reported=3, stated=1, conflicts=1),
            (2017, "province"): Tally(expected=3, reported=3, stated=3),
        }
    )
    assert standing.years == (2016, 2017, 2018)
    assert standing.usual_level == "province"
    assert (standing.newest_year("county"), standing.newest_year("province")) == (2018, 2017)
    assert standing.newest_year("prefecture") == 2018
    assert standing.over(standing.years, "county") == Tally(expected=18, reported=5, stated=1, conflicts=1)
    assert Standing({}).newest_year("county") is None
