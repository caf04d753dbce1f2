"""The web application: pages put together, and the rules that hold for every answer.

The rules: only names of this machine are answered (a page of another site cannot reach in by a name of its own), a
browser may load nothing from elsewhere and run nothing but our own script file, and nothing is kept by a cache that
could outlive a release. What single pages show does not belong here.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from pathlib import Path

from starlette.applications import Starlette
from starlette.datastructures import MutableHeaders
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.responses import RedirectResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from explorer import coverage, health, indicator, region, report, search
from explorer.desk import Desk
from explorer.releases import Releases
from explorer.web import Site
from warehouse.paths import Home

STATIC = Path(__file__).parent / "static"
PAGES = (coverage, indicator, region, report, search, health)
LOOPBACK_NAMES = ("127.0.0.1", "localhost", "[::1]")
SECURITY_HEADERS = {
    # Plots carry style attributes; no attribute can load or run anything.
    "content-security-policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; style-src-attr 'unsafe-inline'; img-src 'self'; "
        "font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cache-control": "no-cache",
}


class SecurityHeaders:
    """Adds the headers above to every answer that does not bring stricter ones of its own."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand the request on, and add the headers to its answer."""

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in SECURITY_HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        await self.app(scope, receive, send_with_headers)


def create_app(
    home: Home, desk: Desk | None = None, *, may_edit: bool = False, host_names: Sequence[str] = ()
) -> Starlette:
    """Return the explorer of a data home.

    Args:
        home: the data home; its releases are only read.
        desk: the nightly job; without one, the page on it says that it was not given.
        may_edit: whether decisions may be written.
        host_names: names beyond those of loopback under which the explorer may be reached.
    """
    site = Site(
        releases=Releases(home.exports),
        desk=desk,
        archive=home.archive,
        search_folder=home.path / "explorer",
        token=secrets.token_urlsafe(24) if may_edit else None,
    )
    routes = [
        Route("/", _first_page),
        *(route for page in PAGES for route in page.ROUTES),
        Mount("/static", StaticFiles(directory=STATIC), name="static"),
    ]
    allowed = [*LOOPBACK_NAMES, *host_names]
    app = Starlette(
        routes=routes,
        middleware=[
            Middleware(SecurityHeaders),
            Middleware(TrustedHostMiddleware, allowed_hosts=allowed, www_redirect=False),
            Middleware(GZipMiddleware, minimum_size=2_000, compresslevel=5),
        ],
    )
    app.state.site = site
    return app


async def _first_page(request: object) -> Response:  # noqa: ARG001 - Starlette hands every page its request
    return RedirectResponse("/coverage")
