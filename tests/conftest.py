"""What all tests share: no connection leaves this machine, a data home for one test, free ports, a real browser.

Fixtures of one subject belong beside its tests.
"""

from __future__ import annotations

import os
import shutil
import socket
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

GUARD = Path(__file__).parent / "guard"
SUPPORT = Path(__file__).parent / "support"
sys.path[:0] = [str(GUARD), str(SUPPORT)]

import loopback_only  # noqa: E402  (its folder is put on the path just above)

if TYPE_CHECKING:
    from playwright.sync_api import Browser

CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome")
# Without these the browser would ask its maker for updates, lists and accounts.
CHROMIUM_FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
NO_CHROMIUM = (
    "THE WEB PAGES ARE NOT TESTED: Chromium is not installed. .ci/chromium installs it where it may; by hand: "
    "apt-get install chromium"
)


def pytest_configure() -> None:
    """Install the guard once per process, before any test module is imported."""
    loopback_only.install(loopback_only.refused_hosts.append)


@pytest.fixture(autouse=True)
def _no_outside_connections() -> Iterator[None]:
    """Fail a test that reached for a host beyond loopback, even where the code swallowed the error."""
    loopback_only.refused_hosts.clear()
    yield
    if loopback_only.refused_hosts:
        hosts = sorted(set(loopback_only.refused_hosts))
        pytest.fail(f"reached for hosts beyond loopback: {', '.join(hosts)}")


@pytest.fixture
def guarded_env(tmp_path: Path) -> Iterator[dict[str, str]]:
    """An environment that guards child Python processes too; fails the test for hosts they reached for."""
    log = tmp_path / "refused-hosts.log"
    path = os.pathsep.join(filter(None, [str(GUARD), os.environ.get("PYTHONPATH")]))
    yield {**os.environ, "PYTHONPATH": path, loopback_only.LOG_VARIABLE: str(log)}
    if log.exists():
        hosts = sorted(set(log.read_text(encoding="utf-8").split()))
        pytest.fail(f"a child process reached for hosts beyond loopback: {', '.join(hosts)}")


@pytest.fixture
def fazhi_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty data home, named by the environment for this test only."""
    home = tmp_path / "home"
    home.mkdir()
    monkeypatch.setenv("FAZHI_HOME", str(home))
    monkeypatch.delenv("FAZHI_LEDGER_URL", raising=False)
    return home


@pytest.fixture
def free_ports() -> Callable[[int], list[int]]:
    """Gives a number of loopback ports that nobody listens on."""

    def find(count: int) -> list[int]:
        with ExitStack() as stack:
            listeners = [stack.enter_context(socket.socket()) for _ in range(count)]
            for listener in listeners:
                listener.bind(("127.0.0.1", 0))
            return [int(listener.getsockname()[1]) for listener in listeners]

    return find


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium as the distribution has it, without a window."""
    found = next(filter(None, map(shutil.which, CHROMIUM_NAMES)), None)
    if found is None:
        pytest.skip(NO_CHROMIUM)
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=found, args=list(CHROMIUM_FLAGS))
        yield chromium
        chromium.close()
