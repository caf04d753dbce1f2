"""What the spider hands over for storing: pages that came, and links that were not asked.

Plain values only; storing them is the recorder's work.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from scrapers.families.common import ListPage, PageRequest
from warehouse.archive import Exchange
from warehouse.ledger import CaptureKind
from warehouse.outcomes import Outcome


@dataclass(frozen=True)
class Visit:
    """An address to ask, and why.

    Attributes:
        source_id: the source it belongs to.
        url: normalised address.
        kind: what is expected there.
        list_url: the list page (for continuations and attachments: the article) that led here.
        list_title: full title of the entry that led here.
        list_date: date beside that entry.
        form: the whole request, where it takes more than the address.
    """

    source_id: str
    url: str
    kind: CaptureKind
    list_url: str | None = None
    list_title: str | None = None
    list_date: date | None = None
    form: PageRequest | None = None

    @property
    def request(self) -> PageRequest:
        """What to send."""
        return self.form or PageRequest(self.url)


@dataclass(frozen=True)
class PageItem:
    """A response that carries a page (200, or 304 for one that is archived).

    Attributes:
        visit: what was asked and why.
        exchange: request and response.
        started_at: when the request was sent (aware).
        duration_ms: until the response's head had arrived; None when not measured.
        outcome: set when the page came but is not what it should be; None lets the archive decide between
            fetched, unchanged and not modified.
        detail: for people, in words.
        stop_reason: why a list ended with this page.
        list_page: what a list page held.
    """

    visit: Visit
    exchange: Exchange
    started_at: datetime
    duration_ms: int | None
    outcome: Outcome | None = None
    detail: str | None = None
    stop_reason: str | None = None
    list_page: ListPage | None = None


@dataclass(frozen=True)
class FailedItem:
    """An attempt that brought nothing to keep as a capture, or that was not made at all (a link off the site)."""

    visit: Visit
    outcome: Outcome
    started_at: datetime
    duration_ms: int | None = None
    exchange: Exchange | None = None
    detail: str | None = None
    stop_reason: str | None = None
