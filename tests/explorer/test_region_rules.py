"""The rules behind the pages of regions: which code speaks in which year, and where the points of a sparkline lie."""

from __future__ import annotations

import pytest

from explorer.region_line import Line, Span
from explorer.region_spark import HEIGHT, MARGIN, spark

OLD, NEW, OTHER = "130124", "130111", "130125"
RECODED = (Span(NEW, "栾城区", 2014, None), Span(OLD, "栾城县", 1986, 2014))
MERGED = (*RECODED, Span(OTHER, "邻县", 1986, 2014))
RENAMED = (Span(NEW, "新名", 2014, None), Span(NEW, "旧名", 1986, 2014))


@pytest.mark.parametrize(
    ("code", "spans", "year", "speaks"),
    [
        (NEW, RECODED, 2013, OLD),
        (NEW, RECODED, 2014, NEW),
        (OLD, RECODED, 2013, OLD),
        (OLD, RECODED, 2020, NEW),
        (NEW, RECODED, 1980, None),
        (NEW, MERGED, 2013, None),
        (OLD, MERGED, 2013, OLD),
        (OTHER, MERGED, 2014, NEW),
        (NEW, RENAMED, 2013, NEW),
    ],
)
def test_one_code_speaks_for_a_government_in_a_year(
    code: str, spans: tuple[Span, ...], year: int, speaks: str | None
) -> None:
    assert Line(code, NEW, spans).code_in(year) == speaks


@pytest.mark.parametrize(
    ("code", "spans", "changes"),
    [(NEW, RECODED, [2014]), (OLD, RECODED, [2014]), (NEW, MERGED, [2014]), (NEW, RENAMED, []), (NEW, RECODED[:1], [])],
)
def test_the_years_of_a_change_of_code_are_marked(code: str, spans: tuple[Span, ...], changes: list[int]) -> None:
    assert Line(code, NEW, spans).changes(range(2012, 2017)) == changes


def test_a_line_names_the_code_of_its_page_first() -> None:
    assert Line(OLD, NEW, MERGED).codes == [OLD, NEW, OTHER]


YEARS = range(2015, 2020)


@pytest.mark.parametrize(
    ("values", "lengths"),
    [
        ({}, []),
        ({2016: 4.0}, []),
        ({2015: 1.0, 2016: 2.0}, [2]),
        ({2015: 1.0, 2017: 2.0}, []),
        ({2015: 1.0, 2016: 2.0, 2018: 3.0, 2019: 4.0}, [2, 2]),
        ({2015: 0.0, 2016: 0.0}, [2]),
    ],
)
def test_a_missing_year_stays_a_gap(values: dict[int, float], lengths: list[int]) -> None:
    drawn = spark(values, YEARS)
    assert [len(run.split()) for run in drawn.runs] == lengths
    assert set(drawn.places) == set(values)


def test_points_lie_between_zero_and_the_greatest_value() -> None:
    drawn = spark({2015: 0.0, 2016: 50.0, 2019: 100.0}, YEARS, changes=[2016])
    heights = [y for _, y in drawn.places.values()]
    assert heights == [HEIGHT - MARGIN, HEIGHT / 2, MARGIN]
    assert drawn.places[2019][0] == drawn.width - MARGIN
    (mark,) = drawn.breaks
    assert drawn.places[2015][0] < mark < drawn.places[2016][0]
