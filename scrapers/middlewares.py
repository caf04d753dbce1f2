"""What stands between the spider and the network: robots, conditional requests, and an account of every attempt.

Only the wiring is here; what a response or an error means is decided in ``scrapers.verdicts``.
"""

from __future__ import annotations

import asyncio
import logging
from datetime import UTC, datetime
from http.client import responses as REASONS  # noqa: N812 - a table of constants
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

from protego import Protego
from scrapy import Request, signals
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Response
from scrapy.http.request import NO_CALLBACK
from twisted.python.failure import Failure

from scrapers.items import FailedItem, PageItem, Visit
from scrapers.recorder import moment_of_sending
from scrapers.verdicts import REDIRECTS, classify_block, classify_exception, classify_response, classify_robots
from warehouse.archive import Exchange
from warehouse.outcomes import Outcome

if TYPE_CHECKING:
    from scrapy.crawler import Crawler

    from scrapers.recorder import Recorder
    from scrapers.spider import PortalSpider

logger = logging.getLogger(__name__)

VISIT = "visit"
SETTLED = "settled_outcome"
ROBOTS = "is_robots_request"
MAX_ROBOTS_REDIRECTS = 5  # RFC 9309, 2.3.1.2
HOST_REFUSED = object()
"""Signal: a response, read in full, turned out to refuse us."""


class RefusedError(IgnoreRequest):
    """A request that is not made, with the outcome that stands for the reason."""

    def __init__(self, outcome: Outcome, detail: str) -> None:
        super().__init__(f"{outcome.value}: {detail}")
        self.outcome = outcome
        self.detail = detail


def exchange_of(request: Request, response: Response) -> Exchange:
    """Put a Scrapy request and its response into the archive's terms."""

    def pairs(headers: dict[bytes, list[bytes]]) -> tuple[tuple[str, str], ...]:
        return tuple(
            (name.decode("latin-1"), value.decode("latin-1")) for name, values in headers.items() for value in values
        )

    return Exchange(
        url=request.url,
        fetched_at=datetime.now(UTC),
        status=response.status,
        body=b"" if response.status == 304 else response.body,
        request_headers=(("Host", urlsplit(request.url).netloc), *pairs(request.headers)),
        response_headers=pairs(response.headers),
        method=request.method,
        reason=REASONS.get(response.status, ""),
        ip_address=str(response.ip_address) if response.ip_address else None,
    )


def lower_headers(response: Response) -> dict[str, str]:
    """Response headers with names in lower case, repeated ones joined."""
    return {
        name.decode("latin-1").lower(): ", ".join(value.decode("latin-1") for value in values)
        for name, values in response.headers.items()
    }


