"""Opening connections: every resolved address is checked, and the head of an answer is bounded.

What may be connected to is decided in ``scrapers.guard``; bodies are bounded by Scrapy's own settings.
"""

from __future__ import annotations

from ipaddress import ip_address
from typing import TYPE_CHECKING, Any

from scrapy.core.downloader.handlers.http11 import HTTP11DownloadHandler
from scrapy.resolver import CachingHostnameResolver
from scrapy.utils.datatypes import LocalCache
from twisted.python.failure import Failure
from twisted.web._newclient import HEADER, STATUS

from scrapers.guard import refusal_of_address

if TYPE_CHECKING:
    from collections.abc import Sequence

    from scrapy.crawler import Crawler
    from twisted.internet.base import DelayedCall, ReactorBase
    from twisted.internet.interfaces import IAddress, IHostResolution, IResolutionReceiver

MAX_HEAD_BYTES = 128 * 1024
"""Status line and headers of one answer; browsers stop at a quarter of this or less."""
IDLE_CONNECTION_SECONDS = 15
"""How long a connection is kept for a host's next page; thousands of hosts must not exhaust the file handles."""

refused_answers: LocalCache[str, str] = LocalCache(10_000)
"""Host names whose DNS answer was refused, and why: Twisted reports them like names without an answer."""


class HeadTooLargeError(Exception):
    """An answer whose headers do not end."""


class GuardedAnswers:
    """Hands the answers of one look-up on, without those that may not be connected to, and ends it in time."""

    def __init__(self, receiver: Any, name: str, *, loopback_allowed: bool) -> None:
        self._receiver = receiver
        self._name = name.lower()
        self._loopback_allowed = loopback_allowed
        self._given = False
        self._refusal: str | None = None
        self._limit: DelayedCall | None = None

    def end_after(self, reactor: ReactorBase, seconds: float) -> None:
        """End the look-up when it takes longer; what comes later counts for nothing."""
        self._limit = reactor.callLater(seconds, self.resolutionComplete)

    def resolutionBegan(self, resolution: IHostResolution) -> None:  # noqa: N802 - Twisted's name
        """Hand on that the look-up began."""
        self._receiver.resolutionBegan(resolution)

    def addressResolved(self, address: Any) -> None:  # noqa: N802 - Twisted's name
        """Hand on an address of either kind, if it may be connected to."""
        if self._limit is None:
            return
        refusal = refusal_of_address(ip_address(address.host), loopback_allowed=self._loopback_allowed)
        if refusal is not None:
            self._refusal = refusal
            return
        self._given = True
        self._receiver.addressResolved(address)

    def resolutionComplete(self) -> None:  # noqa: N802 - Twisted's name
        """Hand on that the look-up is over; note down why it gave nothing, when addresses were refused."""
        if self._limit is None:
            return
        if self._limit.active():
            self._limit.cancel()
        self._limit = None
        if self._refusal is not None and not self._given:
            refused_answers[self._name] = self._refusal
        self._receiver.resolutionComplete()


class GuardedResolver(CachingHostnameResolver):
    """Looks names up over IPv4 and IPv6, as the system does, and hands on only addresses that may be connected to.

    Twisted tries the addresses of a name one shortly after the other and takes the first that answers. The addresses
    that were checked are the ones that are connected to: there is no second look-up in between.
    """

    def __init__(self, reactor: ReactorBase, cache_size: int, seconds: float, loopback_hosts: frozenset[str]) -> None:
        super().__init__(reactor, cache_size)
        self._seconds = seconds
        self._loopback_hosts = loopback_hosts

    @classmethod
    def from_crawler(cls, crawler: Crawler, reactor: ReactorBase) -> GuardedResolver:
        """Build the resolver; ``LOOPBACK_HOSTS`` names the hosts of the samples."""
        settings = crawler.settings
        hosts = frozenset(settings.getlist("LOOPBACK_HOSTS"))
        return cls(reactor, settings.getint("DNSCACHE_SIZE"), settings.getfloat("DNS_TIMEOUT"), hosts)

    def resolveHostName(  # noqa: N802 - Twisted's name
        self,
        resolutionReceiver: IResolutionReceiver,  # noqa: N803 - Twisted's name
        hostName: str,  # noqa: N803 - Twisted's name
        portNumber: int = 0,  # noqa: N803 - Twisted's name
        addressTypes: Sequence[type[IAddress]] | None = None,  # noqa: N803 - Twisted's name
        transportSemantics: str = "TCP",  # noqa: N803 - Twisted's name
    ) -> IHostResolution:
        """Look a name up; the receiver gets no address where none may be connected to, as for a name without any."""
        is_sample = hostName.lower() in self._loopback_hosts
        answers: Any = GuardedAnswers(resolutionReceiver, hostName, loopback_allowed=is_sample)
        answers.end_after(self.reactor, self._seconds)
        return super().resolveHostName(answers, hostName, portNumber, addressTypes, transportSemantics)


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
