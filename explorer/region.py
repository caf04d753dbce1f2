"""Regions: finding one, and one page for each: its reports, numbers, checks, neighbours and history.

Asking the release is ``region_facts``; which codes make one government over the years is ``region_line``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from starlette.responses import Response

from explorer import region_facts as facts
from explorer.coverage_cells import days_text
from explorer.coverage_query import years_of
from explorer.coverage_standing import GLYPHS, standing_of
from explorer.finding import find_regions
from explorer.paging import paging
from explorer.region_line import Line, line_of
from explorer.region_places import Place, place_of, places_of
from explorer.region_spark import Spark, spark
from explorer.releases import Release, Row
from explorer.web import NotFoundError, View, page_route

ROWS_ON_A_PAGE = 20
CHANGES_SHOWN = 50
OTHER_REPORTS_SHOWN = 50
EXACT = ("exact", "zero_by_words")


@dataclass(frozen=True)
class Series:
    """A core indicator of one government over the years.

    Attributes:
        code, name, unit: of the indicator, the name in the language of the page.
        points: the chosen values, by year.
        plot: where they lie.
        last: the newest of them.
    """

    code: str
    name: str
    unit: str | None
    points: Mapping[int, Row]
    plot: Spark
    last: Row


def regions_page(view: View) -> Response:
    """Return the page on which regions are found: by what was typed, or by province."""
    places = places_of(view.release)
    asked = view.text("q")
    province = view.text("province")
    if province and (province not in places or places[province].level != "province"):
        raise NotFoundError(province)
    found = find_regions(view.release, asked)
    in_force = [place for place in places.values() if place.is_in_force]
    within = [place for place in in_force if province and place.province_code == province]
    shown = [place.code for place in within] or [each.code for each in found]
    return view.page(
        "regions.html",
        asked=asked,
        found=found,
        provinces=[place for place in in_force if place.level == "province"],
        members=Counter(place.province_code for place in in_force),
        province=places.get(province),
        prefectures=[place for place in within if place.level == "prefecture"],
        counties=_by_parent(within),
        standings=facts.standings_of(view.release, shown),
    )


def region_page(view: View) -> Response:
    """Return the page of a region."""
    release = view.release
    place = place_of(release, view.path("code"))
    line = line_of(release, place)
    stated = facts.rows_of(release, facts.SERIES, line.codes)
    span_years = _spanned(years_of(release), stated)
    key = {"code": place.code}
    return view.page(
        "region.html",
        place=place,
        line=line,
        places=places_of(release),
        became=release.rows(facts.BECAME, key),
        former=release.rows(facts.FORMER, key),
        spans=release.rows(facts.SPANS, key),
        reports=_reports(view, line),
        others=facts.rows_of(release, facts.OTHER_REPORTS, line.codes, limit=OTHER_REPORTS_SHOWN),
        glyphs=GLYPHS,
        series=_series(view, line, stated, span_years),
        span_years=span_years,
        core_count=(release.row(facts.CORE_COUNT) or {"core_count": 0})["core_count"],
        changes=facts.rows_of(release, facts.CHANGES, line.codes, limit=CHANGES_SHOWN),
        exact=EXACT,
        **_checks(view, line),
        **_issues(view, line),
        **_items(view, line),
        **_around(release, place, line),
    )


def _by_parent(places: Sequence[Place]) -> dict[str | None, list[Place]]:
    counties: dict[str | None, list[Place]] = {}
    for place in places:
        if place.level == "county":
            counties.setdefault(place.parent_code, []).append(place)
    return counties


def _reports(view: View, line: Line) -> list[Row]:
    """Return every year of the coverage of the line, newest first, with how it stands."""
    rows = facts.rows_of(view.release, facts.COVERED, line.codes, code=line.code)
    covered = []
    for row in rows:
        standing = standing_of({**row, "is_withdrawn": bool(row["is_withdrawn"])})
        days = row["days_after_deadline"]
        covered.append(
            {
                **row,
                "standing": standing,
                "days": None if days is None else days_text(view, days),
                "is_own": row["region_code"] == line.code,
                "speaks": row["region_code"] == line.code_in(row["report_year"]),
            }
        )
    return covered


def _series(view: View, line: Line, stated: Sequence[Row], years: Sequence[int]) -> dict[str, list[Series]]:
    """Return the core indicators that have a number, by domain."""
    by_indicator: dict[str, list[Row]] = {}
    for row in stated:
        if row["region_code"] == line.code_in(row["report_year"]):
            by_indicator.setdefault(row["indicator_code"], []).append(row)
    changes = line.changes(years)
    grouped: dict[str, list[Series]] = {}
    for code, rows in by_indicator.items():
        points = {row["report_year"]: row for row in rows}
        named = Series(
            code=code,
            name=_named(view, rows[-1], "name"),
            unit=rows[-1]["unit"],
            points=points,
            plot=spark({year: row["value"] for year, row in points.items()}, years, changes),
            last=rows[-1],
        )
        grouped.setdefault(_named(view, rows[-1], "domain"), []).append(named)
    return grouped


def _spanned(years: Sequence[int], stated: Sequence[Row]) -> Sequence[int]:
    """Return the years that all plots of the page span, so that they compare: those of the coverage and of values."""
    ends = [*years, *(row["report_year"] for row in stated)]
    return range(min(ends), max(ends) + 1) if ends else []


def _named(view: View, row: Row, name: str) -> str:
    """Return a name of an indicator in the language of the page; in Chinese where it has no other."""
    return str((row[f"{name}_en"] if view.language == "en" else None) or row[f"{name}_zh"])


def _checks(view: View, line: Line) -> dict[str, Any]:
    counts = {row["status"]: row["check_count"] for row in facts.rows_of(view.release, facts.CHECK_COUNTS, line.codes)}
    first = next((status for status in facts.CHECK_STATUSES if counts.get(status)), facts.CHECK_STATUSES[0])
    status = view.choice("checks", facts.CHECK_STATUSES, first)
    page = paging(view, counts.get(status, 0), ROWS_ON_A_PAGE, "checks_page")
    rows = facts.rows_of(view.release, facts.CHECKS, line.codes, status=status, limit=page.size, offset=page.offset)
    return {
        "check_counts": {each: counts.get(each, 0) for each in facts.CHECK_STATUSES},
        "check_status": status,
        "check_paging": page,
        "checks": [{**row, "observations": _observations(row)} for row in rows],
    }


def _issues(view: View, line: Line) -> dict[str, Any]:
    count = facts.count_of(view.release, facts.ISSUE_COUNT, line.codes)
    page = paging(view, count, ROWS_ON_A_PAGE, "issues_page")
    rows = facts.rows_of(view.release, facts.ISSUES, line.codes, limit=page.size, offset=page.offset)
    return {"issue_paging": page, "issues": [{**row, "observations": _observations(row)} for row in rows]}


def _items(view: View, line: Line) -> dict[str, Any]:
    years = [row["report_year"] for row in facts.rows_of(view.release, facts.ITEM_YEARS, line.codes)]
    year = view.number("items", years) or next(iter(years), None)
    rows = facts.rows_of(view.release, facts.ITEMS, line.codes, year=year) if year else []
    kinds = {kind: [row for row in rows if row["item_kind"] == kind] for kind in ("problem", "plan")}
    report_id = rows[0]["report_id"] if rows else None
    return {"item_years": years, "item_year": year, "item_report": report_id, "items": kinds}


def _around(release: Release, place: Place, line: Line) -> dict[str, Any]:
    """Return the divisions beside and below, and how they reported."""
    in_force = [each for each in places_of(release).values() if each.is_in_force and each.code not in line.codes]
    neighbours = [each for each in in_force if each.parent_code == place.parent_code and each.level == place.level]
    children = [each for each in in_force if each.parent_code == place.code]
    standings = facts.standings_of(release, [each.code for each in (*neighbours, *children)])

    def by_last_report(each: Place) -> tuple[int, str]:
        return -((standings.get(each.code) or {}).get("last_year") or 0), each.code

    return {
        "neighbours": sorted(neighbours, key=by_last_report),
        "children": sorted(children, key=by_last_report),
        "standings": standings,
    }


def _observations(row: Row) -> list[str]:
    """Return the observations that a row names ("a; b")."""
    return [each.strip() for each in (row["observation_ids"] or "").split(";") if each.strip()]


ROUTES = (page_route("/regions", regions_page), page_route("/region/{code}", region_page))
