"""The search page: what it finds, how it reads, and what it says when it cannot search."""

from __future__ import annotations

import re
import sqlite3
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from made_release import Rows
from serving import PATIENCE_SECONDS, OpenPage, Serve, Site

from explorer import search
from explorer.search_build import builder
from explorer.search_index import NoFullTextError
from explorer.search_kinds import KINDS

# "共 12 处", "多于 500 处": the total of a page of hits
TOTAL = re.compile(r"(共|多于) ([0-9,]+) 处")
HOSTILE = "<script>alert('复议')</script><img src=x onerror=alert(1)>复议"
ROW: dict[str, Any] = {
    "document_id": "d1",
    "report_id": "government:510500:2023",
    "report_year": 2023,
    "region_code": "510500",
    "region_name": "泸州市",
}
CURRENT = ROW | {"is_current": True}
ROWS: Rows = {
    "fct_section": [
        CURRENT | {"section_id": "s0001", "ordinal": 1, "path": "一、成效", "part": "achievements", "text": HOSTILE}
    ],
    "fct_cited_document": [
        CURRENT | {"citation_id": "c0001", "cited_as": "《行政复议法实施条例》", "cited_number": "国令〔2007〕499号"}
    ],
    "fct_report_item": [
        CURRENT | {"item_id": "i0001", "item_kind": "problem", "section_path": "二、问题", "text": "复议力量不足。"}
    ],
    "fct_report": [ROW | {"title": "泸州市法治政府建设报告", "issuer": "泸州市人民政府"}],
    "dim_region": [
        {"region_code": "510000", "region_name": "四川省"},
        {"region_code": "510500", "region_name": "泸州市"},
    ],
}


def search_for(site: Site, words: str, **parameters: str) -> str:
    """The page for a query, when all is indexed: by this process, or by another that serves the same home."""
    building, release = builder(site.home.path / "explorer"), site.release
    while any(building.progress(release, kind) for kind in KINDS.values()):
        building.ensure(release)
        assert building.wait(PATIENCE_SECONDS)
        assert building.failure is None
    more = "".join(f"&{name}={quote(value)}" for name, value in parameters.items())
    answer = site.get(f"/search?q={quote(words)}{more}")
    assert answer.status == 200
    return answer.text


def total(page: str) -> int:
    """The total that a page says, exactly."""
    found = TOTAL.search(page)
    assert found is not None
    assert found[1] == "共"
    return int(found[2].replace(",", ""))


@pytest.mark.parametrize("words", ["复议", "行政复议", "法", "2017", "放管服"])
def test_totals_are_those_of_sql(site: Site, words: str) -> None:
    counted = site.release.row(
        """
        select
            (select count(*) from fct_section
             where is_current and contains(coalesce(heading, '') || chr(10) || text, $words)) as text,
            (select count(*) from fct_report_item where is_current and contains(text, $words)) as items,
            (select count(*) from fct_cited_document
             where is_current and contains(concat_ws(chr(10), cited_as, cited_number, cited_number_raw), $words))
                as cited,
            (select count(*) from fct_report
             where contains(concat_ws(chr(10), title, issuer, document_number), $words)) as reports
        """,
        {"words": words},
    )
    script = site.release.row("select count(*) as count from fct_report where script <> 'Hans'")
    assert script == {"count": 0}
    assert counted is not None
    assert {kind: total(search_for(site, words, **{"in": kind})) for kind in counted} == counted


@pytest.mark.parametrize(
    ("kind", "words", "anchor"),
    [
        ("text", "复议", "#s0001"),
        ("cited", "499号", "#c0001"),
        ("items", "力量", "#i0001"),
        ("reports", "泸州", '"'),
    ],
)
def test_hits_lead_to_their_place_in_the_report(serve_release: Serve, kind: str, words: str, anchor: str) -> None:
    page = search_for(serve_release(ROWS), words, **{"in": kind})
    assert total(page) == 1
    assert f'href="/report/government:510500:2023{anchor}' in page
    assert f"<mark>{words}</mark>" in page


def test_words_of_reports_run_nothing(serve_release: Serve, browser_page: OpenPage) -> None:
    site = serve_release(ROWS)
    assert "<script>alert" not in search_for(site, "复议")
    page = browser_page(site)
    page.goto(f"/search?q={quote('复议')}")
    assert "<script>alert('复议')</script>" in page.locator(".search-hits").inner_text()
    assert page.locator(".search-hits mark").count() == 2


def test_filters_stand_in_the_form_and_narrow(serve_release: Serve) -> None:
    site = serve_release(ROWS)
    assert total(search_for(site, "复议", year="2023", region="510500", part="achievements")) == 1
    assert total(search_for(site, "复议", part="plan")) == 0
    assert total(search_for(site, "泸州", **{"in": "reports", "part": "plan"})) == 1
    page = search_for(site, "复议", region="510000")
    assert '<option value="510000" lang="zh-Hans" selected>四川省</option>' in page


@pytest.mark.parametrize(
    "query",
    ["year=1999", "year=x", "region=999999", "region=51", "topic=NONE", "part=none", "in=none", "page=0", "page=51"],
)
def test_what_cannot_be_asked_is_named(site: Site, query: str) -> None:
    answer = site.get(f"/search?q=a&{query}")
    assert answer.status == 400
    assert query.partition("=")[2] in answer.text


def test_a_query_too_long_is_named(site: Site) -> None:
    assert site.get(f"/search?q={'a' * 201}").status == 400


@pytest.mark.parametrize(
    ("words", "said"),
    [("", "怎样检索"), ("、。", "没有可检索的字"), ("绝无此语", "没有找到")],
)
def test_nothing_found_and_nothing_asked(site: Site, words: str, said: str) -> None:
    assert said in search_for(site, words)


def test_progress_is_said_while_the_index_is_made(serve_release: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("explorer.search_build.Builder.ensure", lambda *_: None)
    answer = serve_release(ROWS).get(f"/search?q={quote('复议')}")
    assert "索引建立中：0 / 1 份报告" in answer.text
    assert "共 0 处" in answer.text


@pytest.mark.parametrize("error", [NoFullTextError("no such module: fts5"), sqlite3.OperationalError("disk I/O error")])
def test_where_searching_is_not_possible_the_page_says_why(
    site: Site, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    def fail() -> None:
        raise error

    monkeypatch.setattr(search, "require_full_text", fail)
    answer = site.get("/search?q=a")
    assert answer.status == 503
    assert str(error) in answer.text


def test_a_home_that_cannot_be_written_to_is_said(serve_release: Serve) -> None:
    site = serve_release(ROWS)
    Path(site.home.path / "explorer").write_text("a file where the folder should be", encoding="utf-8")
    assert "索引未能更新" in site.get("/search?q=a").text
