"""Reports of the sample night: list, text with its numbers, panel, archived bytes; compared with SQL on the release."""

from __future__ import annotations

import hashlib
import re
from html import unescape

import pytest
from serving import NARROW, WIDE, OpenPage, Site

from explorer.releases import Release, Row
from explorer.report_data import STANDINGS, document_of

LUZHOU = "government:510500:2017"
# <a id="n-…" class="report-n s-tidy" …>79</a>
TEXT_NUMBER = re.compile(r'<a id="n-([^"]+)" class="report-n s-(\w+)[^"]*"[^>]*>([^<]*)</a>')


def _report(release: Release) -> Row:
    row = release.row("select * from fct_report where report_id = $id", {"id": LUZHOU})
    assert row is not None
    return row


def _one(release: Release, condition: str) -> Row:
    """The first number of the report that fits a condition."""
    row = release.row(
        f"select * from fct_observation where report_id = $id and {condition} order by char_start",  # noqa: S608
        {"id": LUZHOU},
    )
    assert row is not None, condition
    return row


def test_sections_tile_every_document_and_offsets_point_at_the_numbers(site: Site) -> None:
    release = site.release
    documents = release.rows("select document_id, char_count from fct_report_version")
    assert documents
    for each in documents:
        document = document_of(release, each["document_id"])
        places = [section.char_start for section in document.sections[1:]]
        assert places == [section.char_end for section in document.sections[:-1]]
        start = document.sections[0].char_start
        text = document.text
        assert len(text) == document.sections[-1].char_end - start
        for number in document.numbers:
            assert text[number.char_start - start : number.char_end - start] == number.value_text
            assert text.startswith(number.sentence, number.sentence_start - start)
        for item in document.items:
            assert text[item.char_start - start : item.char_end - start] == item.text
        for cited in document.citations:
            assert text[cited.char_start - start : cited.char_end - start] == cited.cited_as


def test_the_list_shows_the_newest_first_and_how_many(site: Site) -> None:
    expected = site.release.rows("select report_id from fct_report order by published_on desc nulls last, report_id")
    text = site.get("/reports").text
    assert re.findall(r'<a href="/report/([^"/]+)">', text) == [row["report_id"] for row in expected]
    assert f"共 {len(expected)} 份报告" in text


@pytest.mark.parametrize(
    ("query", "condition"),
    [
        ("region=510500", "region_code = '510500'"),
        ("region=510000", "province_code = '510000'"),
        ("region=四川", "province_name = '四川省'"),
        ("region=咸安", "region_name = '咸安区'"),
        ("year=2017", "report_year = 2017"),
        ("issuer_type=government", "issuer_type = 'government'"),
        ("timeliness=on_time", "timeliness = 'on_time'"),
        ("timeliness=undated", "timeliness is null"),
        ("year=2017&timeliness=on_time", "report_year = 2017 and timeliness = 'on_time'"),
        ("region=不存在", "false"),
    ],
)
def test_filters_of_the_list(site: Site, query: str, condition: str) -> None:
    expected = site.release.rows(f"select report_id from fct_report where {condition}")  # noqa: S608
    from urllib.parse import quote

    answer = site.get(f"/reports?{quote(query, safe='=&')}")
    assert answer.status == 200
    assert set(re.findall(r'<a href="/report/([^"/]+)">', answer.text)) == {row["report_id"] for row in expected}
    as_file = site.get(f"/reports?{quote(query, safe='=&')}&format=csv")
    assert "attachment" in as_file.headers["content-disposition"]
    assert len(as_file.text.strip().splitlines()) == len(expected) + 1


@pytest.mark.parametrize(
    ("path", "status", "named"),
    [
        ("/reports?year=1066", 400, "1066"),
        ("/reports?page=2", 400, "page"),
        ("/reports?timeliness=early", 400, "early"),
        ("/reports?issuer_type=nobody", 400, "nobody"),
        ("/reports?format=pdf", 400, "pdf"),
        ("/report/none-such", 404, "none-such"),
        ("/report/none/such", 404, "none/such"),
        (f"/report/{LUZHOU}?version=none-such", 404, "none-such"),
        (f"/report/{LUZHOU}?obs=none-such", 404, "none-such"),
        (f"/report/{LUZHOU}?show=none-such", 400, "none-such"),
        (f"/report/{LUZHOU}/diff?a=none-such", 404, "none-such"),
        ("/report/none-such/diff", 404, "none-such"),
        ("/evidence/none/such", 404, "none/such"),
        ("/capture/none-such", 404, "none-such"),
        ("/capture/none-such/raw", 404, "none-such"),
        (f"/report/{LUZHOU}?obs=%00", 400, "obs"),
    ],
)
def test_what_does_not_exist_is_named(site: Site, path: str, status: int, named: str) -> None:
    answer = site.get(path)
    assert answer.status == status
    assert named in answer.text


def test_every_number_is_marked_by_its_standing_and_listed(site: Site) -> None:
    release = site.release
    document = document_of(release, _report(release)["document_id"])
    text = site.get(f"/report/{LUZHOU}").text
    marked = [(name, standing, unescape(shown)) for name, standing, shown in TEXT_NUMBER.findall(text)]
    expected = [(each.observation_id, each.standing, each.value_text) for each in document.numbers]
    assert marked == expected
    assert re.findall(r'<tr id="row-([^"]+)"', text) == [each.observation_id for each in document.numbers]
    kept_out = release.rows(
        "select tidy_exclusion, count(*) as n from fct_observation where report_id = $id group by 1", {"id": LUZHOU}
    )
    counts = {row["tidy_exclusion"]: row["n"] for row in kept_out}
    for exclusion in ("plan", "comparison", "cumulative", "uncoded"):
        assert sum(standing == exclusion for _, standing, _ in marked) == counts.get(exclusion, 0)


