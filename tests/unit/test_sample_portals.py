"""The sample portals carry their texts to the letter, behind lists that must be paged, without dates of our making."""

from __future__ import annotations

import hashlib
import re
from urllib.parse import urljoin

import pytest

from scrapers.families import FAMILIES
from scrapers.families.common import Entry, WebPage
from scrapers.sample_portals import build_sites, luoyuan, luzhou, meihekou, suining, xianan
from scrapers.sample_portals.server import _key
from scrapers.sample_portals.site import TEXTS, Site, text_lines
from scrapers.titles import TitleRule

REPORTS = [
    ("000", luzhou, luzhou.REPORT, "ucap", f"{luzhou.COLUMN}/list.shtml"),
    ("001", xianan, xianan.REPORT, "vsb", f"{xianan.COLUMN}.htm"),
    ("002", luoyuan, luoyuan.REPORT, "trs", luoyuan.COLUMN),
    ("003", suining, suining.PLAN, "generic", suining.CATEGORY),
    ("004", meihekou, meihekou.REPORT, "hanweb_jpage", meihekou.COLUMN),
]
HOST = "http://127.0.0.1:1"
TEXT_SHA256 = {
    "000": "b3a27e8d0d003efdddf487388a99bd5adf03df804dd890d8d78df3ca7dde26e1",
    "001": "aef9c9d1d5fb9654c2b7d442d652c7e24f24d81c43b3011b03eab5294dba4e56",
    "002": "fda6d5373216287a90935baa3cbdb702ffc79bb4bfaee7620508d1c3792dfe65",
    "003": "3b008b6d1027e404c4cca36dd1462bf50bcab622f424fa6ea78958849a292bb2",
    "004": "b5ba1c198606382cb298506d6c958157127f867ab9ca13365c9c7ce00c4dd6d5",
}


def folded(text: str) -> str:
    return "".join(text.split())


def text_of(site: Site, path: str) -> str:
    body = site.pages[path].body.decode("utf-8")
    return folded("".join(WebPage(HOST, body).selector.xpath("//text()[not(parent::script)]").getall()))


def walk(site: Site, family: str, start: str) -> list[list[Entry]]:
    """Read a site's list page by page, straight from its pages."""
    pages = {_key(path): page for path, page in site.pages.items()}
    url: str | None = urljoin(HOST, start)
    read = []
    while url is not None:
        listed = FAMILIES[family].read_list(WebPage(url, pages[_key(url.removeprefix(HOST))].body.decode("utf-8")))
        read.append(list(listed.entries))
        url = listed.next_url
    return read


@pytest.mark.parametrize(("name", "sha256"), TEXT_SHA256.items())
def test_the_texts_are_the_ones_received(name: str, sha256: str) -> None:
    (path,) = TEXTS.glob(f"{name}_*.txt")
    assert hashlib.sha256(path.read_bytes()).hexdigest() == sha256


@pytest.mark.parametrize(("name", "module", "path", "family", "start"), REPORTS)
def test_every_line_is_on_the_page_in_order(name: str, module: object, path: str, family: str, start: str) -> None:
    served = text_of(module.build(), path)  # type: ignore[attr-defined]
    place = 0
    for number, line in enumerate(text_lines(name), start=1):
        found = served.find(folded(line), place)
        assert found >= 0, f"line {number} of {name}: {line[:40]}"
        place = found + len(folded(line))


@pytest.mark.parametrize(
    ("name", "module", "path", "selector", "first", "last"),
    [
        ("000", luzhou, luzhou.REPORT, "#UCAP-CONTENT", 8, 83),
        ("001", xianan, xianan.REPORT, ".v_news_content", 1, 19),
        ("002", luoyuan, luoyuan.REPORT, ".TRS_UEDITOR", 18, 112),
        ("003", suining, suining.PLAN, ".entry-content", 3, 130),
        ("004", meihekou, meihekou.REPORT, "#zoom", 12, 60),
    ],
)
def test_the_container_holds_the_body_and_no_chrome(
    name: str, module: object, path: str, selector: str, first: int, last: int
) -> None:
    site: Site = module.build()  # type: ignore[attr-defined]
    container = WebPage(HOST, site.pages[path].body.decode("utf-8")).selector.css(selector)
    assert folded("".join(container.xpath(".//text()").getall())) == folded("".join(text_lines(name)[first - 1 : last]))


@pytest.mark.parametrize(("name", "module", "path", "family", "start"), REPORTS)
def test_the_report_needs_paging_and_comes_with_its_full_title(
    name: str, module: object, path: str, family: str, start: str
) -> None:
    site: Site = module.build()  # type: ignore[attr-defined]
    read = walk(site, family, start)
    lines = module.LINES  # type: ignore[attr-defined]
    assert len(read) > 1
    assert [entry.title for page in read for entry in page] == [line.title for line in lines]
    assert [str(entry.date) for page in read for entry in page] == [str(line.day) for line in lines]
    places = [
        n for n, page in enumerate(read) for entry in page if FAMILIES[family].normalise_url(entry.url).endswith(path)
    ]
    assert places == [1]


@pytest.mark.parametrize(("name", "module", "path", "family", "start"), REPORTS)
def test_lists_hold_decoys_wanted_and_unwanted(name: str, module: object, path: str, family: str, start: str) -> None:
    wanted = [TitleRule().wants(line.title) for line in module.LINES]  # type: ignore[attr-defined]
    assert 1 <= sum(wanted) <= 3 < len(wanted)


def test_xianan_states_no_date_and_no_title() -> None:
    page = xianan.build().pages[xianan.REPORT].body.decode("utf-8")
    assert xianan.TITLE not in page
    assert re.findall(r"<title>(.*?)</title>", page) == [xianan.SITE_NAME]
    assert not re.search(r"\d{4}-\d{2}-\d{2}", page)
    assert all(line.day is None for line in xianan.LINES)


@pytest.mark.parametrize(
    ("module", "path", "stamp"),
    [
        (luzhou, luzhou.REPORT, "2018-02-28 09:32"),
        (luoyuan, luoyuan.REPORT, "2024-01-09 16:09"),
        (meihekou, meihekou.REPORT, "2020-03-13 14:57"),
    ],
)
def test_meta_tags_repeat_what_the_page_states(module: object, path: str, stamp: str) -> None:
    selector = WebPage(HOST, module.build().pages[path].body.decode("utf-8")).selector  # type: ignore[attr-defined]
    assert selector.xpath("//meta[@name='PubDate']/@content").getall() == [stamp]
    assert selector.xpath("//meta[@name='ArticleTitle']/@content").get() == module.TITLE  # type: ignore[attr-defined]


def test_numbers_are_split_over_spans_in_one_site() -> None:
    page = luoyuan.build().pages[luoyuan.REPORT].body.decode("utf-8")
    assert '<span lang="EN-US">20</span><span lang="EN-US">23</span>年' in page


def test_the_sites_come_in_the_order_of_their_ports() -> None:
    assert [site.name[:3] for site in build_sites()] == ["000", "001", "002", "003", "004"]
