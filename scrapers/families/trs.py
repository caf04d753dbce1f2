"""TRS WCM: ``t20240109_6748201.html`` articles; the pager is a script call that says total, current page and name.

The call has several dialects. Numbering starts at 0 or 1, and which one the page itself tells: the first page
(whose file has no number) states its own number.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import urljoin, urlsplit

from scrapers.families.common import (
    ListPage,
    WebPage,
    get_page,
    is_article,
    main_list,
    next_by_link,
    normalise_url,
    sibling_pages,
)

__all__ = ["continuation_urls", "normalise_url", "read_list"]

CALL = re.compile(r"createPageHTML\s*\(([^()]{0,300})\)")  # createPageHTML(50, 0, "index", "html")
SHANGHAI = re.compile(r"pagination\(\s*['\"]setPage['\"]\s*,\s*(\d+)\s*,\s*(\d+)")  # pagination("setPage",2,9)
COUNT = re.compile(r"var\s+countPage\s*=\s*(\d+)")  # var countPage = 12
CURRENT = re.compile(r"var\s+currentPage\s*=\s*(\d+)")  # var currentPage = 0
NUMBERED = re.compile(r"^(?P<stem>.+?)_(?P<number>\d{1,4})$")  # index_3; t20190918_693227 has a longer number
FILE = re.compile(r"^(?P<stem>.*?)\.(?P<extension>s?html?|jhtml|jsp)$")  # index.html
COMMENT = re.compile(r"(?<![:=\"'\w])//[^\n]*")  # //createPageHTML(1, 0, "index", "html");
LIST_MARK = re.compile(r"createPageHTML|countPage|setPage|TRS_")  # any trace of the CMS


@dataclass(frozen=True)
class Pager:
    """What the pager call says: pages in all, the number this page gives itself, file name and ending."""

    total: int
    current: int
    stem: str
    extension: str
    counts_from_one: bool


def _file_of(url: str) -> tuple[str, str]:
    name = urlsplit(url).path.rsplit("/", 1)[-1]
    found = FILE.match(name)
    return (found["stem"], found["extension"]) if found else ("index", "html")


def _number_of(stem: str, pager_stem: str) -> int | None:
    found = NUMBERED.match(stem)
    return int(found["number"]) if found and found["stem"] == pager_stem else None


def find_pager(page: WebPage) -> Pager | None:
    """Read the pager of a list or a long article, in any of its dialects; None when there is none."""
    code = COMMENT.sub("", page.text)
    stem, extension = _file_of(page.url)
    numbered = NUMBERED.match(stem)
    own_stem = numbered["stem"] if numbered else stem
    for call in CALL.finditer(code):
        arguments = [argument.strip().strip("'\"") for argument in call[1].split(",")]
        named_target = not arguments[0].isdigit()
        numbers = arguments[1:] if named_target else arguments
        if len(numbers) >= 4 and numbers[0].isdigit() and numbers[1].isdigit():
            return Pager(int(numbers[0]), int(numbers[1]), numbers[2], numbers[3], named_target)
    if shanghai := SHANGHAI.search(code):
        return Pager(int(shanghai[2]), int(shanghai[1]), own_stem, extension, True)
    count, current = COUNT.search(code), CURRENT.search(code)
    if count and current:
        return Pager(int(count[1]), int(current[1]), own_stem, extension, False)
    return None


def next_url(page: WebPage, pager: Pager) -> str | None:
    """The following page, in the numbering that this page shows; None on the last page.

    ``createPageHTML(3, 0, …)`` on ``index.html`` → ``index_1.html``; ``createPageHTML('p', 3, 1, …)`` →
    ``index_2.html``; on ``index_1.html`` the number it gives itself may be 1 or 2, which settles the last page.
    """
    stem, _ = _file_of(page.url)
    number = _number_of(stem, pager.stem)
    if number is None:
        is_last = pager.total <= 1
        following = pager.current + 1
    else:
        counts_from_one = pager.counts_from_one or pager.current != number
        is_last = pager.current >= (pager.total if counts_from_one else pager.total - 1)
        following = number + 1
    return None if is_last else urljoin(page.url, f"{pager.stem}_{following}.{pager.extension}")


def read_list(page: WebPage) -> ListPage:
    """Read one page of a list."""
    entries = main_list(page)
    pager = find_pager(page)
    return ListPage(
        entries=entries,
        next_page=get_page(next_url(page, pager) if pager else next_by_link(page)),
        declared_pages=pager.total if pager else None,
        recognised=bool(entries) or (bool(LIST_MARK.search(page.text)) and not is_article(page)),
    )


def continuation_urls(page: WebPage) -> list[str]:
    """The further pages of a long article: the same pager call splits it, or its links number them."""
    pager = find_pager(page)
    stem, _ = _file_of(page.url)
    if pager is None:
        return sibling_pages(page)
    if stem != pager.stem:
        return []
    first = pager.current + 1
    return [
        urljoin(page.url, f"{pager.stem}_{number}.{pager.extension}")
        for number in range(first, first + pager.total - 1)
    ]
