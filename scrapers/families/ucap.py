"""UCAP (开普): ``…/list.shtml`` with ``list_2.shtml``, or a JSON list behind ``searchList/{channel}``; articles whole.

A list page may hold its entries in the markup, inside a comment that a script replaces, or only name the JSON
address; all are read here.
"""

from __future__ import annotations

import json
import re
from typing import Any
from urllib.parse import urljoin

from scrapers.families.common import (
    Entry,
    ListPage,
    WebPage,
    get_page,
    main_list,
    next_by_link,
    normalise_url,
    page_number,
    parse_date,
    with_page,
)

__all__ = ["continuation_urls", "normalise_url", "read_list"]

API = re.compile(r"""["'](?P<path>/[^"'\s]*(?:common/search|searchList)/[^"'\s]+)["']""")  # '/searchList/8a9f?page=1'
# createPageHTML('page_div', 10, 1, 'zwgklist', 'shtml', 200): pages, this page, file name, ending, entries in all
PAGER = re.compile(
    r"createPageHTML\(\s*(?P<q>['\"])\w+(?P=q)\s*,\s*(?P<pages>\d+)\s*,\s*(?P<current>\d+)\s*,"
    r"\s*['\"](?P<name>[\w-]+)['\"]\s*,\s*['\"](?P<ending>\w+)['\"]\s*(?:,\s*(?P<total>\d+)\s*)?\)"
)
MARK = re.compile(r"UCAP|_isAgg=true|channelId", re.IGNORECASE)  # <meta name="channelId" content="8a9f">
TAG = re.compile(r"<[^>]+>")  # <em>法治</em>政府


def _json_of(page: WebPage) -> dict[str, Any] | None:
    if not page.text.lstrip().startswith("{"):
        return None
    try:
        data = json.loads(page.text).get("data")
    except json.JSONDecodeError:
        return None
    return data if isinstance(data, dict) and isinstance(data.get("results"), list) else None


def _read_json(page: WebPage, data: dict[str, Any]) -> ListPage:
    entries = tuple(
        Entry(
            url=urljoin(page.url, str(result["url"])),
            title=" ".join(TAG.sub("", str(result["title"])).split()),
            date=parse_date(str(result.get("publishedTimeStr") or "")),
        )
        for result in data["results"]
        if result.get("url") and result.get("title")
    )
    total = int(data["total"]) if str(data.get("total", "")).isdigit() else None
    rows = int(data["rows"]) if str(data.get("rows", "")).isdigit() else len(entries)
    number = page_number(page.url)
    more = bool(entries) and total is not None and number * rows < total
    return ListPage(
        entries=entries,
        next_page=get_page(with_page(page.url, number + 1) if more else None),
        declared_total=total,
    )


def _static_next(page: WebPage, pager: re.Match[str] | None) -> str | None:
    linked = next_by_link(page)
    if linked is not None or pager is None or int(pager["current"]) >= int(pager["pages"]):
        return linked
    separator = "-" if pager["name"].endswith("column-index") else "_"
    return urljoin(page.url, f"{pager['name']}{separator}{int(pager['current']) + 1}.{pager['ending']}")


def _commented_list(page: WebPage) -> tuple[Entry, ...]:
    """The list that stands in a comment until a script puts it, or a newer one, in its place."""
    hidden = "".join(text for text in page.selector.xpath("//comment()").getall() if "<li" in text)
    inner = hidden.replace("<!--", "").replace("-->", "")
    return main_list(WebPage(page.base, inner)) if inner else ()


def read_list(page: WebPage) -> ListPage:
    """Read one page of a list: JSON, markup, or markup that only names the JSON address."""
    data = _json_of(page)
    if data is not None:
        return _read_json(page, data)
    entries = main_list(page)
    if not any(entry.date for entry in entries):
        hidden = _commented_list(page)
        entries = hidden if any(entry.date for entry in hidden) else entries
    api = API.search(page.text)
    if api and not any(entry.date for entry in entries):
        return ListPage(entries=(), next_page=get_page(with_page(urljoin(page.url, api["path"]), 1)))
    pager = PAGER.search(page.text)
    return ListPage(
        entries=entries,
        next_page=get_page(_static_next(page, pager)),
        declared_total=int(pager["total"]) if pager and pager["total"] else None,
        declared_pages=int(pager["pages"]) if pager else None,
        recognised=bool(entries) or bool(MARK.search(page.text)),
    )


def continuation_urls(page: WebPage) -> list[str]:  # noqa: ARG001 - page breaks are marks inside one page
    """UCAP keeps the whole article in one page; its page breaks are marks in the text."""
    return []
