"""CMS families on small pages of their structure: entries, full titles, dates, paging in every dialect."""

from __future__ import annotations

import json
from datetime import date

import pytest

from scrapers.families import FAMILIES, generic, hanweb_jpage, trs, ucap, vsb
from scrapers.families.common import (
    Entry,
    ListPage,
    WebPage,
    attachment_urls,
    get_page,
    normalise_url,
    page_number,
    parse_date,
    title_of,
    with_page,
)

BASE = "http://portal.example/zwgk/bg/"
FULL = "某县人民政府关于2023年法治政府建设工作情况的报告"


def page(body: str, url: str = BASE + "index.html") -> WebPage:
    return WebPage(url, f"<html><body><ul><li><a href='/'>首页</a></li></ul>{body}</body></html>")


def items(*titles: str, day: str = "2024-01-09") -> str:
    lines = "".join(f'<li><a href="./{n}.html">{title}</a><span>{day}</span></li>' for n, title in enumerate(titles))
    return f"<ul>{lines}</ul>"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[2024-01-09]", date(2024, 1, 9)),
        ("2024年1月9日 16:09", date(2024, 1, 9)),
        ("2024/01/09", date(2024, 1, 9)),
        ("2024.1.9", date(2024, 1, 9)),
        ("01-09", None),
        ("2024-13-40", None),
        ("编号12024-01-09", None),
        ("", None),
    ],
)
def test_dates_beside_entries(text: str, expected: date | None) -> None:
    assert parse_date(text) == expected


@pytest.mark.parametrize(
    ("link", "title"),
    [
        (f'<a href="a" title="{FULL}">某县人民政府关于...</a>', FULL),
        (f'<a href="a" title="{FULL}">某县人民政府关于……</a>', FULL),
        (f'<a href="a">  {FULL}\n </a>', FULL),
        (f'<a href="a" title="查看">{FULL}</a>', FULL),
        (f'<a href="a" title="">{FULL}</a>', FULL),
        ("<a href='a'><em>法治</em>政府<script>x()</script></a>", "法治政府"),
    ],
)
def test_titles_are_whole(link: str, title: str) -> None:
    assert title_of(page(link).selector.xpath("//a")[-1]) == title


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("HTTP://Portal.Example/a#top", "http://portal.example/a"),
        ("http://portal.example", "http://portal.example/"),
        (" http://portal.example/报告.html ", "http://portal.example/%E6%8A%A5%E5%91%8A.html"),
    ],
)
def test_addresses_have_one_form(url: str, expected: str) -> None:
    assert normalise_url(url) == expected == normalise_url(expected)


@pytest.mark.parametrize(
    ("url", "number", "second"),
    [
        ("http://h/p?page=1&path=/&appid=1", 1, "http://h/p?page=2&path=/&appid=1"),
        ("http://h/p?id=1&page=12", 12, "http://h/p?id=1&page=2"),
        ("http://h/p?homepage=7", 1, "http://h/p?homepage=7&page=2"),
        ("http://h/p", 1, "http://h/p?page=2"),
    ],
)
def test_page_parameters(url: str, number: int, second: str) -> None:
    assert (page_number(url), with_page(url, 2)) == (number, second)


@pytest.mark.parametrize(
    "body",
    [
        items(FULL, "另一个足够长的题名"),
        (
            f"<table><tr><td>罗政〔2024〕2号</td><td><a href='./0.html'>{FULL}</a></td><td>2024-01-09</td></tr>"
            "<tr><td></td><td><a href='./1.html'>另一个足够长的题名</a></td><td>2024-01-09</td></tr></table>"
        ),
        (
            f"<dl><dd><a href='./0.html'>{FULL}<span>2024-01-09</span></a></dd>"
            "<dd><a href='./1.html'>另一个足够长的题名<span>2024-01-09</span></a></dd></dl>"
        ),
        (
            f"<div><div><a href='./0.html'>{FULL}</a><p>2024-01-09</p></div>"
            "<div><a href='./1.html'>另一个足够长的题名</a><p>2024-01-09</p></div></div>"
        ),
    ],
    ids=["list", "table", "date inside the link", "blocks"],
)
def test_lists_are_found_by_structure(body: str) -> None:
    day = date(2024, 1, 9)
    assert generic.read_list(page(body)).entries == (
        Entry(BASE + "0.html", FULL, day),
        Entry(BASE + "1.html", "另一个足够长的题名", day),
    )


