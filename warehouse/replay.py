"""Serving the archive on this machine, so that a source can be debugged without asking its portal.

The newest capture of an address is given under ``/HOST/PATH``, to an HTTP proxy under its own ``http://`` address,
and, when one host is chosen, under ``/PATH`` as if the server were that host. Only 127.0.0.1 is listened on, pages
may load nothing from elsewhere, and what is not in the archive is a plain 404: nothing is ever fetched.
"""

from __future__ import annotations

import sys
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from html import escape
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import quote, urlsplit

from warehouse.archive import ArchiveError, read_payload
from warehouse.ledger import CaptureRow, Ledger
from warehouse.paths import Home

LOOPBACK = "127.0.0.1"
# Archived pages are strangers: they may use what they brought, and reach nothing but this server.
POLICY = "default-src 'self' data: 'unsafe-inline' 'unsafe-eval'; form-action 'self'; frame-ancestors 'none'"
PLAIN = "text/plain; charset=utf-8"
HTML = "text/html; charset=utf-8"
MAX_FORM_BYTES = 1 << 20


@dataclass(frozen=True)
class Answer:
    """What is sent back."""

    status: int
    content_type: str
    body: bytes


class Replay:
    """Finds captures by address.

    Args:
        home: the data home.
        captures: what may be served; of several with one address the one seen last.
        host: serve this host at the root, its absolute links rewritten to this server.
    """

    def __init__(self, home: Home, captures: Iterable[CaptureRow], host: str | None = None) -> None:
        self._home = home
        self._host = host
        self._pages: dict[tuple[str, str], CaptureRow] = {}
        for capture in sorted(captures, key=lambda each: (each.last_seen_at, each.fetched_at)):
            self._pages[_place(capture.url)] = capture

    @property
    def hosts(self) -> Mapping[str, list[CaptureRow]]:
        """Captures by host, in the order of their addresses."""
        hosts: dict[str, list[CaptureRow]] = defaultdict(list)
        for (host, _), capture in sorted(self._pages.items()):
            hosts[host].append(capture)
        return hosts

    def answer(self, target: str, own_host: str) -> Answer:
        """Answer a request.

        Args:
            target: the request's target: a path, or a full address from a client that uses us as its proxy.
            own_host: ``host:port`` of this server, for rewritten links.
        """
        if target.startswith("http://"):
            return self._page(*_place(target))
        if self._host is not None:
            return self._page(self._host, target, own_host)
        host, slash, path = target.lstrip("/").partition("/")
        if not host:
            return self._index()
        if not slash:
            return self._host_index(host.partition("?")[0])
        return self._page(host.lower(), f"/{path}") if path else self._root_of(host.lower())

    def _root_of(self, host: str) -> Answer:
        return self._page(host, "/") if (host, "/") in self._pages else self._host_index(host)

    def _page(self, host: str, path: str, own_host: str | None = None) -> Answer:
        capture = self._pages.get((host, path))
        if capture is None:
            return Answer(404, PLAIN, f"not in the archive: {host}{path}\n".encode())
        try:
            body = read_payload(self._home, capture)
        except ArchiveError as error:
            return Answer(500, PLAIN, f"{error}\n".encode())
        content_type = capture.content_type or "application/octet-stream"
        if own_host is not None and capture.kind != "attachment":
            for scheme in ("https", "http"):
                body = body.replace(f"{scheme}://{host}".encode(), f"http://{own_host}".encode())
        return Answer(capture.http_status, content_type, body)

    def _index(self) -> Answer:
        rows = [
            f'<li><a href="/{quote(host, safe=":")}">{escape(host)}</a> {len(pages)}</li>'
            for host, pages in self.hosts.items()
        ]
        return _listing("Archive", rows)

    def _host_index(self, host: str) -> Answer:
        pages = self.hosts.get(host.lower(), [])
        if not pages:
            return Answer(404, PLAIN, f"no page of {host} is in the archive\n".encode())
        rows = []
        for capture in pages:
            path = escape(_place(capture.url)[1], quote=True)
            title = escape(capture.list_title or capture.url)
            rows.append(
                f'<li>{capture.fetched_at:%Y-%m-%d} {capture.kind} <a href="/{escape(host)}{path}">{title}</a></li>'
            )
        return _listing(host, rows)


def _place(url: str) -> tuple[str, str]:
    """Host and path with query of an address."""
    parts = urlsplit(url)
    path = parts.path or "/"
    return parts.netloc.lower(), f"{path}?{parts.query}" if parts.query else path


def _listing(title: str, rows: Iterable[str]) -> Answer:
    text = f"<!DOCTYPE html><meta charset=utf-8><title>{escape(title)}</title><h1>{escape(title)}</h1>"
    return Answer(200, HTML, (text + "<ul>" + "".join(rows) + "</ul>").encode())


def make_server(home: Home, port: int, host: str | None = None) -> ThreadingHTTPServer:
    """Make a server on 127.0.0.1 that is not yet serving.

    Args:
        home: the data home.
        port: 0 for any free one.
        host: the one host to serve at the root; None for all hosts by their names.

    Raises:
        OSError: the port is taken.
    """
    with Ledger(home.ledger_url) as ledger:
        replay = Replay(home, ledger.captures(), host)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        server_version = "FazhiReplay/1"
        sys_version = ""

        def do_GET(self) -> None:
            answer = replay.answer(self.path, f"{LOOPBACK}:{self.connection.getsockname()[1]}")
            self.send_response(HTTPStatus(answer.status))
            self.send_header("Content-Type", " ".join(answer.content_type.encode("ascii", "replace").decode().split()))
            self.send_header("Content-Length", str(len(answer.body)))
            self.send_header("Content-Security-Policy", POLICY)
            self.send_header("X-Content-Type-Options", "nosniff")
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(answer.body)

        def do_HEAD(self) -> None:
            self.do_GET()

        def do_POST(self) -> None:
            length = self.headers.get("Content-Length", "")
            if length.isdigit():
                self.rfile.read(min(int(length), MAX_FORM_BYTES))
            self.do_GET()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name is the base class's
            """Say nothing; the client sees the answers."""

    return ThreadingHTTPServer((LOOPBACK, port), Handler)


def serve(home: Home, port: int, host: str | None = None) -> None:
    """Serve the archive until interrupted; says where on standard output.

    Raises:
        OSError: the port is taken.
    """
    with make_server(home, port, host) as server:
        print(f"ready http://{LOOPBACK}:{server.server_address[1]}/", flush=True)
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            print(file=sys.stderr)
