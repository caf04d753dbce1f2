"""Archived bytes: shown as they are and sealed, refused when they are not those that were recorded."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from report_rows import URL, report_tables
from serving import OpenPage, Serve, Site

from explorer.capture import sealed
from warehouse.archive import ArchiveWriter, Exchange

PAGE = b"<title>raw</title><script>document.title = 'broken'</script><img src=http://evil.example/x.png>"


def _served(serve_release: Serve, archive: Path, **changed: Any) -> tuple[Site, str]:
    """An explorer on an archive that holds the page, and the address of its capture; the release may say otherwise."""
    exchange = Exchange(
        URL, datetime(2018, 3, 1, tzinfo=UTC), 200, PAGE, response_headers=(("Content-Type", "text/html"),)
    )
    with ArchiveWriter(archive, "run", software="test") as writer:
        place = writer.write_response(exchange)
    tables = report_tables(["总结。\n"])
    version = tables["fct_report_version"][0]
    version |= {
        "content_sha256": exchange.payload_sha256,
        "warc_file": place.warc_file,
        "warc_offset": place.offset,
    } | changed
    return serve_release(tables), f"/capture/{version['capture_id']}"


@pytest.mark.parametrize(
    ("content_type", "body", "expected"),
    [
        ("text/html", b"<script>1</script>", "text/plain"),
        ("text/html; charset=GBK", "总结".encode("gbk"), "text/plain; charset=gbk"),
        ("text/html", '<meta charset="gb2312">总结'.encode("gb2312"), "text/plain; charset=gb2312"),
        ("text/html; charset=x\r\nset-cookie:a", b"<p>", "text/plain"),
        ("text/html; charset=none-such", b"<p>", "text/plain"),
        ("application/xhtml+xml", b"<p>", "text/plain"),
        ("application/json", b"{}", "text/plain"),
        ("image/svg+xml", b"<svg onload=alert(1)>", "application/octet-stream"),
        ("application/pdf", b"%PDF", "application/octet-stream"),
        ("", b"<script>1</script>", "application/octet-stream"),
    ],
)
def test_bytes_of_strangers_are_sealed(content_type: str, body: bytes, expected: str) -> None:
    answer = sealed(body, content_type, "capture")
    assert answer.headers["content-type"] == expected
    assert answer.headers["content-security-policy"].startswith("sandbox; default-src 'none'")
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert ("content-disposition" in answer.headers) == (expected == "application/octet-stream")
    assert answer.body == body


def test_the_bytes_come_from_their_place_in_the_archive(serve_release: Serve, tmp_path: Path) -> None:
    site, path = _served(serve_release, tmp_path / "home" / "archive")
    assert f'href="{path}/raw"' in site.get(path).text
    raw = site.get(f"{path}/raw")
    assert (raw.status, raw.text) == (200, PAGE.decode())


@pytest.mark.parametrize(
    ("changed", "told_before", "told"),
    [
        ({"warc_file": None}, True, "没有记录"),
        ({"warc_offset": None}, True, "没有记录"),
        ({"warc_file": "moved-00001.warc.gz"}, True, "不在数据目录的存档文件夹中"),
        ({"warc_file": "../archive/run-00001.warc.gz"}, True, "不在数据目录的存档文件夹中"),
        ({"warc_file": "/etc/hostname"}, True, "不在数据目录的存档文件夹中"),
        ({"warc_file": ""}, True, "不在数据目录的存档文件夹中"),
        ({"warc_offset": 7}, False, "与记录的校验值不符或无法读取"),
        ({"warc_offset": 10**9}, False, "与记录的校验值不符或无法读取"),
        ({"warc_offset": -1}, False, "与记录的校验值不符或无法读取"),
        ({"content_sha256": "0" * 64}, False, "与记录的校验值不符或无法读取"),
    ],
)
def test_what_the_archive_does_not_hold_is_told(
    serve_release: Serve, tmp_path: Path, changed: dict[str, Any], told_before: bool, told: str
) -> None:
    site, path = _served(serve_release, tmp_path / "home" / "archive", **changed)
    page, raw = site.get(path), site.get(f"{path}/raw")
    assert (page.status, raw.status) == (200, 404)
    assert (told in page.text) == told_before
    assert told in raw.text
    assert "broken" not in raw.text


def test_in_a_browser_archived_bytes_are_plain_text(
    serve_release: Serve, browser_page: OpenPage, tmp_path: Path
) -> None:
    site, path = _served(serve_release, tmp_path / "home" / "archive")
    page = browser_page(site)
    page.goto(f"{path}/raw")
    assert page.locator("body").inner_text() == PAGE.decode()
    assert page.locator("script, img").count() == 0
