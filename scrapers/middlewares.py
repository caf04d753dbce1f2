"""What stands between the spider and the network: addresses, robots, refusals, budgets, and an account of all attempts.

Only the wiring is here; what a response or an error means is decided in ``scrapers.verdicts``.
"""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress
from datetime import UTC, datetime
from functools import partial
from http.client import responses as REASONS  # noqa: N812 - a table of constants
from time import monotonic
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

from protego import Protego
from scrapy import Request, signals
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Response
from scrapy.http.request import NO_CALLBACK
from twisted.python.failure import Failure

from scrapers.connections import refused_answers
from scrapers.guard import refusal_of_url
from scrapers.items import FailedItem, PageItem, Visit
from scrapers.recorder import moment_of_sending
from scrapers.retry import RETRY_STATUSES, RETRY_TIMES_KEY, SETTLED, TRY_AGAIN, is_worth_another_try, may_try_again
from scrapers.verdicts import (
    REDIRECTS,
    classify_block,
    classify_exception,
    classify_response,
    classify_robots,
    classify_unpacking,
)
from warehouse.archive import Exchange
from warehouse.outcomes import Outcome

if TYPE_CHECKING:
    from scrapy.crawler import Crawler

    from scrapers.recorder import Recorder
    from scrapers.spider import PortalSpider

logger = logging.getLogger(__name__)

VISIT = "visit"
EXCHANGE = "exchange"
ROBOTS = "is_robots_request"
MAX_ROBOTS_REDIRECTS = 5  # RFC 9309, 2.3.1.2
MAX_ROBOTS_BYTES = 512 * 1024  # RFC 9309, 2.5 asks for 500 KiB at least; what follows is not read
MAX_CRAWL_DELAY = 600.0
"""Seconds; a host that asks for more gets a handful of pages a night and is left to its owner's word."""
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


class BudgetSpentError(IgnoreRequest):
    """A request that is not made because its source's time is spent; it is counted, not recorded one by one."""


def try_again_allowed(request: Request, response: Response, times: int) -> bool:
    """Whether a response is worth another try, as far as its request has not been tried too often."""
    if response.status not in RETRY_STATUSES:
        return False
    tried = request.meta.get(RETRY_TIMES_KEY, 0)
    return may_try_again(response.status, lower_headers(response), response.body, tried, times)


class _Middleware:
    """What the middlewares share: the crawler, and through it the spider's recorder."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> _Middleware:
        """Build the middleware for a crawler."""
        return cls(crawler)

    @property
    def _spider(self) -> PortalSpider:
        spider: PortalSpider = self._crawler.spider  # type: ignore[assignment]
        return spider

    @property
    def _recorder(self) -> Recorder:
        return self._spider.recorder


class AddressMiddleware(_Middleware):
    """Refuses every request, whoever asks for it, to an address that is not public or not of http."""

    def process_request(self, request: Request) -> None:
        """Let the request pass, or refuse it.

        Raises:
            RefusedError: the address as written may not be asked.
        """
        source = self._spider.sources[request.meta[VISIT].source_id]
        refusal = refusal_of_url(request.url, loopback_allowed=source.is_sample)
        if refusal is not None:
            raise RefusedError(Outcome.OFF_SITE, f"not asked: {refusal}")


class BudgetMiddleware(_Middleware):
    """Ends a source when its time is spent: nothing new is begun, and what waits in the queues is taken out."""

    def process_request(self, request: Request) -> None:
        """Start the source's clock with its first request; let the request pass, or refuse it.

        Raises:
            BudgetSpentError: the source's time is spent.
        """
        source_id = request.meta[VISIT].source_id
        budget = self._spider.budgets[source_id]
        if budget.start(monotonic()):
            asyncio.get_running_loop().call_later(budget.max_seconds, partial(self._end_of_time, source_id))
        if budget.is_over(monotonic()):
            raise BudgetSpentError(f"the time of {source_id} is spent")

    def _end_of_time(self, source_id: str) -> None:
        """Take what waits for this source out of the queues; what is on its way ends by its own timeout."""
        if self._crawler.engine is None:
            return
        for slot in list(self._crawler.engine.downloader.slots.values()):
            late = [pair for pair in slot.queue if pair[0].meta[VISIT].source_id == source_id]
            for pair in late:
                slot.queue.remove(pair)
                pair[1].errback(Failure(BudgetSpentError(f"the time of {source_id} is spent")))  # type: ignore[no-untyped-call]


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
        rules = await self._rules_of(site, request)
        if rules is None:
            raise RefusedError(Outcome.ROBOTS_UNREACHABLE, f"{site}/robots.txt gave no usable answer")
        if not rules.can_fetch(request.url, self._agent):
            raise RefusedError(Outcome.ROBOTS_DISALLOWED, f"{site}/robots.txt forbids this path")
        crawl_delay = rules.crawl_delay(self._agent)
        if crawl_delay is not None and crawl_delay > MAX_CRAWL_DELAY:
            raise RefusedError(Outcome.ROBOTS_DISALLOWED, f"{site}/robots.txt asks for a delay of {crawl_delay:g} s")
        self.slow_down(request, crawl_delay)

    async def _rules_of(self, site: str, request: Request) -> Protego | None:
        """The rules of a host, asked for once; None when they cannot be had."""
        while True:
            known = self._rules.get(site)
            if known is not None:
                with suppress(BudgetSpentError):  # of the source that asked first; this one has its own
                    return await known
                continue
            self._rules[site] = asked = asyncio.get_running_loop().create_future()
            rules: Protego | None = None
            try:
                rules = await self._fetch_rules(f"{site}/robots.txt", request)
            except BudgetSpentError as error:
                del self._rules[site]
                asked.set_exception(error)
                asked.exception()  # seen, even where nobody waits
                raise
            finally:
                if not asked.done():
                    asked.set_result(rules)
            return rules

    async def _fetch_rules(self, url: str, cause: Request) -> Protego | None:
        """Ask for a robots file, through redirects within the hosts of the source; None when it cannot be had."""
        visit: Visit = cause.meta[VISIT]
        for _ in range(MAX_ROBOTS_REDIRECTS + 1):
            try:
                response = await self._ask_for_rules(url, cause)
            except BudgetSpentError:
                raise
            except Exception as error:  # the attempt is on record; whatever it was, we know no rules
                logger.info("no robots file at %s: %s", url, error)
                return None
            if classify_robots(response.status, lower_headers(response), response.body):
                return None
            location = response.headers.get("Location")
            if response.status in REDIRECTS and location:
                url = urljoin(url, location.decode("latin-1"))
                if not self._spider.sources[visit.source_id].allows_file(url):
                    return None
                continue
            if response.status == 304:
                return Protego.parse(self._recorder.archived_body(url).decode("utf-8", "replace"))
            body = response.body[:MAX_ROBOTS_BYTES] if response.status == 200 else b""
            return Protego.parse(body.decode("utf-8", "replace"))
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
        self._spider.budgets[visit.source_id].asked += 1
        assert self._crawler.engine is not None  # noqa: S101 - there is one while requests are processed
        try:
            return await self._crawler.engine.download_async(asked)
        except Exception as error:
            # Everything else is on record; this is a body that could not be unpacked.
            if SETTLED not in asked.meta and not isinstance(error, BudgetSpentError):
                self._recorder.store(
                    FailedItem(asked.meta[VISIT], classify_unpacking(error), datetime.now(UTC), detail=str(error)[:500])
                )
            raise

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


class ExpansionMiddleware(_Middleware):
    """Bounds what a compressed body may unpack to by its own size, before Scrapy unpacks it."""

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._limit = crawler.settings.getint("DOWNLOAD_MAXSIZE")
        self._ratio = crawler.settings.getint("MAX_EXPANSION")
        self._floor = crawler.settings.getint("EXPANSION_FLOOR")

    def process_response(self, request: Request, response: Response) -> Response:
        """Set the bound that Scrapy's decompression keeps to."""
        if response.headers.get("Content-Encoding"):
            bound = max(self._floor, self._ratio * len(response.body))
            request.meta["download_maxsize"] = min(self._limit, bound)
        return response


