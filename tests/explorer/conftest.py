"""The explorer as tests see it: served on a free port, on the release of the sample night or on rows of a test.

Fixtures: ``site`` (the sample night, made once), ``serve_release`` (rows of a test), ``browser_page`` (a page of a
real browser that fails its test when another host is asked or the console shows an error).
"""

from __future__ import annotations

import fcntl
import json
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack
from pathlib import Path

import pytest
from browsing import careful_page
from made_release import Rows, make_release
from playwright.sync_api import Browser, Page
from sample_night import PORTALS, free_port_row, guarded_home, run_fazhi
from serving import PATIENCE_SECONDS, WIDE, OpenPage, Serve, Site, served

from explorer.app import create_app
from explorer.desk import Desk
from warehouse.paths import Home


@pytest.fixture(scope="session")
def sample_home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """The data home of a sample night; made once, also when tests run in several processes; not to be changed."""
    shared = tmp_path_factory.getbasetemp().parent / "explorer-sample-night"
    shared.mkdir(exist_ok=True)
    done = shared / "done"
    with (shared / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not done.exists():
            with guarded_home(shared, free_port_row(PORTALS)[0]) as environment:
                code, report, said = run_fazhi(environment, "run")
            assert (code, report["status"]) == (0, "published"), (json.dumps(report, ensure_ascii=False), said)
            done.touch()
    return Home(shared / "home")


@pytest.fixture(scope="session")
def site(sample_home: Home) -> Iterator[Site]:
    """The explorer on the release of the sample night."""
    with served(create_app(sample_home), sample_home) as running:
        yield running


@pytest.fixture
def serve_release(tmp_path: Path) -> Iterator[Serve]:
    """Gives an explorer on a release of rows that the test writes down: ``serve_release({"fct_report": [{…}]})``.

    ``desk`` and ``may_edit`` are handed on to the explorer; without rows (None) there is no release at all.
    """
    with ExitStack() as stack:

        def serve(rows: Rows | None, desk: Desk | None = None, *, may_edit: bool = False) -> Site:
            home = Home(tmp_path / "home")
            home.path.mkdir(exist_ok=True)
            if rows is not None:
                make_release(home.exports, "2026-04-21-made", rows)
            return stack.enter_context(served(create_app(home, desk, may_edit=may_edit), home))

        yield serve


@pytest.fixture
def browser_page(browser: Browser) -> Iterator[OpenPage]:
    """Gives a page of a real browser on an explorer: ``browser_page(site)``, ``browser_page(site, NARROW)``."""
    with ExitStack() as stack:

        def open_page(site: Site, size: tuple[int, int] = WIDE) -> Page:
            opened: AbstractContextManager[Page] = careful_page(browser, site.address, *size, strict_console=True)
            page = stack.enter_context(opened)
            page.set_default_timeout(PATIENCE_SECONDS * 1000)
            return page

        yield open_page
