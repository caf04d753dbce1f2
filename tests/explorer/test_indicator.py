"""Pages of indicators: the numbers of the release, gaps that are no zeros, and files that say the same."""

from __future__ import annotations

import csv
import io
from html import unescape
from typing import Any
from urllib.parse import quote

import pytest
from serving import OpenPage, Serve, Site

from explorer.web import BYTE_ORDER_MARK

HOSTILE = "<img src=x onerror=alert(1)>县"
SPANS = [
    ("220000", 1954, None, "吉林省", "province", "220000", "same"),
    ("330000", 1954, None, "浙江省", "province", "330000", "same"),
    ("130111", 2017, None, "栾城区", "county", "130111", "same"),
    ("130124", 1983, 2017, "栾城县", "county", "130111", "recoded"),
    ("330102", 1983, None, "上城区", "county", "330102", "same"),
    ("330199", 1983, 2018, "江干区", "county", "330102", "merged"),
    ("220999", 1983, None, HOSTILE, "county", "220999", "same"),
]
# region, year, value, what is special about it
NUMBERS: list[tuple[str, int, float, dict[str, Any]]] = [
    ("220000", 2016, 1200.0, {"qualifier": "约"}),
    ("220000", 2018, 0.0, {"qualifier": "zero_by_words"}),
    ("130124", 2016, 10.0, {}),
    ("130111", 2017, 20.0, {"has_conflict": True, "conflicting_values": "x=21"}),
    ("330102", 2016, 7.0, {}),
    ("330199", 2016, 8.0, {"confidence_final": 0.85}),
    ("220999", 2017, 20.0, {"scope": "市本级", "value_max": 30.0, "qualifier": "range"}),
    ("330102", 2017, 5.0, {"dimension": "一审"}),
    ("330102", 2017, 40.0, {"unit": "宗"}),
]


def release_rows() -> dict[str, list[dict[str, Any]]]:
    names = {code: (name, level) for code, _, _, name, level, _, _ in SPANS}
    numbers = [
        {
            "region_code": code, "report_year": year, "indicator_code": "RR_CLOSED", "dimension": "total",
            "status": "done", "region_name": names[code][0], "region_level": names[code][1], "value": value,
            "unit": "件", "qualifier": "exact", "value_text": "1", "is_cumulative": False, "has_conflict": False,
            "document_id": f"d{code}", "chosen_observation_id": f"o{year}", "confidence_final": 0.96,
            "sentence": f"办结{HOSTILE}", "url": "javascript:alert(1)", "report_id": f"government:{code}:{year}",
        } | special
        for code, year, value, special in NUMBERS
    ]  # fmt: skip
    regions = [
        {
            "region_code": code, "valid_from": first, "valid_to": last, "region_name": name, "region_level": level,
            "is_in_force": last is None, "current_code": current, "province_code": f"{code[:2]}0000",
        }
        for code, first, last, name, level, current, _ in SPANS
    ]  # fmt: skip
    bridge = [
        {
            "region_code": code, "valid_from": first, "valid_to": last, "region_name": name, "region_level": level,
            "current_code": current, "relation": relation, "is_main_line": True,
        }
        for code, first, last, name, level, current, relation in SPANS
    ]  # fmt: skip
    coverage = [
        {
            "region_code": "220000", "report_year": year, "region_level": "province", "is_expected": True,
            "status": status, "reason": None, "report_id": report, "current_code": "220000",
        }
        for year, status, report in [
            (2016, "published", "government:220000:2016"),
            (2017, "missing", None),
            (2018, "published", "government:220000:2018"),
            (2019, "published", "government:220000:2019"),
            (2020, "not_due", None),
        ]
    ]  # fmt: skip
    sums = [
        {
            "aggregate_code": code, "report_year": 2017, "member_level": "county", "indicator_code": "RR_CLOSED",
            "dimension": "total", "refusal": refusal, "value": value, "sum_of_stated": 40.0, "stated_count": 1,
            "expected_count": expected,
        }
        for code, refusal, value, expected in [("330000", None, 40.0, 1), ("220000", "members_missing", None, 9)]
    ]  # fmt: skip
    indicators = [
        {
            "indicator_code": code, "domain": "DISP", "domain_zh": "矛盾纠纷化解", "domain_en": "Disputes",
            "parent_code": parent, "tier": "core", "name_zh": name, "name_en": english, "definition": "What is counted",
            "unit": "件", "value_type": "count", "aggregation": "sum", "comparability": "同级可相加",
            "comparability_note": "受理机关范围不同", "comparability_breaks": "2017:改革",
        }
        for code, parent, name, english in [
            ("RR_CLOSED", "DISP", "行政复议-审结", "Reconsideration closed"),
            ("RR_UPHELD", "RR_CLOSED", "维持件数", "Upheld"),
        ]
    ]  # fmt: skip
    return {
        "dim_indicator": indicators, "dim_region": regions, "bridge_region": bridge, "fct_coverage": coverage,
        "fct_region_year_indicator": numbers, "sum_over_regions": sums,
    }  # fmt: skip


