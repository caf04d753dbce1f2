"""One spider over many sources: asks, lets pure functions read, hands on what came and asks what follows.

How lists, titles, outcomes and storage work belongs to the modules it calls.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from string import punctuation
from time import monotonic
from typing import Any
from urllib.parse import quote, urljoin, urlsplit

import scrapy
from scrapy import signals
from scrapy.crawler import Crawler
from scrapy.http import Request, Response

from scrapers.addresses import without_session
from scrapers.budget import Budget
from scrapers.encoding import UndecodableError, decode
from scrapers.families import FAMILIES
from scrapers.families.common import ATTACHMENT, VSB_DOWNLOAD, Entry, WebPage, attachment_urls
from scrapers.guard import refusal_of_url
from scrapers.items import FailedItem, PageItem, Visit
from scrapers.layouts import layout_change
from scrapers.middlewares import EXCHANGE, VISIT, BudgetSpentError
from scrapers.plan import SourcePlan, full_plan
from scrapers.recorder import Recorder, moment_of_sending
from scrapers.retry import SETTLED
from scrapers.sources import SourceConfig
from scrapers.verdicts import DEEPEST_NESTING, MOST_LINKS, classify_unpacking, count_links, is_too_deep, stands_in
from scrapers.walk import ListWalk, Step, StopReason
from warehouse.ledger import CaptureKind
from warehouse.outcomes import Outcome

MAX_REDIRECTS = 5
MAX_PAGE_BYTES = 10 * 1024 * 1024
"""A page to be looked into for links is smaller; files may have the whole of the download limit."""
LONGEST_TITLE = 500
"""Characters of a list title that are kept; what is longer is no title."""
FINISHED = "finished"
"""Scrapy's reason for closing a spider that has nothing left to ask."""

BINARY_STARTS = (b"%PDF", b"PK\x03\x04", b"\xd0\xcf\x11\xe0", b"Rar!")  # PDF, DOCX/OFD/ZIP, DOC/WPS, RAR

Output = Request | PageItem | FailedItem


def is_binary(body: bytes) -> bool:
    """Whether a body is a file to be kept as it is, not a page to be looked into for links."""
    return body.startswith(BINARY_STARTS)


def kind_of(url: str) -> CaptureKind:
    """What an entry of a list leads to: a file by its ending, else an article."""
    path = urlsplit(url).path
    return "attachment" if ATTACHMENT.search(path) or VSB_DOWNLOAD.search(path) else "article"


def _readable_text(body: bytes) -> str:
    """The text of a page; none of a file or of bytes that cannot be decoded."""
    with suppress(UndecodableError):
        return "" if is_binary(body) else decode(body)
    return ""


