"""The rules behind the coverage page: states, colours, counts, and the words of every outcome."""

from __future__ import annotations

from typing import Any

import pytest

from explorer.coverage_query import Choice, to_map
from explorer.coverage_standing import GLYPHS, OWN_REASONS, REASONS, Standing, share_step, standing_of
from explorer.labels import LANGUAGES, has_label, label
from warehouse.outcomes import RULES


@pytest.mark.parametrize(
    ("status", "reason", "timeliness", "is_withdrawn", "expected"),
    [
        ("published", None, "on_time", False, Standing.ON_TIME),
        ("published", None, None, False, Standing.NO_DEADLINE),
        ("late", None, "late", False, Standing.LATE),
        ("undated", None, None, False, Standing.UNDATED),
        ("published", None, "on_time", True, Standing.WITHDRAWN),
        ("late", None, "late", True, Standing.WITHDRAWN),
        ("missing", "not_listed", None, False, Standing.ABSENT),
        ("missing", "no_source", None, False, Standing.UNTRACKED),
        ("missing", "blocked:rs_412", None, False, Standing.UNREAD),
        ("missing", "report_without_year", None, False, Standing.UNREAD),
        ("not_due", None, None, False, Standing.NOT_DUE),
        ("exempt", None, None, False, Standing.EXEMPT),
    ],
)
def test_every_row_of_the_coverage_has_one_state(
    status: str, reason: str | None, timeliness: str | None, is_withdrawn: bool, expected: Standing
) -> None:
    row = {"status": status, "reason": reason, "timeliness": timeliness, "is_withdrawn": is_withdrawn}
    assert standing_of(row) is expected


@pytest.mark.parametrize(("status", "reason"), [("lost", None), ("missing", None), ("missing", "no_idea")])
def test_a_state_that_is_not_known_is_an_error_that_names_it(status: str, reason: str | None) -> None:
    row = {"status": status, "reason": reason, "timeliness": None, "is_withdrawn": False}
    with pytest.raises(ValueError, match=repr(reason or status)):
        standing_of(row)


@pytest.mark.parametrize(
    ("reported", "expected", "step"),
    [(0, 9, 0), (1, 100, 1), (1, 4, 1), (26, 100, 2), (1, 2, 2), (3, 4, 3), (76, 100, 4), (99, 100, 4), (5, 5, 5)],
)
def test_a_share_has_one_of_six_colours(reported: int, expected: int, step: int) -> None:
    assert share_step(reported, expected) == step


def test_signs_are_told_apart_without_colour() -> None:
    assert set(GLYPHS) == set(Standing)
    assert len(set(GLYPHS.values())) == len(Standing)


def test_every_state_and_reason_has_its_words() -> None:
    assert all(has_label(f"coverage.standing.{standing}") for standing in Standing)
    for reason in REASONS:
        assert all(has_label(f"coverage.{part}.{reason}") for part in ("reason", "rule", "step")), reason


def test_outcomes_are_explained_as_the_crawler_means_them() -> None:
    for outcome, rule in RULES.items():
        assert label(f"coverage.rule.{outcome.value}", "en") == rule.rule
        assert label(f"coverage.step.{outcome.value}", "en") == rule.next_step
    for key in (*RULES, *OWN_REASONS):
        texts = {language: label(f"coverage.step.{key}", language) for language in LANGUAGES}
        assert len(set(texts.values())) == len(LANGUAGES)


def _group(row_code: str, region_code: str, year: int, status: str, count: int, **given: Any) -> dict[str, Any]:
    blank = {"reason": None, "timeliness": None, "is_withdrawn": False, "is_expected": True, "tracked_count": count}
    dates = {"published_on": None, "deadline_on": None, "days_after_deadline": None, "report_id": None}
    named = {"row_code": row_code, "region_code": region_code, "region_name": region_code, "report_year": year}
    return blank | dates | named | {"status": status, "government_count": count} | given


CHOICE = Choice(region=None, level=None, first=2015, last=2016, is_tracked=False)


def test_counts_of_a_map_add_up() -> None:
    rows = [
        _group("510000", "510000", 2015, "published", 2, timeliness="on_time"),
        _group("510000", "510500", 2015, "missing", 3, reason="not_listed"),
        _group("510000", "510500", 2015, "late", 1, timeliness="late", is_expected=False),
    ]
    found = to_map(rows, {}, CHOICE)
    tally = found.totals[2015]
    assert (tally.governments, tally.expected, tally.reported, tally.unexpected, tally.missing) == (6, 5, 2, 1, 3)
    assert tally.share == 0.4
    assert found.totals[2016].share is None
    assert found.rows[0].is_area


@pytest.mark.parametrize(
    ("rows", "is_area"),
    [
        ([_group("510521", "510521", 2015, "undated", 1)], False),
        ([_group("510521", "510521", year, "undated", 1) for year in (2015, 2016)], False),
        ([_group("510000", "510500", 2015, "undated", 1)], True),
        ([_group("510000", "510000", 2015, "undated", 2)], True),
        ([_group("510000", "510000", 2015, "undated", 1), _group("510000", "510500", 2016, "undated", 1)], True),
        ([_group("510000", "510000", 2015, "undated", 1), _group("510000", "510500", 2015, "exempt", 1)], True),
    ],
)
def test_a_row_is_a_government_only_when_it_holds_no_other(rows: list[dict[str, Any]], is_area: bool) -> None:
    row = to_map(rows, {}, CHOICE).rows[0]
    assert row.is_area is is_area
    assert bool(row.singles) is not is_area
