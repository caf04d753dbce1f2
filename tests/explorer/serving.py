"""An explorer being served for a test, and what it answers. Not a test; fixtures that use it are in ``conftest.py``."""

from __future__ import annotations

import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from email.message import Message

import uvicorn
from playwright.sync_api import Page
from starlette.applications import Starlette

from explorer.releases import Release, Releases
from warehouse.paths import Home

WIDE = (1280, 900)
NARROW = (390, 844)
# The machine may be busy with other tests; a page that is slow is not a page that is wrong.
PATIENCE_SECONDS = 120


@dataclass(frozen=True)
class Answer:
    """What the server answered, redirections followed."""

    status: int
    headers: Message
    text: str
    url: str


@dataclass(frozen=True)
class Site:
    """An explorer that is being served.

    Attributes:
        address: of its server, without a slash at the end.
        home: the data home.
    """

    address: str
    home: Home

    @property
    def release(self) -> Release:
        """The newest release, to be asked by SQL."""
        return Releases(self.home.exports).newest()

    def get(self, path: str, **headers: str) -> Answer:
        """Return the answer to a path, whatever its status."""
        return self.send(urllib.request.Request(self.address + path, headers=headers))

    def send(self, request: urllib.request.Request) -> Answer:
        """Return the answer to a request, whatever its status."""
        try:
            with urllib.request.urlopen(request, timeout=PATIENCE_SECONDS) as answer:
                return Answer(answer.status, answer.headers, answer.read().decode("utf-8", "replace"), answer.url)
        except urllib.error.HTTPError as error:
            return Answer(error.code, error.headers, error.read().decode("utf-8", "replace"), error.url or "")


@contextmanager
def served(app: Starlette, home: Home) -> Iterator[Site]:
    """Serve an explorer in a thread, on a free port."""
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=0, log_level="warning"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started and thread.is_alive():
        time.sleep(0.01)
    try:
        port = server.servers[0].sockets[0].getsockname()[1]
        yield Site(f"http://127.0.0.1:{port}", home)
    finally:
        server.should_exit = True
        thread.join()


Serve = Callable[..., Site]
OpenPage = Callable[..., Page]
