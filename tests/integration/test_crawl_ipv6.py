"""Hosts that have an IPv6 address alone are asked like any other; names are looked up in a table, not on a network."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from warehouse.ledger import Ledger
from warehouse.paths import PROJECT_ROOT

# A hosts file of this one process: "localhost" has the addresses that the test gives it.
HOSTS = """
import os, socket
look_up = socket.getaddrinfo
def from_table(host, port, *arguments, **options):
    if host not in ("localhost", b"localhost"):
        return look_up(host, port, *arguments, **options)
    return [found for each in os.environ["ADDRESSES"].split() for found in look_up(each, port, *arguments, **options)]
socket.getaddrinfo = from_table
"""
PAGE = '<ul><li><a href="/a.html">某县2023年法治政府建设年度报告</a><span>2024-01-09</span></li></ul>'


class Six(ThreadingHTTPServer):
    """A portal that listens on ::1 alone."""

    address_family = socket.AF_INET6


class Portal(BaseHTTPRequestHandler):
    """A list with one report."""

    def do_GET(self) -> None:
        """Answer the list and the report; there is no robots.txt."""
        found = {"/list/": PAGE, "/a.html": "<title>报告</title><p>正文</p>"}.get(self.path)
        body = (found or "").encode()
        self.send_response(200 if found else 404)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_arguments: object) -> None:
        """Print nothing."""


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    with Six(("::1", 0), Portal) as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        yield server.server_port
        server.shutdown()


@pytest.mark.parametrize(
    ("host", "addresses", "outcomes"),
    [
        ("localhost", "::1", {"fetched", "not_found"}),
        ("localhost", "127.0.0.1 ::1", {"fetched", "not_found"}),
        ("[::1]", "", {"fetched", "not_found"}),
        ("localhost", "", {"dns_failed", "robots_unreachable"}),
        ("localhost", "fd00::1", {"dns_failed", "robots_unreachable"}),
    ],
)
def test_a_host_is_asked_at_whichever_address_answers(
    tmp_path: Path, port: int, host: str, addresses: str, outcomes: set[str]
) -> None:
    (tmp_path / "sitecustomize.py").write_text(HOSTS, encoding="utf-8")
    source = tmp_path / "six.yml"
    source.write_text(
        f"id: six\nname: 某县\nowner: 某县人民政府\nregion: '350123'\nfamily: generic\nsample: true\n"
        f"start_urls: ['http://{host}:{port}/list/']\n",
        encoding="utf-8",
    )
    home = tmp_path / "home"
    done = subprocess.run(
        [sys.executable, "-m", "scrapers", "crawl", "--json", "--run-id", "one", "--sources", str(source)],
        cwd=PROJECT_ROOT,
        env={name: value for name, value in os.environ.items() if name != "FAZHI_LEDGER_URL"}
        | {"FAZHI_HOME": str(home), "ADDRESSES": addresses, "PYTHONPATH": f"{tmp_path}{os.pathsep}{PROJECT_ROOT}"},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout.splitlines()[-1])["run_id"] == "one"
    with Ledger(f"sqlite:///{home / 'ledger.sqlite'}") as ledger:
        attempts = ledger.attempts("one")
    assert {each.outcome for each in attempts} == outcomes, [(each.outcome, each.detail) for each in attempts]
    refused = [each for each in attempts if "fd00::1 is a private" in (each.detail or "")]
    assert bool(refused) == (addresses == "fd00::1")
