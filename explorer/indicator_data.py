"""An indicator asked of a release: its numbers by region and year, and how many governments state it.

SQL in, typed rows out. Which of them a page shows, and how, does not belong here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

from explorer.finding import LEVELS, region_by_code
from explorer.releases import Release, Row

TOTAL = "total"
DEFAULT_LINES = 3
EXACT = ("exact", "zero_by_words")
UNSURE_BELOW = 0.9
"""Numbers read with less confidence are marked; below 0.8 none is in the tidy table at all."""

INDICATOR = "select * from dim_indicator where indicator_code = $code"
DIMENSIONS = """
    select dimension, status, count(*) as stated
    from fct_region_year_indicator
    where indicator_code = $code and value is not null
    group by dimension, status
    order by dimension = 'total' desc, stated desc, dimension
"""
UNITS = """
    select unit, count(*) as stated
    from fct_region_year_indicator
    where indicator_code = $code and dimension = $dimension and status = $status and value is not null
    group by all
    order by stated desc, unit
"""
STATED = """
    select
        report_year as year,
        region_level as level,
        count(*) as stated,
        count_if(has_conflict) as conflicts,
        count_if(qualifier not in ('exact', 'zero_by_words')) as rounded,
        count_if(confidence_final < $unsure) as unsure,
        count_if(is_cumulative) as cumulative
    from fct_region_year_indicator
    where indicator_code = $code and dimension = $dimension and status = $status and value is not null
    group by all
"""
EXPECTED = """
    select
        report_year as year,
        region_level as level,
        count_if(is_expected) as expected,
        count_if(report_id is not null) as reported
    from fct_coverage
    group by all
"""
PROVINCES = """
    select region_code as code, max_by(region_name, valid_from) as name
    from dim_region
    where region_level = 'province' and is_in_force
    group by all
    order by all
"""
# The line of a number is the code of today that it leads to; its own code where the line ended. The numbers are looked
# up by their regions first: the table holds millions, with long texts.
SERIES = """
    with codes as (
        select region_code from bridge_region where is_main_line and list_contains($lines, current_code)
        union
        select unnest($lines)
    ),

    numbers as (
        select *
        from fct_region_year_indicator
        where
            indicator_code = $code and dimension = $dimension and status = $status and value is not null
            and report_year between $first and $last and region_code in (select region_code from codes)
    )

    select
        numbers.*,
        report_year as year,
        chosen_observation_id as observation_id,
        coalesce(bridge.current_code, numbers.region_code) as line
    from numbers
    left join bridge_region as bridge
        on numbers.region_code = bridge.region_code
        and bridge.is_main_line
        and bridge.valid_from <= report_year
        and (bridge.valid_to is null or bridge.valid_to > report_year)
    where list_contains($lines, line)
    order by line, year, numbers.region_code = line desc, numbers.region_code
"""
DEFAULTS = """
    select region_code
    from fct_region_year_indicator
    where indicator_code = $code and dimension = $dimension and status = $status and value is not null
    group by region_code
    order by
        count(distinct report_year) desc,
        min(list_position(['province', 'prefecture', 'county'], region_level)),
        region_code
    limit $limit
"""
GAPS = """
    select
        coalesce(current_code, region_code) as line, region_code, report_year as year, status, reason, report_id
    from fct_coverage
    where list_contains($lines, coalesce(current_code, region_code)) and report_year between $first and $last
    order by line, year, region_code = line desc, region_code
"""
SPANS = """
    select current_code as line, region_code, region_name, valid_from
    from bridge_region
    where is_main_line and list_contains($lines, current_code)
    order by valid_from
"""
OF_YEAR = """
    with numbers as (
        select *, report_year as year, chosen_observation_id as observation_id
        from fct_region_year_indicator
        where
            indicator_code = $code and dimension = $dimension and status = $status and value is not null
            and region_level = $level and report_year = $year
            and ($province = '' or left(region_code, 2) = left($province, 2))
    )
"""
RANKING = f"""
    {OF_YEAR}
    select *, rank() over (order by value * $sign desc) as place
    from numbers
    order by value * $sign desc, region_code
    limit $limit offset $offset
"""  # noqa: S608 - made of constants
VALUES = f"""
    {OF_YEAR}
    select value from numbers order by value
"""  # noqa: S608 - made of constants
# The statement at each quantile: a number that a government stated, never one between two.
QUANTILES = f"""
    {OF_YEAR}
    select *
    from (select *, row_number() over (order by value, region_code) as place from numbers)
    where list_contains($places, place)
    order by place
"""  # noqa: S608 - made of constants
MEDIANS = """
    select
        left(region_code, 2) || '0000' as province,
        report_year as year,
        median(value) as value,
        count(*) as stated,
        count_if(has_conflict) as conflicts,
        any_value(document_id) as document_id,
        any_value(chosen_observation_id) as observation_id
    from fct_region_year_indicator
    where
        indicator_code = $code and dimension = $dimension and status = $status and value is not null
        and region_level = $level and report_year between $first and $last
    group by all
"""
SUMS = """
    select
        aggregate_code as province, report_year as year, value, sum_of_stated as of_stated, refusal,
        stated_count as stated, expected_count as expected
    from sum_over_regions
    where
        indicator_code = $code and dimension = $dimension and member_level = $level
        and report_year between $first and $last and aggregate_code like '__0000' and aggregate_code <> '000000'
"""
RATES = """
    select
        aggregate_code as province, report_year as year, value, rate_of_computed as of_stated, refusal,
        computed_count as stated, expected_count as expected
    from rate_over_regions
    where
        indicator_code = $code and member_level = $level
        and report_year between $first and $last and aggregate_code like '__0000' and aggregate_code <> '000000'
