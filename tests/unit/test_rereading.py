"""Which captures are read again, and that one bad page hurts no other."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from pipelines import parts, rereading
from pipelines.dossiers import gather_dossiers
from pipelines.parts import page_of, read_dossier
from pipelines.rereading import Job, dossiers_to_read, present_versions, reader_pool, run_jobs
from pipelines.rows import Versions
from warehouse.archive import ArchiveError
from warehouse.ledger import CaptureRow, SourceRow
from warehouse.paths import Home

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


def response(number: int) -> tuple[bytes, dict[str, str]]:
    return PAGE.format(number).encode(), {}


def article(name: str) -> CaptureRow:
    return replace(CAPTURE, capture_id=name, url=f"{CAPTURE.url}?{name}")


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
    assert [dossier.versions for dossier in dossiers_to_read([CAPTURE], state, NOW)] == [(CAPTURE,)] * expected


@pytest.mark.parametrize("kind", ["list", "robots"])
def test_lists_and_robots_files_hold_no_report(kind: Any) -> None:
    assert dossiers_to_read([replace(CAPTURE, kind=kind)], {}, NOW) == []


@pytest.mark.parametrize("kind", ["continuation", "attachment"])
def test_a_new_part_lets_its_article_be_read_again(kind: Any) -> None:
    part = replace(CAPTURE, capture_id="c2", kind=kind, url="http://127.0.0.1:8731/1_1.html", list_url=CAPTURE.url)
    (dossier,) = dossiers_to_read([CAPTURE, part], {"c1": ("1+c", "1+e")}, NOW)
    assert dossier.captures == (CAPTURE, part)


def test_a_page_knows_what_ledger_and_registry_know() -> None:
    page = page_of(CAPTURE, SOURCE, b"x")
    assert (page.capture_id, page.source_id, page.family) == ("c1", "s1", "ucap")
    assert (page.source_region_code, page.source_owner) == ("510500", "泸州市人民政府")
    assert (page.list_title, page.list_date) == (CAPTURE.list_title, date(2018, 2, 28))


def test_one_bad_page_becomes_an_issue_and_hurts_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = parts.read

    def read(page: Any, reference: Any) -> Any:
        if page.capture_id == "bad":
            raise RecursionError("too deep")
        return whole(page, reference)

    monkeypatch.setattr(parts, "read", read)
    dossiers = gather_dossiers([article(name) for name in ("c1", "bad", "c3")])
    rows = [read_dossier(dossier, SOURCE, NOW, lambda _: response(7)) for dossier in dossiers]
    assert [len(each.document) for each in rows] == [1, 0, 1]
    (issue,) = rows[1].issue
    assert (issue["kind"], issue["severity"], issue["capture_id"]) == ("reading_failed", "error", "bad")
    assert issue["message"] == "RecursionError: too deep"
    assert rows[1].read_state[0]["document_id"] is None


def test_what_the_archive_cannot_give_back_becomes_an_issue() -> None:
    def load(capture: CaptureRow) -> tuple[bytes, dict[str, str]]:
        raise ArchiveError(f"capture {capture.capture_id}: gone")

    (dossier,) = gather_dossiers([CAPTURE])
    rows = read_dossier(dossier, SOURCE, NOW, load)
    assert [(issue["kind"], issue["message"]) for issue in rows.issue] == [
        ("reading_failed", "ArchiveError: capture c1: gone")
    ]
    assert [state["capture_id"] for state in rows.read_state] == ["c1"]


def test_a_pool_reads_the_same_in_the_same_order(tmp_path: Path) -> None:
    """Captures are missing from the archive here: what each job says of its own is enough to tell them apart."""
    versions = present_versions()
    count = rereading.PAGES_WORTH_A_POOL
    dossiers = gather_dossiers([article(f"c{each}") for each in range(count)])
    jobs = [Job(Home(tmp_path), dossier, SOURCE, versions) for dossier in dossiers]
    with reader_pool(count) as pool:
        pooled = [rows.by_table() for rows in run_jobs(jobs, pool)]
    assert pooled == [rows.by_table() for rows in run_jobs(jobs, None)]
    assert [rows["read_state"][0]["capture_id"] for rows in pooled] == [f"c{each}" for each in range(count)]


def test_few_pages_need_no_pool() -> None:
    with reader_pool(rereading.PAGES_WORTH_A_POOL - 1) as pool:
        assert pool is None
