"""Asking once more after a stumble: when, how long to wait, and never where a host said no.

403, 412 and 521 mean no and are never asked again; 429 and server errors mean "later". The whole host waits, not
only the page, so a host in trouble gets fewer requests; other hosts are not delayed.
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from time import monotonic
from typing import TYPE_CHECKING

from scrapy.http import Response

from scrapers.verdicts import classify_block, classify_exception
from warehouse.outcomes import Outcome

if TYPE_CHECKING:
    from scrapy import Request
    from scrapy.crawler import Crawler

RETRY_TIMES_KEY = "retry_times"
TRY_AGAIN = "will_be_tried_again"
SETTLED = "settled_outcome"
RETRY_STATUSES = frozenset({408, 429, 500, 502, 503, 504})
RETRY_OUTCOMES = frozenset({Outcome.TIMEOUT, Outcome.CONNECTION_FAILED})
WAIT_FACTOR = 10.0
"""The first wait is this many times the host's delay (30 s after the usual 3), the second twice as long."""
MAX_RETRY_AFTER = 300.0
"""A host that asks for a longer pause (in seconds) is left for another night."""


def retry_after(headers: Mapping[str, str], now: datetime) -> float | None:
    """The pause that a host asks for, in seconds, from a number or a date; None when it asks for none."""
    value = headers.get("retry-after", "").strip()
    if not value:
        return None
    if value.isdecimal():
        return float(value[:9])
    try:
        moment = parsedate_to_datetime(value)
    except ValueError:
        return None
    return max(0.0, ((moment if moment.tzinfo else moment.replace(tzinfo=UTC)) - now).total_seconds())


def may_try_again(status: int, headers: Mapping[str, str], body: bytes, tried: int, times: int) -> bool:
    """Whether a response is worth another try.

    Args:
        status: HTTP status.
        headers: response headers, names in lower case.
        body: payload.
        tried: tries that were made again before.
        times: how often to try again at most.
    """
    if status not in RETRY_STATUSES or tried >= times:
        return False
    if classify_block(status, headers, body) not in (None, Outcome.BLOCKED_RATE_LIMITED):
        return False
    return (retry_after(headers, datetime.now(UTC)) or 0.0) <= MAX_RETRY_AFTER


def back_off(tried: int, delay: float, asked_for: float | None, jitter: float) -> float:
    """How many seconds to leave a host alone.

    Args:
        tried: tries that were made again before, 0 for the first.
        delay: the host's usual delay.
        asked_for: the host's own wish; the wait is never shorter.
        jitter: between 0 and 1, spreads the tries: half to one and a half times the wait.
    """
    waited: float = WAIT_FACTOR * delay * 2**tried * (0.5 + jitter)
    return max(waited, (asked_for or 0.0) * (1 + jitter / 10))


class BackOffMiddleware:
    """Asks again what ``AttemptMiddleware`` has marked, after leaving the host alone for a while."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._random = random.Random()  # noqa: S311 - spreads load, guards nothing

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> BackOffMiddleware:
        """Build the middleware for a crawler."""
        return cls(crawler)

    def process_response(self, request: Request, response: Response) -> Request | Response:
        """Replace a response that is marked to be tried again by the new request."""
        if not request.meta.pop(TRY_AGAIN, False):
            return response
        headers = {
            name.decode("latin-1").lower(): values[-1].decode("latin-1") for name, values in response.headers.items()
        }
        return self._again(request, retry_after(headers, datetime.now(UTC)))

    def process_exception(self, request: Request, exception: Exception) -> Request | None:  # noqa: ARG002
        """Replace an error that is marked to be tried again by the new request."""
        return self._again(request, None) if request.meta.pop(TRY_AGAIN, False) else None

    def _again(self, request: Request, asked_for: float | None) -> Request:
        tried = request.meta.get(RETRY_TIMES_KEY, 0)
        assert self._crawler.engine is not None  # noqa: S101 - there is one while responses are processed
        slot = self._crawler.engine.downloader.slots.get(request.meta["download_slot"])
        if slot is not None:
            wait = back_off(tried, slot.delay, asked_for, self._random.random())
            slot.lastseen = max(slot.lastseen, monotonic() + wait)
        again = request.copy()
        again.meta[RETRY_TIMES_KEY] = tried + 1
        again.meta.pop(SETTLED, None)
        again.priority = request.priority + 1  # before what waits for this host: the page belongs to this moment
        return again


def is_worth_another_try(error: BaseException, tried: int, times: int) -> bool:
    """Whether a failed download is worth another try."""
    return tried < times and classify_exception(error) in RETRY_OUTCOMES
