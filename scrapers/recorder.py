"""Stores what the crawl brings: bytes into the archive first, then one row of the ledger about it.

Deciding what came of a page belongs here only as far as storage can tell: new, unchanged or not modified.
"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from scrapers.items import FailedItem, PageItem, Visit
from warehouse.archive import ArchiveError, ArchiveWriter, Exchange, Location, read_payload
from warehouse.ledger import CaptureRow, Ledger, ListFingerprintRow, NewAttempt, capture_id_for
from warehouse.outcomes import Outcome
from warehouse.paths import Home

logger = logging.getLogger(__name__)

EARLIER_ARTICLES = 5
"""How many articles of earlier runs a new one is compared with."""
GROUP_SIZE = 64
GROUP_SECONDS = 0.2
"""Attempts are written in groups: so many at a time, none later than this. What a killed crawl leaves in the archive
without a row is asked for again, and no row ever speaks of bytes that are not on the disk."""


def header(exchange: Exchange, name: str) -> str | None:
    """The last value of a response header; None when it was not sent or is empty."""
    values = [value for key, value in exchange.response_headers if key.lower() == name.lower()]
    return values[-1] or None if values else None


LONGEST_DETAIL = 500


def printable(text: str) -> str:
    """Words for people, which may quote a portal: of bounded length, and without what could steer a terminal."""
    return "".join(letter if letter.isprintable() else " " for letter in text[:LONGEST_DETAIL])


class Recorder:
    """The crawl's only way to archive and ledger.

    Attributes:
        outcomes: attempts of this run by outcome.
        pages: responses that carried a page.
        captures_new: captures made.
        not_modified: answers 304.
        unchanged: pages whose bytes were already archived.
        fatal: the first error of storing; when set, the crawl must end.
    """

    def __init__(self, home: Home, ledger: Ledger, archive: ArchiveWriter, run_id: str) -> None:
        self._home = home
        self._ledger = ledger
        self._archive = archive
        self._run_id = run_id
        self.outcomes: Counter[str] = Counter()
        self.pages = 0
        self.captures_new = 0
        self.not_modified = 0
        self.unchanged = 0
        self.fatal: Exception | None = None
        self._timer: asyncio.TimerHandle | None = None

    # -- asking again ------------------------------------------------------------------------------------

    def conditional_headers(self, url: str) -> dict[str, str]:
        """Headers that ask for a page only if it changed; empty when we do not hold the bytes it had."""
        known = self._ledger.validator(url)
        if known is None or self._held(known.capture_id) is None:
            return {}
        headers = {"If-None-Match": known.etag, "If-Modified-Since": known.last_modified}
        return {name: value for name, value in headers.items() if value}

    def archived_body(self, url: str) -> bytes:
        """The bytes that a "not modified" answer refers to.

        Raises:
            ArchiveError: they are not in the archive.
        """
        known = self._ledger.validator(url)
        capture = self._ledger.capture(known.capture_id) if known else None
        if capture is None:
            raise ArchiveError(f"{url} answered 304, but no capture of it is known")
        return read_payload(self._home, capture)

    def earlier_articles(self, source_id: str) -> Iterator[bytes]:
        """The bytes of the articles that earlier runs captured last, as far as they can be read back."""
        for capture in self._ledger.last_captures(source_id, "article", self._run_id, EARLIER_ARTICLES):
            with suppress(ArchiveError):  # what is damaged is reported by archive verify
                yield read_payload(self._home, capture)

    def is_new(self, exchange: Exchange) -> bool:
        """Whether these bytes were never seen at this address."""
        return self._ledger.capture(capture_id_for(exchange.url, exchange.payload_sha256)) is None

    def pages_of_earlier_runs(self, source_id: str) -> int:
        """How many pages and files of a source earlier runs have captured."""
        return self._ledger.count_captures(source_id, kinds=("article", "attachment"), other_than_run=self._run_id)

    def _held(self, capture_id: str) -> CaptureRow | None:
        """The capture, if its bytes can be read back; one that is damaged is fetched and archived anew."""
        capture = self._ledger.capture(capture_id)
        if capture is None:
            return None
        try:
            read_payload(self._home, capture)
        except ArchiveError as error:
            logger.warning("will be archived anew: %s", error)
            return None
        return capture

    # -- storing -----------------------------------------------------------------------------------------

    def store(self, item: PageItem | FailedItem) -> None:
        """Store an item; an error of storing is kept in ``fatal`` and ends the crawl, it is never passed over."""
        if self.fatal is not None:
            return
        store: Callable[[], Outcome]
        if isinstance(item, PageItem):
            page = item
            store = lambda: self._store_page(page)  # noqa: E731
        else:
            failed = item
            store = lambda: self._store_failure(failed)  # noqa: E731
        try:
            outcome = store()
        except Exception as error:
            logger.exception("cannot store the attempt on %s", item.visit.url)
            self.fatal = error
            return
        self.outcomes[outcome.value] += 1
        self._see_to_pending()

    def _see_to_pending(self) -> None:
        """Write a full group of attempts at once, any other soon, so that a kill costs little and a disk has peace."""
        if self._ledger.pending >= GROUP_SIZE:
            self.commit()
        elif self._ledger.pending and self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(GROUP_SECONDS, self.commit)

    def commit(self) -> None:
        """Put the archive on the disk, then the rows that speak of it into the ledger."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        try:
            self._ledger.commit()
        except Exception as error:
            logger.exception("cannot write to archive or ledger")
            self.fatal = error

    def _store_failure(self, item: FailedItem) -> Outcome:
        if item.exchange is not None:
            self._archive.write_response(item.exchange)
        self._ledger.record(self._attempt(item.visit, item.outcome, item, item.exchange, stop_reason=item.stop_reason))
        return item.outcome

    def _store_page(self, item: PageItem) -> Outcome:
        exchange = item.exchange
        if exchange.status == 304:
            validator = self._ledger.validator(item.visit.url)
            known = self._ledger.capture(validator.capture_id) if validator else None
            if known is None:
                raise ArchiveError(f"{item.visit.url} answered 304, but no capture of it is known")
            seen_as = Outcome.NOT_MODIFIED
        else:
            known = self._held(capture_id_for(item.visit.url, exchange.payload_sha256))
            seen_as = Outcome.FETCHED if known is None else Outcome.UNCHANGED
        if known is None:
            capture = self._new_capture(item, self._archive.write_response(exchange))
        else:
            self._archive.write_revisit(exchange, known)
            capture = self._seen_again(item, known)
        outcome = item.outcome or seen_as
        attempt = self._attempt(item.visit, outcome, item, exchange, stop_reason=item.stop_reason)
        self._ledger.record(
            replace(attempt, capture_id=capture.capture_id),
            capture=capture,
            validators=self._validators(exchange),
            fingerprint=self._fingerprint(item),
        )
        self.pages += 1
        self.captures_new += seen_as is Outcome.FETCHED
        self.not_modified += seen_as is Outcome.NOT_MODIFIED
        self.unchanged += seen_as is Outcome.UNCHANGED
        return outcome

    def _attempt(
        self,
        visit: Visit,
        outcome: Outcome,
        item: PageItem | FailedItem,
        exchange: Exchange | None,
        *,
        stop_reason: str | None,
    ) -> NewAttempt:
        return NewAttempt(
            run_id=self._run_id,
            source_id=visit.source_id,
            url=visit.url,
            kind=visit.kind,
            outcome=outcome,
            started_at=item.started_at,
            host=urlsplit(visit.url).netloc,
            http_status=exchange.status if exchange else None,
            payload_bytes=len(exchange.body) if exchange else None,
            duration_ms=item.duration_ms,
            detail=printable(item.detail) if item.detail else item.detail,
            stop_reason=stop_reason,
        )

    def _new_capture(self, item: PageItem, at: Location) -> CaptureRow:
        visit, exchange = item.visit, item.exchange
        return CaptureRow(
            capture_id=capture_id_for(visit.url, exchange.payload_sha256),
            source_id=visit.source_id,
            url=visit.url,
            kind=visit.kind,
            payload_sha256=exchange.payload_sha256,
            content_type=header(exchange, "Content-Type"),
            http_status=exchange.status,
            etag=header(exchange, "ETag"),
            last_modified=header(exchange, "Last-Modified"),
            fetched_at=exchange.fetched_at,
            run_id=self._run_id,
            warc_file=at.warc_file,
            warc_offset=at.offset,
            warc_length=at.length,
            payload_bytes=len(exchange.body),
            list_url=visit.list_url,
            list_title=visit.list_title,
            list_date=visit.list_date,
            first_seen_at=exchange.fetched_at,
            last_seen_at=exchange.fetched_at,
        )

    @staticmethod
    def _seen_again(item: PageItem, known: CaptureRow) -> CaptureRow:
        """Move the day of last sight; what a list said first about a capture stays, so that reading stays stable."""
        return replace(
            known,
            last_seen_at=item.exchange.fetched_at,
            list_url=known.list_url or item.visit.list_url,
            list_title=known.list_title or item.visit.list_title,
            list_date=known.list_date or item.visit.list_date,
        )

    @staticmethod
    def _validators(exchange: Exchange) -> dict[str, str | None] | None:
        validators = {"etag": header(exchange, "ETag"), "last_modified": header(exchange, "Last-Modified")}
        return validators if any(validators.values()) else None

    @staticmethod
    def _fingerprint(item: PageItem) -> ListFingerprintRow | None:
        if item.list_page is None:
            return None
        return ListFingerprintRow(
            source_id=item.visit.source_id,
            list_url=item.visit.url,
            entries_sha256=item.list_page.fingerprint,
            entries_parsed=len(item.list_page.entries),
            entries_declared=item.list_page.declared_total,
            seen_at=item.started_at,
        )


def moment_of_sending(arrived_at: datetime, latency_seconds: float | None) -> tuple[datetime, int | None]:
    """Return when a request was sent and how many milliseconds its answer took (None when not measured)."""
    if latency_seconds is None:
        return arrived_at, None
    return arrived_at - timedelta(seconds=latency_seconds), round(latency_seconds * 1000)
