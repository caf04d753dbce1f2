"""Finding the column of reports: links by slug and title, reports by title, ids from hosts, golden files."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from scrapers.columns import column_links, is_column_address, reports_among
from scrapers.commands import table
from scrapers.families.common import Entry, WebPage
from scrapers.golden import GoldenError, RecordedPage, differences, write_golden
from scrapers.scaffold import ScaffoldError, id_for, region_name, set_status, source_text
from scrapers.sources import SourceFileError, parse_source
from scrapers.titles import TitleRule

URL = "http://portal.example/zwgk/"
NOW = datetime(2026, 3, 1, tzinfo=UTC)
SOURCE = {
    "id": "some-county",
    "name": "某县网",
    "owner": "某县: 人民政府",
    "region": "350123",
    "family": "trs",
    "start_urls": [URL],
}


@pytest.mark.parametrize(
    ("href", "text", "score"),
    [
        ("fzzfjsndbg/", "法治政府建设年度报告", 6),
        ("fzzfndbg_216183/", "年度报告", 4),
        ("fzzfjs/", "专题", 2),
        ("c100186/list.shtml", "法治政府建设情况报告", 3),
        ("c100186/list.shtml", "依法行政", 2),
        ("xxgk/", "政府信息公开", 1),
        ("xxgk/", "政府信息公开年报", 0),
        ("fzzfjssfcj/", "法治政府建设示范创建", 0),
        ("t20240328_1.html", "某县2023年法治政府建设情况报告", 0),
        ("javascript:;", "法治政府建设年度报告", 0),
        (".", "法治政府建设年度报告", 0),
    ],
)
def test_links_are_weighed_by_slug_and_title(href: str, text: str, score: int) -> None:
    links = column_links(WebPage(URL, f'<a href="{href}">{text}</a>'))
    assert [link.score for link in links] == ([score] if score else [])


def test_the_surest_link_comes_first() -> None:
    page = '<a href="a/">信息公开</a><a href="fzzfjs/">依法行政</a><a href="fzzfjsndbg/">年度报告</a>'
    assert [link.url.removeprefix(URL) for link in column_links(WebPage(URL, page))] == ["fzzfjsndbg/", "fzzfjs/", "a/"]


@pytest.mark.parametrize(
    ("url", "is_column"),
    [
        ("https://jw.portal.example/zwgk_209/fzzfjsndbg/", True),
        ("http://www.portal.example/xxgk/ndfzzfjsbg/", True),
        ("http://fzzf.example/xxgk/", False),
    ],
)
def test_addresses_of_columns(url: str, is_column: bool) -> None:
    assert is_column_address(url) is is_column


def test_reports_are_told_from_the_rest_and_the_newest_is_first() -> None:
    titles = {
        "某县2022年法治政府建设情况报告": None,
        "某县法治政府建设工作报告": date(2025, 3, 1),
        "某县2023年度法治政府建设工作总结": None,
        "某县法治政府建设实施方案": None,
        "《2023年法治政府建设情况报告》解读": None,
    }
    entries = [Entry(URL, title, day) for title, day in titles.items()]
    assert [entry.title for entry in reports_among(entries, TitleRule())] == [
        "某县法治政府建设工作报告",
        "某县2023年度法治政府建设工作总结",
        "某县2022年法治政府建设情况报告",
    ]


@pytest.mark.parametrize(
    ("url", "source_id"),
    [
        ("https://jyj.zunyi.gov.cn/x/", "zunyi-jyj"),
        ("http://www.gz.gov.cn/x/", "gz"),
        ("http://www.a.gov.cn/x/", "a-gov"),
        ("http://127.0.0.1:8731/x/", "local-127-0-0-1-8731"),
    ],
)
def test_ids_come_from_hosts(url: str, source_id: str) -> None:
    assert id_for(url) == source_id


def test_only_divisions_in_force_are_accepted() -> None:
    assert region_name("510500") == "泸州市"
    with pytest.raises(ScaffoldError, match="510200: no division in force"):
        region_name("510200")


def test_a_written_source_is_read_back_the_same_and_changes_its_status_alone(tmp_path: Path) -> None:
    path = tmp_path / "some-county.yml"
    path.write_text(source_text(SOURCE) + "# a remark\n", encoding="utf-8")
    assert parse_source(path.read_text(encoding="utf-8")).owner == "某县: 人民政府"
    for status in ("verified", "retired"):
        set_status(path, status)
        text = path.read_text(encoding="utf-8")
        assert parse_source(text).status == status
        assert text == source_text(SOURCE) + f"# a remark\nstatus: {status}\n"
    with pytest.raises(SourceFileError, match="status: 'maybe'"):
        set_status(path, "maybe")
    assert parse_source(path.read_text(encoding="utf-8")).status == "retired"


def test_golden_files_tell_when_reading_changes(tmp_path: Path) -> None:
    body = '<ul><li><a href="1.html">某县2023年法治政府建设情况报告</a><span>2024-01-09</span></li></ul>'.encode()
    page = RecordedPage(URL, body, "text/html")
    write_golden(tmp_path, "s", "generic", {}, [page], None, NOW)
    assert differences(tmp_path) == []
    (tmp_path / "list-1.html").write_bytes(body.replace(b"2024-01-09", b"2024-01-10"))
    assert [line.partition(":")[0] for line in differences(tmp_path)] == ["list-1.html"]
    with pytest.raises(GoldenError, match="there already"):
        write_golden(tmp_path, "s", "generic", {}, [page], None, NOW)


@pytest.mark.parametrize(
    ("content", "message"), [(None, "nothing was recorded"), ("{", "no JSON"), ("{}", "article: missing")]
)
def test_broken_golden_files_are_named(tmp_path: Path, content: str | None, message: str) -> None:
    if content is not None:
        (tmp_path / "golden.json").write_text(content, encoding="utf-8")
    with pytest.raises(GoldenError, match=message):
        differences(tmp_path)


def test_tables_count_chinese_letters_double_and_cut_long_cells() -> None:
    lines = table(("甲", "b"), [("某县", None), ("x" * 90, 1)]).splitlines()
    assert lines[1] == "某县" + " " * 56 + "  –"
    assert lines[2].startswith("x" * 59 + "…  1")
