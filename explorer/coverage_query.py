"""The coverage asked of a release: what is chosen, and the heat map, its totals and its list, as rows.

One grouped query gives the whole map, whatever part of the country it shows; it is remembered for each choice. How
rows become pages or files does not belong here.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from explorer.coverage_standing import MISSING, REPORTED, Standing, share_step, standing_of
from explorer.region_places import Places, places_of
from explorer.releases import Release, Row

LEVELS = ("province", "prefecture", "county")

# Governments within the choice. A code has one place on the map, that of its last span: rows do not jump.
CHOSEN = """
with places as (
    select
        region_code,
        max_by(parent_code, valid_from) as parent_code,
        max_by(province_code, valid_from) as province_code
    from dim_region
    group by region_code
),

chosen as (
    select
        coverage.*,
        case
            when $region is null then coalesce(places.province_code, coverage.region_code)
            when coverage.region_level = 'county' and places.province_code = $region
                then coalesce(places.parent_code, coverage.region_code)
            else coverage.region_code
        end as above_code,
        case when above_code = $region then coverage.region_code else above_code end as row_code
    from fct_coverage as coverage
    left join places on coverage.region_code = places.region_code
    where
        coverage.report_year between $first and $last
        and ($level is null or coverage.region_level = $level)
        and (coverage.is_tracked or not $tracked)
        and ($region is null or $region in (coverage.region_code, places.parent_code, places.province_code))
)
"""
MAP = f"""
{CHOSEN}
select
    row_code,
    report_year,
    status,
    reason,
    timeliness,
    coalesce(is_withdrawn, false) as is_withdrawn,
    is_expected,
    count(*) as government_count,
    count(*) filter (is_tracked) as tracked_count,
    min(region_code) as region_code,
    min(region_name) as region_name,
    min(published_on) as published_on,
    min(deadline_on) as deadline_on,
    min(days_after_deadline) as days_after_deadline,
    min(report_id) as report_id
from chosen
group by all
order by all
"""  # noqa: S608 - nothing of a request
COUNT = f"{CHOSEN} select count(*) as row_count from chosen"  # noqa: S608 - nothing of a request
LISTED = f"""
{CHOSEN}
select region_code, region_name, region_level, province_name, report_year, status, reason, timeliness,
       is_withdrawn, is_expected, is_tracked, published_on, deadline_on, days_after_deadline, report_id
from chosen
order by region_code, report_year
limit $limit offset $offset
"""  # noqa: S608 - nothing of a request


@dataclass(frozen=True)
class Choice:
    """What of the coverage is looked at.

    Attributes:
        region: code of the division that is drilled into; None for the whole country.
        level: only governments of this level; None for all.
        first, last: report years, both included.
        is_tracked: whether only governments with a known portal count.
    """

    region: str | None
    level: str | None
    first: int
    last: int
    is_tracked: bool

    @property
    def years(self) -> Sequence[int]:
        """The report years, in order."""
        return range(self.first, self.last + 1)

    @property
    def parameters(self) -> Mapping[str, Any]:
        """The choice as the queries take it."""
        return {
            "region": self.region,
            "level": self.level,
            "first": self.first,
            "last": self.last,
            "tracked": self.is_tracked,
        }


@dataclass
class Tally:
    """Governments counted by how they stand.

    Attributes:
        governments: all of them.
        expected: those that were due to report.
        reported: those of them that did.
        unexpected: those that reported without being due.
        tracked: those with a known portal.
        standings: governments by state.
        reasons: missing ones by reason.
    """

    governments: int = 0
    expected: int = 0
    reported: int = 0
    unexpected: int = 0
    tracked: int = 0
    standings: Counter[Standing] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)

    def add(self, row: Row) -> None:
        """Count the governments of a row of the map's query."""
        count, standing = row["government_count"], standing_of(row)
        self.governments += count
        self.tracked += row["tracked_count"]
        self.standings[standing] += count
        if row["is_expected"]:
            self.expected += count
        if standing in REPORTED:
            self.reported += count if row["is_expected"] else 0
            self.unexpected += 0 if row["is_expected"] else count
        if standing in MISSING:
            self.reasons[row["reason"]] += count

    @property
    def missing(self) -> int:
        """Governments that are missing."""
        return sum(self.standings[standing] for standing in MISSING)

    @property
    def share(self) -> float | None:
        """Those that reported of those due, 0 to 1; None when nobody was due."""
        return self.reported / self.expected if self.expected else None

    @property
    def step(self) -> int | None:
        """The colour step of the share; None when nobody was due."""
        return share_step(self.reported, self.expected) if self.expected else None