class _Middleware:
    """What the middlewares share: the crawler, and through it the spider's recorder."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> _Middleware:
        """Build the middleware for a crawler."""
        return cls(crawler)

    @property
    def _recorder(self) -> Recorder:
        spider: PortalSpider = self._crawler.spider  # type: ignore[assignment]
        return spider.recorder


class RobotsMiddleware(_Middleware):
    """Obeys robots.txt of every host, its Crawl-delay too; without a usable answer the host is left alone."""

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._agent: str = crawler.settings["ROBOTSTXT_USER_AGENT"]
        self._rules: dict[str, asyncio.Future[Protego | None]] = {}
        self._slowed: set[str] = set()

    async def process_request(self, request: Request) -> None:
        """Let the request pass, or refuse it.

        Raises:
            RefusedError: robots.txt forbids the path, or could not be had.
        """
        if request.meta.get(ROBOTS):
            return
        parts = urlsplit(request.url)
        site = f"{parts.scheme}://{parts.netloc}"
        if site not in self._rules:
            self._rules[site] = asyncio.get_running_loop().create_future()
            rules: Protego | None = None
            try:
                rules = await self._fetch_rules(f"{site}/robots.txt", request)
            finally:
                self._rules[site].set_result(rules)
        rules = await self._rules[site]
        if rules is None:
            raise RefusedError(Outcome.ROBOTS_UNREACHABLE, f"{site}/robots.txt gave no usable answer")
        if not rules.can_fetch(request.url, self._agent):
            raise RefusedError(Outcome.ROBOTS_DISALLOWED, f"{site}/robots.txt forbids this path")
        self.slow_down(request, rules.crawl_delay(self._agent))

    async def _fetch_rules(self, url: str, cause: Request) -> Protego | None:
        """Ask for a robots file, through redirects within the hosts of the source; None when it cannot be had."""
        visit: Visit = cause.meta[VISIT]
        spider: PortalSpider = self._crawler.spider  # type: ignore[assignment]
        for _ in range(MAX_ROBOTS_REDIRECTS + 1):
            try:
                response = await self._ask_for_rules(url, cause)
            except Exception as error:  # the attempt is on record; whatever it was, we know no rules
                logger.info("no robots file at %s: %s", url, error)
                return None
            if classify_robots(response.status, lower_headers(response), response.body):
                return None
            location = response.headers.get("Location")
            if response.status in REDIRECTS and location:
                url = urljoin(url, location.decode("latin-1"))
                if not spider.sources[visit.source_id].allows(url):
                    return None
                continue
            if response.status == 304:
                return Protego.parse(self._recorder.archived_body(url).decode("utf-8", "replace"))
            return Protego.parse(response.body.decode("utf-8", "replace") if response.status == 200 else "")
        return None

    async def _ask_for_rules(self, url: str, cause: Request) -> Response:
        visit: Visit = cause.meta[VISIT]
        asked = Request(
            url,
            callback=NO_CALLBACK,
            meta={
                VISIT: Visit(visit.source_id, url, "robots"),
                ROBOTS: True,
                "handle_httpstatus_all": True,
                "download_slot": cause.meta["download_slot"],
                "autothrottle_dont_adjust_delay": cause.meta.get("autothrottle_dont_adjust_delay", False),
            },
        )
        assert self._crawler.engine is not None  # noqa: S101 - there is one while requests are processed
        return await self._crawler.engine.download_async(asked)

    def slow_down(self, request: Request, crawl_delay: float | None) -> None:
        """Keep to a Crawl-delay that is longer than our own delay, whatever AutoThrottle finds."""
        slot = request.meta["download_slot"]
        if slot in self._slowed:
            request.meta["autothrottle_dont_adjust_delay"] = True
            return
        assert self._crawler.engine is not None  # noqa: S101 - there is one while requests are processed
        downloader = self._crawler.engine.downloader
        ours = downloader.per_slot_settings.get(slot, {}).get(
            "delay", self._crawler.settings.getfloat("DOWNLOAD_DELAY")
        )
        if crawl_delay is None or crawl_delay <= ours:
            return
        self._slowed.add(slot)
        request.meta["autothrottle_dont_adjust_delay"] = True
        downloader.per_slot_settings[slot] = {"concurrency": 1, "delay": float(crawl_delay)}
        if slot in downloader.slots:
            downloader.slots[slot].delay = float(crawl_delay)


class ConditionalRequestMiddleware(_Middleware):
    """Asks "changed since?" for every page whose validators and bytes we hold."""

    def process_request(self, request: Request) -> None:
        """Add the conditional headers; an answer to a form is not the page of its address."""
        if request.method != "GET":
            return
        for name, value in self._recorder.conditional_headers(request.url).items():
            request.headers[name] = value


class RefusingHostMiddleware(_Middleware):
    """Stops asking a host that refuses us, what is already queued for it included; stands next to the network."""

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._refused: dict[str, RefusedError] = {}
        # This signal comes before the downloader takes the next request of the host from its queue.
        crawler.signals.connect(self._watch, signal=signals.response_downloaded)
        # A compressed challenge page is only recognised once it was read.
        crawler.signals.connect(self._leave_alone, signal=HOST_REFUSED)

    def process_request(self, request: Request) -> None:
        """Refuse requests to a host that refused us.

        Raises:
            RefusedError: with the outcome of the refusal.
            IgnoreRequest: storing failed, the crawl is ending.
        """
        if self._recorder.fatal is not None:
            raise IgnoreRequest("storing failed")
        refused = self._refused.get(request.meta["download_slot"])
        if refused is not None:
            raise refused

    def _watch(self, response: Response, request: Request) -> None:
        if request.meta[VISIT].kind != "robots":
            block = classify_block(response.status, lower_headers(response), response.body)
            if block is not None:
                self._leave_alone(request, block)

    def _leave_alone(self, request: Request, outcome: Outcome) -> None:
        slot_name = request.meta["download_slot"]
        refused = RefusedError(outcome, f"not asked: the host refused {request.url}")
        self._refused.setdefault(slot_name, refused)
        assert self._crawler.engine is not None  # noqa: S101 - there is one while responses are processed
        slot = self._crawler.engine.downloader.slots.get(slot_name)
        while slot is not None and slot.queue:
            _, waiting = slot.queue.popleft()
            waiting.errback(Failure(refused))  # type: ignore[no-untyped-call]


class AttemptMiddleware(_Middleware):
    """Records every attempt that brought no page, and every robots file."""

    def process_response(self, request: Request, response: Response) -> Response:
        """Record a response without a page (and robots files); leave pages to the spider."""
        visit: Visit = request.meta[VISIT]
        exchange = exchange_of(request, response)
        started, duration = moment_of_sending(exchange.fetched_at, request.meta.get("download_latency"))
        headers = lower_headers(response)
        outcome = classify_response(response.status, headers, response.body)
        if visit.kind == "robots" and classify_robots(response.status, headers, response.body):
            outcome = Outcome.ROBOTS_UNREACHABLE
        request.meta[SETTLED] = outcome
        if outcome is not None:
            stop = outcome.value if visit.kind == "list" else None
            detail = headers.get("location") if outcome is Outcome.MOVED else None
            self._recorder.store(
                FailedItem(visit, outcome, started, duration, exchange, detail=detail, stop_reason=stop)
            )
            if outcome.is_block:
                self._crawler.signals.send_catch_log(HOST_REFUSED, request=request, outcome=outcome)
        elif visit.kind == "robots":
            self._recorder.store(PageItem(visit, exchange, started, duration))
        return response

    def process_exception(self, request: Request, exception: Exception) -> None:
        """Record an attempt that ended in an error, or that was refused by robots or by an earlier refusal."""
        if self._recorder.fatal is not None:
            return
        visit: Visit = request.meta[VISIT]
        if isinstance(exception, RefusedError):
            outcome, detail = exception.outcome, exception.detail
        else:
            named = classify_exception(exception)
            if named is None:
                raise exception
            outcome, detail = named, f"{type(exception).__name__}: {exception}"[:500]
        request.meta[SETTLED] = outcome
        stop = outcome.value if visit.kind == "list" else None
        self._recorder.store(FailedItem(visit, outcome, datetime.now(UTC), detail=detail, stop_reason=stop))
