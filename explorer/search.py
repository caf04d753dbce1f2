"""Search over the text of reports, the documents they cite, their problems and plans, and their titles.

The page only: what is asked and shown. Finding is in ``search_hits.py``, the index in ``search_index.py``.
"""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from starlette.responses import Response

from explorer.divisions import asked_division, offered
from explorer.releases import Release, Row
from explorer.search_build import builder
from explorer.search_hits import Filters, Found, find
from explorer.search_index import NoFullTextError, require_full_text
from explorer.search_kinds import KINDS
from explorer.search_words import LONGEST_QUERY, parse_query
from explorer.web import BadParameterError, View, page_route

KIND_NAMES = ("text", "cited", "items", "reports")
PARTS = ("achievements", "problems", "first_responsible", "plan", "other")
PAGES = range(1, 51)
"""Nobody reads on beyond fifty pages; a query with more hits is narrowed instead."""

PATIENCE_SECONDS = 0.2
"""A page waits so long for its index: that of a small release is whole by then."""


@dataclass(frozen=True)
class Choices:
    """What hits can be narrowed to.

    Attributes:
        years: newest first.
        divisions: codes of those that reported.
        topics: their rows.
    """

    years: tuple[int, ...]
    divisions: tuple[str, ...]
    topics: tuple[Row, ...]


def search_page(view: View) -> Response:
    """Return the page: how to search, or what was found."""
    text = view.text("q")
    if len(text) > LONGEST_QUERY:
        raise BadParameterError("q", text)
    kind = KINDS[view.choice("in", KIND_NAMES, "text")]
    choices = view.release.remember("search.choices", lambda: _choices(view.release))
    filters = _filters(view, choices, has_sections=kind.name != "reports")
    page = view.number("page", PAGES, 1) or 1
    query = parse_query(text)
    frame: dict[str, Any] = {
        "text": text,
        "kind": kind.name,
        "kinds": KIND_NAMES,
        "choices": choices,
        "filters": filters,
        "provinces": offered(view.release, choices.divisions, filters.region),
        "parts": PARTS,
        "page_number": page,
    }
    try:
        require_full_text()
        building = builder(view.site.search_folder)
        building.ensure(view.release)
        building.wait(PATIENCE_SECONDS)
        found: Found | None = None
        progress = None
        if query.tokens:
            found = find(view.release, kind, building.indexes[kind.name], query, filters, page)
            progress = building.progress(view.release, kind)
    except (NoFullTextError, sqlite3.Error, OSError) as error:
        return view.page("search_unavailable.html", HTTPStatus.SERVICE_UNAVAILABLE, why=str(error))
    return view.page(
        "search.html",
        found=found,
        progress=progress,
        failure=building.failure,
        is_unsearchable=bool(text) and not query.tokens,
        last_page=PAGES[-1],
        **frame,
    )


def _filters(view: View, choices: Choices, *, has_sections: bool) -> Filters:
    """What the address narrows hits to; titles of reports have neither topic nor part."""
    year = view.number("year", choices.years)
    region = asked_division(view)
    topic = view.choice("topic", ["", *(row["code"] for row in choices.topics)], "") or None
    part = view.choice("part", ["", *PARTS], "") or None
    return Filters(year, region, topic, part) if has_sections else Filters(year, region)


def _choices(release: Release) -> Choices:
    years = release.rows("select distinct report_year from fct_report where report_year is not null order by 1 desc")
    divisions = release.rows("select distinct region_code from fct_report where region_code is not null order by 1")
    topics = release.rows(
        """
        select domain as code, any_value(domain_zh) as name_zh, any_value(domain_en) as name_en
        from dim_indicator
        where domain is not null
        group by domain
        order by min(indicator_code)
        """
    )
    return Choices(
        tuple(row["report_year"] for row in years),
        tuple(row["region_code"] for row in divisions),
        tuple(topics),
    )


ROUTES = (page_route("/search", search_page),)
