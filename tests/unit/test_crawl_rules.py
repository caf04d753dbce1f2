"""The crawl's decisions: titles, walks, verdicts, encodings; tables of cases, no network."""

from __future__ import annotations

import pytest

from scrapers.encoding import UndecodableError, decode
from scrapers.families.common import Entry, ListPage, get_page
from scrapers.titles import TitleRule
from scrapers.verdicts import (
    classify_block,
    classify_exception,
    classify_response,
    classify_robots,
    is_soft_404,
)
from scrapers.walk import ListWalk, Step, StopReason
from warehouse.outcomes import Outcome


@pytest.mark.parametrize(
    ("title", "wanted"),
    [
        ("泸州市人民政府2017年度法治政府建设工作报告", True),
        ("某县人民政府关于2023年法治政府建设工作情况的报告", True),
        ("某区2017年法治政府建设工作总结", True),
        ("某市司法局2023年法治政府建设年度情况报告", True),
        ("2015年依法行政工作报告", True),
        ("遂寧市深入推進依法行政加快建設法治政府實施方案", True),
        ("某县2024年法治政府建设工作要点", True),
        ("关于印发某县法治政府建设情况报告的通知", True),
        ("2023 年 法治 政府 建设报告", True),
        ("《2023年法治政府建设情况报告》解读", False),
        ("一图读懂:法治政府建设报告", False),
        ("法治政府建设专题培训班开班", False),
        ("关于报送2017年度法治政府建设工作报告的通知", False),
        ("政府工作报告", False),
        ("公务员招聘公告", False),
    ],
)
def test_the_title_rule_is_liberal_and_drops_only_what_cannot_be_a_report(title: str, wanted: bool) -> None:
    assert TitleRule().wants(title) == wanted


def listed(*names: str, following: str | None = None, total: int | None = None, pages: int | None = None) -> ListPage:
    entries = tuple(Entry(f"http://h/{name}", f"题名{name}", None) for name in names)
    return ListPage(entries, get_page(following), total, pages)


def walked(*pages: ListPage, max_pages: int = 9) -> list[Step]:
    walk = ListWalk("http://h/1", max_pages, lambda url: url)
    return [walk.take(f"http://h/{number}", page) for number, page in enumerate(pages, start=1)]


@pytest.mark.parametrize(
    ("pages", "stop", "shortfall"),
    [
        ([listed("a")], StopReason.END_REACHED, None),
        ([listed("a", following="http://h/2", total=2), listed("b", total=2)], StopReason.END_REACHED, None),
        ([listed("a", total=3)], StopReason.END_REACHED, "3 entries declared, 1 read"),
        ([listed("a", pages=2)], StopReason.END_REACHED, "2 pages declared, 1 read"),
        ([listed()], StopReason.END_REACHED, None),
        (
            [listed("a", following="http://h/1")],
            StopReason.REPEATED_PAGE,
            "a page repeated instead of going on: 1 pages and 1 entries read",
        ),
        (
            [
                listed("a", following="http://h/2"),
                listed("a", following="http://h/3"),
                listed("a", following="http://h/4"),
            ],
            StopReason.REPEATED_PAGE,
            "a page repeated instead of going on: 3 pages and 1 entries read",
        ),
        ([listed("a", following="http://h/2"), listed(following="http://h/3")], StopReason.EMPTY_PAGE, None),
    ],
    ids=["one page", "two pages", "too few entries", "too few pages", "empty", "loop", "same again", "nothing"],
)
def test_why_a_walk_ends(pages: list[ListPage], stop: StopReason, shortfall: str | None) -> None:
    *before, last = walked(*pages)
    assert all(step.stop_reason is None and step.next_page for step in before)
    assert (last.stop_reason, last.next_page, last.shortfall) == (stop, None, shortfall)


def test_a_walk_gives_each_entry_once_and_forgives_one_stale_page() -> None:
    steps = walked(
        listed("a", "b", following="http://h/2"), listed("a", following="http://h/3"), listed("b", "c", total=3)
    )
    assert [[entry.title for entry in step.entries] for step in steps] == [["题名a", "题名b"], [], ["题名c"]]
    assert steps[-1].shortfall is None


def test_a_walk_keeps_to_its_page_limit() -> None:
    (step,) = walked(listed("a", following="http://h/2", total=99), max_pages=1)
    assert (step.stop_reason, step.next_page, step.shortfall) == (StopReason.PAGE_LIMIT, None, None)


LONG = b"x" * 9000


