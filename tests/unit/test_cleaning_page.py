"""A whole page: container, title, dates and number by family, and no bytes that make it fail."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.cleaning import clean_page
from pipelines.model import Page

TITLE = "青山县人民政府2022年度法治政府建设情况报告"
PARAGRAPH = "过去一年,全县坚持依法行政,共办理行政复议案件12件,审结10件,制定规范性文件3件,组织培训20场次,成效明显。"
LINES = ["2022年,在县委领导下,全县推进依法行政。", "一、主要举措和成效", PARAGRAPH, "二、下一步打算", PARAGRAPH]
BODY = "".join(f"<p>　　{line}</p>" for line in LINES)
CHROME = "<div class='nav'><a href='/'>首页</a><a href='/a'>政务公开</a></div>"
FOOT = "<div class='foot'>主办单位:青山县人民政府 网站标识码5100000001</div>"


def page(article: str, head: str = "", **fields: object) -> Page:
    markup = f"<!DOCTYPE html><html><head>{head}</head><body>{CHROME}{article}{FOOT}</body></html>"
    return Page(name="sample.html", content=markup.encode(), content_type="text/html", **fields)  # type: ignore[arg-type]


CONTAINERS = {
    "TRS": (f"<div class='view TRS_UEDITOR trs_web'>{BODY}</div>", "trs:TRS_UEDITOR"),
    "TRS nested": (f"<div class='TRS_Editor'><div class='Custom_UnionStyle'>{BODY}</div></div>", "trs:TRS_Editor"),
    "UCAP": (f"<UCAPCONTENT>{BODY}</UCAPCONTENT>", "ucap:ucapcontent"),
    "UCAP id": (f"<div id='UCAP-CONTENT'>{BODY}</div>", "ucap:#UCAP-CONTENT"),
    "VSB": (f"<form><div id='vsb_content_2'><div class='v_news_content'>{BODY}</div></div></form>", "vsb:#vsb_content"),
    "Hanweb": (f"<div id='zoom'>{BODY}</div>", "hanweb:#zoom"),
    "Hanweb comments": (
        f"<div class='x'><b>说明</b><!--<$[信息内容]>begin-->{BODY}<!--<$[信息内容]>end--><i>页脚</i></div>",
        "hanweb:comments",
    ),
    "gkmlpt": (f"<div class='article-content'>{BODY}</div>", "gkmlpt:article-content"),
    "generic": (f"<div id='mainText'>{BODY}</div>", "generic:#mainText"),
    "unknown markup": (f"<div class='qwerty'>{BODY}</div>", "readability"),
}


@pytest.mark.parametrize(("article", "container"), CONTAINERS.values(), ids=CONTAINERS.keys())
def test_containers(article: str, container: str) -> None:
    cleaned = clean_page(page(f"<h1>{TITLE}</h1>{article}"))
    assert cleaned.container == container
    assert list(cleaned.lines[-len(LINES) :]) == LINES
    assert "主办单位" not in cleaned.text
    assert cleaned.title is not None
    assert cleaned.title.text == TITLE


def test_the_family_of_the_source_goes_first() -> None:
    both = f"<div class='article-content'><div id='zoom'>{BODY}</div></div>"
    assert clean_page(page(both)).container == "hanweb:#zoom"
    assert clean_page(page(both, family="gkmlpt")).container == "gkmlpt:article-content"


def test_an_empty_shell_is_passed_over() -> None:
    shell = f"<div class='TRS_Editor'></div><div id='mainText'>{BODY}</div>"
    assert clean_page(page(shell)).container == "generic:#mainText"


META = f"<meta name='ArticleTitle' content='{TITLE}'>"
ARTICLE = f"<div id='zoom'>{BODY}</div>"
TITLES = {
    "meta tag": (page(ARTICLE, META), TITLE, "meta"),
    "heading": (page(f"<div class='xl-title'>{TITLE}</div>{ARTICLE}"), TITLE, "heading"),
    "header table": (page(f"<table><tr><td>标 题：</td><td>{TITLE}</td></tr></table>{ARTICLE}"), TITLE, "header_table"),
    "page title": (page(ARTICLE, f"<title>{TITLE}_工作报告_青山县人民政府网</title>"), TITLE, "page_title"),
    "link on the list page": (page(ARTICLE, list_title=TITLE), TITLE, "list"),
    "the list knows what the page cut": (
        page(ARTICLE, "<meta name='ArticleTitle' content='青山县人民政府2022年度…'>", list_title=TITLE),
        TITLE,
        "list",
    ),
    "first line of the body": (page(f"<div id='zoom'><p>{TITLE}</p>{BODY}</div>"), TITLE, "text"),
    "a site's name is no title": (page(ARTICLE, "<title>青山县人民政府门户网站</title>"), None, None),
}


@pytest.mark.parametrize(("given_page", "text", "source"), TITLES.values(), ids=TITLES.keys())
def test_titles(given_page: Page, text: str | None, source: str | None) -> None:
    title = clean_page(given_page).title
    assert (title.text if title else None, title.source if title else None) == (text, source)


@pytest.mark.parametrize(
    ("list_title", "kinds"),
    [
        (TITLE, []),
        ("青山县人民政府2022年度…", []),
        ("2022年度法治政府建设情况报告", []),
        ("青山县2021年工作总结", ["title_disagreement"]),
    ],
)
def test_titles_that_contradict_are_reported(list_title: str, kinds: list[str]) -> None:
    cleaned = clean_page(page(ARTICLE, META, list_title=list_title))
    assert cleaned.title is not None
    assert cleaned.title.text == TITLE
    assert [issue.kind for issue in cleaned.issues] == kinds


TABLE = "<table><tr><td>索引号：</td><td>QS-2023-001</td><td>发布日期：</td><td>2023-03-02</td></tr></table>"
LINE = "<div><span>来源:县司法局</span><span>发布时间:2023-03-03 09:00</span></div>"
DATES = {
    "meta tag": (page(LINE + ARTICLE, "<meta name='PubDate' content='2023-03-01 08:00'>"), "2023-03-01", "meta"),
    "header table": (page(TABLE + LINE + ARTICLE), "2023-03-02", "header_table"),
    "line under the title": (page(LINE + ARTICLE, list_date=date(2023, 3, 4)), "2023-03-03", "time_line"),
    "bare date beside the source": (page(f"<p>2023-03-03 14:57:00来源:</p>{ARTICLE}"), "2023-03-03", "time_line"),
    "list page": (page(ARTICLE, list_date=date(2023, 3, 4), url="http://x/t20230305_1.html"), "2023-03-04", "list"),
    "address": (page(ARTICLE, url="http://x/202303/t20230305_1.html"), "2023-03-05", "url"),
    "nothing": (page(ARTICLE), None, None),
    "the page's clock is no date": (page(f"<p>今天是2024年5月1日 星期三</p>{ARTICLE}"), None, None),
    "a date in the body is no date": (page(f"<div id='zoom'><p>2016年11月24日,印发通知。</p>{BODY}</div>"), None, None),
    "the signature is no publication": (
        page(f"<div id='zoom'>{BODY}<p>青山县人民政府</p><p>2023年2月20日</p></div>"),
        None,
        None,
    ),
    "an empty meta tag": (page(LINE + ARTICLE, "<meta name='PubDate' content=''>"), "2023-03-03", "time_line"),
}


@pytest.mark.parametrize(("given_page", "day", "source"), DATES.values(), ids=DATES.keys())
def test_publication_dates(given_page: Page, day: str | None, source: str | None) -> None:
    cleaned = clean_page(given_page)
    found = cleaned.publication_date.isoformat() if cleaned.publication_date else None
    assert (found, cleaned.publication_date_source) == (day, source)


def test_dates_that_contradict_are_reported() -> None:
    cleaned = clean_page(page(LINE + ARTICLE, "<meta name='PubDate' content='2023-05-01'>"))
    assert [issue.kind for issue in cleaned.issues] == ["publication_date_disagreement"]


def test_a_date_after_the_fetch_is_refused() -> None:
    fetched = datetime(2023, 4, 1, tzinfo=UTC)
    cleaned = clean_page(page(LINE + ARTICLE, "<meta name='PubDate' content='2032-03-01'>", fetched_at=fetched))
    assert (cleaned.publication_date, cleaned.publication_date_source) == (date(2023, 3, 3), "time_line")
    assert [issue.kind for issue in cleaned.issues] == ["date_in_future"]


@pytest.mark.parametrize(
    ("article", "number", "issues"),
    [
        ("<ul><li>文 号：青府[2023]12号</li><li>有效性：有效</li></ul>", "青府〔2023〕12号", []),
        ("<ul><li>文号：青府〔202312号</li></ul>", "青府〔2023〕12号", ["document_number_repaired"]),
        ("<ul><li>文号：青府第12号文</li></ul>", None, ["document_number_unreadable"]),
        ("<ul><li>文号：无</li></ul>", None, []),
        ("<p>青府〔2023〕12号</p>", "青府〔2023〕12号", []),
        ("<p>根据青府〔2023〕12号的要求。</p>", None, []),
    ],
)
def test_document_numbers(article: str, number: str | None, issues: list[str]) -> None:
    cleaned = clean_page(page(article + ARTICLE))
    assert (cleaned.document_number.text if cleaned.document_number else None) == number
    assert [issue.kind for issue in cleaned.issues] == issues


def test_site_name_and_code_come_from_the_meta_tags() -> None:
    head = "<meta name='sitename' content='青山县人民政府'><meta name='SiteIDCode' content='5105000001'>"
    cleaned = clean_page(page(ARTICLE, head + f"<title>{TITLE}-青山县政府网</title>"))
    assert (cleaned.site_name, cleaned.meta["siteidcode"]) == ("青山县人民政府", "5105000001")
    assert cleaned.html_title == f"{TITLE}-青山县政府网"


def test_list_entries_are_counted() -> None:
    entries = "".join(
        f"<li><a href='/{n}'>青山县法治工作动态之{n}</a><span>2023-01-{n:02}</span></li>" for n in range(1, 9)
    )
    assert clean_page(page(f"<ul>{entries}</ul>")).list_entries == 8


def test_plain_text_is_kept_to_the_letter() -> None:
    text = f"首页\r\n\r\n  {TITLE}\r\n{PARAGRAPH}\r\n\t尾\r\n"
    cleaned = clean_page(Page(name="a.txt", content=text.encode(), content_type="text/plain"))
    assert cleaned.text == text
    assert cleaned.container == "text"
    assert cleaned.title is not None
    assert (cleaned.title.text, cleaned.title.line) == (TITLE, 3)


def test_markup_served_as_plain_text_is_still_markup() -> None:
    markup = page(ARTICLE).content
    assert clean_page(Page(name="a", content=markup, content_type="text/plain")).container == "hanweb:#zoom"


@pytest.mark.parametrize(
    ("content", "kind", "value"),
    [
        (b"%PDF-1.7\n", "parse_failed", "pdf:damaged"),
        (b"PK\x03\x04rest", "parse_failed", "zip:damaged"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1rest", "attachment_unparsed", "ole_other:type_unread"),
        (b"\x89PNG\r\n", "attachment_no_text", "image:scan"),
    ],
    ids=["pdf", "zip", "ole", "png"],
)
def test_files_without_text_say_why(content: bytes, kind: str, value: str) -> None:
    cleaned = clean_page(Page(name="a", content=content, content_type="text/html"))
    assert (cleaned.text, cleaned.container) == ("", "none")
    assert [(issue.kind, issue.value) for issue in cleaned.issues] == [(kind, value)]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\x00" * 40,
        b"<html>",
        b"<html><body></body></html>",
        b"<html></html></html>" * 3,
        b"<" * 5000,
        b"<html><body>" + b"<div>" * 3000 + "深".encode(),
        b"<html><body>" + b"<span>" * 3000 + "深".encode(),
        b"<!DOCTYPE html><!-- <$[" + "信息内容".encode() + b"]>begin -->",
        b"<?xml version='1.0' encoding='gbk'?><html><body>x</body></html>",
    ],
)
def test_odd_pages_do_not_fail(content: bytes) -> None:
    clean_page(Page(name="odd", content=content, content_type="text/html"))


PIECES = st.sampled_from(
    [
        b"<html>",
        b"<body>",
        b"<table><tr><td>",
        b"</p>",
        b"<br>",
        b"<meta charset=gbk>",
        b"<div id='zoom'>",
        b"<!--",
        b"-->",
        b"\n",
        "文号：".encode(),
        "发布时间:2023-02-30".encode(),
        "省政府:".encode(),
        "2023年2月20日".encode(),
        "〔2023〕".encode("gbk"),
        "規範性檔案".encode(),
        b"\xff\xfe",
        b"\x00",
    ]
)


@settings(max_examples=150, deadline=None)
@given(content=st.one_of(st.binary(max_size=400), st.lists(PIECES, max_size=40).map(b"".join)))
def test_no_bytes_make_cleaning_fail(content: bytes) -> None:
    cleaned = clean_page(Page(name="random", content=content, content_type="text/html"))
    assert len(cleaned.lines) == len(cleaned.simplified_lines)
    assert cleaned.text == "\n".join(cleaned.lines)
