"""Opening connections: every resolved address is checked, and the head of an answer is bounded.

What may be connected to is decided in ``scrapers.guard``; bodies are bounded by Scrapy's own settings.
"""

from __future__ import annotations

from ipaddress import ip_address
from typing import TYPE_CHECKING, Any

from scrapy.core.downloader.handlers.http11 import HTTP11DownloadHandler
from scrapy.resolver import CachingThreadedResolver
from scrapy.utils.datatypes import LocalCache
from twisted.internet.error import DNSLookupError
from twisted.python.failure import Failure
from twisted.web._newclient import HEADER, STATUS

from scrapers.guard import refusal_of_address

if TYPE_CHECKING:
    from collections.abc import Sequence

    from scrapy.crawler import Crawler
    from twisted.internet.base import ReactorBase
    from twisted.internet.defer import Deferred

MAX_HEAD_BYTES = 128 * 1024
"""Status line and headers of one answer; browsers stop at a quarter of this or less."""
IDLE_CONNECTION_SECONDS = 15
"""How long a connection is kept for a host's next page; thousands of hosts must not exhaust the file handles."""

refused_answers: LocalCache[str, str] = LocalCache(10_000)
"""Host names whose DNS answer was refused, and why: Twisted reports them like names without an answer."""


class HeadTooLargeError(Exception):
    """An answer whose headers do not end."""


class RefusedAddressError(DNSLookupError):
    """A name that resolves to an address that is never connected to."""


class GuardedResolver(CachingThreadedResolver):
    """Looks names up as Scrapy does, and refuses answers that are not public addresses.

    The address that was checked is the one that is connected to: there is no second look-up in between.
    """

    loopback_hosts: frozenset[str] = frozenset()

    @classmethod
    def from_crawler(cls, crawler: Crawler, reactor: ReactorBase) -> GuardedResolver:
        """Build the resolver; ``LOOPBACK_HOSTS`` names the hosts of the samples."""
        resolver = super().from_crawler(crawler, reactor)
        resolver.loopback_hosts = frozenset(crawler.settings.getlist("LOOPBACK_HOSTS"))
        return resolver

    def getHostByName(self, name: str, timeout: Sequence[int] = ()) -> Deferred[str]:  # noqa: N802 - Twisted's name
        """Look a name up; the result fails with :class:`RefusedAddressError` when it may not be connected to."""
        return super().getHostByName(name, timeout).addCallback(self.check, name)

    def check(self, address: str, name: str) -> str:
        """Return the address of a name, if it may be connected to.

        Raises:
            RefusedAddressError: it may not.
        """
        refusal = refusal_of_address(ip_address(address), loopback_allowed=name.lower() in self.loopback_hosts)
        if refusal is not None:
            refused_answers[name.lower()] = refusal
            raise RefusedAddressError(f"{name}: {refusal}")
        return address


def bound_head(protocol: Any, limit: int = MAX_HEAD_BYTES) -> None:
    """Make an HTTP client protocol give up on an answer whose head is longer than ``limit`` bytes."""
    receive = protocol.dataReceived
    received = 0

    def counting(data: bytes) -> None:
        nonlocal received
        receive(data)
        parser = protocol._parser
        if parser is None or parser.state not in (STATUS, HEADER):
            received = 0
            return
        received += len(data)
        if received > limit:
            received = 0
            protocol.transport.abortConnection()
            protocol._giveUp(Failure(HeadTooLargeError(f"more than {limit} bytes of headers")))  # type: ignore[no-untyped-call]

    protocol.dataReceived = counting


class BoundedHandler(HTTP11DownloadHandler):
    """Scrapy's handler for http and https, with bounded heads and short-lived idle connections."""

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        made_by: Any = self._pool._factory

        def bounded_factory(*arguments: Any) -> Any:
            """Make whatever factory Scrapy uses, and have the heads of its protocols bounded."""
            factory = made_by(*arguments)
            build = factory.buildProtocol

            def build_bounded(address: Any) -> Any:
                protocol = build(address)
                bound_head(protocol)
                return protocol

            factory.buildProtocol = build_bounded
            return factory

        self._pool._factory = bounded_factory  # type: ignore[assignment]
        self._pool.cachedConnectionTimeout = IDLE_CONNECTION_SECONDS
