"""Serves the sample sites on loopback, one port each, with validators and conditional answers.

What the pages hold is the business of the sites.
"""

from __future__ import annotations

import hashlib
import sys
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, urlencode, urlsplit

from scrapers.sample_portals import build_sites
from scrapers.sample_portals.site import HTML, SamplePage, Site

LOOPBACK = "127.0.0.1"


def _key(target: str) -> str:
    """One form for a path with query: parameters sorted and encoded alike."""
    parts = urlsplit(target)
    query = urlencode(sorted(parse_qsl(parts.query, keep_blank_values=True)))
    return f"{parts.path}?{query}" if query else parts.path


def etag_of(page: SamplePage) -> str:
    """The entity tag of a page: a digest of its bytes."""
    return f'"{hashlib.sha256(page.body).hexdigest()[:16]}"'


def handler_for(site: Site) -> type[BaseHTTPRequestHandler]:
    """Make the request handler of one site."""
    pages = {_key(path): page for path, page in site.pages.items()}
    missing = SamplePage(b"<html><title>404</title><body>404 Not Found</body></html>", HTML, None)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        server_version = "SamplePortal/1"
        sys_version = ""

        def do_GET(self) -> None:
            page = pages.get(_key(self.path))
            if page is None:
                self._answer(HTTPStatus.NOT_FOUND, missing)
            elif self._is_known(page):
                self._answer(HTTPStatus.NOT_MODIFIED, page)
            else:
                self._answer(HTTPStatus.OK, page)

        def _is_known(self, page: SamplePage) -> bool:
            tag = self.headers.get("If-None-Match")
            if tag is not None:
                return tag == etag_of(page)
            return page.last_modified is not None and self.headers.get("If-Modified-Since") == page.last_modified

        def _answer(self, status: HTTPStatus, page: SamplePage) -> None:
            body = b"" if status is HTTPStatus.NOT_MODIFIED else page.body
            self.send_response(status)
            self.send_header("Content-Type", page.content_type)
            if status is not HTTPStatus.NOT_MODIFIED:
                self.send_header("Content-Length", str(len(body)))
            if page.last_modified is not None:
                self.send_header("ETag", etag_of(page))
                self.send_header("Last-Modified", page.last_modified)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name of the base class
            """Keep quiet."""

    return Handler


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    allow_reuse_address = True


@contextmanager
def running(base_port: int) -> Iterator[list[str]]:
    """Serve the sites while the context lasts; yields their addresses.

    Raises:
        OSError: a port is taken.
    """
    with ExitStack() as stack:
        addresses = []
        for offset, site in enumerate(build_sites()):
            server = stack.enter_context(_Server((LOOPBACK, base_port + offset), handler_for(site)))
            thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
            thread.start()
            stack.callback(server.shutdown)
            addresses.append(f"http://{LOOPBACK}:{base_port + offset}/")
        yield addresses


def serve(base_port: int, *, until_eof: bool) -> None:
    """Serve the sites until interrupted, or until standard input ends.

    Raises:
        SystemExit: a port is taken; the message says which.
    """
    try:
        with running(base_port) as addresses:
            print(f"ready {' '.join(addresses)}", flush=True)
            if until_eof:
                sys.stdin.buffer.read()
            else:
                threading.Event().wait()
    except OSError as error:
        raise SystemExit(f"error: cannot serve on ports {base_port} to {base_port + 4}: {error}") from error
    except KeyboardInterrupt:
        return
