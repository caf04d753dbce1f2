"""The pages of regions: they show what SQL says, across a change of code; every number leads to its sentence."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import quote

import pytest
from serving import OpenPage, Serve, Site
from small_country import HOSTILE, served_country


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with served_country(tmp_path_factory.mktemp("country")) as site:
        yield site


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ("泸州", "510500"),
        ("5105", "510500"),
        ("luzhou", "510500"),
        ("jyq", "510502"),
        ("栾城县", "130111"),
        ("130124", "130111"),
    ],
)
def test_a_region_is_found_by_name_code_and_pinyin(made: Site, asked: str, code: str) -> None:
    found = re.findall(
        r'<th scope="row" lang="zh-Hans"><a href="/region/(\d+)', made.get(f"/regions?q={quote(asked)}").text
    )
    assert found[0] == code


def test_regions_are_listed_by_province(made: Site) -> None:
    assert set(re.findall(r"/regions\?province=(\d+)", made.get("/regions").text)) == {"510000", "130000", "710000"}
    text = made.get("/regions?province=510000").text
    assert set(re.findall(r'href="/region/(\d+)"', text)) == {"510000", "510500", "510502", "510521", "519001"}


@pytest.mark.parametrize(
    ("path", "status", "named"),
    [
        ("/region/999999", 404, "999999"),
        ("/region/%3Cscript%3E", 404, "&lt;script&gt;"),
        ("/regions?province=510500", 404, "510500"),
        ("/regions?q=nowhere", 200, "nowhere"),
        ("/region/510500?checks=maybe", 400, "maybe"),
        ("/region/510500?checks_page=7", 400, "7"),
        ("/region/510500?issues_page=0", 400, "0"),
        ("/region/510500?items=1999", 400, "1999"),
    ],
)
def test_odd_addresses_are_answered_by_name(made: Site, path: str, status: int, named: str) -> None:
    answer = made.get(path)
    assert answer.status == status
    assert named in answer.text


@pytest.mark.parametrize("path", ["/regions", "/regions?q=lz"])
def test_an_empty_release_has_no_regions(serve_release: Serve, path: str) -> None:
    answer = serve_release({}).get(path)
    assert answer.status == 200
    assert "没有行政区划" in answer.text


def test_reports_are_listed_with_their_timeliness(made: Site) -> None:
    text = made.get("/region/510500").text
    rows = made.release.rows("select * from fct_report where region_code = '510500'")
    assert len(rows) == 3
    assert [row["report_id"] for row in rows if f"/report/{row['report_id']}" not in text] == []
    assert [words for words in ("迟 9 天", "已公布，日期不明", "公布后撤下", "期限未到") if words not in text] == []
    assert HOSTILE not in text


@pytest.mark.parametrize("code", ["130124", "130111"])
def test_a_series_goes_on_across_a_change_of_code(made: Site, code: str) -> None:
    text = made.get(f"/region/{code}").text
    spark = text.split('<svg class="spark"')[1].split("</svg>")[0]
    points = re.findall(r'<a href="([^"]+)" aria-label="([^"]+)"', spark)
    assert points == [
        ("/evidence/d1301242016/o1", "2016 年：7件"),
        ("/evidence/d1301112017/o1", "2017 年：9件"),
    ]
    assert 'class="break"' in spark
    assert len(re.findall("<polyline", spark)) == 1
    assert "代码变更" in text


def test_what_a_code_became_is_told(made: Site) -> None:
    text = made.get("/region/130124").text
    assert "已于 2017 年停用" in text
    assert '<a href="/region/130111" lang="zh-Hans">栾城区</a>' in text
    assert '<a href="/region/130124" lang="zh-Hans">栾城县</a>' in made.get("/region/130111").text


def test_approximations_and_conflicts_are_marked_and_gaps_stay(made: Site) -> None:
    spark = made.get("/region/510500").text.split('<svg class="spark"')[1].split("</svg>")[0]
    assert re.findall('aria-label="([^"]+)"', spark)[1:] == [
        "2015 年：120件",
        "2017 年：80件 · 约数 80余 · 报告内有矛盾",
    ]
    assert 'class="conflict"' in spark
    assert "<polyline" not in spark


def test_the_government_it_reports_to_is_named_beside_its_parent(made: Site) -> None:
    text = made.get("/region/510521").text
    assert '实际上级 <a href="/region/510000"' in text
    assert "试点" in text


def test_checks_issues_and_items_lead_to_their_sentences(made: Site) -> None:
    text = made.get("/region/510500").text
    assert "不符 1" in text
    assert "差 3" in text
    assert "/evidence/d5105002017/o2" in text
    assert "共 25 条，最重者在前，第 1/2 页" in text
    assert "一是problem。" in text
    assert "第 2/2 页" in made.get("/region/510500?issues_page=2").text


def test_neighbours_and_children_are_compared_by_their_last_report(made: Site) -> None:
    text = made.get("/region/510502").text.split('id="neighbours"')[1]
    assert '<a href="/cell/510521/2016">2016</a>' in text
    children = made.get("/region/510500").text.split('id="children"')[1]
    assert children.index("泸县") < children.index("江阳区")


def test_a_point_of_a_sparkline_leads_to_its_sentence(made: Site, browser_page: OpenPage) -> None:
    page = browser_page(made)
    page.goto(f"{made.address}/region/510500?lang=en")
    point = page.locator(".spark a").first
    point.focus()
    assert page.locator(".tip").inner_text() == "2015: 120 件"
    assert (point.get_attribute("href") or "").startswith("/evidence/d5105002015/o1?lang=en")


def test_the_sample_night_shows_the_chosen_numbers(site: Site) -> None:
    chosen = site.release.rows(
        """
        select * from fct_region_year_indicator
        inner join dim_indicator as indicator using (indicator_code)
        where region_code = '510500' and dimension = 'total' and status = 'done' and indicator.tier = 'core'
        """
    )
    text = site.get("/region/510500").text
    assert len(chosen) > 10
    missing = [row for row in chosen if f"/evidence/{row['document_id']}/{row['chosen_observation_id']}" not in text]
    assert missing == []
    assert text.count('<svg class="spark"') == len(chosen)
