"""Indicators: how one moves over years and between regions."""

from __future__ import annotations

from starlette.responses import Response

from explorer.web import View, page_route


def indicator_page(view: View) -> Response:
    """Return the page."""
    return view.page("indicator.html")


ROUTES = (page_route("/indicators", indicator_page),)