@pytest.fixture
def made(serve_release: Serve) -> Site:
    """An explorer on the rows above."""
    return serve_release(release_rows())


def csv_of(site: Site, path: str) -> list[dict[str, str]]:
    answer = site.get(path)
    assert answer.status == 200
    assert answer.text.startswith(BYTE_ORDER_MARK)
    return list(csv.DictReader(io.StringIO(answer.text.removeprefix(BYTE_ORDER_MARK))))


def series_of(site: Site, region: str) -> list[tuple[str, str, str, str]]:
    rows = csv_of(site, f"/indicator/RR_CLOSED.csv?region={region}")
    return [(row["region_name"], row["report_year"], row["value"], row["gap"]) for row in rows]


def test_a_series_says_why_a_year_has_no_number(made: Site) -> None:
    assert series_of(made, "220000") == [
        ("吉林省", "2016", "1200.0", ""),
        ("吉林省", "2017", "", "无报告"),
        ("吉林省", "2018", "0.0", ""),
        ("吉林省", "2019", "", "报告未写明或未读出"),
        ("吉林省", "2020", "", "未到期"),
    ]


@pytest.mark.parametrize("code", ["130111", "130124"])
def test_a_renamed_region_is_one_line_with_the_change_marked(made: Site, code: str) -> None:
    stated = [row for row in series_of(made, code) if row[2]]
    assert stated == [("栾城县", "2016", "10.0", ""), ("栾城区", "2017", "20.0", "")]
    page = made.get(f"/indicator/RR_CLOSED?region={code}").text
    assert page.count('aria-label="2017年起由栾城县（130124）改为栾城区（130111）"') == 1
    assert 'aria-label="栾城区 2017年 20件 有冲突"' in page
    assert 'aria-label="2017 改革"' in page


def test_units_that_are_one_today_keep_lines_of_their_own(made: Site) -> None:
    stated = [row for row in series_of(made, "330102") if row[2]]
    assert stated == [
        ("上城区", "2016", "7.0", ""),
        ("上城区", "2017", "40.0", ""),
        ("江干区", "2016", "8.0", ""),
    ]
    assert "江干区（后并入上城区）" in made.get("/indicator/RR_CLOSED?region=330102").text


@pytest.mark.parametrize(
    ("query", "label", "path"),
    [
        ("region=220000", "吉林省 2016年 1,200件 约数", "/evidence/d220000/o2016"),
        ("region=220000", "吉林省 2018年 0件", "/evidence/d220000/o2018"),
        ("region=330102&dimension=一审", "上城区 2017年 5件", "/evidence/d330102/o2017"),
        ("view=ranking&year=2017&level=county", "栾城区 2017年 20件 有冲突", "/evidence/d130111/o2017"),
        (
            "view=provinces&level=county",
            "浙江省 2017年 所属政府的中位数 40件（应报告 0 个政府中 1 个写明）",
            "/evidence/d330102/o2017",
        ),
    ],
)  # fmt: skip
def test_each_mark_says_its_number_and_leads_to_its_sentence(made: Site, query: str, label: str, path: str) -> None:
    page = made.get(f"/indicator/RR_CLOSED?{quote(query, safe='=&')}").text
    assert f'<a href="{path}" aria-label="{label}">' in page