@pytest.mark.parametrize("standing", ["tidy", "plan", "uncoded"])
def test_the_filter_marks_only_what_is_asked_for(site: Site, standing: str) -> None:
    document = document_of(site.release, _report(site.release)["document_id"])
    text = site.get(f"/report/{LUZHOU}?show={standing}").text
    expected = [each.observation_id for each in document.numbers if each.standing == standing]
    assert [name for name, _, _ in TEXT_NUMBER.findall(text)] == expected
    assert standing in STANDINGS


def test_the_way_from_a_number_to_its_sentence(site: Site) -> None:
    number = _one(site.release, "sentence_start > 2000")
    document, name = number["document_id"], number["observation_id"]
    answer = site.get(f"/evidence/{document}/{name}?lang=en")
    assert answer.status == 200
    assert answer.url.endswith(f"/report/{LUZHOU}?version={document}&obs={name}&lang=en#n-{name}")
    assert 'class="report-n s-tidy report-sentence is-chosen"' in answer.text
    assert f'<blockquote lang="zh-Hans">{number["sentence"]}' in answer.text


def test_the_panel_shows_identities_with_the_numbers_on_their_other_side(site: Site) -> None:
    release = site.release
    check = release.row(
        "select * from fct_identity_check where report_id = $id and status = 'holds' and kind = 'le' limit 1",
        {"id": LUZHOU},
    )
    assert check is not None
    first, *others = check["observation_ids"].split("; ")
    text = site.get(f"/report/{LUZHOU}?obs={first}").text
    panel = text[text.index('id="panel"') : text.index("report-numbers")]
    assert unescape(panel).count(check["description"]) == 1
    assert all(f"obs={other}#n-{other}" in panel for other in others)


def test_parts_and_their_whole_lead_to_each_other(site: Site) -> None:
    part = _one(site.release, "parent_id is not null")
    of_part = site.get(f"/report/{LUZHOU}?obs={part['observation_id']}").text
    of_whole = site.get(f"/report/{LUZHOU}?obs={part['parent_id']}").text
    assert f"obs={part['parent_id']}#n-" in of_part
    assert f"obs={part['observation_id']}#n-" in of_whole


def test_archived_bytes_are_those_that_were_read_and_nothing_in_them_runs(site: Site) -> None:
    report = _report(site.release)
    page = site.get(f"/capture/{report['capture_id']}").text
    assert report["content_sha256"] in page
    assert report["warc_file"] in page
    raw = site.get(f"/capture/{report['capture_id']}/raw")
    assert raw.status == 200
    assert str(raw.headers["content-type"]).startswith("text/plain")
    assert str(raw.headers["content-security-policy"]).startswith("sandbox; default-src 'none'")
    assert raw.headers["x-content-type-options"] == "nosniff"
    assert hashlib.sha256(raw.text.encode()).hexdigest() == report["content_sha256"]


def test_one_version_has_nothing_to_compare_with(site: Site) -> None:
    answer = site.get(f"/report/{LUZHOU}/diff")
    assert answer.status == 200
    assert "只有一个版本" in answer.text


@pytest.mark.parametrize("size", [WIDE, NARROW], ids=["wide", "narrow"])
def test_in_a_browser_numbers_and_list_lead_to_each_other(
    site: Site, browser_page: OpenPage, size: tuple[int, int]
) -> None:
    number = _one(site.release, "sentence_start > 3000")
    name = number["observation_id"]
    page = browser_page(site, size)
    page.goto(f"/report/{LUZHOU}")
    in_text, row = page.locator(f"[id='n-{name}']"), page.locator(f"[id='row-{name}']")
    assert in_text.inner_text() == number["value_text"]
    in_text.hover()
    assert "is-lit" in (row.get_attribute("class") or "")
    in_text.click()
    assert "is-target" in (row.get_attribute("class") or "")
    row.locator("a.report-n").press("Enter")
    assert "is-target" in (in_text.get_attribute("class") or "")
    assert page.url.endswith(f"#n-{name}")
    page.wait_for_function("name => { const box = document.getElementById(name).getBoundingClientRect();"
                           " return box.top > 0 && box.bottom < innerHeight }", arg=f"n-{name}")  # fmt: skip
    row.get_by_role("link", name="详情").click()
    page.locator("#panel blockquote").wait_for()
    assert page.locator("#panel blockquote").inner_text() == number["sentence"]
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_in_a_browser_the_legend_hides_at_once_and_the_address_tells(site: Site, browser_page: OpenPage) -> None:
    document = document_of(site.release, _report(site.release)["document_id"])
    tidy = sum(each.standing == "tidy" for each in document.numbers)
    page = browser_page(site)
    page.goto(f"/report/{LUZHOU}")
    rows = page.locator(".report-numbers tbody tr:visible")
    assert rows.count() == len(document.numbers)
    page.locator("input[name=show][value=tidy]").uncheck()
    assert rows.count() == len(document.numbers) - tidy
    assert page.locator(".report-text .s-tidy.is-off").count() == tidy
    page.reload()
    assert page.locator(".report-text .s-tidy").count() == 0
    page.locator("input[name=show][value=tidy]").check()
    page.wait_for_url("**show=tidy**")
    page.locator(".report-text .s-tidy").first.wait_for()
    assert page.locator(".report-text .s-tidy").count() == tidy


def test_without_scripts_the_links_lead_to_the_places(site: Site) -> None:
    text = site.get(f"/report/{LUZHOU}").text
    places = set(re.findall(r'id="([^"]+)"', text))
    assert {unescape(target) for target in re.findall(r'href="#([^"]+)"', text)} <= places
    assert len(re.findall(r'id="([^"]+)"', text)) == len(places)
