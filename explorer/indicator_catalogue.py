"""The catalogue of indicators as a list to choose from: by topic, with what the release has of each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from explorer.finding import best_fit, fold
from explorer.releases import Release, Row

CATALOGUE = """
    with numbers as (
        select
            indicator_code,
            count(*) as number_count,
            count(distinct region_code) as region_count,
            min(report_year) as first_year,
            max(report_year) as last_year
        from fct_region_year_indicator
        where value is not null
        group by all
    )
    select dim_indicator.*, coalesce(number_count, 0) as number_count, coalesce(region_count, 0) as region_count,
        first_year, last_year
    from dim_indicator
    left join numbers using (indicator_code)
    order by domain, indicator_code
"""


@dataclass(frozen=True)
class Filters:
    """What the list is kept to; empty for everything."""

    asked: str
    domain: str
    tier: str
    with_numbers: bool


@dataclass(frozen=True)
class Listed:
    """An indicator in the list, and how deep it stands below its topic."""

    row: Row
    depth: int


def catalogue_rows(release: Release) -> list[Row]:
    """Return all indicators with how many numbers, regions and years the release has of them."""
    return release.remember("indicator.catalogue", lambda: release.rows(CATALOGUE))


def domains_of(release: Release) -> dict[str, Row]:
    """Return the topics by code: each with its names, as its first indicator has them."""
    return {str(row["domain"]): row for row in reversed(catalogue_rows(release))}


def listed(release: Release, filters: Filters) -> list[tuple[str, list[Listed]]]:
    """Return (topic, indicators) of what fits: in the order of the catalogue, or the best first when asked for words.

    Where words were asked for, nothing is nested: the one group has an empty topic.
    """
    rows = [row for row in catalogue_rows(release) if _kept(row, filters)]
    asked = fold(filters.asked)
    if asked:
        fits = [(found, str(row["indicator_code"]), row) for row in rows if (found := _fit(asked, row)) is not None]
        return [("", [Listed(row, 0) for *_, row in sorted(fits, key=lambda each: each[:2])])] if fits else []
    groups: dict[str, list[Row]] = {}
    for row in rows:
        groups.setdefault(str(row["domain"]), []).append(row)
    return [(domain, nested(group)) for domain, group in sorted(groups.items())]


def nested(rows: Sequence[Row]) -> list[Listed]:
    """Return indicators of one topic, each below the one it belongs to; what has lost its parent stands at the top."""
    codes = {row["indicator_code"] for row in rows}
    below: dict[str, list[Row]] = {}
    for row in rows:
        parent = row["parent_code"] if row["parent_code"] in codes else ""
        below.setdefault(str(parent), []).append(row)
    order: list[Listed] = []

    def walk(parent: str, depth: int) -> None:
        for row in below.pop(parent, []):
            order.append(Listed(row, depth))
            walk(str(row["indicator_code"]), depth + 1)

    walk("", 0)
    return order


def _kept(row: Row, filters: Filters) -> bool:
    return (
        (not filters.domain or row["domain"] == filters.domain)
        and (not filters.tier or row["tier"] == filters.tier)
        and (not filters.with_numbers or row["number_count"] > 0)
    )


def _fit(asked: str, row: Row) -> int | None:
    return best_fit(asked, [str(row[name]) for name in ("indicator_code", "name_zh", "name_en") if row[name]])
