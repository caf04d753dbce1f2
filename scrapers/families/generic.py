"""Any portal without a family of its own: the list is found by structure, the next page by the link that says so."""

from __future__ import annotations

import re

from scrapers.families.common import ListPage, WebPage, get_page, main_list, next_by_link, normalise_url, sibling_pages

__all__ = ["continuation_urls", "normalise_url", "read_list"]

TOTAL = re.compile(r"共\s*(\d+)\s*[条條篇]")  # 共52条
PAGES = re.compile(r"共\s*(\d+)\s*[页頁]")  # 共3页


def declared(pattern: re.Pattern[str], page: WebPage) -> int | None:
    """The number that a page declares, such as 共52条, read across its markup."""
    found = pattern.search(" ".join(page.selector.xpath("//body//text()[not(parent::script)]").getall()))
    return int(found[1]) if found else None


def read_list(page: WebPage) -> ListPage:
    """Read one page of a list; without entries it is one only if it says that there are none."""
    entries, total = main_list(page), declared(TOTAL, page)
    return ListPage(
        entries=entries,
        next_page=get_page(next_by_link(page)),
        declared_total=total,
        declared_pages=declared(PAGES, page),
        recognised=bool(entries) or total == 0,
    )


def continuation_urls(page: WebPage) -> list[str]:
    """The further pages of a long article, where its links number them."""
    return sibling_pages(page)
