"""Reports: the text with every number read from it, and its versions side by side."""

from __future__ import annotations

from starlette.responses import Response

from explorer.web import View, page_route


def report_page(view: View) -> Response:
    """Return the page."""
    return view.page("report.html")


ROUTES = (page_route("/reports", report_page),)
