"""Hanweb jpaas: a column page names its list by ``queryData``; the publish server answers JSON with markup inside.

Articles are those of the older Hanweb CMS. A page may hold several such units; the list is the one that belongs
to the column.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qs, quote, urlencode, urljoin, urlsplit

from parsel import Selector

from scrapers.families.answers import AnswerError, at_path, load_answer, looks_like_json, whole_number
from scrapers.families.common import (
    ListPage,
    PageRequest,
    WebPage,
    main_list,
    normalise_url,
    sibling_pages,
)

__all__ = ["continuation_urls", "normalise_url", "read_list"]

DEFAULT_ROWS = 15
"""Entries asked for on the first page, where the page does not show how many its pager has."""

QUOTES = re.compile(r"(?<!\\)'")  # {'webId':'2945','pageId':'1487002'}
LIST_UNIT = re.compile("列表|分页|当前栏目|内容|list", re.IGNORECASE)  # 当前栏目_list
MORE = "//a[contains(concat(' ', normalize-space(@class), ' '), ' xxgk_more ')]/@href"
UNITS = "//*[@querydata][contains(@url, '/front/page/build/unit')]"


def _query_of(unit: Selector) -> Mapping[str, str]:
    """What a unit is asked with.

    Raises:
        AnswerError: its ``queryData`` cannot be read.
    """
    written = str(unit.root.get("querydata")).strip()
    try:
        query = json.loads(QUOTES.sub('"', written))
    except json.JSONDecodeError as error:
        raise AnswerError(f"queryData is {written!r}"[:120]) from error
    if not isinstance(query, dict):
        raise AnswerError(f"queryData is {written!r}"[:120])
    return {str(name): str(value) for name, value in query.items()}


def _unit_address(page: WebPage) -> str | None:
    """The address of the column's list without its page: of the unit whose name says list, else of the first."""
    found = [(str(unit.root.get("url")).strip(), _query_of(unit)) for unit in page.selector.xpath(UNITS)]
    lists = [(url, query) for url, query in found if query.get("pageType", "column") == "column"]
    named = [(url, query) for url, query in lists if LIST_UNIT.search(query.get("tagId", ""))]
    for url, query in named or lists:
        return f"{urljoin(page.url, url)}?{urlencode(query, quote_via=quote)}"
    return None


def _with_page(url: str, number: int, rows: int) -> PageRequest:
    """Set ``paramJson``, which numbers the pages of a unit."""
    head, _, query = url.partition("?")
    pairs = [pair for pair in query.split("&") if not pair.startswith("paramJson=")]
    wanted = json.dumps({"pageNo": number, "pageSize": rows}, separators=(",", ":"))
    return PageRequest(f"{head}?{'&'.join([*pairs, f'paramJson={quote(wanted)}'])}")


def _asked_page(url: str) -> tuple[int, int | None]:
    """Number and size of the page that an address asks for; without ``paramJson`` the first one."""
    written = parse_qs(urlsplit(url).query).get("paramJson", ["{}"])[0]
    try:
        wanted = json.loads(written)
    except json.JSONDecodeError as error:
        raise AnswerError(f"paramJson is {written!r}"[:120]) from error
    return whole_number(at_path(wanted, "pageNo")) or 1, whole_number(at_path(wanted, "pageSize"))


def _pager(selector: Selector) -> tuple[int | None, int | None]:
    """Entries a page and in all, as ``<div class="pagination" rows="15" count="136">`` says."""
    for pager in selector.xpath("//*[@rows and @count]"):
        return whole_number(pager.root.get("rows")), whole_number(pager.root.get("count"))
    return None, None


def _read_answer(page: WebPage) -> ListPage:
    answer: Any = load_answer(page.text)
    if not isinstance(answer, Mapping) or answer.get("success") is False:
        said = answer.get("message") if isinstance(answer, Mapping) else answer
        raise AnswerError(f"the publish server refused: {said!r}"[:200])
    data = answer.get("data")
    markup = data.get("html") if isinstance(data, Mapping) else None
    if not isinstance(markup, str):
        raise AnswerError("no markup at 'data.html'")
    inner = WebPage(page.url, markup)
    entries = main_list(inner)
    number, asked_rows = _asked_page(page.url)
    rows, count = _pager(inner.selector)
    rows = rows or asked_rows or len(entries)
    more = bool(entries) and count is not None and number * rows < count
    return ListPage(
        entries=entries,
        next_page=_with_page(page.url, number + 1, rows) if more else None,
        declared_total=count,
    )


def read_list(page: WebPage) -> ListPage:
    """Read an answer of the publish server, or find where a column page, or one that only sums it up, gets its list.

    Raises:
        AnswerError: the answer is broken or a refusal, or the page's ``queryData`` cannot be read.
    """
    if looks_like_json(page.text):
        return _read_answer(page)
    address = _unit_address(page)
    if address is None:
        more = {urljoin(page.base, href.strip()) for href in page.selector.xpath(MORE).getall()} - {page.url}
        following = PageRequest(more.pop()) if len(more) == 1 else None
        return ListPage(entries=main_list(page), next_page=following, recognised=following is not None)
    rows, _ = _pager(page.selector)
    return ListPage(entries=(), next_page=_with_page(address, 1, rows or DEFAULT_ROWS))


def continuation_urls(page: WebPage) -> list[str]:
    """The further pages of a long article, where its links number them."""
    return sibling_pages(page)