@pytest.mark.parametrize(
    ("order", "places"),
    [
        ("desc", [("1", "330102"), ("2", "130111"), ("2", "220999")]),
        ("asc", [("1", "130111"), ("1", "220999"), ("3", "330102")]),
    ],
)
def test_equal_numbers_share_a_rank(made: Site, order: str, places: list[tuple[str, str]]) -> None:
    rows = csv_of(made, f"/indicator/RR_CLOSED.csv?view=ranking&year=2017&level=county&order={order}")
    assert [(row["place"], row["region_code"]) for row in rows] == places


def test_a_ranking_warns_and_can_be_kept_to_a_province(made: Site) -> None:
    page = made.get("/indicator/RR_CLOSED?view=ranking&year=2017&level=county&province=220000").text
    assert "受理机关范围不同" in page
    assert "不宜据此评价优劣" in page
    assert "1–1，共 1 个政府写明" in page
    assert "20–30件" in page


def test_a_distribution_counts_every_government(made: Site) -> None:
    rows = csv_of(made, "/indicator/RR_CLOSED.csv?view=distribution&year=2017&level=county")
    assert sum(int(row["government_count"]) for row in rows) == 3
    page = made.get("/indicator/RR_CLOSED?view=distribution&year=2017&level=county").text
    for quartile in ("最小", "第一四分位", "中位数", "第三四分位", "最大"):
        assert f'<th scope="row">{quartile}</th>' in page


def test_a_sum_that_is_refused_is_refused_in_words(made: Site) -> None:
    path = "view=provinces&measure=sum&level=county"
    rows = csv_of(made, f"/indicator/RR_CLOSED.csv?{path}")
    assert [(row["province_code"], row["value"], row["refusal"], row["of_stated"]) for row in rows] == [
        ("220000", "", "members_missing", "40.0"),
        ("330000", "40.0", "", "40.0"),
    ]
    page = made.get(f"/indicator/RR_CLOSED?{path}").text
    assert "部分政府没有写明：1 个省·年" in page
    assert "已写明合计 40" in page


def test_beside_every_plot_stands_what_it_bears(made: Site) -> None:
    for view in ("series", "ranking", "distribution", "provinces"):
        page = made.get(f"/indicator/RR_CLOSED?view={view}&level=province&year=2016").text
        for said in ("What is counted", "同级可相加", "2017:改革", "流量", "计数", "宗 (1)"):
            assert said in page
    assert "应报告 1 个次，取得报告 1，写明本指标 1。" in page or "应报告 5 个次，取得报告 3，写明本指标 2。" in page


@pytest.mark.parametrize("ending", ["svg", "png", "csv"])
@pytest.mark.parametrize("view", ["series", "ranking", "distribution", "provinces"])
def test_every_view_can_be_kept(made: Site, view: str, ending: str) -> None:
    answer = made.get(f"/indicator/RR_CLOSED.{ending}?view={view}&year=2017&level=county&region=220999")
    assert answer.status == 200
    assert f"RR_CLOSED-{view}" in answer.headers["content-disposition"]
    assert "<img" not in answer.text or ending == "csv"


@pytest.mark.parametrize(
    "query", ["region=220999", "view=ranking&year=2017&level=county", "view=provinces&level=county", "find=img"]
)
def test_names_of_the_data_run_nothing(made: Site, query: str) -> None:
    page = made.get(f"/indicator/RR_CLOSED?{query}").text
    assert "<img" not in page
    assert "javascript:" not in page


@pytest.mark.parametrize(
    ("query", "codes"),
    [
        ("q=xzfy", ["RR_CLOSED"]),
        ("q=RR_", ["RR_CLOSED", "RR_UPHELD"]),
        ("q=uphe", ["RR_UPHELD"]),
        ("q=维持", ["RR_UPHELD"]),
        ("numbers=yes", ["RR_CLOSED"]),
        ("domain=DISP&tier=extended", []),
        ("q=<b>", []),
    ],
)
def test_indicators_are_found_by_what_people_type(made: Site, query: str, codes: list[str]) -> None:
    page = made.get(f"/indicators?{quote(query, safe='=&')}").text
    assert [code for code in ("RR_CLOSED", "RR_UPHELD") if f"<code>{code}</code>" in page] == codes
    assert f"列出 {len(codes)} 项" in page