"""
PROVINCE_EXPECTED = """
    select left(region_code, 2) || '0000' as province, report_year as year, region_level as level,
        count(*) as expected
    from fct_coverage
    where is_expected
    group by all
"""


@dataclass(frozen=True)
class Number:
    """A number that a government states, as the tidy table has it."""

    region_code: str
    region_name: str
    region_level: str
    year: int
    value: float
    value_max: float | None
    unit: str | None
    qualifier: str
    value_text: str
    scope: str | None
    is_cumulative: bool
    has_conflict: bool
    conflicting_values: str | None
    confidence_final: float
    document_id: str
    observation_id: str
    sentence: str
    url: str

    @property
    def flags(self) -> tuple[str, ...]:
        """What to mind about it, the gravest first: conflict, unsure, cumulative, rounded."""
        held = {
            "conflict": self.has_conflict,
            "unsure": self.confidence_final is not None and self.confidence_final < UNSURE_BELOW,
            "cumulative": self.is_cumulative,
            "rounded": self.qualifier is not None and self.qualifier not in EXACT,
        }
        return tuple(flag for flag, holds in held.items() if holds)

    @property
    def kind(self) -> str:
        """The mark it gets in plots."""
        return next(iter(self.flags), "plain")


NUMBER_FIELDS = tuple(each.name for each in fields(Number))


def to_number(row: Mapping[str, Any]) -> Number:
    """Return the number of a row, which may hold more."""
    return Number(**{name: row[name] for name in NUMBER_FIELDS})


@dataclass(frozen=True)
class Tally:
    """How many governments of a level state a number in a year (or in several), and with what reserve."""

    expected: int = 0
    reported: int = 0
    stated: int = 0
    conflicts: int = 0
    rounded: int = 0
    unsure: int = 0
    cumulative: int = 0

    def __add__(self, other: Tally) -> Tally:
        return Tally(*(getattr(self, each.name) + getattr(other, each.name) for each in fields(Tally)))


@dataclass(frozen=True)
class Standing:
    """How many governments state an indicator, by (year, level)."""

    tallies: Mapping[tuple[int, str], Tally]

    @classmethod
    def of(cls, release: Release, code: str, dimension: str, status: str) -> Standing:
        """Ask a release."""
        asked = {"code": code, "dimension": dimension, "status": status}

        def ask() -> Standing:
            expected = release.remember("indicator.expected", lambda: release.rows(EXPECTED))
            rows = release.rows(STATED, {**asked, "unsure": UNSURE_BELOW})
            tallies: dict[tuple[int, str], Tally] = {}
            for row in (*expected, *rows):
                key = (int(row["year"]), str(row["level"]))
                counts = {name: count for name, count in row.items() if name not in ("year", "level")}
                tallies[key] = tallies.get(key, Tally()) + Tally(**counts)
            return cls(tallies)

        return release.remember(("indicator.standing", code, dimension, status), ask)

    @property
    def years(self) -> tuple[int, ...]:
        """All years from the first to the last, also those without a number."""
        known = [year for year, _ in self.tallies]
        return tuple(range(min(known), max(known) + 1)) if known else ()

    @property
    def usual_level(self) -> str:
        """The level with the most numbers."""
        return max(LEVELS, key=lambda level: self.over(self.years, level).stated)

    def newest_year(self, level: str) -> int | None:
        """Return the newest year with numbers of a level, else with any, else the newest."""
        stated = [year for (year, _), tally in self.tallies.items() if tally.stated]
        of_level = [year for year in stated if self.over([year], level).stated]
        return max(of_level or stated or self.years, default=None)

    def over(self, years: Sequence[int], level: str) -> Tally:
        """Return the tally of some years together."""
        total = Tally()
        for year in years:
            total += self.tallies.get((year, level), Tally())
        return total


def indicator_row(release: Release, code: str) -> Row | None:
    """Return an indicator of the catalogue; None when it has none of that code."""
    return release.remember(("indicator.row", code), lambda: release.row(INDICATOR, {"code": code}))


def dimensions_of(release: Release, code: str) -> list[Row]:
    """Return the divisions in which numbers of an indicator are stated, the undivided first."""
    return release.remember(("indicator.dimensions", code), lambda: release.rows(DIMENSIONS, {"code": code}))


def units_of(release: Release, code: str, dimension: str, status: str) -> list[Row]:
    """Return the units that reports print, the most frequent first."""
    asked = {"code": code, "dimension": dimension, "status": status}
    return release.remember(("indicator.units", *asked.values()), lambda: release.rows(UNITS, asked))


def province_names(release: Release) -> dict[str, str]:
    """Return the names of the provinces by code."""
    rows = release.remember("indicator.provinces", lambda: release.rows(PROVINCES))
    return {str(row["code"]): str(row["name"]) for row in rows}


def default_lines(release: Release, code: str, dimension: str, status: str) -> tuple[str, ...]:
    """Return the regions that state an indicator in the most years, for a page where nobody chose any."""
    asked = {"code": code, "dimension": dimension, "status": status}
    rows = release.remember(
        ("indicator.defaults", *asked.values()), lambda: release.rows(DEFAULTS, {**asked, "limit": DEFAULT_LINES})
    )
    found = (region_by_code(release, str(row["region_code"])) for row in rows)
    return tuple(dict.fromkeys(region.code for region in found if region))


def expected_by_province(release: Release) -> Mapping[tuple[str, int, str], int]:
    """Return how many governments are bound to report, by (province, year, level)."""

    def ask() -> Mapping[tuple[str, int, str], int]:
        rows = release.rows(PROVINCE_EXPECTED)
        return {(row["province"], row["year"], row["level"]): row["expected"] for row in rows}

    return release.remember("indicator.province_expected", ask)
