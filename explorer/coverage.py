"""Coverage: which government reported for which year, on time or late, and why the others did not."""

from __future__ import annotations

from starlette.responses import Response

from explorer.web import View, page_route


def coverage_page(view: View) -> Response:
    """Return the page."""
    return view.page("coverage.html")


ROUTES = (page_route("/coverage", coverage_page),)
