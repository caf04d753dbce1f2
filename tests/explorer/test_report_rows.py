"""Reports of rows: versions beside each other, hostile words, overlapping numbers, missing texts."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

import pytest
from report_rows import REPORT, Table, add_number, report_tables
from serving import NARROW, WIDE, OpenPage, Serve

from explorer.report_data import Number, Standing, document_of
from explorer.report_diff import text_rows
from explorer.text_diff import compare

OLD = "2017年工作总结如下。\n一、主要工作\n全年办结案件30件。制定文件5件。开展培训。\n二、问题\n仍有不足。\n"
NEW = "2017年工作总结如下。\n一、主要工作\n全年办结案件35件。开展培训。新增窗口2个。\n二、问题\n仍有不足。\n"
HOSTILE = (
    "总结<script>document.title='broken'</script>如下。\n"
    "一、<img src=x onerror=\"document.title='broken'\">\n"
    "办结\u202e案件30件\u202c。</a></section><script src=http://evil.example/x.js></script>"
    "<a href=\"javascript:document.title='broken'\">见此</a>\u200b。\n"
)


def _two_versions() -> Table:
    tables = report_tables([OLD, NEW])
    add_number(tables, "全年办结案件30件。", "30", 1)
    add_number(tables, "制定文件5件。", "5", 1, indicator_code="RULES")
    add_number(tables, "全年办结案件35件。", "35", 2)
    add_number(
        tables, "新增窗口2个。", "2", 2, indicator_code="OTHER", indicator_phrase="新增窗口", tidy_exclusion="uncoded"
    )
    return tables


def test_versions_stand_beside_each_other_with_the_numbers_that_changed(serve_release: Serve) -> None:
    text = serve_release(_two_versions()).get(f"/report/{REPORT}/diff").text
    assert "全年办结案件3<del>0</del>件。" in text
    assert "全年办结案件3<ins>5</ins>件。" in text
    table = text[text.index("<tbody>") : text.index("</tbody>")]
    rows = [re.findall(r"<td[^>]*>(.*?)</td>", row, re.DOTALL) for row in table.split("</tr>")[:-1]]
    shown = [[re.sub(r"<[^>]+>", "", cell).strip() for cell in row] for row in rows]
    assert shown == [["", "30件", "35件", "改动"], ["", "5件", "—", "删去"], ["", "—", "2件", "新增"]]
    assert table.count('href="/evidence/document-1/') == 2
    assert table.count('href="/evidence/document-2/') == 2


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ("?a=document-1&b=document-2", "<del>0</del>"),
        ("?a=document-2&b=document-1", "<ins>0</ins>"),
        ("?b=document-2", "<del>0</del>"),
        ("?a=document-1&b=document-1", "正文相同"),
        ("?b=document-1", "只有一个版本"),
    ],
)
def test_any_two_versions_can_be_compared(serve_release: Serve, query: str, told: str) -> None:
    answer = serve_release(_two_versions()).get(f"/report/{REPORT}/diff{query}")
    assert (answer.status, told in answer.text) == (200, True)


def test_an_older_version_is_shown_with_its_own_numbers_and_says_so(serve_release: Serve) -> None:
    tables = _two_versions()
    names = [row["observation_id"] for row in tables["fct_observation"] if row["document_id"] == "document-1"]
    site = serve_release(tables)
    older = site.get(f"/report/{REPORT}?version=document-1").text
    assert "不是现行版本" in older
    assert re.findall(r'<tr id="row-([^"]+)"', older) == names
    led = site.get(f"/evidence/document-1/{names[0]}")
    assert "version=document-1" in led.url
    assert 'is-chosen" href="#panel"' in led.text


@pytest.mark.parametrize(
    ("same", "expected"),
    [
        ("", ["c"]),
        ("甲。", ["s甲。", "c"]),
        ("甲。乙。", ["skip 1", "s乙。", "c"]),
        ("甲。乙。丙。", ["skip 2", "s丙。", "c"]),
    ],
)
def test_of_what_stayed_only_the_sentence_beside_a_change_is_shown(same: str, expected: list[str]) -> None:
    rows = text_rows(compare(f"{same}旧文一段。", f"{same}新篇另说。"))
    seen = [f"skip {row.skipped}" if row.skipped else f"s{row.new[0].text}" if row.is_same else "c" for row in rows]
    assert seen == expected


def _number(**values: Any) -> Number:
    empty = dict.fromkeys(Number.__dataclass_fields__)
    flags = {"is_plan": False, "is_cumulative": False, "is_proposed": False, "indicator_code": "CASES"}
    return Number(**{**empty, **flags, **values})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("values", "standing"),
    [
        ({}, "tidy"),
        ({"is_proposed": True}, "proposed"),
        ({"tidy_exclusion": "low_confidence"}, "review"),
        ({"tidy_exclusion": "broken_identity", "is_proposed": True}, "review"),
        ({"tidy_exclusion": "plan"}, "plan"),
        ({"tidy_exclusion": "cumulative"}, "cumulative"),
        ({"tidy_exclusion": "comparison"}, "comparison"),
        ({"tidy_exclusion": "other_authority"}, "other_authority"),
        ({"tidy_exclusion": "uncoded"}, "uncoded"),
        ({"tidy_exclusion": "inner_unit"}, "out"),
        ({"tidy_exclusion": "older_version"}, "older"),
        ({"tidy_exclusion": "older_version", "is_plan": True}, "plan"),
        ({"tidy_exclusion": "older_version", "indicator_code": "OTHER"}, "uncoded"),
        ({"tidy_exclusion": "not_a_government"}, "out"),
        ({"tidy_exclusion": "not_a_government", "comparison": "growth"}, "comparison"),
    ],
)
def test_how_a_number_stands_to_the_tidy_table(values: dict[str, Any], standing: Standing) -> None:
    assert _number(**values).standing == standing


def test_numbers_that_overlap_each_keep_a_place_to_jump_to(serve_release: Serve) -> None:
    tables = report_tables(["总结。\n一、办结2.5万件\n共30件。\n"])
    add_number(tables, "一、办结2.5万件", "2.5万", observation_id="whole")
    add_number(tables, "一、办结2.5万件", "5", observation_id="inner")
    add_number(tables, "共30件。", "30", observation_id="one")
    add_number(tables, "共30件。", "30", observation_id="other")
    site = serve_release(tables)
    text = site.get(f"/report/{REPORT}").text
    for name in ("whole", "inner", "one", "other"):
        assert text.count(f'id="n-{name}"') == 1
        assert text.count(f'id="row-{name}"') == 1
    article = text[text.index("<article") : text.index("</article>")]
    assert "一、办结2.5万件" in unescape(re.sub(r"<[^>]+>", "", article))
    assert [
        (number.observation_id, number.section_id) for number in document_of(site.release, "document-1").numbers
    ] == [
        ("whole", "s0001"),
        ("inner", "s0001"),
        ("one", "s0001"),
        ("other", "s0001"),
    ]


@pytest.mark.parametrize("size", [WIDE, NARROW], ids=["wide", "narrow"])
def test_hostile_words_show_as_words_and_nothing_runs(
    serve_release: Serve, browser_page: OpenPage, size: tuple[int, int]
) -> None:
    tables = report_tables([HOSTILE, HOSTILE.replace("30", "31")], title="<script>document.title='broken'</script>")
    tables["fct_report_version"][-1]["url"] = "javascript:document.title='broken'"
    tables["dim_indicator"][0]["name_zh"] = "<img src=x onerror=\"document.title='broken'\">"
    name = add_number(
        tables,
        "案件31件",
        "31",
        2,
        observation_id="\"><script>document.title='broken'</script>",
        dimension="<b onclick=alert(1)>",
        note="</td><script>document.title='broken'</script>",
        rule="<script>",
        signals="<script>=<img>; ' onload='x",
    )
    page = browser_page(serve_release(tables), size)
    for path in (f"/report/{REPORT}", f"/report/{REPORT}/diff", "/reports"):
        page.goto(path)
        assert "broken" not in page.title().replace("document.title='broken'", "")
        assert page.locator("main script, main img, main [onclick], main [onerror]").count() == 0
        assert page.locator("a[href^='javascript']").count() == 0
    page.goto(f"/report/{REPORT}")
    article = page.locator("article")
    assert "<script src=http://evil.example/x.js></script>" in article.inner_text()
    assert page.locator(".report-unseen").all_inner_texts() == ["U+202E", "U+202C", "U+200B"]
    page.get_by_role("link", name="详情").click()
    page.locator("#panel blockquote").wait_for()
    assert "</td><script>" in page.locator("#panel").inner_text()
    assert page.evaluate("name => document.getElementById(`n-${name}`).textContent", name) == "31"
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.parametrize(
    ("url", "is_link"),
    [
        ("http://example.gov.cn/a", True),
        ("HTTPS://example.gov.cn/a", True),
        ("javascript:alert(1)", False),
        ("data:text/html,x", False),
        ("//example.gov.cn", False),
        (" http://example.gov.cn", False),
    ],
)
def test_only_web_addresses_lead_away_and_say_so(serve_release: Serve, url: str, is_link: bool) -> None:
    tables = report_tables([OLD])
    tables["fct_report_version"][0]["url"] = url
    text = serve_release(tables).get(f"/report/{REPORT}").text
    leaving = re.findall(r'<a class="report-leaving" href="([^"]+)" rel="noreferrer noopener external"', text)
    assert leaving == ([url] if is_link else [])


def test_a_report_without_text_or_numbers_says_so(serve_release: Serve) -> None:
    tables = report_tables([OLD])
    assert "没有从这一版本读出数字" in serve_release(tables).get(f"/report/{REPORT}").text


def test_a_document_without_sections_says_so(serve_release: Serve) -> None:
    tables = report_tables([OLD])
    tables["fct_section"] = []
    answer = serve_release(tables).get(f"/report/{REPORT}")
    assert (answer.status, "没有可显示的正文" in answer.text) == (200, True)