@pytest.mark.parametrize(
    ("pager", "following"),
    [
        ('<a href="?p=2">下一页</a>', BASE + "index.html?p=2"),
        ('<a href="index_2.html">下页</a>', BASE + "index_2.html"),
        ('<a rel="next" href="n.html">继续</a>', BASE + "n.html"),
        ('<a href="javascript:void(0)">下一页</a>', None),
        ('<a href="index.html">下一页</a>', None),
        ('<a href="index_2.html">上一页</a>', None),
    ],
)
def test_generic_follows_the_link_that_says_next(pager: str, following: str | None) -> None:
    assert generic.read_list(page(items(FULL) + pager)).next_url == following


def test_links_are_relative_to_the_base_of_the_page() -> None:
    body = f'<base href="/jxssthjt/"/>{items(FULL)}<a href="n.html">下一页</a><a href="f.pdf">附件</a>'
    read = generic.read_list(page(body))
    assert [entry.url for entry in read.entries] == ["http://portal.example/jxssthjt/0.html"]
    assert read.next_url == "http://portal.example/jxssthjt/n.html"
    assert attachment_urls(page(body)) == ["http://portal.example/jxssthjt/f.pdf"]


def test_generic_reads_what_a_list_declares() -> None:
    read = generic.read_list(page(items(FULL) + "<p>共<b>52</b>条 共 3 页</p>"))
    assert (read.declared_total, read.declared_pages) == (52, 3)


@pytest.mark.parametrize("family", ["generic", "trs", "ucap", "vsb", "hanweb_jpage"])
def test_a_page_without_a_list_is_not_taken_for_an_empty_one(family: str) -> None:
    read = FAMILIES[family].read_list(WebPage(BASE, "<html><body><p>改版</p></body></html>"))
    assert (read.entries, read.recognised) == ((), False)


@pytest.mark.parametrize(
    ("file", "script", "following"),
    [
        ("", 'createPageHTML(3, 0, "index", "html");', "index_1.html"),
        ("index.html", "createPageHTML(3,0,'index','html');", "index_1.html"),
        ("index_1.html", 'createPageHTML(3, 1, "index", "html");', "index_2.html"),
        ("index_2.html", 'createPageHTML(3, 2, "index", "html");', None),
        ("index.shtml", 'createPageHTML(3, 0, "index", "shtml", "black2", 814);', "index_1.shtml"),
        ("list_ft.shtml", 'createPageHTML(9, 0, "list_ft", "shtml");', "list_ft_1.shtml"),
        ("index.html", "createPageHTML('paging', 3, 1, 'index', 'html', 60);", "index_2.html"),
        ("index_2.html", "createPageHTML('paging', 3, 2, 'index', 'html', 60);", "index_3.html"),
        ("index_3.html", "createPageHTML('paging', 3, 3, 'index', 'html', 60);", None),
        ("index_1.html", 'createPageHTML(3, 2, "index", "html");', "index_2.html"),
        ("index_2.html", 'createPageHTML(3, 3, "index", "html");', None),
        ("index.html", 'createPageHTML(1, 0, "index", "html");', None),
        ("index.html", "var countPage = 4; var currentPage = 0;//从0开始", "index_1.html"),
        ("index_3.html", "var countPage = 4; var currentPage = 3;", None),
        ("index.html", 'pagination("setPage", 1, 9);', "index_2.html"),
        ("index_9.html", 'pagination("setPage", 9, 9);', None),
        ("index.html", '//createPageHTML(9, 0, "old", "html");\ncreatePageHTML(3, 0, "index", "htm");', "index_1.htm"),
        ("index.html", "var countPage = 4;", None),
        ("index.html", "", None),
    ],
)
def test_trs_numbers_pages_as_the_page_says(file: str, script: str, following: str | None) -> None:
    read = trs.read_list(page(f"{items(FULL)}<script>{script}</script>", BASE + file))
    assert read.next_url == (BASE + following if following else None)


def test_trs_splits_long_articles_with_the_same_call() -> None:
    url = BASE + "201909/t20190918_693227.shtml"
    article = page('<script>createPageHTML(3, 0, "t20190918_693227", "shtml");</script>', url)
    assert trs.continuation_urls(article) == [
        BASE + "201909/t20190918_693227_1.shtml",
        BASE + "201909/t20190918_693227_2.shtml",
    ]
    second = page('<script>createPageHTML(3, 1, "t20190918_693227", "shtml");</script>', url[:-6] + "_1.shtml")
    assert trs.continuation_urls(second) == []
    assert trs.continuation_urls(page("<p>一页</p>", url)) == []


VSB_LINES = (
    '<ul><li id="line_u8_0"><a href="../info/1001/234.htm" title="' + FULL + '">某县…</a><span>2024-01-09</span></li>'
    '<li id="line_u8_1"><a href="../content.jsp?urltype=news.NewsContentUrl&wbtreeid=1001&wbnewsid=235">'
    "另一个足够长的题名</a></li></ul>"
)


