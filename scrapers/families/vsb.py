"""VSB (博达): ``info/1001/234.htm`` articles, also reached through ``content.jsp``; list pages count backwards.

Page 2 of a list of 11 pages is ``list/10.htm``, the last one ``list/1.htm``: the links of the pager are
followed, and where they are missing the number is counted down.
"""

from __future__ import annotations

import re
from urllib.parse import parse_qs, urljoin, urlsplit

from scrapers.families import common
from scrapers.families.common import (
    Entry,
    ListPage,
    WebPage,
    entry_of,
    get_page,
    is_article,
    link_target,
    main_list,
    next_by_link,
    number_parameter,
    sibling_pages,
    text_of,
    with_parameter,
)

__all__ = ["continuation_urls", "normalise_url", "read_list"]

TOTAL = re.compile(r"共\s*(\d+)\s*条")  # <span class="p_t">共52条</span>
OF_PAGES = re.compile(r"(\d+)\s*/\s*(\d+)")  # <span class="p_t">1/11</span>
CONTENT_SCRIPT = re.compile(r"/content\.jsp$")  # content.jsp?urltype=news.NewsContentUrl&wbtreeid=1001&wbnewsid=234
LIST_SCRIPT = re.compile(r"/list\.jsp$")  # list.jsp?totalpage=11&PAGENUM=2&wbtreeid=1001
BACKWARD = re.compile(r"^(?P<folder>.+)/(?P<number>\d+)\.html?$")  # /zwgk/gzbg/10.htm
FIRST = re.compile(r"^(?P<folder>.+)\.html?$")  # /zwgk/gzbg.htm
MARK = re.compile(r"line_u\d+_|p_pages|_vsb|vsb_|/system/resource/")  # any trace of the CMS


def normalise_url(url: str) -> str:
    """Turn ``content.jsp?…wbtreeid=T&wbnewsid=N`` into ``info/T/N.htm``: two addresses of one page."""
    parts = urlsplit(url)
    query = parse_qs(parts.query)
    if CONTENT_SCRIPT.search(parts.path) and "wbtreeid" in query and "wbnewsid" in query:
        url = urljoin(url, f"info/{query['wbtreeid'][0]}/{query['wbnewsid'][0]}.htm")
    return common.normalise_url(url)


def _pager_text(page: WebPage) -> str:
    return " ".join(text_of(node) for node in page.selector.css(".p_t, .p_pages"))


def _next_url(page: WebPage) -> str | None:
    linked = next_by_link(page)
    if linked:
        return linked
    for current in page.selector.css(".p_pages .p_no_d, .p_no_d"):
        wanted = str(int(text_of(current)) + 1) if text_of(current).isdigit() else ""
        for link in page.selector.css(".p_no a[href]"):
            if text_of(link) == wanted:
                return link_target(page.base, link.root.get("href"))
    if LIST_SCRIPT.search(urlsplit(page.url).path):
        last, number = number_parameter(page.url, "totalpage"), number_parameter(page.url, "PAGENUM") or 1
        return with_parameter(page.url, "PAGENUM", number + 1) if last is not None and number < last else None
    pages = OF_PAGES.search(_pager_text(page))
    if pages is None or int(pages[1]) >= int(pages[2]):
        return None
    path = urlsplit(page.url).path
    if numbered := BACKWARD.match(path):
        return urljoin(page.url, f"{numbered['folder']}/{int(numbered['number']) - 1}.htm")
    first = FIRST.match(path)
    return urljoin(page.url, f"{first['folder']}/{int(pages[2]) - 1}.htm") if first else None


def read_list(page: WebPage) -> ListPage:
    """Read one page of a list."""
    lines = page.selector.xpath("//*[starts-with(@id, 'line_u') or starts-with(@id, 'lineu')]")
    found: list[Entry | None] = [entry_of(line, page.base) for line in lines]
    entries = tuple(entry for entry in found if entry) or main_list(page)
    pager = _pager_text(page)
    total, pages = TOTAL.search(pager), OF_PAGES.search(pager)
    return ListPage(
        entries=entries,
        next_page=get_page(_next_url(page)),
        declared_total=int(total[1]) if total else None,
        declared_pages=int(pages[2]) if pages else None,
        recognised=bool(entries) or (bool(MARK.search(page.text)) and not is_article(page)),
    )


def continuation_urls(page: WebPage) -> list[str]:
    """The further pages of a long article, where its links number them."""
    return sibling_pages(page)
