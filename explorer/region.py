"""Regions: one page for each, its reports, numbers, checks and history."""

from __future__ import annotations

from starlette.responses import Response

from explorer.web import View, page_route


def region_page(view: View) -> Response:
    """Return the page."""
    return view.page("region.html")


ROUTES = (page_route("/regions", region_page),)