@pytest.mark.parametrize(
    ("file", "pager", "following"),
    [
        (
            "bg.htm",
            (
                '<span class="p_no_d">1</span><span class="p_no"><a href="bg/10.htm">2</a></span>'
                '<span class="p_no"><a href="bg/9.htm">3</a></span><a href="bg/1.htm">尾页</a>'
            ),
            "bg/10.htm",
        ),
        ("bg.htm", '<span class="p_next"><a href="bg/10.htm">下页</a></span>', "bg/10.htm"),
        ("bg.htm", '<span class="p_t">1/11</span>', "bg/10.htm"),
        ("bg/10.htm", '<span class="p_t">2/11</span>', "bg/9.htm"),
        ("bg/1.htm", '<span class="p_t">11/11</span>', None),
        ("bg/1.htm", '<span class="p_no_d">11</span>', None),
    ],
)
def test_vsb_counts_backwards(file: str, pager: str, following: str | None) -> None:
    body = f'{VSB_LINES}<span class="p_t">共52条</span><span class="p_pages">{pager}</span>'
    read = vsb.read_list(page(body, "http://portal.example/zwgk/" + file))
    assert read.next_url == ("http://portal.example/zwgk/" + following if following else None)
    assert read.declared_total == 52
    assert [entry.title for entry in read.entries] == [FULL, "另一个足够长的题名"]


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("http://h/content.jsp?urltype=news.NewsContentUrl&wbtreeid=1001&wbnewsid=234", "http://h/info/1001/234.htm"),
        ("http://h/sub/content.jsp?wbnewsid=234&wbtreeid=1001#x", "http://h/sub/info/1001/234.htm"),
        ("http://h/info/1001/234.htm", "http://h/info/1001/234.htm"),
        ("http://h/content.jsp?id=1", "http://h/content.jsp?id=1"),
    ],
)
def test_vsb_has_one_address_for_an_article(url: str, expected: str) -> None:
    assert vsb.normalise_url(url) == expected


@pytest.mark.parametrize(
    ("file", "pager", "following", "total"),
    [
        ("list.shtml", "createPageHTML('page_div',3, 1,'list','shtml',41)", "list_2.shtml", 41),
        ("list_2.shtml", "createPageHTML('page_div', 3, 2, 'list', 'shtml')", "list_3.shtml", None),
        ("list_3.shtml", "createPageHTML('page_div',3, 3,'list','shtml',41)", None, 41),
        ("column-index.shtml", "createPageHTML('p',3,1,'column-index','shtml',41)", "column-index-2.shtml", 41),
        ("list.shtml", "", None, None),
    ],
)
def test_ucap_static_pages(file: str, pager: str, following: str | None, total: int | None) -> None:
    read = ucap.read_list(page(f"{items(FULL)}<script>{pager}</script>", BASE + file))
    assert read.next_url == (BASE + following if following else None)
    assert read.declared_total == total
    assert read.entries == (Entry(BASE + "0.html", FULL, date(2024, 1, 9)),)


def test_ucap_reads_a_list_that_waits_in_a_comment() -> None:
    navigation = "<ul><li><a href='/x'>行政事业性收费公示</a></li></ul>"
    script = "<script>createPageHTML('page_div',2, 1,'zwgklist','shtml',21);</script>"
    read = ucap.read_list(page(f"{navigation}<ul><!--{items(FULL)}{script}--></ul>", BASE + "zwgklist.shtml"))
    assert read.entries == (Entry(BASE + "0.html", FULL, date(2024, 1, 9)),)
    assert (read.next_url, read.declared_total) == (BASE + "zwgklist_2.shtml", 21)


def test_ucap_markup_that_only_names_the_list() -> None:
    body = "<script>$.get('/searchList/8a9f?_isAgg=true&_isJson=true&_pageSize=2&page=3')</script>"
    read = ucap.read_list(page(body))
    expected = "http://portal.example/searchList/8a9f?_isAgg=true&_isJson=true&_pageSize=2&page=1"
    assert (read.entries, read.next_url, read.recognised) == ((), expected, True)


