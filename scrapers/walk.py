"""Walking a list page by page: what is new on a page, where to go next, and why the walk ended.

Pure bookkeeping over pages already read; fetching and recording do not belong here.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum

from scrapers.families.common import Entry, ListPage, PageRequest
from warehouse.history import BUDGET_SPENT, PLANNED_DEPTH

STALE_PAGES_ALLOWED = 1
"""Pages without anything new that do not yet end a walk: some proxies repeat the group that the page itself held."""


class StopReason(StrEnum):
    """Why a list was not followed any further."""

    END_REACHED = "end_reached"
    PAGE_LIMIT = "page_limit"
    PLANNED_DEPTH = PLANNED_DEPTH
    REPEATED_PAGE = "repeated_page"
    EMPTY_PAGE = "empty_page"
    OFF_SITE = "off_site"
    UNREADABLE = "unreadable"
    DEAD_PAGE = "dead_page"
    BUDGET_SPENT = BUDGET_SPENT


@dataclass(frozen=True)
class Step:
    """What one page adds to a walk.

    Attributes:
        entries: those not seen on earlier pages, by normalised address.
        next_page: what to ask for next; None at the end.
        stop_reason: set exactly when ``next_page`` is None.
        shortfall: what is missing, when the list declares or shows more than was read; None when nothing is.
    """

    entries: tuple[Entry, ...]
    next_page: PageRequest | None
    stop_reason: StopReason | None
    shortfall: str | None


@dataclass
class ListWalk:
    """The state of one list while its pages come in.

    Attributes:
        start_url: the first page.
        max_pages: pages read at most.
        normalise: gives the one address of an entry, so that it counts once.
        is_partial: whether the list is left early on purpose, as the night's plan says.
        wanted: entries that the title rule wanted so far; counted by the owner of the walk.
    """

    start_url: str
    max_pages: int
    normalise: Callable[[str], str]
    is_partial: bool = False
    wanted: int = 0
    _pages: int = 0
    _stale: int = 0
    _declared_total: int | None = None
    _declared_pages: int | None = None
    _skipped: list[str] = field(default_factory=list)
    _page_keys: set[str] = field(default_factory=set)
    _entry_urls: set[str] = field(default_factory=set)

    def take(self, key: str, page: ListPage) -> Step:
        """Add a page to the walk.

        Args:
            key: what tells the page's request from others: :attr:`PageRequest.key`.
            page: what it held.
        """
        self._pages += 1
        self._page_keys.add(key)
        self._skipped += page.skipped
        self._declared_total = page.declared_total or self._declared_total
        self._declared_pages = page.declared_pages or self._declared_pages
        fresh = self._fresh(page)
        self._stale = 0 if fresh else self._stale + bool(page.entries)
        stop = self._stop_reason(page)
        return Step(
            entries=fresh,
            next_page=None if stop else page.next_page,
            stop_reason=stop,
            shortfall=self._shortfall(stop) if stop else None,
        )

    def _fresh(self, page: ListPage) -> tuple[Entry, ...]:
        fresh: list[Entry] = []
        for entry in page.entries:
            try:
                key = self.normalise(entry.url)
            except ValueError:  # no address at all: it stands for itself, and whoever asks for it will say so
                key = entry.url
            if key not in self._entry_urls:
                self._entry_urls.add(key)
                fresh.append(entry)
        return tuple(fresh)

    def _stop_reason(self, page: ListPage) -> StopReason | None:
        if self._stale > STALE_PAGES_ALLOWED or (page.next_page and page.next_page.key in self._page_keys):
            return StopReason.REPEATED_PAGE
        if page.next_page is None:
            return StopReason.END_REACHED
        if not page.entries and self._pages > 1:
            return StopReason.EMPTY_PAGE
        if self._pages < self.max_pages:
            return None
        return StopReason.PLANNED_DEPTH if self.is_partial else StopReason.PAGE_LIMIT

    def _shortfall(self, stop: StopReason) -> str | None:
        if stop is StopReason.REPEATED_PAGE:
            return f"a page repeated instead of going on: {self.figures}"
        if self._skipped:
            return f"{len(self._skipped)} entries unusable: {self._skipped[0]}"
        if stop in {StopReason.PAGE_LIMIT, StopReason.PLANNED_DEPTH}:
            return None
        if self._declared_total is not None and len(self._entry_urls) != self._declared_total:
            return f"{self._declared_total} entries declared, {len(self._entry_urls)} read"
        if self._declared_pages is not None and self._pages < self._declared_pages:
            return f"{self._declared_pages} pages declared, {self._pages} read"
        return None

    def broken_off(self, reason: str) -> str:
        """What is missing when a page after the first could not be had, in words.

        Args:
            reason: what came of that page.
        """
        return f"page {self._pages + 1} is {reason}: {self.figures}"

    @property
    def figures(self) -> str:
        """Pages and entries, read and declared, in words."""

        def of(read: int, declared: int | None) -> str:
            return f"{read}" if declared is None else f"{read} of {declared} declared"

        pages, entries = of(self._pages, self._declared_pages), of(len(self._entry_urls), self._declared_total)
        return f"{pages} pages and {entries} entries read"

    @property
    def pages(self) -> int:
        """Pages read so far."""
        return self._pages

    @property
    def entries_parsed(self) -> int:
        """Different entries read so far."""
        return len(self._entry_urls)

    @property
    def entries_declared(self) -> int | None:
        """Entries that the list says it has, if it says so."""
        return self._declared_total
