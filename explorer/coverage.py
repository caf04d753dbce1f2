"""Coverage: which government reported for which year, on time or late, and why the others did not.

The page and its file; one government in one year is ``coverage_cell``, and asking the release is ``coverage_query``.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from starlette.responses import Response

from explorer.coverage_cell import cell_page
from explorer.coverage_cells import Cell, cell_of
from explorer.coverage_query import LEVELS, Choice, CoverageMap, MapRow, count_of, listed, map_of, years_of
from explorer.coverage_standing import GLYPHS, MISSING, REPORTED, Standing, standing_of
from explorer.paging import paging
from explorer.region_places import Place, Places, place_of, places_of
from explorer.web import BadParameterError, View, page_route

ALL_LEVELS = "all"
VIEWS = ("map", "table")
ROWS_ON_A_PAGE = 100
MAP_COLUMNS = (
    "row_code",
    "row_name",
    "report_year",
    "government_count",
    "expected_count",
    "reported_count",
    "unexpected_count",
    *(f"{standing}_count" for standing in (*REPORTED, *MISSING, Standing.NOT_DUE, Standing.EXEMPT)),
    "standing",
    "reason",
    "published_on",
    "deadline_on",
    "days_after_deadline",
    "report_id",
)
TABLE_COLUMNS = (
    "region_code",
    "region_name",
    "region_level",
    "province_name",
    "report_year",
    "standing",
    "reason",
    "is_expected",
    "is_tracked",
    "published_on",
    "deadline_on",
    "days_after_deadline",
    "report_id",
)


@dataclass(frozen=True)
class ShownRow:
    """A row of the map as the page shows it; ``link`` leads into an area, or to the page of a government."""

    row: MapRow
    place: Place | None
    is_itself: bool
    became: Place | None
    link: str
    cells: list[Cell]


def coverage_page(view: View) -> Response:
    """Return the heat map, or the list of what it holds."""
    if not years_of(view.release):
        return view.page("coverage_empty.html")
    choice = _choice(view)
    found = map_of(view.release, choice)
    form = view.choice("view", VIEWS, VIEWS[0])
    shared: dict[str, Any] = {
        "choice": choice,
        "crumbs": _crumbs(view, choice),
        "totals": found.totals,
        "total": found.total,
        "reasons": _reasons(found),
        "years": choice.years,
        "all_years": years_of(view.release),
        "levels": (ALL_LEVELS, *LEVELS),
        "form": form,
        "csv_link": view.link("/coverage.csv", **_parameters(choice), view=None if form == VIEWS[0] else form),
        "glyphs": GLYPHS,
        "reported": REPORTED,
        "missing": MISSING,
    }
    if form == "table":
        return view.page("coverage.html", **shared, **_listed(view, choice))
    places = places_of(view.release)
    rows = [_shown(view, row, choice, places) for row in found.rows]
    return view.page("coverage.html", **shared, rows=rows, csv_rows=sum(len(row.tallies) for row in found.rows))


def coverage_csv(view: View) -> Response:
    """Return what the page shows as a file: the cells of the map, or every row of the list."""
    name = f"coverage-{view.release.name}"
    if not years_of(view.release):
        return view.csv(name, [], MAP_COLUMNS)
    choice = _choice(view)
    if view.choice("view", VIEWS, VIEWS[0]) == "table":
        rows = ({**row, "standing": standing_of(row).value} for row in listed(view.release, choice))
        return view.csv(f"{name}-list", rows, TABLE_COLUMNS)
    return view.csv(f"{name}-map", _map_lines(map_of(view.release, choice)), MAP_COLUMNS)


def _choice(view: View) -> Choice:
    years = years_of(view.release)
    region = view.text("region") or None
    if region:
        place_of(view.release, region)
    first = view.number("from", years) or years[0]
    last = view.number("to", years) or years[-1]
    if first > last:
        raise BadParameterError("from", f"{first} > {last}")
    level = view.choice("level", (ALL_LEVELS, *LEVELS), ALL_LEVELS)
    return Choice(
        region=region,
        level=None if level == ALL_LEVELS else level,
        first=first,
        last=last,
        is_tracked=view.choice("tracked", ("0", "1"), "0") == "1",
    )


def _parameters(choice: Choice) -> dict[str, Any]:
    """Return the parameters of the address that make this choice."""
    return {
        "region": choice.region,
        "level": choice.level,
        "from": choice.first,
        "to": choice.last,
        "tracked": "1" if choice.is_tracked else None,
    }


def _crumbs(view: View, choice: Choice) -> list[tuple[str, str]]:
    """Return names and addresses of the maps from the whole country down to this one."""
    crumbs = [(view.label("coverage.country"), view.here(region=None, page=None))]
    if choice.region:
        place = place_of(view.release, choice.region)
        steps = [(place.province_name, place.province_code), (place.parent_name, place.parent_code)]
        steps.append((place.name, place.code))
        for name, code in dict.fromkeys(steps):
            if name and code:
                crumbs.append((name, view.here(region=code, page=None)))
    return crumbs


def _shown(view: View, row: MapRow, choice: Choice, places: Places) -> ShownRow:
    inside = view.here(region=row.code, page=None)
    place = places.get(row.code)
    is_itself = row.code == choice.region
    is_open = choice.region is None or row.is_area
    became = places.get(place.current_code) if place and place.current_code and not place.is_in_force else None
    return ShownRow(
        row=row,
        place=place,
        is_itself=is_itself,
        became=became if became and became.code != row.code else None,
        link=inside if is_open else view.link(f"/region/{row.code}"),
        cells=[cell_of(view, row, year, inside) for year in choice.years],
    )


def _reasons(found: CoverageMap) -> list[str]:
    """Return the reasons for blanks that occur, the most frequent first."""
    counts = found.total.reasons
    return sorted(counts, key=lambda reason: (-counts[reason], reason))


def _listed(view: View, choice: Choice) -> dict[str, Any]:
    count = count_of(view.release, choice)
    page = paging(view, count, ROWS_ON_A_PAGE)
    rows = listed(view.release, choice, page.size, page.offset)
    return {"rows": [{**row, "standing": standing_of(row)} for row in rows], "paging": page, "csv_rows": count}


def _map_lines(found: CoverageMap) -> Iterator[dict[str, Any]]:
    for row in found.rows:
        for year, tally in sorted(row.tallies.items()):
            single = row.singles.get(year)
            counts = {f"{standing}_count": tally.standings[standing] for standing in Standing}
            yield counts | {
                "row_code": row.code,
                "row_name": row.name,
                "report_year": year,
                "government_count": tally.governments,
                "expected_count": tally.expected,
                "reported_count": tally.reported,
                "unexpected_count": tally.unexpected,
                "standing": single.standing.value if single else None,
                "reason": single.reason if single else None,
                "published_on": single.published_on if single else None,
                "deadline_on": single.deadline_on if single else None,
                "days_after_deadline": single.days_after_deadline if single else None,
                "report_id": single.report_id if single else None,
            }


ROUTES = (
    page_route("/coverage", coverage_page),
    page_route("/coverage.csv", coverage_csv),
    page_route("/cell/{code}/{year}", cell_page),
)
