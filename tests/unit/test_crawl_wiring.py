"""The thin parts of the crawl, without a network: recorder, spider and robots under faults."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from scrapy.http import HtmlResponse, Request

from scrapers import settings
from scrapers.families import FAMILIES, generic
from scrapers.items import FailedItem, PageItem, Visit
from scrapers.middlewares import EXCHANGE, RobotsMiddleware, exchange_of
from scrapers.recorder import Recorder, header, moment_of_sending
from scrapers.retry import RETRY_STATUSES, SETTLED
from scrapers.sources import SourceConfig, SourceFileError, parse_source
from scrapers.spider import PortalSpider, kind_of
from scrapers.titles import TitleRule
from scrapers.walk import ListWalk
from warehouse.archive import ArchiveWriter, Exchange, read_payload
from warehouse.ledger import Ledger, SourceRow
from warehouse.outcomes import Outcome
from warehouse.paths import Home

NOW = datetime(2026, 1, 2, tzinfo=UTC)
URL = "http://127.0.0.1:1/a.html"
VISIT = Visit("s", URL, "article")
SOURCE = SourceConfig(
    source_id="s",
    name="某县",
    owner="某县人民政府",
    region_code="350123",
    family="generic",
    start_urls=("http://127.0.0.1:1/list/",),
    hosts=frozenset({"127.0.0.1:1"}),
    titles=TitleRule(),
    max_pages=3,
    candidates=(1, 2),
    is_sample=True,
    config_sha256="0" * 64,
)


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path)


@pytest.fixture
def ledger(home: Home) -> Iterator[Ledger]:
    with Ledger(f"sqlite:///{home.path / 'l.sqlite'}") as opened:
        opened.start_run("r", fazhi_version="0", trigger="test", started_at=NOW)
        opened.put_source(SourceRow("s", "某县", "某县人民政府", "350123", "generic", [], "0" * 64, NOW, NOW, True))
        yield opened


@pytest.fixture
def recorder(home: Home, ledger: Ledger) -> Iterator[Recorder]:
    with ArchiveWriter(home.archive, "r", software="fazhi") as archive:
        yield Recorder(home, ledger, archive, "r")


def item(status: int = 200, body: bytes = b"<p>2017</p>", tag: str = '"1"') -> PageItem:
    return PageItem(VISIT, Exchange(URL, NOW, status, body, response_headers=(("ETag", tag),)), NOW, 5)


def test_a_page_is_kept_once_and_asked_for_with_its_validator(recorder: Recorder, ledger: Ledger, home: Home) -> None:
    recorder.store(item())
    recorder.store(item())
    recorder.store(item(status=304, body=b""))
    assert [a.outcome for a in ledger.attempts()] == ["fetched", "unchanged", "not_modified"]
    assert (recorder.captures_new, recorder.unchanged, recorder.not_modified, recorder.pages) == (1, 1, 1, 3)
    assert recorder.conditional_headers(URL) == {"If-None-Match": '"1"'}
    assert recorder.archived_body(URL) == b"<p>2017</p>"
    assert [read_payload(home, c) for c in ledger.captures()] == [b"<p>2017</p>"]


def test_bytes_that_were_lost_are_archived_anew(recorder: Recorder, ledger: Ledger, home: Home) -> None:
    recorder.store(item())
    (capture,) = ledger.captures()
    (home.archive / f"{capture.warc_file}.open").rename(home.archive / "mislaid")
    assert recorder.conditional_headers(URL) == {}
    with ArchiveWriter(home.archive, "later", software="fazhi") as archive:
        Recorder(home, ledger, archive, "r").store(item())
    assert [c.warc_file for c in ledger.captures()] == ["later-00001.warc.gz"]
    assert read_payload(home, ledger.captures()[0]) == b"<p>2017</p>"
    (home.archive / "mislaid").rename(home.archive / f"{capture.warc_file}.open")


@pytest.mark.parametrize(
    "broken", [item(status=304, body=b""), FailedItem(Visit("?", URL, "list"), Outcome.TIMEOUT, NOW)]
)
def test_an_error_of_storing_ends_the_crawl(recorder: Recorder, ledger: Ledger, broken: PageItem | FailedItem) -> None:
    recorder.store(broken)
    recorder.store(item())
    assert recorder.fatal is not None
    assert ledger.attempts() == []


def test_headers_are_read_whatever_their_case() -> None:
    exchange = Exchange(URL, NOW, 200, b"", response_headers=(("etag", ""), ("Etag", '"2"'), ("X", "")))
    assert (header(exchange, "ETag"), header(exchange, "X"), header(exchange, "Y")) == ('"2"', None, None)


@pytest.mark.parametrize(("latency", "milliseconds"), [(None, None), (0.25, 250)])
def test_when_a_request_was_sent(latency: float | None, milliseconds: int | None) -> None:
    sent, duration = moment_of_sending(NOW, latency)
    assert duration == milliseconds
    assert (NOW - sent).total_seconds() == (latency or 0)


def response(visit: Visit, body: str) -> HtmlResponse:
    walk = ListWalk(visit.url, 3, str) if visit.kind == "list" else None
    request = Request(visit.url, meta={"visit": visit, "walk": walk, "redirects": 0, SETTLED: None})
    answer = HtmlResponse(visit.url, body=body.encode(), request=request)
    request.meta[EXCHANGE] = exchange_of(request, answer)
    return answer


TRS = replace(SOURCE, family="trs")
WITH_BODY = '<div class="TRS_Editor"><p>今年办理复议案件12件。</p></div>'
WITHOUT_BODY = '<div class="new-look"><p>今年办理复议案件12件。</p></div>'


@pytest.mark.parametrize(
    ("source", "earlier", "now", "outcome"),
    [
        (TRS, [WITH_BODY], WITHOUT_BODY, Outcome.LAYOUT_CHANGED),
        (TRS, [WITH_BODY], WITH_BODY + "<p>补充</p>", None),
        (TRS, [], WITHOUT_BODY, None),
        (TRS, [WITH_BODY, "<p>混用模板</p>"], WITHOUT_BODY, None),
        (TRS, [WITH_BODY, WITHOUT_BODY], WITHOUT_BODY, None),
        (SOURCE, [WITH_BODY], WITHOUT_BODY, None),
    ],
    ids=["lost", "kept", "first run", "mixed templates", "seen before", "family without marks"],
)
def test_an_article_that_lost_the_body_of_its_family(
    home: Home, ledger: Ledger, source: SourceConfig, earlier: list[str], now: str, outcome: Outcome | None
) -> None:
    ledger.start_run("before", fazhi_version="0", trigger="test", started_at=NOW)
    with ArchiveWriter(home.archive, "before", software="test") as archive:
        for number, body in enumerate(earlier):
            url = URL if body == now else f"{URL}?{number}"
            item = PageItem(Visit("s", url, "article"), Exchange(url, NOW, 200, body.encode()), NOW, None)
            Recorder(home, ledger, archive, "before").store(item)
    with ArchiveWriter(home.archive, "r", software="test") as archive:
        spider = PortalSpider(sources=[source], recorder=Recorder(home, ledger, archive, "r"))
        (item,) = [each for each in spider.parse_page(response(VISIT, now)) if isinstance(each, PageItem)]
    assert item.outcome == outcome
    assert (item.detail is not None) == (outcome is not None)


def test_a_list_that_cannot_be_read_is_archived_with_the_error(
    recorder: Recorder, ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(page: object) -> None:
        raise IndexError("no such column")

    monkeypatch.setitem(FAMILIES, "generic", SimpleNamespace(read_list=fail, normalise_url=generic.normalise_url))  # type: ignore[arg-type]
    spider = PortalSpider(sources=[SOURCE], recorder=recorder)
    assert list(spider.parse_list(response(Visit("s", SOURCE.start_urls[0], "list"), "<ul></ul>"))) == []
    (failed,) = ledger.attempts()
    assert (failed.outcome, failed.detail) == ("parse_failed", "IndexError: no such column")
    assert (failed.stop_reason, failed.capture_id is not None) == ("unreadable", True)
    assert spider.failed_sources() == ["s"]


def test_errors_outside_the_middlewares_are_recorded(recorder: Recorder, ledger: Ledger) -> None:
    spider = PortalSpider(sources=[SOURCE], recorder=recorder)
    came = response(VISIT, "")
    spider.note_crash(SimpleNamespace(value=KeyError("x")), came)
    spider.note_error(SimpleNamespace(value=OSError("not gzip"), request=came.request))
    assert came.request is not None
    came.request.meta[SETTLED] = Outcome.TIMEOUT
    spider.note_error(SimpleNamespace(value=OSError("recorded already"), request=came.request))
    assert [(a.outcome, a.detail) for a in ledger.attempts()] == [
        ("parse_failed", "KeyError: 'x'"),
        ("bad_encoding", "OSError: not gzip"),
    ]


@pytest.mark.parametrize(
    ("url", "kind"),
    [
        ("http://h/a.html", "article"),
        ("http://h/a.PDF", "attachment"),
        ("http://h/system/_content/download.jsp?wbfileid=1", "attachment"),
        ("http://h/pdf/", "article"),
    ],
)
def test_entries_lead_to_articles_or_files(url: str, kind: str) -> None:
    assert kind_of(url) == kind


@pytest.mark.parametrize(("crawl_delay", "delay", "fixed"), [(None, 3.0, False), (1.0, 3.0, False), (10.0, 10.0, True)])
def test_a_longer_crawl_delay_is_kept(crawl_delay: float | None, delay: float, fixed: bool) -> None:
    slot = SimpleNamespace(delay=3.0)
    downloader: Any = SimpleNamespace(per_slot_settings={}, slots={"h": slot})
    known: Any = {"ROBOTSTXT_USER_AGENT": "fazhi", "DOWNLOAD_DELAY": 3.0}
    crawler: Any = SimpleNamespace(
        engine=SimpleNamespace(downloader=downloader),
    )
    crawler.settings = type("Settings", (dict,), {"getfloat": dict.get})(known)
    middleware = RobotsMiddleware(crawler)
    for _ in range(2):
        request = Request("http://h/", meta={"download_slot": "h"})
        middleware.slow_down(request, crawl_delay)
        assert slot.delay == delay
        assert request.meta.get("autothrottle_dont_adjust_delay", False) == fixed


def test_real_portals_are_not_asked_without_a_contact(monkeypatch: pytest.MonkeyPatch) -> None:
    from scrapers.crawl import require_contact

    real = parse_source(
        "id: real\nname: 某县\nowner: 某县人民政府\nregion: '350123'\nfamily: trs\nstart_urls: ['http://portal.example/']\n"
    )
    monkeypatch.setattr(settings, "FAZHI_CONTACT", "")
    require_contact([SOURCE])
    with pytest.raises(SourceFileError, match="FAZHI_CONTACT"):
        require_contact([SOURCE, real])
    monkeypatch.setattr(settings, "FAZHI_CONTACT", "mailto:someone@portal.example")
    require_contact([real])


def test_the_settings_keep_the_crawl_polite_and_quiet() -> None:
    assert settings.ROBOTSTXT_OBEY
    assert settings.CONCURRENT_REQUESTS_PER_DOMAIN == 1
    assert settings.DOWNLOAD_DELAY >= 3
    assert settings.AUTOTHROTTLE_ENABLED
    assert not {403, 412, 521} & RETRY_STATUSES
    assert settings.DOWNLOADER_MIDDLEWARES["scrapy.downloadermiddlewares.retry.RetryMiddleware"] is None
    assert {scheme for scheme, handler in settings.DOWNLOAD_HANDLERS.items() if handler} == {"http", "https"}
    assert settings.DOWNLOAD_VERIFY_CERTIFICATES
    assert not settings.COOKIES_ENABLED
    assert not settings.TELNETCONSOLE_ENABLED
    assert not settings.REMOTE_CONTROL_ENABLED
