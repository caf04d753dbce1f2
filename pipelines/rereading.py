"""Which captures need reading, and reading them: from the archive's bytes to rows, one bad page at a time.

A capture is read when it has not been read with the present versions of cleaner and extractor. Whatever goes
wrong on one page becomes an issue of that page, and the others go on. How a page is read is ``reading.py``'s
business, where rows go is the warehouse's.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import get_context

from pipelines import progress
from pipelines.model import Issue, Page
from pipelines.reading import cleaner_version, extractor_version, read
from pipelines.reference import load_reference
from pipelines.rows import Rows, Versions, failure_rows, reading_rows
from warehouse.archive import ArchiveError, read_payload
from warehouse.duck import Warehouse
from warehouse.ledger import CaptureRow, Ledger, SourceRow
from warehouse.paths import Home

# What may hold a part of a report; list pages and robots files do not.
REPORT_KINDS = ("article", "continuation", "attachment")
# Parts of a report that reading does not take in: they become an issue, so that nobody thinks the report whole.
UNREAD_PARTS = {
    "continuation": "the report goes on at this address, whose text is not part of the document",
    "attachment": "a file is attached to the page, whose text is not part of the document",
}
# Below this many pages a pool costs more (each worker loads tables and libraries) than it saves.
PAGES_WORTH_A_POOL = 40
PAGES_PER_TASK = 8
# Pages whose rows are written in one transaction: a night that dies loses no more readings than these.
PAGES_PER_LOAD = 400
FAILURE_KIND = "reading_failed"


@dataclass(frozen=True)
class Reread:
    """How many pages were read, and how many of them could not be."""

    pages: int
    failed: int


def present_versions() -> Versions:
    """Return the versions of the code and tables as they are now."""
    return Versions(cleaner=cleaner_version(), extractor=extractor_version())


def captures_to_read(
    captures: Iterable[CaptureRow], state: Mapping[str, tuple[str, str]], versions: Versions
) -> list[CaptureRow]:
    """Return the captures that were never read, or were read with other versions, in their given order.

    Args:
        captures: captures of any kind.
        state: (cleaner, extractor) versions by id of the captures that were read.
        versions: the present ones.
    """
    present = (versions.cleaner, versions.extractor)
    return [
        capture for capture in captures if capture.kind in REPORT_KINDS and state.get(capture.capture_id) != present
    ]


def page_of(capture: CaptureRow, source: SourceRow, content: bytes) -> Page:
    """Return the input of reading: a capture's bytes with what ledger and registry know about them."""
    return Page(
        name=capture.capture_id,
        content=content,
        content_type=capture.content_type,
        url=capture.url,
        capture_id=capture.capture_id,
        source_id=capture.source_id,
        family=source.family,
        source_region_code=source.region_code,
        source_owner=source.owner,
        list_title=capture.list_title,
        list_date=capture.list_date,
        fetched_at=capture.fetched_at,
    )


def read_page(page: Page, versions: Versions) -> Rows:
    """Read one page into rows; an exception becomes an issue that names the page and the reason."""
    try:
        return reading_rows(read(page, load_reference()), versions)
    except Exception as error:
        return unread(page.capture_id or page.name, page.source_id or "", page.url or "", error, versions)


def unread(capture_id: str, source_id: str, url: str, error: Exception, versions: Versions) -> Rows:
    """Return the rows of a page that could not be read."""
    issue = Issue(
        stage="read",
        severity="error",
        kind=FAILURE_KIND,
        message=f"{type(error).__name__}: {error}",
        value=url,
    )
    return failure_rows(issue, capture_id=capture_id, source_id=source_id, url=url, versions=versions)


def unread_part(capture: CaptureRow, versions: Versions) -> Rows:
    """Return the rows of a part of a report that is archived but not read; the issue names the page it belongs to."""
    issue = Issue(
        stage="read",
        severity="warn",
        kind=f"{capture.kind}_not_read",
        message=UNREAD_PARTS[capture.kind],
        value=capture.list_url,
    )
    return failure_rows(
        issue,
        capture_id=capture.capture_id,
        source_id=capture.source_id,
        url=capture.url,
        versions=versions,
    )


def _read_all(pages: Sequence[Page], versions: Versions) -> list[Rows]:
    return [read_page(page, versions) for page in pages]


@contextmanager
def reader_pool(pages: int) -> Iterator[ProcessPoolExecutor | None]:
    """Start workers for so many pages, one per core; None when there are too few pages or cores to gain by it."""
    workers = os.cpu_count() or 1
    if pages < PAGES_WORTH_A_POOL or workers < 2:
        yield None
        return
    # "spawn": the parent holds threads and open databases, which a forked child would share.
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        yield pool


def read_pages(pages: Sequence[Page], versions: Versions, pool: ProcessPoolExecutor | None) -> Iterator[Rows]:
    """Read pages in their order, in a pool where there is one."""
    if pool is None:
        for page in pages:
            yield read_page(page, versions)
        return
    tasks = [pages[start : start + PAGES_PER_TASK] for start in range(0, len(pages), PAGES_PER_TASK)]
    for result in pool.map(_read_all, tasks, [versions] * len(tasks)):
        yield from result


def reread(home: Home) -> Reread:
    """Read every capture that needs it from the archive into the warehouse."""
    versions = present_versions()
    with Ledger(home.ledger_url) as ledger:
        sources = {source.source_id: source for source in ledger.sources()}
        captures = ledger.captures()
    with Warehouse(home.warehouse) as warehouse:
        waiting = captures_to_read(captures, warehouse.read_state(), versions)
        progress.stage("read", len(waiting))
        failed = 0
        with reader_pool(len(waiting)) as pool:
            for start in range(0, len(waiting), PAGES_PER_LOAD):
                batch = waiting[start : start + PAGES_PER_LOAD]
                rows = _read_batch(home, batch, sources, versions, pool)
                failed += sum(issue["kind"] == FAILURE_KIND for issue in rows.issue)
                warehouse.replace_documents(rows.by_table())
    return Reread(len(waiting), failed)


def _read_batch(
    home: Home,
    batch: Sequence[CaptureRow],
    sources: Mapping[str, SourceRow],
    versions: Versions,
    pool: ProcessPoolExecutor | None,
) -> Rows:
    """Read some captures; one that the archive cannot give back becomes an issue like any other."""
    rows, pages = Rows(), []
    for capture in batch:
        if capture.kind in UNREAD_PARTS:
            rows.add(unread_part(capture, versions))
            progress.advance()
            continue
        try:
            pages.append(page_of(capture, sources[capture.source_id], read_payload(home, capture)))
        except ArchiveError as error:
            rows.add(unread(capture.capture_id, capture.source_id, capture.url, error, versions))
            progress.advance()
    for part in read_pages(pages, versions, pool):
        rows.add(part)
        progress.advance()
    return rows