class RefusingHostMiddleware(_Middleware):
    """Stops asking a host that refuses us, what is already queued for it included; stands next to the network."""

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._times = crawler.settings.getint("RETRY_TIMES")
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
        if request.meta[VISIT].kind != "robots" and not try_again_allowed(request, response, self._times):
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
    """Records every attempt that brought no page, and every robots file; marks what shall be tried again."""

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._times = crawler.settings.getint("RETRY_TIMES")

    @staticmethod
    def _stop_reason(request: Request, outcome: Outcome) -> str | None:
        """Why a list ends with this attempt; None for other pages, for tries and redirects that go on.

        A list that breaks off after its first page gets its reason from the spider, which knows how far it came.
        """
        walk = request.meta.get("walk")
        goes_on = outcome is Outcome.MOVED or request.meta.get(TRY_AGAIN, False)
        return outcome.value if walk is not None and not walk.pages and not goes_on else None

    def process_response(self, request: Request, response: Response) -> Response:
        """Record a response without a page (and robots files); leave pages to the spider."""
        visit: Visit = request.meta[VISIT]
        request.meta[EXCHANGE] = exchange = exchange_of(request, response)
        started, duration = moment_of_sending(exchange.fetched_at, request.meta.get("download_latency"))
        headers = lower_headers(response)
        outcome = classify_response(response.status, headers, response.body)
        if visit.kind == "robots" and classify_robots(response.status, headers, response.body):
            outcome = Outcome.ROBOTS_UNREACHABLE
        request.meta[SETTLED] = outcome
        request.meta[TRY_AGAIN] = try_again_allowed(request, response, self._times)
        if outcome is not None:
            stop = self._stop_reason(request, outcome)
            detail = headers.get("location") if outcome is Outcome.MOVED else None
            self._recorder.store(
                FailedItem(visit, outcome, started, duration, exchange, detail=detail, stop_reason=stop)
            )
            if outcome.is_block and not request.meta[TRY_AGAIN]:
                self._crawler.signals.send_catch_log(HOST_REFUSED, request=request, outcome=outcome)
        elif visit.kind == "robots":
            self._recorder.store(PageItem(visit, exchange, started, duration))
        return response

    def process_exception(self, request: Request, exception: Exception) -> None:
        """Record an attempt that ended in an error, or that was refused by robots or by an earlier refusal."""
        if self._recorder.fatal is not None:
            return
        visit: Visit = request.meta[VISIT]
        if isinstance(exception, BudgetSpentError):
            self._spider.budgets[visit.source_id].left += 1
            return
        if isinstance(exception, RefusedError):
            outcome, detail = exception.outcome, exception.detail
        else:
            named = classify_exception(exception)
            if named is None:
                raise exception
            host = urlsplit(request.url).hostname or ""
            refused = refused_answers.get(host) if named is Outcome.DNS_FAILED else None
            detail = f"not asked: {refused}" if refused else f"{type(exception).__name__}: {exception}"[:500]
            tried = request.meta.get(RETRY_TIMES_KEY, 0)
            request.meta[TRY_AGAIN] = not refused and is_worth_another_try(exception, tried, self._times)
            outcome = named
        request.meta[SETTLED] = outcome
        stop = self._stop_reason(request, outcome)
        self._recorder.store(FailedItem(visit, outcome, datetime.now(UTC), detail=detail, stop_reason=stop))
