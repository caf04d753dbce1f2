"""One run of the crawl, from the archive's lock to the summary; the only place that starts Scrapy.

Parsing arguments belongs to ``scrapers.__main__``.
"""

from __future__ import annotations

import resource
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from scrapers.plan import SourcePlan, plan_night
from scrapers.sources import SourceConfig, SourceFileError
from warehouse.archive import ArchiveWriter, archive_lock, mend_unfinished_files
from warehouse.history import read_history
from warehouse.ledger import Ledger, SourceRow
from warehouse.paths import Home

SAMPLE_SLOT = {"concurrency": 1, "delay": 0.01, "jitter": 0.0}
"""Bundled portals on this machine need no patience; but with no delay at all Scrapy starts everything that is
queued for a host at once, since it counts a transfer only after it began."""


MANY_FILES = 8192
"""Open files: a connection for each of some 3,200 hosts at a time, and for a while those that were asked before."""


class CrawlInterruptedError(RuntimeError):
    """The crawl ended before every source was attempted."""


@dataclass(frozen=True)
class CrawlSummary:
    """What a run did, in numbers.

    Attributes:
        pages: responses that carried a page, list pages and robots files included.
        outcomes: attempts by outcome.
        failed_sources: sources of which no list could be read.
    """

    run_id: str
    sources: int
    pages: int
    captures_new: int
    not_modified: int
    unchanged: int
    outcomes: dict[str, int]
    failed_sources: list[str]


def _source_row(source: SourceConfig, now: datetime) -> SourceRow:
    return SourceRow(
        source_id=source.source_id,
        name=source.name,
        owner=source.owner,
        region_code=source.region_code,
        family=source.family,
        start_urls=list(source.start_urls),
        config_sha256=source.config_sha256,
        first_seen_at=now,
        last_seen_at=now,
        is_sample=source.is_sample,
        status=source.status,
    )


def _settings(sources: Sequence[SourceConfig], pace: Mapping[str, float]) -> Any:
    from scrapy.settings import Settings

    settings = Settings()
    settings.setmodule("scrapers.settings")
    hosts = sorted({host for source in sources if source.is_sample for host in source.hosts | source.attachment_hosts})
    settings.set("DOWNLOAD_SLOTS", {host: dict(pace) for host in hosts})
    if all(source.is_sample for source in sources):
        # Also how many connections to a host are kept open for the next request.
        settings.set("CONCURRENT_REQUESTS_PER_DOMAIN", int(pace["concurrency"]))
    settings.set("LOOPBACK_HOSTS", sorted({urlsplit(f"//{host}").hostname or "" for host in hosts}))
    return settings


def allow_many_connections() -> None:
    """Let this process open as many files as the system grants it, up to what thousands of hosts need."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = MANY_FILES if hard == resource.RLIM_INFINITY else min(MANY_FILES, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def require_contact(sources: Sequence[SourceConfig]) -> None:
    """Refuse to ask real portals without saying who asks.

    Raises:
        SourceFileError: a source is real and ``$FAZHI_CONTACT`` is not set.
    """
    from scrapers.settings import CONTACT_VARIABLE, FAZHI_CONTACT

    real = [source.source_id for source in sources if not source.is_sample]
    if real and not FAZHI_CONTACT:
        raise SourceFileError(f"{real[0]}: set ${CONTACT_VARIABLE} to an e-mail or page before asking real portals")


def plan_crawl(sources: Sequence[SourceConfig], home: Home, now: datetime) -> list[SourcePlan]:
    """Plan a night from what the ledger of a data home remembers."""
    return plan_night(sources, read_history(home.ledger_url), now)


def is_asked(source: SourceConfig, plans: Mapping[str, SourcePlan]) -> bool:
    """Whether a source is asked in a run at all: not when it is retired, nor when its plan lets it rest."""
    plan = plans.get(source.source_id)
    return source.status != "retired" and (plan is None or plan.action != "rest")


def run_crawl(
    sources: Sequence[SourceConfig],
    run_id: str,
    home: Home,
    *,
    trigger: str,
    plans: Mapping[str, SourcePlan] | None = None,
    pace: Mapping[str, float] = SAMPLE_SLOT,
) -> CrawlSummary:
    """Crawl the sources once, each as its plan says; sources without a plan are read in full, retired ones not.

    A run that is already in the ledger under this id is used and left for its owner to close; otherwise it is
    opened and closed here. ``pace`` is for hosts of samples alone; nothing sets the pace for real portals but the
    settings.

    Raises:
        ArchiveError: another crawl is running.
        SourceFileError: real portals, but no contact.
        CrawlInterruptedError: it was stopped by a signal, or did not start.
        Exception: storing failed. In all these cases a run opened here is marked as failed.
    """
    from scrapy.crawler import CrawlerProcess

    from scrapers.recorder import Recorder
    from scrapers.settings import FAZHI_VERSION
    from scrapers.spider import FINISHED, PortalSpider

    asked = [source for source in sources if is_asked(source, plans or {})]
    require_contact(asked)
    allow_many_connections()
    with ExitStack() as stack:
        stack.enter_context(archive_lock(home.archive))
        mend_unfinished_files(home.archive)
        ledger = stack.enter_context(Ledger(home.ledger_url))
        now = datetime.now(UTC)
        ledger.fail_abandoned_runs(run_id, now)
        is_ours = ledger.start_run(run_id, fazhi_version=FAZHI_VERSION, trigger=trigger, started_at=now)
        try:
            for source in sources:
                ledger.put_source(_source_row(source, now))
            archive = ArchiveWriter(home.archive, run_id, software=f"fazhi/{FAZHI_VERSION}", sync_each=False)
            stack.enter_context(archive)
            stack.enter_context(ledger.grouped(archive.sync))
            recorder = Recorder(home, ledger, archive, run_id)
            process = CrawlerProcess(_settings(asked, pace))
            crawler = process.create_crawler(PortalSpider)
            process.crawl(crawler, sources=asked, recorder=recorder, plans=plans)
            process.start()
            recorder.commit()
            if recorder.fatal is not None:
                raise recorder.fatal
            spider = crawler.spider
            if not isinstance(spider, PortalSpider):
                raise CrawlInterruptedError("the spider did not start; the log says why")
            if spider.close_reason != FINISHED:
                raise CrawlInterruptedError(f"the crawl did not come to its end: {spider.close_reason}")
        except BaseException:
            if is_ours:
                ledger.finish_run(run_id, "failed", datetime.now(UTC))
            raise
        if is_ours:
            ledger.finish_run(run_id, "done", datetime.now(UTC))
        return CrawlSummary(
            run_id=run_id,
            sources=len(asked),
            pages=recorder.pages,
            captures_new=recorder.captures_new,
            not_modified=recorder.not_modified,
            unchanged=recorder.unchanged,
            outcomes=dict(sorted(recorder.outcomes.items())),
            failed_sources=spider.failed_sources(),
        )