class PortalSpider(scrapy.Spider):
    """Walks the lists of every source and fetches what their title rules want.

    Args:
        sources: the portals to crawl.
        recorder: where attempts and pages are stored.
        plans: what to do with a source tonight, by its id; one without a plan is read in full.
    """

    name = "portal"

    def __init__(
        self,
        sources: Sequence[SourceConfig],
        recorder: Recorder,
        plans: Mapping[str, SourcePlan] | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.sources = {source.source_id: source for source in sources}
        self.plans = {source.source_id: full_plan(source) for source in sources} | dict(plans or {})
        self.recorder = recorder
        self.budgets = {source.source_id: Budget(source.max_requests, float(source.max_seconds)) for source in sources}
        self._asked: set[tuple[str, str]] = set()
        self._wanted: dict[str, set[str]] = {source.source_id: set() for source in sources}
        self._lists_read: set[str] = set()
        self.close_reason: str | None = None

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> PortalSpider:
        """Build the spider for a crawler and listen for its errors."""
        spider = super().from_crawler(crawler, *args, **kwargs)
        crawler.signals.connect(spider.note_crash, signal=signals.spider_error)
        return spider

    async def start(self) -> AsyncIterator[Any]:
        """Ask for the first page of every list, then for the known pages that are due to be looked at again."""
        for source in self.sources.values():
            plan, normalise = self.plans[source.source_id], partial(self._canonical, source.source_id)
            for url in source.start_urls:
                walk = ListWalk(url, plan.list_pages, normalise, plan.is_partial)
                for first in self._send(Visit(source.source_id, normalise(url), "list"), walk=walk):
                    yield first
            for page in plan.recheck:
                known = Visit(source.source_id, page.url, page.kind, page.list_url, page.list_title, page.list_date)
                for asked in self._ask(known):
                    yield asked

    def _send(self, visit: Visit, *, walk: ListWalk | None = None, redirects: int = 0) -> Iterator[Request]:
        """Make a request, if the source's budget has room for it."""
        if self.budgets[visit.source_id].admit(monotonic()):
            yield self._request(visit, walk=walk, redirects=redirects)

    def _canonical(self, source_id: str, url: str) -> str:
        """The one address of a page.

        Raises:
            ValueError: it is no address at all.
        """
        return FAMILIES[self.sources[source_id].family].normalise_url(without_session(url))

    def _refusal(self, visit: Visit) -> str | None:
        """Say why an address is not of this source; None when it may be asked."""
        source = self.sources[visit.source_id]
        allowed = source.allows_file(visit.url) if visit.kind == "attachment" else source.allows(visit.url)
        if allowed:
            return None
        return refusal_of_url(visit.url, loopback_allowed=source.is_sample) or "host not of this source"

    def _request(self, visit: Visit, *, walk: ListWalk | None = None, redirects: int = 0) -> Request:
        source = self.sources[visit.source_id]
        asked = visit.request
        return Request(
            visit.url,
            method=asked.method,
            body=asked.body,
            headers=dict(asked.headers),
            callback=self.parse_list if visit.kind == "list" else self.parse_page,
            errback=self.note_error,
            meta={
                VISIT: visit,
                "walk": walk,
                "redirects": redirects,
                "handle_httpstatus_all": True,
                "download_slot": urlsplit(visit.url).netloc,
                "autothrottle_dont_adjust_delay": source.is_sample,
            },
        )

    def _ask(self, visit: Visit) -> Iterator[Output]:
        """Ask for a page once per run, unless it lies off the source's hosts."""
        try:
            visit = replace(visit, url=self._canonical(visit.source_id, visit.url))
        except ValueError as error:
            yield FailedItem(visit, Outcome.OFF_SITE, datetime.now(UTC), detail=f"not asked: no address: {error}")
            return
        key = (visit.source_id, visit.url)
        if key in self._asked or visit.url in self.plans[visit.source_id].resting:
            return
        self._asked.add(key)
        refusal = self._refusal(visit)
        if refusal is None:
            yield from self._send(visit)
        else:
            yield FailedItem(visit, Outcome.OFF_SITE, datetime.now(UTC), detail=f"not asked: {refusal}")

    def _item(self, response: Response) -> PageItem:
        request = response.request
        assert request is not None  # noqa: S101 - Scrapy sets it before calling back
        exchange = request.meta[EXCHANGE]
        started, duration = moment_of_sending(exchange.fetched_at, request.meta.get("download_latency"))
        return PageItem(request.meta[VISIT], exchange, started, duration)

    def _body(self, response: Response) -> bytes:
        return self.recorder.archived_body(response.url) if response.status == 304 else response.body

    def _readable(self, response: Response) -> Iterator[tuple[PageItem, WebPage]]:
        """Yield the page once if it can be read; otherwise record why not and yield nothing."""
        item, body = self._item(response), self._body(response)
        if is_binary(body) or item.visit.kind == "attachment":
            if response.meta["walk"] is None:
                self.recorder.store(replace(item, visit=replace(item.visit, kind="attachment")))
            else:
                self._fail(item, response, Outcome.LAYOUT_CHANGED, "a file in place of a list")
            return
        if len(body) > MAX_PAGE_BYTES:
            self._fail(item, response, Outcome.TOO_LARGE, f"a page of {len(body)} bytes")
            return
        try:
            text = decode(body)
        except UndecodableError as error:
            self._fail(item, response, Outcome.BAD_ENCODING, str(error))
            return
        if is_too_deep(text):
            self._fail(item, response, Outcome.PARSE_FAILED, f"nested more than {DEEPEST_NESTING} elements deep")
            return
        if (links := count_links(text)) > MOST_LINKS:
            self._fail(item, response, Outcome.TOO_LARGE, f"a page of {links} links")
            return
        substitute = stands_in(response.url, text, empty_allowed=response.meta["walk"] is not None)
        if substitute is not None:
            outcome, detail = substitute
            failed = FailedItem(item.visit, outcome, item.started_at, item.duration_ms, item.exchange, detail=detail)
            self.recorder.store(replace(failed, stop_reason=self._stop_of_first(response, StopReason.UNREADABLE)))
            self._break_off(response, outcome)
            return
        yield item, WebPage(response.url, text, self.sources[item.visit.source_id].options, item.visit.form)

    def _fail(self, item: PageItem, response: Response, outcome: Outcome, detail: str) -> None:
        """Keep a page that is not what it should be, and end its list if it is one."""
        stop = self._stop_of_first(response, StopReason.UNREADABLE)
        self.recorder.store(replace(item, outcome=outcome, detail=detail[:500], stop_reason=stop))
        self._break_off(response, outcome)

    @staticmethod
    def _stop_of_first(response: Response, reason: StopReason) -> str | None:
        """The reason to be written beside the first page of a list; later pages get an account of the whole list."""
        walk: ListWalk | None = response.meta["walk"]
        return reason.value if walk is not None and not walk.pages else None

    def _break_off(self, asked: Response | Request, outcome: Outcome) -> None:
        """Record that a list ended in the middle, with the figures; nothing for first pages and other pages."""
        walk: ListWalk | None = asked.meta["walk"]
        if walk is None or not walk.pages:
            return
        detail = walk.broken_off(outcome.value)
        visit = replace(asked.meta[VISIT], url=walk.start_url)
        self.recorder.store(
            FailedItem(
                visit,
                Outcome.LIST_INCOMPLETE,
                datetime.now(UTC),
                detail=detail,
                stop_reason=StopReason.DEAD_PAGE.value,
            )
        )

    def parse_list(self, response: Response) -> Iterator[Output]:
        """Read a list page; ask for the wanted entries and for the next page."""
        if response.meta[SETTLED] is not None:
            yield from self._follow_redirect(response)
            return
        for item, page in self._readable(response):
            source = self.sources[item.visit.source_id]
            walk: ListWalk = response.meta["walk"]
            try:
                list_page = FAMILIES[source.family].read_list(page)
            except Exception as error:
                self._fail(item, response, Outcome.PARSE_FAILED, f"{type(error).__name__}: {error}")
                continue
            if not list_page.recognised:
                self._fail(item, response, Outcome.LAYOUT_CHANGED, "no list found")
                continue
            self._lists_read.add(source.source_id)
            step = walk.take(item.visit.request.key, list_page)
            wanted = [entry for entry in step.entries if source.titles.wants(entry.title)]
            walk.wanted += len(wanted)
            yield self._list_item(replace(item, list_page=list_page), step, walk)
            yield from self._ask_entries(item.visit, wanted)
            yield from self._ask_next(item.visit, step, walk)

    @staticmethod
    def _list_item(item: PageItem, step: Step, walk: ListWalk) -> PageItem:
        if step.stop_reason is None:
            return item
        item = replace(item, stop_reason=step.stop_reason.value)
        if step.shortfall:
            return replace(item, outcome=Outcome.LIST_INCOMPLETE, detail=step.shortfall)
        if walk.wanted == 0 and step.stop_reason is not StopReason.PLANNED_DEPTH:
            detail = f"{walk.entries_parsed} entries, none wanted"
            return replace(item, outcome=Outcome.NOT_PUBLISHED_YET, detail=detail)
        return item

    def _ask_entries(self, listed: Visit, wanted: list[Entry]) -> Iterator[Output]:
        for entry in wanted:
            self._wanted[listed.source_id].add(entry.url)
            yield from self._ask(
                Visit(
                    listed.source_id, entry.url, kind_of(entry.url), listed.url, entry.title[:LONGEST_TITLE], entry.date
                )
            )

    def _ask_next(self, listed: Visit, step: Step, walk: ListWalk) -> Iterator[Output]:
        following = step.next_page
        if following is None:
            return
        form = None if following.method == "GET" and not following.headers else following
        visit = Visit(listed.source_id, following.url, "list", list_url=listed.url, form=form)
        refusal = self._refusal(visit)
        if refusal is not None:
            self._off_list(visit, refusal)
            return
        sent = list(self._send(visit, walk=walk))
        if not sent:
            self.recorder.store(
                FailedItem(
                    replace(visit, url=walk.start_url),
                    Outcome.LIST_INCOMPLETE,
                    datetime.now(UTC),
                    detail=f"the budget is spent: {walk.figures}",
                    stop_reason=StopReason.BUDGET_SPENT.value,
                )
            )
        yield from sent

    def _off_list(self, visit: Visit, refusal: str) -> None:
        self.recorder.store(
            FailedItem(
                visit,
                Outcome.OFF_SITE,
                datetime.now(UTC),
                detail=f"next page not asked: {refusal}",
                stop_reason=StopReason.OFF_SITE.value,
            )
        )

    def parse_page(self, response: Response) -> Iterator[Output]:
        """Hand on an article or a file; ask for an article's further pages and files."""
        if response.meta[SETTLED] is not None:
            yield from self._follow_redirect(response)
            return
        for item, page in self._readable(response):
            if item.visit.kind != "article":
                yield item
                continue
            source = self.sources[item.visit.source_id]
            family = FAMILIES[source.family]
            change = self._layout_change(source, item, page)
            yield replace(item, outcome=Outcome.LAYOUT_CHANGED, detail=change) if change else item
            further = replace(item.visit, list_url=item.visit.url)
            for url in family.continuation_urls(page):
                yield from self._ask(replace(further, url=url, kind="continuation"))
            for url in attachment_urls(page):
                yield from self._ask(replace(further, url=url, kind="attachment"))

    def _layout_change(self, source: SourceConfig, item: PageItem, page: WebPage) -> str | None:
        """Say that an article has lost its family's body; only of bytes that are new, for it is said once."""
        if item.exchange.status == 304:
            return None
        earlier = (_readable_text(body) for body in self.recorder.earlier_articles(source.source_id))
        change = layout_change(source.family, page.text, earlier)
        return change if change and self.recorder.is_new(item.exchange) else None

    def _follow_redirect(self, response: Response) -> Iterator[Output]:
        """Ask for a redirect's target, if it lies on a host of the source; every other settled outcome ends here."""
        outcome: Outcome = response.meta[SETTLED]
        location = response.headers.get("Location")
        if outcome is not Outcome.MOVED or not location:
            self._break_off(response, outcome)
            return
        visit, redirects = response.meta[VISIT], response.meta["redirects"] + 1
        stop = StopReason.OFF_SITE.value if response.meta["walk"] is not None else None
        failed = FailedItem(visit, Outcome.OFF_SITE, datetime.now(UTC), stop_reason=stop)
        try:
            target = self._canonical(visit.source_id, urljoin(response.url, quote(location, safe=punctuation)))
        except ValueError as error:
            yield replace(failed, detail=f"redirected from {visit.url} to no address: {error}")
            return
        moved = replace(visit, url=target, form=None)
        refusal = self._refusal(moved)
        if refusal is not None:
            yield replace(failed, visit=moved, detail=f"redirected from {visit.url}, not asked: {refusal}")
        elif redirects > MAX_REDIRECTS:
            detail = f"more than {MAX_REDIRECTS} redirects"
            yield replace(failed, visit=moved, outcome=Outcome.MOVED, detail=detail)
        else:
            yield from self._send(moved, walk=response.meta["walk"], redirects=redirects)

    def note_error(self, failure: Any) -> None:
        """Record an error that no middleware has recorded, such as a body that cannot be decompressed."""
        request: Request = failure.request
        if isinstance(failure.value, BudgetSpentError):
            return
        outcome: Outcome | None = request.meta.get(SETTLED)
        if outcome is None:
            outcome = classify_unpacking(failure.value)
            walk: ListWalk | None = request.meta["walk"]
            stop = outcome.value if walk is not None and not walk.pages else None
            self._note_failure(request.meta[VISIT], failure.value, outcome, stop)
        self._break_off(request, outcome)

    def note_crash(self, failure: Any, response: Response) -> None:
        """Record an error of our own while following a page; the page itself may be archived already."""
        self._note_failure(response.meta[VISIT], failure.value, Outcome.PARSE_FAILED, None)

    def _note_failure(self, visit: Visit, error: BaseException, outcome: Outcome, stop: str | None) -> None:
        detail = f"{type(error).__name__}: {error}"[:500]
        self.recorder.store(FailedItem(visit, outcome, datetime.now(UTC), detail=detail, stop_reason=stop))

    def closed(self, reason: str) -> None:
        """Record what only the whole crawl can show, if it came to its end: one row for each doubt about a source."""
        self.close_reason = reason
        if reason != FINISHED:
            return
        for source_id, source in sorted(self.sources.items()):
            for detail, stop in self._doubts(source):
                visit = Visit(source_id, source.start_urls[0], "list")
                item = FailedItem(visit, Outcome.LIST_INCOMPLETE, datetime.now(UTC), detail=detail, stop_reason=stop)
                self.recorder.store(item)

    def _doubts(self, source: SourceConfig) -> Iterator[tuple[str, str | None]]:
        """Say why what a source brought is not believable or not all, in words and figures; and what ended it."""
        wanted = len(self._wanted[source.source_id])
        shortfall = self.budgets[source.source_id].shortfall
        if shortfall is not None:
            yield shortfall, StopReason.BUDGET_SPENT.value
        if source.source_id not in self._lists_read:
            return
        is_partial = self.plans[source.source_id].is_partial
        known = 0 if wanted or is_partial else self.recorder.pages_of_earlier_runs(source.source_id)
        if known:
            yield f"no wanted entry, where earlier runs brought {known} pages and files", None
        bounds = source.candidates
        too_few = wanted < bounds[0] and not is_partial if bounds else False
        if bounds and (too_few or wanted > bounds[1]):
            yield f"{wanted} wanted entries, {bounds[0]} to {bounds[1]} expected", None

    def failed_sources(self) -> list[str]:
        """Ids of the sources of which no list could be read."""
        return sorted(set(self.sources) - self._lists_read)
