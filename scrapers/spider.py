"""One spider over many sources: asks, lets pure functions read, hands on what came and asks what follows.

How lists, titles, outcomes and storage work belongs to the modules it calls.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urljoin, urlsplit

import scrapy
from scrapy import signals
from scrapy.crawler import Crawler
from scrapy.http import Request, Response

from scrapers.encoding import UndecodableError, decode
from scrapers.families import FAMILIES
from scrapers.families.common import ATTACHMENT, VSB_DOWNLOAD, Entry, WebPage, attachment_urls
from scrapers.items import FailedItem, PageItem, Visit
from scrapers.middlewares import SETTLED, VISIT, exchange_of
from scrapers.plan import SourcePlan, full_plan
from scrapers.recorder import Recorder, moment_of_sending
from scrapers.sources import SourceConfig
from scrapers.verdicts import is_soft_404
from scrapers.walk import ListWalk, Step, StopReason
from warehouse.ledger import CaptureKind
from warehouse.outcomes import Outcome

MAX_REDIRECTS = 5
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
            family, plan = FAMILIES[source.family], self.plans[source.source_id]
            for url in source.start_urls:
                walk = ListWalk(url, plan.list_pages, family.normalise_url, plan.is_partial)
                yield self._request(Visit(source.source_id, family.normalise_url(url), "list"), walk=walk)
            for page in plan.recheck:
                known = Visit(source.source_id, page.url, page.kind, page.list_url, page.list_title, page.list_date)
                for asked in self._ask(known):
                    yield asked

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
        source = self.sources[visit.source_id]
        visit = replace(visit, url=FAMILIES[source.family].normalise_url(visit.url))
        key = (visit.source_id, visit.url)
        if key in self._asked or visit.url in self.plans[visit.source_id].resting:
            return
        self._asked.add(key)
        if source.allows(visit.url):
            yield self._request(visit)
        else:
            yield FailedItem(visit, Outcome.OFF_SITE, datetime.now(UTC), detail="host not of this source")

    def _item(self, response: Response) -> PageItem:
        request = response.request
        assert request is not None  # noqa: S101 - Scrapy sets it before calling back
        exchange = exchange_of(request, response)
        started, duration = moment_of_sending(exchange.fetched_at, request.meta.get("download_latency"))
        return PageItem(request.meta[VISIT], exchange, started, duration)

    def _body(self, response: Response) -> bytes:
        return self.recorder.archived_body(response.url) if response.status == 304 else response.body

    def _readable(self, response: Response) -> Iterator[tuple[PageItem, WebPage]]:
        """Yield the page once if it can be read; otherwise record why not and yield nothing."""
        item, body = self._item(response), self._body(response)
        stop = StopReason.UNREADABLE.value if item.visit.kind == "list" else None
        if is_binary(body) or item.visit.kind == "attachment":
            self.recorder.store(replace(item, visit=replace(item.visit, kind="attachment")))
            return
        try:
            options = self.sources[item.visit.source_id].options
            page = WebPage(response.url, decode(body), options, item.visit.form)
        except UndecodableError as error:
            self.recorder.store(replace(item, outcome=Outcome.BAD_ENCODING, detail=str(error), stop_reason=stop))
            return
        if is_soft_404(page.text):
            self.recorder.store(
                FailedItem(
                    item.visit, Outcome.SOFT_404, item.started_at, item.duration_ms, item.exchange, stop_reason=stop
                )
            )
            return
        yield item, page

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
                yield self._failed_to_read(item, error, StopReason.UNREADABLE)
                continue
            if not list_page.recognised:
                stop = StopReason.UNREADABLE.value
                yield replace(item, outcome=Outcome.LAYOUT_CHANGED, detail="no list found", stop_reason=stop)
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
        family = FAMILIES[self.sources[listed.source_id].family]
        for entry in wanted:
            self._wanted[listed.source_id].add(family.normalise_url(entry.url))
            yield from self._ask(
                Visit(listed.source_id, entry.url, kind_of(entry.url), listed.url, entry.title, entry.date)
            )

    def _ask_next(self, listed: Visit, step: Step, walk: ListWalk) -> Iterator[Output]:
        following = step.next_page
        if following is None:
            return
        form = None if following.method == "GET" and not following.headers else following
        visit = Visit(listed.source_id, following.url, "list", list_url=listed.url, form=form)
        if self.sources[listed.source_id].allows(following.url):
            yield self._request(visit, walk=walk)
        else:
            yield FailedItem(
                visit,
                Outcome.OFF_SITE,
                datetime.now(UTC),
                detail="next page not on a host of this source",
                stop_reason=StopReason.OFF_SITE.value,
            )

    def parse_page(self, response: Response) -> Iterator[Output]:
        """Hand on an article or a file; ask for an article's further pages and files."""
        if response.meta[SETTLED] is not None:
            yield from self._follow_redirect(response)
            return
        for item, page in self._readable(response):
            yield item
            if item.visit.kind != "article":
                continue
            family = FAMILIES[self.sources[item.visit.source_id].family]
            further = replace(item.visit, list_url=item.visit.url)
            for url in family.continuation_urls(page):
                yield from self._ask(replace(further, url=url, kind="continuation"))
            for url in attachment_urls(page):
                yield from self._ask(replace(further, url=url, kind="attachment"))

    @staticmethod
    def _failed_to_read(item: PageItem, error: Exception, stop: StopReason) -> PageItem:
        detail = f"{type(error).__name__}: {error}"[:500]
        return replace(item, outcome=Outcome.PARSE_FAILED, detail=detail, stop_reason=stop.value)

    def _follow_redirect(self, response: Response) -> Iterator[Output]:
        """Ask for a redirect's target, if it lies on a host of the source; every other settled outcome ends here."""
        location = response.headers.get("Location")
        if response.meta[SETTLED] is not Outcome.MOVED or not location:
            return
        visit: Visit = response.meta[VISIT]
        source = self.sources[visit.source_id]
        target = FAMILIES[source.family].normalise_url(urljoin(response.url, location.decode("latin-1")))
        moved, redirects = replace(visit, url=target, form=None), response.meta["redirects"] + 1
        if not source.allows(target):
            yield FailedItem(moved, Outcome.OFF_SITE, datetime.now(UTC), detail=f"redirected from {visit.url}")
        elif redirects > MAX_REDIRECTS:
            detail = f"more than {MAX_REDIRECTS} redirects"
            yield FailedItem(moved, Outcome.MOVED, datetime.now(UTC), detail=detail)
        else:
            yield self._request(moved, walk=response.meta["walk"], redirects=redirects)

    def note_error(self, failure: Any) -> None:
        """Record an error that no middleware has recorded, such as a body that cannot be decompressed."""
        if failure.request.meta.get(SETTLED) is None:
            self._note_failure(failure.request.meta[VISIT], failure.value)

    def note_crash(self, failure: Any, response: Response) -> None:
        """Record an error of our own while following a page; the page itself may be archived already."""
        self._note_failure(response.meta[VISIT], failure.value)

    def _note_failure(self, visit: Visit, error: BaseException) -> None:
        detail = f"{type(error).__name__}: {error}"[:500]
        self.recorder.store(FailedItem(visit, Outcome.PARSE_FAILED, datetime.now(UTC), detail=detail))

    def closed(self, reason: str) -> None:
        """Record the sources whose number of wanted entries is not believable, if the crawl came to its end."""
        self.close_reason = reason
        if reason != FINISHED:
            return
        for source_id in sorted(self._lists_read):
            bounds, wanted = self.sources[source_id].candidates, len(self._wanted[source_id])
            too_few = wanted < bounds[0] and not self.plans[source_id].is_partial if bounds else False
            if bounds and (too_few or wanted > bounds[1]):
                visit = Visit(source_id, self.sources[source_id].start_urls[0], "list")
                detail = f"{wanted} wanted entries, {bounds[0]} to {bounds[1]} expected"
                self.recorder.store(FailedItem(visit, Outcome.LIST_INCOMPLETE, datetime.now(UTC), detail=detail))

    def failed_sources(self) -> list[str]:
        """Ids of the sources of which no list could be read."""
        return sorted(set(self.sources) - self._lists_read)
