"""Which captures are read again, and that one bad page hurts no other."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest

from pipelines import rereading
from pipelines.rereading import captures_to_read, page_of, present_versions, read_pages, reader_pool, unread_part
from pipelines.rows import Versions
from warehouse.ledger import CaptureRow, SourceRow

NOW = Versions("1+c", "1+e")
MOMENT = datetime(2026, 11, 22, tzinfo=UTC)
SOURCE = SourceRow("s1", "泸州市政府网", "泸州市人民政府", "510500", "ucap", [], "0" * 64, MOMENT, MOMENT, True)
CAPTURE = CaptureRow(
    capture_id="c1",
    source_id="s1",
    url="http://127.0.0.1:8731/1.html",
    kind="article",
    payload_sha256="0" * 64,
    content_type="text/html",
    http_status=200,
    etag=None,
    last_modified=None,
    fetched_at=MOMENT,
    run_id="r1",
    warc_file="a.warc.gz",
    warc_offset=0,
    warc_length=1,
    payload_bytes=1,
    list_url=None,
    list_title="泸州市人民政府2017年度法治政府建设工作报告",
    list_date=date(2018, 2, 28),
    first_seen_at=MOMENT,
    last_seen_at=MOMENT,
)
PAGE = "<html><body><h1>某市2020年法治政府建设年度报告</h1><p>办结行政复议案件{}件。</p></body></html>"


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        ({}, True),
        ({"other": ("1+c", "1+e")}, True),
        ({"c1": ("1+c", "1+e")}, False),
        ({"c1": ("0+c", "1+e")}, True),
        ({"c1": ("1+c", "0+e")}, True),
    ],
)
def test_only_what_was_not_read_with_these_versions_is_read(state: dict[str, tuple[str, str]], expected: bool) -> None:
    assert captures_to_read([CAPTURE], state, NOW) == ([CAPTURE] if expected else [])


@pytest.mark.parametrize("kind", ["list", "robots"])
def test_lists_and_robots_files_hold_no_report(kind: Any) -> None:
    assert captures_to_read([replace(CAPTURE, kind=kind)], {}, NOW) == []


@pytest.mark.parametrize("kind", ["continuation", "attachment"])
def test_a_part_that_is_not_read_is_told(kind: Any) -> None:
    part = replace(CAPTURE, kind=kind, list_url="http://127.0.0.1:8731/0.html")
    assert captures_to_read([part], {}, NOW) == [part]
    rows = unread_part(part, NOW)
    (issue,) = rows.issue
    assert (issue["kind"], issue["severity"], issue["value"]) == (f"{kind}_not_read", "warn", part.list_url)
    assert rows.read_state[0]["capture_id"] == "c1"


def test_a_page_knows_what_ledger_and_registry_know() -> None:
    page = page_of(CAPTURE, SOURCE, b"x")
    assert (page.capture_id, page.source_id, page.family) == ("c1", "s1", "ucap")
    assert (page.source_region_code, page.source_owner) == ("510500", "泸州市人民政府")
    assert (page.list_title, page.list_date) == (CAPTURE.list_title, date(2018, 2, 28))


def test_one_bad_page_becomes_an_issue_and_hurts_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = rereading.read

    def read(page: Any, reference: Any) -> Any:
        if page.capture_id == "bad":
            raise RecursionError("too deep")
        return whole(page, reference)

    monkeypatch.setattr(rereading, "read", read)
    pages = [
        page_of(replace(CAPTURE, capture_id=name), SOURCE, PAGE.format(7).encode()) for name in ("c1", "bad", "c3")
    ]
    rows = list(read_pages(pages, NOW, None))
    assert [len(each.document) for each in rows] == [1, 0, 1]
    (issue,) = rows[1].issue
    assert (issue["kind"], issue["severity"], issue["capture_id"]) == ("reading_failed", "error", "bad")
    assert issue["message"] == "RecursionError: too deep"
    assert rows[1].read_state[0]["document_id"] is None


def test_a_pool_reads_the_same_in_the_same_order() -> None:
    versions = present_versions()
    count = rereading.PAGES_WORTH_A_POOL
    pages = [
        page_of(replace(CAPTURE, capture_id=f"c{each}"), SOURCE, PAGE.format(each).encode()) for each in range(count)
    ]
    with reader_pool(count) as pool:
        pooled = [rows.by_table() for rows in read_pages(pages, versions, pool)]
    assert pooled == [rows.by_table() for rows in read_pages(pages, versions, None)]
    assert [rows["read_state"][0]["capture_id"] for rows in pooled] == [page.capture_id for page in pages]


def test_few_pages_need_no_pool() -> None:
    with reader_pool(rereading.PAGES_WORTH_A_POOL - 1) as pool:
        assert pool is None
