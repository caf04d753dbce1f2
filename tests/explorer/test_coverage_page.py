"""The coverage page and the page of a government and a year: what they show is what SQL says, down to one cell."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator

import pytest
from serving import NARROW, OpenPage, Serve, Site
from small_country import HOSTILE, served_country

from explorer.coverage_standing import GLYPHS, Standing

SHARES = """
select left(region_code, 2) || '0000' as code, report_year,
       count(*) filter (is_expected and report_id is not null) as reported, count(*) filter (is_expected) as expected
from fct_coverage
group by all
"""


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with served_country(tmp_path_factory.mktemp("country")) as site:
        yield site


def _cells(page: str) -> dict[tuple[str, str], str]:
    """Return the text of each cell of the map by row and place."""
    table = page.split('<table class="cov">')[1].split("</table>")[0]
    cells = {}
    for row in re.findall(r"<tr.*?</tr>", table, re.DOTALL)[1:]:
        name = re.search(r'<th scope="row".*?>(?:<a[^>]*>)?([^<]+)', row)
        assert name
        for place, cell in enumerate(re.findall(r"<td.*?</td>", row, re.DOTALL)):
            signs = re.sub(r"<span class=\"cov-words\">.*?</span>", "", cell)
            cells[name[1], str(2015 + place)] = re.sub(r"<[^>]+>", "", signs).strip()
    return cells


def test_the_country_is_counted_by_province(made: Site) -> None:
    names = {"510000": "四川省", "130000": "河北省"}
    cells = _cells(made.get("/coverage").text)
    for row in made.release.rows(SHARES):
        if row["code"] in names:
            shown = cells[names[row["code"]], str(row["report_year"])]
            assert shown == f"{row['reported']}/{row['expected']}", row
    assert cells["台湾省", "2015"] == GLYPHS[Standing.EXEMPT]
    assert cells["合计", "2015"] == "2/8"


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("?region=510000", {("四川省", "2015"): "●", ("泸州市", "2015"): "1/3", ("直管市", "2015"): "·"}),
        ("?region=510500", {("泸州市", "2016"): "○", ("江阳区", "2016"): "?", ("泸县", "2016"): "●"}),
        ("?region=510500", {("泸州市", "2015"): "◐", ("泸州市", "2017"): "⊗", ("江阳区", "2015"): "×"}),
        ("?region=130100", {("栾城县", "2016"): "●", ("栾城县", "2017"): "—", ("栾城区", "2016"): "—"}),
        ("?level=province", {("四川省", "2015"): "●", ("河北省", "2015"): "·"}),
        ("?region=510000&level=prefecture", {("泸州市", "2018"): "…"}),
        ("?region=510000&level=county", {("泸州市", "2015"): "0/2", ("直管市", "2015"): "·"}),
        ("?region=510521", {("泸县", "2016"): "●"}),
        ("?tracked=1", {("四川省", "2015"): "2/3", ("河北省", "2016"): "1/1"}),
    ],
)
def test_drilling_down_ends_at_single_governments(made: Site, path: str, expected: dict[tuple[str, str], str]) -> None:
    cells = _cells(made.get(f"/coverage{path}").text)
    assert {key: cells[key] for key in expected} == expected


def test_years_and_levels_narrow_the_map(made: Site) -> None:
    page = made.get("/coverage?from=2016&to=2017&level=county").text
    assert '<th scope="col">2016</th><th scope="col">2017</th></tr>' in page
    assert '<th scope="col">2015</th>' not in page
    assert "台湾省" not in page


@pytest.mark.parametrize(
    ("query", "sql"),
    [
        ("view=table", "select count(*) as n from fct_coverage"),
        ("view=table&tracked=1", "select count(*) as n from fct_coverage where is_tracked"),
        ("view=table&region=130000", "select count(*) as n from fct_coverage where province_name = '河北省'"),
        (
            "level=county&region=510500",
            "select count(*) as n from fct_coverage where region_code in ('510502', '510521')",
        ),
    ],
)
def test_the_file_holds_exactly_what_is_shown(made: Site, query: str, sql: str) -> None:
    counted = made.release.row(sql)
    assert counted
    answer = made.get(f"/coverage.csv?{query}")
    assert answer.headers["content-type"].startswith("text/csv")
    assert "attachment" in answer.headers["content-disposition"]
    rows = list(csv.DictReader(io.StringIO(answer.text.removeprefix("\ufeff"))))
    assert len(rows) == counted["n"]
    assert f"（{counted['n']} 行）" in made.get(f"/coverage?{query}").text


def test_the_file_of_the_map_carries_counts_and_states(made: Site) -> None:
    text = made.get("/coverage.csv?region=510000").text.removeprefix("\ufeff")
    rows = {(row["row_code"], row["report_year"]): row for row in csv.DictReader(io.StringIO(text))}
    area, single = rows["510500", "2015"], rows["510000", "2015"]
    assert (area["reported_count"], area["expected_count"], area["late_count"], area["standing"]) == ("1", "3", "1", "")
    assert (single["standing"], single["days_after_deadline"]) == ("on_time", "-3")


@pytest.mark.parametrize(
    ("path", "status", "named"),
    [
        ("/coverage?region=999999", 404, "999999"),
        ("/coverage?region=%3Cscript%3E", 404, "&lt;script&gt;"),
        ("/coverage?from=2018&to=2015", 400, "2018 &gt; 2015"),
        ("/coverage?from=1999", 400, "1999"),
        ("/coverage?level=town", 400, "town"),
        ("/coverage?view=pie", 400, "pie"),
        ("/coverage?view=table&page=99", 400, "99"),
        ("/coverage?tracked=yes", 400, "yes"),
        ("/coverage.csv?region=x", 404, "x"),
        ("/cell/510500/2030", 404, "510500 2030"),
        ("/cell/510500/２０１５", 404, "510500"),
        ("/cell/999999/2015", 404, "999999"),
        ("/cell/510502/2016?page=9", 400, "9"),
    ],
)
def test_odd_addresses_are_answered_by_name(made: Site, path: str, status: int, named: str) -> None:
    answer = made.get(path.replace("２０１５", "%EF%BC%92%EF%BC%90%EF%BC%91%EF%BC%95"))
    assert answer.status == status
    assert named in answer.text


@pytest.mark.parametrize("path", ["/coverage", "/coverage.csv", "/coverage?view=table&region=510000"])
def test_without_coverage_there_is_a_page_all_the_same(serve_release: Serve, path: str) -> None:
    assert serve_release({}).get(path).status == 200


@pytest.mark.parametrize(
    ("path", "shown", "hidden"),
    [
        ("510500/2015", ["迟 9 天", "2016-03-31", "《纲要》", "javascript:alert(1)"], ['href="javascript']),
        ("510500/2016", ["页面未写明", "/report/government:510500:2016"], []),
        ("510500/2017", ["公布后撤下", 'href="http://127.0.0.1:9/report.html"'], []),
        ("510500/2018", ["期限未到", "没有报告", "2019-03-31"], []),
        ("510502/2016", ["被拦截（瑞数）", "绝不破解验证", "共 25 次，第 1/2 页", "page=24&amp;q="], ["page=4&amp;"]),
        ("510502/2017", ["没有已知网站", "为它写一个来源文件"], []),
        ("710000/2016", ["不适用报告制度"], []),
        ("130111/2016", ["没有以代码 130111 存在的政府", "/cell/130111/2017"], []),
        ("130124/2016", ["/cell/130111/2017", "2017 栾城区 →"], []),
        ("130111/2017", ["/cell/130124/2016", "← 2016 栾城县"], []),
        ("510521/2016", ["本年度未要求它报告"], []),
    ],
)  # fmt: skip
def test_a_cell_tells_the_report_or_why_there_is_none(
    made: Site, path: str, shown: list[str], hidden: list[str]
) -> None:
    text = made.get(f"/cell/{path}").text
    assert [each for each in shown if each not in text] == []
    assert [each for each in (*hidden, HOSTILE) if each in text] == []


def test_a_reader_drills_down_to_the_report_by_keyboard_and_pointer(made: Site, browser_page: OpenPage) -> None:
    page = browser_page(made)
    page.goto(f"{made.address}/coverage")
    page.get_by_role("link", name="四川省").click()
    page.get_by_role("link", name="泸州市", exact=True).click()
    cell = page.locator("table.cov a", has_text="迟于期限").first
    cell.focus()
    assert page.locator(".tip").inner_text() == "泸州市 2015 年度：迟于期限，2016-04-09 公布，迟 9 天"
    cell.press("Enter")
    assert page.url == f"{made.address}/cell/510500/2015"
    assert page.get_by_role("heading", level=1).inner_text() == "泸州市 2015 年度"


def test_the_page_downloads_the_file_it_offers(made: Site, browser_page: OpenPage) -> None:
    page = browser_page(made)
    page.goto(f"{made.address}/coverage?region=510500&from=2016&to=2016")
    with page.expect_download() as waiting:
        page.get_by_role("link", name="下载 CSV（3 行）").click()
    assert len(waiting.value.path().read_text(encoding="utf-8").splitlines()) == 4


def test_a_narrow_page_scrolls_only_inside_its_tables(made: Site, browser_page: OpenPage) -> None:
    page = browser_page(made, NARROW)
    for path in ("/coverage?region=510000", "/coverage?view=table", "/cell/510502/2016", "/region/510500"):
        page.goto(made.address + path)
        assert page.evaluate("document.documentElement.scrollWidth") <= NARROW[0], path


def test_the_sample_night_is_covered_as_sql_says(site: Site) -> None:
    counted = site.release.row("select count(*) filter (is_tracked) as n from fct_coverage where is_expected")
    assert counted
    assert f"{counted['n']} 份所属政府有已知网站或报告" in site.get("/coverage").text
    report = site.release.row("select * from fct_report where issuer_type = 'government' order by report_id limit 1")
    assert report
    cell = site.get(f"/cell/{report['region_code']}/{report['report_year']}").text
    assert report["title"] in cell
    assert f"/report/{report['report_id']}" in cell
