"""What a host of the hostile web may answer: pages, lists, scripts; and how a host and its outcome are described."""

from __future__ import annotations

import asyncio
import gzip
import json
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from hostile_server import Reply, Script

REPORT = "某县2023年法治政府建设情况报告"
Pages = Mapping[str, tuple[Reply, ...]]
MAX_BODY = 1024 * 1024
REQUEST_SECONDS = 5
"""What the crawl under test is told by ``FAZHI_MAX_BODY_BYTES`` and ``FAZHI_REQUEST_SECONDS``."""


@dataclass(frozen=True)
class Behaviour:
    """What a host does, and what is expected.

    Attributes:
        pages: replies by path; ``/robots.txt`` is missing unless it is there.
        outcomes: of the first night, sorted; robots files left out.
        robots: outcomes of robots files, sorted.
        says: words that the details of the attempts must contain, each somewhere.
        stop: why the source's list ended, and after " + " what else ended it early.
        failed: whether the night must call the source failed.
        source: further keys of the source file; ``{port}`` in texts is the host's port.
        later: pages from a later night on, by night.
        later_outcomes: outcomes of later nights, by night.
        url: the start page, where it is not ``/list/`` on the host's own port.
        tls: "self-signed" or "expired" for a host behind TLS.
    """

    pages: Pages
    outcomes: tuple[str, ...]
    robots: tuple[str, ...] = ("not_found",)
    says: tuple[str, ...] = ()
    stop: str = "end_reached"
    failed: bool = False
    source: Mapping[str, Any] = field(default_factory=dict)
    later: Mapping[int, Pages] = field(default_factory=dict)
    later_outcomes: Mapping[int, tuple[str, ...]] = field(default_factory=dict)
    url: str = "http://127.0.0.1:{port}/list/"
    tls: str | None = None


def page(text: str, encoding: str = "utf-8", **headers: str) -> tuple[Reply, ...]:
    """A page of status 200."""
    return (Reply(text.encode(encoding), headers=tuple(headers.items())),)


def status(code: int, body: bytes = b"", **headers: str) -> tuple[Reply, ...]:
    """An answer of another status; underscores in header names stand for hyphens."""
    return (Reply(body, code, tuple((name.replace("_", "-"), value) for name, value in headers.items())),)


def listing(*links: str, more: str = "", title: str = REPORT) -> str:
    """A list page with a line for each link."""
    lines = "".join(f'<li><a href="{at}">{title}{n}</a><span>2024-01-09</span></li>' for n, at in enumerate(links))
    return f"<html><body><ul>{lines}</ul>{more}</body></html>"


def scripted(script: Script) -> tuple[Reply, ...]:
    """An answer that writes to the connection itself."""
    return (Reply(script=script),)


def a_list(*links: str, more: str = "") -> tuple[Reply, ...]:
    """A reply with a list."""
    return page(listing(*links, more=more))


ARTICLE = page(f"<title>{REPORT}</title><p>制定规范性文件12件。</p>")
PDF = (Reply(b"%PDF-1.7 \xff", headers=(("Content-Type", "application/pdf"),)),)
TOMORROW = status(429, Retry_After="86400")
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n"


# -- answers that no HTTP library would give -------------------------------------------------------------


async def drip(writer: asyncio.StreamWriter) -> None:
    """A byte every fifth of a second, for ever."""
    writer.write(HEAD + b"Transfer-Encoding: chunked\r\n\r\n")
    while not writer.is_closing():
        writer.write(b"1\r\n \r\n")
        await writer.drain()
        await asyncio.sleep(0.2)


async def silence(writer: asyncio.StreamWriter) -> None:
    """Nothing at all."""
    while not writer.is_closing():
        await asyncio.sleep(0.5)
        if writer.transport.is_closing():
            return


async def slow_head(writer: asyncio.StreamWriter) -> None:
    """A header that comes letter by letter."""
    writer.write(HEAD + b"X-Slow: ")
    while not writer.is_closing():
        writer.write(b"a")
        await writer.drain()
        await asyncio.sleep(0.2)


