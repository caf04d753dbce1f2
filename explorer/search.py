"""Search over the text of reports and the documents they cite."""

from __future__ import annotations

from starlette.responses import Response

from explorer.web import View, page_route


def search_page(view: View) -> Response:
    """Return the page."""
    return view.page("search.html")


ROUTES = (page_route("/search", search_page),)