def test_a_region_is_added_by_its_name(made: Site) -> None:
    assert made.get("/indicator/RR_CLOSED?region=220000&find=luancheng").url.endswith("?region=220000&region=130111")
    several = made.get("/indicator/RR_CLOSED?region=220000&find=130").text
    assert "栾城区" in several
    assert "没有找到“nowhere”" in made.get("/indicator/RR_CLOSED?find=nowhere").text


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/indicator/NONE", 404),
        ("/indicator/NONE.csv", 404),
        ("/indicator/RR_UPHELD.svg", 404),
        ("/indicator/RR_UPHELD", 200),
        ("/indicator/RR_UPHELD.csv?view=ranking", 200),
        ("/indicator/RR_CLOSED?view=pie", 400),
        ("/indicator/RR_CLOSED?region=999999", 400),
        ("/indicator/RR_CLOSED?year=1066", 400),
        ("/indicator/RR_CLOSED?from=2019&to=2016", 400),
        ("/indicator/RR_CLOSED?dimension=none", 400),
        ("/indicator/RR_CLOSED?view=ranking&page=9", 400),
        ("/indicator/RR_CLOSED?view=ranking&province=11", 400),
        ("/indicator/RR_CLOSED?status=proposed", 400),
        ("/indicators?tier=none", 400),
    ],
)
def test_odd_addresses_are_answered_with_a_page(made: Site, path: str, status: int) -> None:
    assert made.get(path).status == status


def test_english_pages_name_indicators_in_english(made: Site) -> None:
    page = made.get("/indicator/RR_CLOSED?lang=en&region=220000").text
    assert "<h1>Reconsideration closed" in page
    assert 'aria-label="吉林省 2016: 1,200件 rounded"' in page
    assert 'href="/evidence/d220000/o2016?lang=en"' in page


def test_the_permalink_gives_the_same_plot(made: Site) -> None:
    path = "region=130111&region=220000&from=2016&to=2018"
    page = made.get(f"/indicator/RR_CLOSED?{path}").text
    pinned = made.get(f"/indicator/RR_CLOSED?{path}&release=2026-04-21-made&lang=zh").text
    assert f"/indicator/RR_CLOSED?{path}&release=2026-04-21-made&lang=zh" in unescape(page)
    labels = [part.partition('"')[0] for part in page.split('aria-label="') if "年 " in part.partition('"')[0]]
    assert labels == [
        part.partition('"')[0] for part in pinned.split('aria-label="') if "年 " in part.partition('"')[0]
    ]


def test_the_sample_night_shows_the_numbers_of_its_tables(site: Site) -> None:
    row = site.release.row(
        "select * from fct_region_year_indicator where dimension = 'total' and value is not null and status = 'done' "
        "order by region_code, indicator_code"
    )
    assert row is not None
    page = site.get(f"/indicator/{row['indicator_code']}?region={row['region_code']}").text
    assert f"/evidence/{row['document_id']}/{row['chosen_observation_id']}" in page
    counted = site.release.row(
        "select count(distinct region_code) as regions from fct_region_year_indicator where indicator_code = $code",
        {"code": row["indicator_code"]},
    )
    assert counted is not None
    listed = site.get(f"/indicators?q={row['indicator_code']}").text
    assert f'<td class="number">{counted["regions"]}</td>' in listed


def test_a_mark_is_reached_by_keyboard_and_leads_to_its_sentence(made: Site, browser_page: OpenPage) -> None:
    page = browser_page(made)
    page.goto("/indicator/RR_CLOSED?region=220000&region=220999")
    mark = page.locator('svg a[href="/evidence/d220000/o2016"]')
    mark.focus()
    assert page.locator(".tip").inner_text() == "吉林省 2016年 1,200件 约数"
    assert page.evaluate("document.activeElement.getAttribute('href')") == "/evidence/d220000/o2016"
    page.get_by_role("link", name="移除吉林省").click()
    assert page.url.endswith("?region=220999")
    page.get_by_label("添加地区").fill("jls")
    page.keyboard.press("Enter")
    page.wait_for_url("**/indicator/RR_CLOSED?region=220999&region=220000")
    with page.expect_download() as kept:
        page.get_by_role("link", name="下载 SVG").click()
    assert kept.value.suggested_filename == "RR_CLOSED-series-2026-04-21-made.svg"