@pytest.mark.parametrize(
    ("status", "headers", "body", "outcome"),
    [
        (200, {}, LONG, None),
        (304, {}, b"", None),
        (301, {"location": "/x"}, b"", Outcome.MOVED),
        (404, {}, b"", Outcome.NOT_FOUND),
        (410, {}, b"", Outcome.NOT_FOUND),
        (401, {}, b"", Outcome.BLOCKED_FORBIDDEN),
        (403, {}, b"", Outcome.BLOCKED_FORBIDDEN),
        (412, {}, b"", Outcome.BLOCKED_RS_412),
        (200, {}, b"<script>$_ts=window['$_ts'];</script>", Outcome.BLOCKED_RS_412),
        (200, {}, b"<script>$_ts=window['$_ts'];</script><ul><li><a href='x'>1</a>", None),
        (202, {}, b"<script>$_ts=window['$_ts'];</script><a href='x'>1</a>", Outcome.BLOCKED_RS_412),
        (521, {}, b"", Outcome.BLOCKED_JSL_521),
        (200, {"set-cookie": "__jsl_clearance_s=1"}, b"<script>", Outcome.BLOCKED_JSL_521),
        (200, {}, b'<script>document.cookie="C3VK=1a2b3c; path=/"</script>', Outcome.BLOCKED_C3VK),
        (429, {}, b"", Outcome.BLOCKED_RATE_LIMITED),
        (200, {}, "<title>网站防火墙</title>".encode(), Outcome.BLOCKED_CHALLENGE_PAGE),
        (200, {}, "建设网站防火墙".encode() + LONG, None),
        (413, {}, b"", Outcome.TOO_LARGE),
        (500, {}, b"", Outcome.SERVER_ERROR),
        (418, {}, b"", Outcome.SERVER_ERROR),
    ],
)
def test_what_a_response_means(status: int, headers: dict[str, str], body: bytes, outcome: Outcome | None) -> None:
    assert classify_response(status, headers, body) == outcome
    assert (outcome is not None and outcome.is_block) == (classify_block(status, headers, body) is not None)


@pytest.mark.parametrize(
    ("status", "body", "usable"),
    [
        (200, b"User-agent: *", True),
        (404, b"", True),
        (410, b"", True),
        (304, b"", True),
        (401, b"", False),
        (403, b"", False),
        (429, b"", False),
        (500, b"", False),
        (521, b"", False),
        (200, "<title>安全验证</title>".encode(), False),
    ],
)
def test_which_robots_answers_can_be_used(status: int, body: bytes, usable: bool) -> None:
    assert (classify_robots(status, {}, body) is None) == usable


class CannotResolveHostError(Exception):
    """Named like Scrapy's."""


class DownloadTimeoutError(Exception):
    """Named like Scrapy's."""


class DownloadFailedError(Exception):
    """Named like Scrapy's."""


def caused(error: Exception, cause: Exception) -> Exception:
    error.__cause__ = cause
    return error


@pytest.mark.parametrize(
    ("error", "outcome"),
    [
        (CannotResolveHostError("h"), Outcome.DNS_FAILED),
        (DownloadTimeoutError(), Outcome.TIMEOUT),
        (DownloadFailedError("reset"), Outcome.CONNECTION_FAILED),
        (caused(DownloadFailedError(), ValueError("[('SSL routines', '', 'unsafe legacy')]")), Outcome.TLS_FAILED),
        (ConnectionRefusedError(), Outcome.CONNECTION_FAILED),
        (DownloadTimeoutError("Getting http://h/certificate/handshake took longer"), Outcome.TIMEOUT),
        (OSError("broken"), Outcome.CONNECTION_FAILED),
        (KeyError("a mistake of ours"), None),
    ],
)
def test_what_an_error_means(error: Exception, outcome: Outcome | None) -> None:
    assert classify_exception(error) == outcome


@pytest.mark.parametrize(
    ("text", "gone"),
    [
        ("<title>404 Not Found</title>", True),
        ("<title>404</title>", True),
        ("<p>您访问的页面不存在</p>", True),
        ("<title>法治政府建设报告</title>" + "正文" * 2000 + "页面不存在", False),
        ("<title>404号文件的解释</title><p>正文</p>", False),
    ],
)
def test_pages_that_only_say_that_nothing_is_there(text: str, gone: bool) -> None:
    assert is_soft_404(text) == gone


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "gbk", "utf-16"])
def test_bytes_become_text_whatever_they_declare(encoding: str) -> None:
    text = '<meta charset="big5">法治政府建设报告〔2024〕'
    assert decode(text.encode(encoding)) == text


def test_bytes_of_no_known_encoding_are_refused() -> None:
    with pytest.raises(UndecodableError, match="neither"):
        decode(b"\xff\xff\xff")
