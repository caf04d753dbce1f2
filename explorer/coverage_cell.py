"""One government in one year: its report and how it lies to the deadline, or why there is none and what was tried.

The report's own text and numbers are not shown here.
"""

from __future__ import annotations

import re
from typing import Any

from starlette.responses import Response

from explorer.coverage_cells import days_text
from explorer.coverage_query import years_of
from explorer.coverage_standing import GLYPHS, Standing, standing_of
from explorer.paging import paging
from explorer.region_places import place_of
from explorer.releases import Release, Row
from explorer.web import NotFoundError, View

ATTEMPTS_ON_A_PAGE = 20
# "2019"
YEAR = re.compile(r"(?:19|20)[0-9]{2}", re.ASCII)

COVERED = "select * from fct_coverage where region_code = $code and report_year = $year"
SPAN = """
select * from dim_region
where region_code = $code and valid_from <= $year and (valid_to is null or valid_to > $year)
"""
REPORTS = """
select report_id, title, issuer, issuer_type, url, published_on, withdrawn_at, version_count, observation_count
from fct_report
where region_code = $code and report_year = $year
order by issuer_type <> 'government', issuer_type, issuer, report_id
"""
VERSIONS = """
select version, first_seen_at, last_seen_at, change, char_count, observation_count, is_current, withdrawn_at, url
from fct_report_version
where report_id = $report_id
order by version desc
"""
# The portals of a government are those of its code, and of the code that it is today.
OF_ITS_PORTALS = "from fct_crawl_outcome where region_code in ($code, $current_code)"
ATTEMPT_COUNT = f"select count(*) as attempt_count {OF_ITS_PORTALS}"
ATTEMPTS = f"""
select started_at, kind, outcome, reading_outcome, http_status, url, detail, stop_reason {OF_ITS_PORTALS}
order by started_at desc, attempt_id desc
limit $limit offset $offset
"""
# The same government in another year, under whatever code it then had; several where units were merged.
SAME_LINE = """
select region_code, region_name, report_year
from fct_coverage
where report_year = $year and (region_code = $code or current_code = $current_code)
qualify region_code = $code or not bool_or(region_code = $code) over ()
order by region_code
"""


def cell_page(view: View) -> Response:
    """Return the page of a government and a year."""
    place, year = place_of(view.release, view.path("code")), _year(view)
    key = {"code": place.code, "year": year}
    covered = view.release.row(COVERED, key)
    reports = view.release.rows(REPORTS, key)
    standing = standing_of({**covered, "is_withdrawn": bool(covered["is_withdrawn"])}) if covered else Standing.NONE
    report = next((each for each in reports if covered and each["report_id"] == covered["report_id"]), None)
    span = view.release.row(SPAN, key)
    return view.page(
        "cell.html",
        place=place,
        span=span,
        name=(covered or span or {"region_name": place.name})["region_name"],
        year=year,
        covered=covered,
        standing=standing,
        glyph=GLYPHS[standing],
        days=_days(view, covered),
        report=report,
        others=[each for each in reports if each is not report],
        versions=view.release.rows(VERSIONS, {"report_id": report["report_id"]}) if report else [],
        before=_same_line(view.release, place.code, place.current_code, year - 1),
        after=_same_line(view.release, place.code, place.current_code, year + 1),
        **_attempts(view, place.code, place.current_code),
    )


def _year(view: View) -> int:
    """Return the year of the address.

    Raises:
        NotFoundError: it is no year, or none that the coverage reaches.
    """
    text = view.path("year")
    if not YEAR.fullmatch(text) or int(text) not in years_of(view.release):
        raise NotFoundError(f"{view.path('code')} {text}")
    return int(text)


def _days(view: View, covered: Row | None) -> str | None:
    if covered is None or covered["days_after_deadline"] is None:
        return None
    return days_text(view, covered["days_after_deadline"])


def _attempts(view: View, code: str, current_code: str | None) -> dict[str, Any]:
    key = {"code": code, "current_code": current_code}
    counted = view.release.row(ATTEMPT_COUNT, key)
    page = paging(view, counted["attempt_count"] if counted else 0, ATTEMPTS_ON_A_PAGE)
    rows = view.release.rows(ATTEMPTS, {**key, "limit": page.size, "offset": page.offset})
    return {"attempts": rows, "paging": page}


def _same_line(release: Release, code: str, current_code: str | None, year: int) -> list[Row]:
    return release.rows(SAME_LINE, {"code": code, "current_code": current_code, "year": year})