@pytest.mark.parametrize(("number", "following"), [(1, 2), (2, None)])
def test_ucap_json_pages(number: int, following: int | None) -> None:
    url = "http://portal.example/searchList/8a9f?_isJson=true&page={}"
    result = {
        "url": "//portal.example/c1/x.shtml",
        "title": "某县<em>法治</em>政府建设报告",
        "publishedTimeStr": "2024-01-09 10:00",
    }
    answer = json.dumps({"data": {"results": [result, {"title": "无地址"}], "total": 4, "rows": 2}})
    assert ucap.read_list(WebPage(url.format(number), answer)) == ListPage(
        entries=(Entry("http://portal.example/c1/x.shtml", "某县法治政府建设报告", date(2024, 1, 9)),),
        next_page=get_page(url.format(following) if following else None),
        declared_total=4,
        skipped=("record 2 of 'data.results': address is None",),
    )


PROXY = "http://portal.example/module/web/jpage/dataproxy.jsp?page={}&columnid=4729"
RECORD = (
    '<record><![CDATA[<li><a href="/art/2024/2/1/art_1_2.html" title="' + FULL + '">某县…</a>'
    "<span>2024-02-01</span></li>]]></record>"
)
NEXT_GROUP = '<nextgroup><![CDATA[<a href="/module/web/jpage/dataproxy.jsp?page=1&columnid=4729"></a>]]></nextgroup>'
TOTALS = "<totalrecord>5</totalrecord><totalpage>2</totalpage>"


@pytest.mark.parametrize(
    ("url", "text", "following", "total"),
    [
        (
            BASE,
            f'<script type="text/xml"><datastore>{NEXT_GROUP}<recordset>{RECORD}</recordset></datastore></script>',
            PROXY.format(1),
            None,
        ),
        (PROXY.format(1), f"<datastore>{TOTALS}<recordset>{RECORD}</recordset></datastore>", PROXY.format(2), 5),
        (PROXY.format(2), f"<datastore>{TOTALS}<recordset>{RECORD}</recordset></datastore>", None, 5),
        (
            PROXY.format(1),
            (
                "totalRecord=714;totalPage=27;dataStore=['<li><a href=\\'/art/2024/2/1/art_1_2.html\\' "
                f'title="{FULL}">某县…</a><span>2024-02-01</span></li>\']'
            ),
            PROXY.format(2),
            714,
        ),
    ],
    ids=["first page", "answer", "last answer", "old answer"],
)
def test_hanweb_records(url: str, text: str, following: str | None, total: int | None) -> None:
    entry = Entry("http://portal.example/art/2024/2/1/art_1_2.html", FULL, date(2024, 2, 1))
    assert hanweb_jpage.read_list(WebPage(url, text)) == ListPage((entry,), get_page(following), total)


def test_an_empty_datastore_is_an_empty_list() -> None:
    read = hanweb_jpage.read_list(WebPage(BASE, "<datastore><recordset></recordset></datastore>"))
    assert (read.entries, read.next_url, read.recognised) == ((), None, True)


def test_attachments_are_known_by_ending_or_script() -> None:
    body = (
        '<a href="./P020240109.pdf">附件</a><a href="./P020240109.pdf">再次</a><a href="x.html">页</a>'
        '【<a href="/system/_content/download.jsp?urltype=news.DownloadAttachUrl&owner=1&wbfileid=2">报告.pdf</a>】'
        '<footer><a href="/help.doc">说明</a></footer><a href="javascript:open(\'a.doc\')">x</a>'
    )
    assert attachment_urls(page(body)) == [
        BASE + "P020240109.pdf",
        "http://portal.example/system/_content/download.jsp?urltype=news.DownloadAttachUrl&owner=1&wbfileid=2",
    ]


def test_a_changed_entry_changes_the_fingerprint() -> None:
    one, two = (ListPage((Entry(BASE, title, None),)).fingerprint for title in ("报告一", "报告二"))
    assert one != two


@pytest.mark.parametrize(
    ("markup", "expected"),
    [
        ('<iframe src="/f/report.pdf"></iframe>', ["http://portal.example/f/report.pdf"]),
        ('<embed src="/f/report.PDF#page=1" type="application/pdf">', ["http://portal.example/f/report.PDF#page=1"]),
        ('<object data="/f/report.ofd"></object>', ["http://portal.example/f/report.ofd"]),
        ('<iframe src="/viewer.html?file=/f/report.pdf"></iframe>', ["http://portal.example/f/report.pdf"]),
        (
            '<iframe src="/js/web/viewer.html?file=http%3A%2F%2Ffiles.example%2Fa.pdf"></iframe>',
            ["http://files.example/a.pdf"],
        ),
        ('<iframe src="/share.html?title=report"></iframe>', []),
        ('<iframe src="javascript:void(0)" title="a.pdf"></iframe>', []),
    ],
)
def test_files_that_a_page_shows_in_a_frame(markup: str, expected: list[str]) -> None:
    assert attachment_urls(page(markup)) == expected