async def endless_body(writer: asyncio.StreamWriter) -> None:
    """As much body as is taken."""
    writer.write(HEAD + b"\r\n")
    while not writer.is_closing():
        writer.write(b"<p>" + b"x" * 65536)
        await writer.drain()


async def endless_head(writer: asyncio.StreamWriter) -> None:
    """As many headers as are taken."""
    writer.write(HEAD)
    while not writer.is_closing():
        writer.write(b"X-More: " + b"x" * 8000 + b"\r\n")
        await writer.drain()


async def long_header(writer: asyncio.StreamWriter) -> None:
    """One header without an end."""
    writer.write(HEAD + b"X-More: ")
    while not writer.is_closing():
        writer.write(b"x" * 65536)
        await writer.drain()


async def reset(writer: asyncio.StreamWriter) -> None:
    """A connection that is torn down at once."""
    writer.transport.abort()


async def garbage(writer: asyncio.StreamWriter) -> None:
    """No HTTP."""
    writer.write(b"SSH-2.0-OpenSSH_9.2\r\n")


async def cut_short(writer: asyncio.StreamWriter) -> None:
    """Less body than was declared."""
    writer.write(HEAD + b"Content-Length: 5000\r\n\r\n<ul><li>")


async def bad_chunk(writer: asyncio.StreamWriter) -> None:
    """A chunk of no size."""
    writer.write(HEAD + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n<ul>\r\n0\r\n\r\n")


async def ended_by_closing(writer: asyncio.StreamWriter) -> None:
    """A body without a length, as in HTTP/1.0."""
    writer.write(b"HTTP/1.0 200 OK\r\nContent-Type: text/html\r\n\r\n" + listing("/a.html").encode())


async def slow_page(writer: asyncio.StreamWriter) -> None:
    """A page that takes a second."""
    await asyncio.sleep(1.0)
    await ARTICLE[0].write(writer)


# -- pieces ----------------------------------------------------------------------------------------------


def squeezed(body: bytes, name: str = "gzip") -> tuple[Reply, ...]:
    """A compressed page."""
    packed = gzip.compress(body) if name == "gzip" else zlib.compress(body)
    return (Reply(packed, headers=(("Content-Encoding", name),)),)


def json_records(*records: object, wrap: str = "{}", count: int | None = None) -> tuple[Reply, ...]:
    """A JSON list, possibly wrapped."""
    answer = {"num": len(records) if count is None else count, "nPage": 1, "data": records}
    text = wrap.replace("{}", json.dumps(answer, ensure_ascii=False))
    return page(text, **{"Content-Type": "application/json"})


def record(link: str) -> dict[str, object]:
    """One record of a JSON list."""
    return {"title": REPORT, "puburl": link, "tip": {"dates": "2024-01-09"}}


def redirected(location: str, code: int = 302) -> dict[str, tuple[Reply, ...]]:
    """A list whose only article redirects."""
    return {"/list/": a_list("/a.html"), "/a.html": status(code, Location=location)}


JSON_API = {
    "family": "json_api",
    "api": {"records": "data", "title": "title", "url": "puburl", "date": "tip.dates", "total": "num"},
}
PAGES_37 = {
    "/list/": a_list(*(f"/{n}.html" for n in range(20)), more="<p>共52条</p><a href='/list/2'>下一页</a>"),
    "/list/2": a_list(*(f"/{n}.html" for n in range(20, 37)), more="<p>共52条</p>"),
    **{f"/{n}.html": ARTICLE for n in range(37)},
}


def lists_only(*, links: str = "/a.html", following: str = "/list/2") -> Pages:
    """A list of one entry that names a second page."""
    return {"/list/": a_list(links, more=f"<p>共2页</p><a href='{following}'>下一页</a>"), "/a.html": ARTICLE}
