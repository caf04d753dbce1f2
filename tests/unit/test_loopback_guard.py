"""The guard that keeps tests on this machine: what it lets through and refuses, in child processes too."""

from __future__ import annotations

import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import loopback_only
import pytest

OUTSIDE = "192.0.2.1"  # a documentation address (RFC 5737): no host has it


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        (None, True),
        ("", True),
        ("localhost", True),
        (b"localhost", True),
        ("127.0.0.1", True),
        ("127.9.9.9", True),
        ("::1", True),
        ("0.0.0.0", True),
        (OUTSIDE, False),
        ("10.0.0.8", False),
        ("fe80::1%eth0", False),
        ("www.example.gov.cn", False),
        (b"www.example.gov.cn", False),
    ],
)
def test_only_this_machine_is_inside(host: object, expected: bool) -> None:
    assert loopback_only.is_inside(host) is expected


@pytest.mark.parametrize(
    "reach",
    [
        lambda: socket.create_connection((OUTSIDE, 80), timeout=0.01),
        lambda: socket.socket().connect_ex((OUTSIDE, 80)),
        lambda: socket.socket(type=socket.SOCK_DGRAM).sendto(b"", (OUTSIDE, 53)),
        lambda: socket.getaddrinfo(OUTSIDE, 80),
        lambda: socket.gethostbyname(OUTSIDE),
    ],
    ids=["connect", "connect_ex", "sendto", "getaddrinfo", "gethostbyname"],
)
def test_an_outside_host_is_refused_and_remembered(reach: Callable[[], object]) -> None:
    with pytest.raises(loopback_only.OutsideConnectionError, match=OUTSIDE):
        reach()
    assert set(loopback_only.refused_hosts) == {OUTSIDE}
    loopback_only.refused_hosts.clear()


def test_loopback_is_let_through(free_ports: Callable[[int], list[int]]) -> None:
    (port,) = free_ports(1)
    with socket.create_server(("127.0.0.1", port)), socket.create_connection(("localhost", port)) as client:
        assert client.getpeername()[1] == port


def test_free_ports_differ(free_ports: Callable[[int], list[int]]) -> None:
    assert len(set(free_ports(5))) == 5


def test_a_child_process_is_guarded(guarded_env: dict[str, str]) -> None:
    log = Path(guarded_env[loopback_only.LOG_VARIABLE])
    code = f"import socket; socket.create_connection(({OUTSIDE!r}, 80), timeout=0.01)"
    child = subprocess.run([sys.executable, "-c", code], env=guarded_env, capture_output=True, text=True)
    assert child.returncode == 1
    assert "OutsideConnectionError" in child.stderr
    assert set(log.read_text(encoding="utf-8").split()) == {OUTSIDE}
    log.unlink()


def test_the_home_is_empty_and_named_by_the_environment(fazhi_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert list(fazhi_home.iterdir()) == []
    monkeypatch.chdir(fazhi_home)
    shown = subprocess.run(
        [
            sys.executable,
            "-c",
            "import os; print(os.environ['FAZHI_HOME'], os.environ.get('FAZHI_LEDGER_URL'))",
        ],
        capture_output=True,
        text=True,
        check=True,
    )
    assert shown.stdout.split() == [str(fazhi_home), "None"]
