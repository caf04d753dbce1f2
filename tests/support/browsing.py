"""A page of a real browser that may reach this machine alone, and in which nothing may break.

Not a test; the browser itself is a fixture of all tests.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

from playwright.sync_api import Browser, ConsoleMessage, Page, Route


@contextmanager
def careful_page(
    browser: Browser, address: str, width: int, height: int, *, strict_console: bool = False
) -> Iterator[Page]:
    """Open a page on a server; afterwards, fail when it asked another host or a script failed.

    Args:
        browser: the browser.
        address: of the server ("http://127.0.0.1:8765"); addresses below it may be given to ``goto`` as paths.
        width: of the window, in pixels.
        height: of the window, in pixels.
        strict_console: whether an error on the console, as a refused script is, fails the test too.
    """
    server = urlsplit(address).netloc
    outside: list[str] = []
    broken: list[str] = []

    def only_here(route: Route) -> None:
        if urlsplit(route.request.url).netloc == server:
            route.continue_()
        else:
            outside.append(route.request.url)
            route.abort()

    def hear(message: ConsoleMessage) -> None:
        if strict_console and message.type == "error":
            broken.append(message.text)

    context = browser.new_context(base_url=address, viewport={"width": width, "height": height})
    page = context.new_page()
    page.route("**/*", only_here)
    page.on("pageerror", lambda error: broken.append(str(error)))
    page.on("console", hear)
    yield page
    context.close()
    assert (outside, broken) == ([], [])