@dataclass(frozen=True)
class Single:
    """One government in one year, as a cell shows it; dates and days are None where there are none."""

    code: str
    name: str
    standing: Standing
    reason: str | None
    published_on: dt.date | None
    deadline_on: dt.date | None
    days_after_deadline: int | None
    report_id: str | None


@dataclass(frozen=True)
class MapRow:
    """A row of the heat map.

    Attributes:
        code: the division.
        name: its name.
        level: its level; None when the table of divisions does not know it.
        is_area: whether several governments are counted in it; else it is one government.
        tallies: counts by year; a year without governments is missing.
        singles: where it is one government, its cells by year.
    """

    code: str
    name: str
    level: str | None
    is_area: bool
    tallies: Mapping[int, Tally]
    singles: Mapping[int, Single]


@dataclass(frozen=True)
class CoverageMap:
    """A heat map: its rows in the order of codes, and all of them counted by year."""

    rows: Sequence[MapRow]
    totals: Mapping[int, Tally]

    @property
    def total(self) -> Tally:
        """The years of all rows counted together."""
        whole = Tally()
        for tally in self.totals.values():
            whole.governments += tally.governments
            whole.expected += tally.expected
            whole.reported += tally.reported
            whole.unexpected += tally.unexpected
            whole.tracked += tally.tracked
            whole.standings.update(tally.standings)
            whole.reasons.update(tally.reasons)
        return whole


def years_of(release: Release) -> Sequence[int]:
    """Return the report years that the coverage holds, in order."""
    sql = "select distinct report_year from fct_coverage order by report_year"
    return release.remember("coverage years", lambda: [row["report_year"] for row in release.rows(sql)])


def map_of(release: Release, choice: Choice) -> CoverageMap:
    """Return the heat map of a choice."""

    def ask() -> CoverageMap:
        return to_map(release.rows(MAP, choice.parameters), places_of(release), choice)

    return release.remember(("coverage map", choice), ask)


def count_of(release: Release, choice: Choice) -> int:
    """Return how many governments and years a choice holds."""

    def ask() -> int:
        row = release.row(COUNT, choice.parameters)
        return int(row["row_count"]) if row else 0

    return release.remember(("coverage count", choice), ask)


def listed(release: Release, choice: Choice, limit: int | None = None, offset: int = 0) -> list[Row]:
    """Return governments and years of a choice, one row each, in the order of codes and years; all without a limit."""
    page = {"limit": limit, "offset": offset}
    return release.rows(LISTED, {**choice.parameters, **page})


def to_map(rows: Iterable[Row], places: Places, choice: Choice) -> CoverageMap:
    """Return the heat map that rows of the grouped query make."""
    by_row: dict[str, list[Row]] = {}
    totals: dict[int, Tally] = {year: Tally() for year in choice.years}
    for row in rows:
        by_row.setdefault(row["row_code"], []).append(row)
        totals[row["report_year"]].add(row)
    return CoverageMap([_map_row(code, parts, places) for code, parts in sorted(by_row.items())], totals)


def _map_row(code: str, parts: Sequence[Row], places: Places) -> MapRow:
    tallies: dict[int, Tally] = {}
    for part in parts:
        tallies.setdefault(part["report_year"], Tally()).add(part)
    is_single = all(part["region_code"] == code for part in parts) and all(
        tally.governments == 1 for tally in tallies.values()
    )
    place = places.get(code)
    return MapRow(
        code=code,
        name=place.name if place else parts[-1]["region_name"],
        level=place.level if place else None,
        is_area=not is_single,
        tallies=tallies,
        singles={part["report_year"]: _single(part) for part in parts} if is_single else {},
    )


def _single(row: Row) -> Single:
    return Single(
        code=row["region_code"],
        name=row["region_name"],
        standing=standing_of(row),
        reason=row["reason"],
        published_on=row["published_on"],
        deadline_on=row["deadline_on"],
        days_after_deadline=row["days_after_deadline"],
        report_id=row["report_id"],
    )
