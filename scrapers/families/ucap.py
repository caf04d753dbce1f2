"""UCAP (开普): ``…/list.shtml`` with ``list_2.shtml``, or a JSON list behind ``searchList/{channel}``; articles whole.

A list page may hold its entries in the markup or only name the JSON address; both are read here.
"""

from __future__ import annotations

import json
import re
from typing import Any
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit, urlunsplit

from scrapers.families.common import (
    Entry,
    ListPage,
    WebPage,
    main_list,
    next_by_link,
    normalise_url,
    parse_date,
)

__all__ = ["continuation_urls", "normalise_url", "read_list"]

API = re.compile(r"""["'](?P<path>/[^"'\s]*(?:common/search|searchList)/[^"'\s]+)["']""")  # '/searchList/8a9f?page=1'
PAGER = re.compile(r"createPage(?:HTML)?\(\s*(\d+)\s*,\s*(\d+)")  # createPage(3, 1)
STATIC = re.compile(r"^(?P<stem>.*?list|.*?column-index)(?:[_-](?P<number>\d+))?(?P<ending>\.s?html)$")  # list_2.shtml
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


def _with_page(url: str, number: int) -> str:
    parts = urlsplit(url)
    query = [(key, value) for key, value in parse_qsl(parts.query, keep_blank_values=True) if key != "page"]
    return urlunsplit(parts._replace(query=urlencode([*query, ("page", str(number))])))


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
    number = int(dict(parse_qsl(urlsplit(page.url).query)).get("page", "1"))
    more = bool(entries) and total is not None and number * rows < total
    return ListPage(
        entries=entries,
        next_url=_with_page(page.url, number + 1) if more else None,
        declared_total=total,
    )


def _static_next(page: WebPage, pages: int, current: int) -> str | None:
    parts = urlsplit(page.url)
    found = STATIC.match(parts.path)
    if found is None or current >= pages:
        return None
    separator = "-" if found["stem"].endswith("column-index") else "_"
    return urljoin(page.url, f"{found['stem']}{separator}{current + 1}{found['ending']}")


def read_list(page: WebPage) -> ListPage:
    """Read one page of a list: JSON, markup, or markup that only names the JSON address."""
    data = _json_of(page)
    if data is not None:
        return _read_json(page, data)
    api = API.search(page.text)
    entries = main_list(page)
    if api and not any(entry.date for entry in entries):
        return ListPage(entries=(), next_url=_with_page(urljoin(page.url, api["path"]), 1))
    pager = PAGER.search(page.text)
    following = next_by_link(page)
    if following is None and pager:
        following = _static_next(page, int(pager[1]), int(pager[2]))
    return ListPage(
        entries=entries,
        next_url=following,
        declared_pages=int(pager[1]) if pager else None,
        recognised=bool(entries) or bool(MARK.search(page.text)),
    )


def continuation_urls(page: WebPage) -> list[str]:  # noqa: ARG001 - page breaks are marks inside one page
    """UCAP keeps the whole article in one page; its page breaks are marks in the text."""
    return []
