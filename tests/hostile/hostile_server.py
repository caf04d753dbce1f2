"""A server of many small hosts, each on a loopback port of its own, that can answer as badly as the web does.

One event loop in one thread serves them all over plain sockets, so that nothing keeps an answer from being torn,
slow, endless or no HTTP at all. What each host does stands in ``behaviours``.
"""

from __future__ import annotations

import asyncio
import ssl
import threading
from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

Script = Callable[[asyncio.StreamWriter], Awaitable[None]]


@dataclass(frozen=True)
class Reply:
    """An answer: status, body and headers, or a script that writes to the connection itself."""

    body: bytes = b""
    status: int = 200
    headers: tuple[tuple[str, str], ...] = ()
    script: Script | None = None

    async def write(self, writer: asyncio.StreamWriter) -> None:
        """Send the answer."""
        if self.script is not None:
            await self.script(writer)
            return
        names = {name.lower() for name, _ in self.headers}
        usual = (("Content-Type", "text/html"), ("Content-Length", str(len(self.body))))
        headers = [*self.headers, *(pair for pair in usual if pair[0].lower() not in names), ("Connection", "close")]
        head = "".join(f"{name}: {value}\r\n" for name, value in headers)
        writer.write(f"HTTP/1.1 {self.status} -\r\n{head}\r\n".encode("latin-1") + self.body)


@dataclass
class Host:
    """One host: its replies by path (in turn, the last one again and again), and what it was asked.

    Attributes:
        pages: replies by path with query; a path under a night's number holds from that night on.
        tls: the certificate chain file that it shows; None for plain HTTP.
    """

    pages: Mapping[str, tuple[Reply, ...]]
    later: Mapping[int, Mapping[str, tuple[Reply, ...]]] = field(default_factory=dict)
    tls: Path | None = None
    night: int = 1
    port: int = 0
    asked: list[str] = field(default_factory=list)
    busy: int = 0
    busiest: int = 0
    _turn: dict[tuple[int, str], int] = field(default_factory=lambda: defaultdict(int))

    def reply(self, path: str, headers: Mapping[str, str]) -> Reply:
        """The next reply for a path; 304 where the request knows the reply's ETag."""
        self.asked.append(path)
        pages = dict(self.pages)
        for night in sorted(self.later):
            if night <= self.night:
                pages |= self.later[night]
        replies = pages.get(path, (Reply(status=404),))
        turn = self._turn[self.night, path]
        self._turn[self.night, path] += 1
        chosen = replies[min(turn, len(replies) - 1)]
        tag = dict(chosen.headers).get("ETag")
        return Reply(status=304, headers=(("ETag", tag),)) if tag and headers.get("if-none-match") == tag else chosen

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer one request of one connection."""
        self.busy += 1
        self.busiest = max(self.busiest, self.busy)
        with suppress(ConnectionError, asyncio.IncompleteReadError, ssl.SSLError, TimeoutError):
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
            pairs = (line.partition(":")[::2] for line in head[1:])
            headers = {name.strip().lower(): value.strip() for name, value in pairs}
            await self.reply(head[0].split(" ")[1], headers).write(writer)
            await writer.drain()
        self.busy -= 1
        writer.close()
        with suppress(ConnectionError, ssl.SSLError, TimeoutError):
            await writer.wait_closed()


class HostileServer:
    """Serves hosts until the ``with`` block ends."""

    def __init__(self, hosts: Mapping[str, Host]) -> None:
        self.hosts = hosts
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)

    def __enter__(self) -> HostileServer:
        self._thread.start()
        asyncio.run_coroutine_threadsafe(self._listen(), self._loop).result(30)
        return self

    def __exit__(self, *_exc: object) -> None:
        asyncio.run_coroutine_threadsafe(self._end(), self._loop).result(30)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(30)
        self._loop.close()

    async def _listen(self) -> None:
        for host in self.hosts.values():
            context = None
            if host.tls is not None:
                context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
                context.load_cert_chain(host.tls)
            server = await asyncio.start_server(host.serve, "127.0.0.1", 0, ssl=context)
            host.port = server.sockets[0].getsockname()[1]

    async def _end(self) -> None:
        others = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)

    def set_night(self, night: int) -> None:
        """Begin another night: replies start anew, and some pages are other ones."""
        for host in self.hosts.values():
            host.night = night
