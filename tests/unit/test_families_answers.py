"""Reading JSON answers strictly, telling families apart by what counts, and pages that mean harm."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scrapers.families import FAMILIES, OPTION_SCHEMAS
from scrapers.families.answers import (
    AnswerError,
    absolute_url,
    at_path,
    day_of,
    load_answer,
    looks_like_json,
    plain_title,
    whole_number,
)
from scrapers.families.common import (
    Entry,
    ListPage,
    PageRequest,
    WebPage,
    attachment_urls,
    link_target,
    sibling_pages,
)
from scrapers.families.detect import detect_family
from scrapers.families.json_api import KNOWN_INTERFACES
from scrapers.walk import ListWalk, StopReason

URL = "http://portal.example/zwgk/bg/index.html"


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('{"a": 1}', {"a": 1}),
        ("\ufeff\r\n\r\n [1]\n", [1]),
        ('\r\n\ufeff\r\nresult({"a": 1});\r\n', {"a": 1}),
        ('jQuery1.cb_2 ({"a": 1})', {"a": 1}),
    ],
)
def test_what_is_wrapped_around_an_answer_comes_off(text: str, value: Any) -> None:
    assert looks_like_json(text)
    assert load_answer(text) == value


@pytest.mark.parametrize("text", ["", "<html>", "alert(1)", "维护中", "var x = {};"])
def test_other_text_is_no_answer(text: str) -> None:
    assert not looks_like_json(text)


@pytest.mark.parametrize("text", ["{", '{"a": ', "{a: 1}", "[" * 100_000, "[" + "9" * 9_999 + "]"])
def test_broken_json_is_an_error(text: str) -> None:
    with pytest.raises(AnswerError):
        load_answer(text)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("", {"a": {"b": [{"c": 7}]}}),
        ("a.b.0.c", 7),
        ("a.b.1.c", None),
        ("a.b.c", None),
        ("a.x", None),
        ("a.b.0.c.d", None),
    ],
)
def test_paths(path: str, value: Any) -> None:
    assert at_path({"a": {"b": [{"c": 7}]}}, path) == value


@pytest.mark.parametrize(
    ("value", "number"),
    [(7, 7), ("7", 7), (" 52 ", 52), (0, 0), (-1, None), (True, None), ("7条", None), (None, None), ("9" * 5000, None)],
)
def test_counts(value: Any, number: int | None) -> None:
    assert whole_number(value) == number


@pytest.mark.parametrize(
    ("value", "day"),
    [
        ("2024-02-03 09:15", date(2024, 2, 3)),
        ("2024-02-03T09:15:00", date(2024, 2, 3)),
        (1706889599, date(2024, 2, 2)),
        (1706889600, date(2024, 2, 3)),
        ("1706889600000", date(2024, 2, 3)),
        (True, None),
        (None, None),
        ("近日", None),
        ({}, None),
    ],
    ids=str,
)
def test_days_are_those_of_china(value: Any, day: date | None) -> None:
    assert day_of(value) == day


@pytest.mark.parametrize(
    ("value", "title"),
    [
        ("<em>法治</em>政府&nbsp;报告 ", "法治政府 报告"),
        ("关于&lt;条例&gt;的报告", "关于<条例>的报告"),
    ],
)
def test_titles_lose_their_markup(value: str, title: str) -> None:
    assert plain_title(value) == title


@pytest.mark.parametrize("value", [None, 7, "", " <b></b> "])
def test_a_record_needs_a_title(value: Any) -> None:
    with pytest.raises(AnswerError):
        plain_title(value)


@pytest.mark.parametrize("value", [None, 7, "", "javascript:x()", "ftp://h/a", "http://[::1", "mailto:a@b", "#"])
def test_a_record_needs_an_address(value: Any) -> None:
    with pytest.raises(AnswerError):
        absolute_url(value, URL)
    assert link_target(URL, str(value or "")) is None or value == 7


def test_an_address_without_scheme_takes_that_of_the_answer() -> None:
    assert absolute_url("//portal.example/a.html", URL) == "http://portal.example/a.html"


TRS_LINK = "<a href='http://{}/202403/t20240328_{}.html'>某某某</a>"


@pytest.mark.parametrize(
    ("url", "body", "family"),
    [
        (URL, "<a href='/gkmlpt/index'>政府信息公开平台</a>", "generic"),
        (URL, "<script src='/gkmlpt/js/app.js'></script>", "gkmlpt"),
        (URL, TRS_LINK.format("portal.example", 1), "generic"),
        (URL, TRS_LINK.format("portal.example", 1) + TRS_LINK.format("portal.example", 2), "trs"),
        (URL, TRS_LINK.format("other.example", 1) + TRS_LINK.format("other.example", 2), "generic"),
        ("http://portal.example/xx/202403/t20240328_1.html", "<p>全文</p>", "trs"),
        ("http://portal.example/art/2024/2/1/art_1_2.html", "<p>全文</p>", "hanweb_jpage"),
        ("http://portal.example/info/1001/234.htm", "<p>全文</p>", "vsb"),
        (URL, "<div class='TRS_Editor'></div><UCAPTITLE></UCAPTITLE>", "ucap"),
        (URL, "<script type='text/xml'><datastore></datastore></script><div id='vsb_content'>", "hanweb_jpage"),
        (URL, "<a href='http://[bad'>坏</a>", "generic"),
        (URL, "", "generic"),
        (URL, "{", "json_api"),
    ],
)
def test_only_marks_that_prove_something_name_a_family(url: str, body: str, family: str) -> None:
    assert detect_family(WebPage(url, body)).family == family


def test_the_options_of_known_interfaces_are_allowed() -> None:
    allowed = OPTION_SCHEMAS["json_api"]["properties"]
    assert all(set(options) <= set(allowed) for _, options in KNOWN_INTERFACES)
    assert set(OPTION_SCHEMAS) <= set(FAMILIES)


def test_requests_are_told_apart_by_their_form() -> None:
    first, second = PageRequest(URL, "POST", "current=1"), PageRequest(URL, "POST", "current=2")
    assert first.key != second.key != PageRequest(URL).key == URL


def test_a_walk_goes_on_through_forms_at_one_address_and_reports_what_it_could_not_use() -> None:
    def listed(number: int, following: int | None, *skipped: str) -> ListPage:
        request = PageRequest(URL, "POST", f"current={following}") if following else None
        return ListPage((Entry(f"{URL}?{number}", "题名", None),), request, declared_total=3, skipped=skipped)

    walk = ListWalk(URL, 9, lambda url: url)
    first = walk.take(PageRequest(URL, "POST", "current=1").key, listed(1, 2))
    last = walk.take(PageRequest(URL, "POST", "current=2").key, listed(2, None, "record 2: no title"))
    assert (first.stop_reason, last.stop_reason) == (None, StopReason.END_REACHED)
    assert last.shortfall == "1 entries unusable: record 2: no title"
    assert walk.take("", listed(3, 2)).stop_reason is StopReason.REPEATED_PAGE


@pytest.mark.parametrize(
    ("hrefs", "parts"),
    [
        (["a_2.html", "a_3.html"], ["a_2.html", "a_3.html"]),
        (["a_1.html", "a_2.html", "a_2.html"], ["a_1.html", "a_2.html"]),
        (["a.html", "a_2.html#top"], ["a_2.html"]),
        (["a_7.html"], []),
        (["b_2.html", "a_2.shtml", "a_x.html", "http://other.example/zwgk/bg/a_2.html"], []),
        (["http://[bad", "javascript:next()"], []),
    ],
)
def test_parts_of_an_article_are_numbered_one_after_another(hrefs: list[str], parts: list[str]) -> None:
    base = "http://portal.example/zwgk/bg/"
    page = WebPage(base + "a.html", "".join(f"<a href='{href}'>1</a>" for href in hrefs))
    assert sibling_pages(page) == [base + part for part in parts]


@pytest.mark.parametrize(
    ("link", "is_file"),
    [
        ("<a href='报告.PDF'>下载</a>", True),
        ("<a href='/down?id=1'>报告.docx</a>", True),
        ("<a href='/down?id=1' title='报告.ofd'>下载</a>", True),
        ("<a href='/down?file=1.wps&x=2'>下载</a>", True),
        ("<a href='/down?id=1'>报告</a>", False),
        ("<a href='/a.html'>关于.pdf文件的说明</a>", False),
        ("<a href='javascript:down()'>报告.pdf</a>", False),
        ("<footer><a href='/a.pdf'>使用帮助</a></footer>", False),
    ],
)
def test_files_are_known_by_address_or_words(link: str, is_file: bool) -> None:
    assert bool(attachment_urls(WebPage(URL, link))) == is_file


PIECES = [
    *(
        "<ul><li>",
        "<a href='",
        "x.html'>",
        "某县2023年法治政府建设情况报告</a>",
        "2024-01-09",
        "</li></ul>",
        "http://[",
        "\x00",
    ),
    *(
        "<datastore>",
        "</datastore>",
        "<record>",
        "<![CDATA[",
        "]]>",
        "dataStore=[",
        "'",
        "\\",
        "totalRecord=1;totalPage=2;",
    ),
    *(
        '{"data":',
        '{"results":',
        "[",
        "]",
        "}",
        '"html":',
        "null",
        "1",
        "true",
        '"a"',
        ",",
        "result(",
        ")",
        '"success":false',
    ),
    *(
        "createPageHTML(",
        "3, 0, ",
        '"index", "html");',
        "SID: '7'",
        "TREE: [",
        "querydata='{",
        "url='/front/page/build/unit'",
    ),
]


@given(pieces=st.lists(st.one_of(st.sampled_from(PIECES), st.text(max_size=4)), max_size=30))
@settings(max_examples=40, deadline=None)
@pytest.mark.parametrize("family", sorted(FAMILIES))
def test_no_page_does_more_than_be_refused(family: str, pieces: list[str]) -> None:
    options = {"json_api": {"title": "title", "url": "url", "records": "data"}, "gkmlpt": {"category": 1}}.get(
        family, {}
    )
    page = WebPage("http://portal.example/gkmlpt/index", "".join(pieces), options)
    detect_family(page)
    attachment_urls(page)
    FAMILIES[family].continuation_urls(page)
    try:
        read = FAMILIES[family].read_list(page)
    except AnswerError:
        return
    assert all(FAMILIES[family].normalise_url(entry.url).startswith("http") for entry in read.entries)
