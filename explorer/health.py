"""Health: how the nights went, what fails and why, and what waits for a person."""

from __future__ import annotations

from starlette.responses import Response

from explorer.web import View, page_route


def health_page(view: View) -> Response:
    """Return the page."""
    return view.page("health.html")


ROUTES = (page_route("/health", health_page),)
