"""What all tests share: no connection leaves this machine, a data home for one test, free ports.

Fixtures of one subject belong beside its tests.
"""

from __future__ import annotations

import os
import socket
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

GUARD = Path(__file__).parent / "guard"
sys.path.insert(0, str(GUARD))

import loopback_only  # noqa: E402  (its folder is put on the path just above)


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
