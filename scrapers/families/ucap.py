"""UCAP (开普): ``…/list.shtml`` with ``list_2.shtml``, or a JSON list behind ``searchList/{channel}``; articles whole.

A list page may hold its entries in the markup, inside a comment that a script replaces, or only name the JSON
address; all are read here.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode, urljoin

from scrapers.families.answers import (
    AnswerError,
    absolute_url,
    at_path,
    day_of,
    load_answer,
    looks_like_json,
    plain_title,
    read_records,
    whole_number,
)
from scrapers.families.common import (
    Entry,
    ListPage,
    PageRequest,
    WebPage,
    get_page,
    is_article,
    main_list,
    next_by_link,
    normalise_url,
    number_parameter,
    sibling_pages,
    with_page,
    with_parameter,
)

__all__ = ["continuation_urls", "normalise_url", "read_list"]

# '/searchList/8a9f?_isAgg=true&page=1' "/common/search/8a9f"
API = re.compile(
    r"""["'](?P<path>/(?:[^"'\s]{0,100}/)?(?:common/search|searchList|search(?=/[0-9a-f]{32}))/[^"'\s]{1,500})["']"""
)
# createPageHTML('page_div', 10, 1, 'zwgklist', 'shtml', 200): pages, this page, file name, ending, entries in all
PAGER = re.compile(
    r"createPageHTML\(\s*(?P<q>['\"])\w+(?P=q)\s*,\s*(?P<pages>\d+)\s*,\s*(?P<current>\d+)\s*,"
    r"\s*['\"](?P<name>[\w-]+)['\"]\s*,\s*['\"](?P<ending>\w+)['\"]\s*(?:,\s*(?P<total>\d+)\s*)?\)"
)
MARK = re.compile(r"UCAP|_isAgg=true|channelId|channelCode", re.IGNORECASE)  # <meta name="channelId" content="8a9f">
SITE_CODES = re.compile(r"webSiteCode\s*:\s*\[([^\[\]]{1,500})\]")  # webSiteCode: ['xssthjt'],
CHANNEL_CODES = re.compile(r"channelCode\s*:\s*\[([^\[\]]{1,500})\]")  # channelCode: ['col42150'],
CODE = re.compile(r"""['"]([\w-]+)['"]""")  # 'col42150'
PER_PAGE = re.compile(r"""perPage\s*:\s*['"]?(\d+)""")  # perPage: '15',
CHANNEL_ID = re.compile(r"[0-9a-f]{32}")  # 8a9f0c1d2e3b4a5f6c7d8e9f0a1b2c3d
CHANNEL_META = (
    "//meta[translate(@name, 'CHANELID', 'chanelid') = 'channelid']/@content"  # written channelId or channelid
)
DEFAULT_ROWS = "15"
DATE_FIELDS = ("publishedTimeStr", "pubDate", "publishedTime")
FORM_HEADERS = (("Content-Type", "application/x-www-form-urlencoded; charset=UTF-8"),)


def _address_of(record: Mapping[str, Any]) -> Any:
    """The address of a record: ``url``, or the page for computers in ``urls``, which is JSON within JSON."""
    if record.get("url"):
        return record["url"]
    urls = record.get("urls")
    if isinstance(urls, str):
        urls = load_answer(urls)
    if not isinstance(urls, Mapping):
        return None
    return urls.get("pc") or urls.get("common") or next(iter(urls.values()), None)


def _entry(record: Mapping[str, Any], base: str) -> Entry:
    source = record.get("source", record)
    if not isinstance(source, Mapping):
        raise AnswerError(f"source is {source!r}"[:80])
    days = [day_of(source.get(name)) for name in DATE_FIELDS]
    return Entry(
        url=absolute_url(_address_of(source), base),
        title=plain_title(source.get("title") or source.get("showTitle")),
        date=next((day for day in days if day), None),
    )


def _following(asked: PageRequest, rows: int, total: int) -> PageRequest | None:
    """The request after one for JSON, counted by ``current`` in a form or an address, else by ``page``."""
    if asked.method == "POST":
        number = number_parameter(f"?{asked.body}", "current") or 1
        body = with_parameter(f"?{asked.body}", "current", number + 1)[1:]
        return replace(asked, body=body) if number * rows < total else None
    name = "current" if number_parameter(asked.url, "current") is not None else "page"
    number = number_parameter(asked.url, name) or 1
    return PageRequest(with_parameter(asked.url, name, number + 1)) if number * rows < total else None


def _asked_rows(asked: PageRequest) -> int | None:
    sizes = [number_parameter(f"?{asked.body}", "pageSize")]
    sizes += [number_parameter(asked.url, name) for name in ("_pageSize", "pageSize")]
    return next((size for size in sizes if size), None)


def _read_json(page: WebPage) -> ListPage:
    data = at_path(load_answer(page.text), "data")
    entries, skipped = read_records(at_path(data, "results"), lambda record: _entry(record, page.url), "data.results")
    total = whole_number(at_path(data, "total"))
    found = len(entries) + len(skipped)
    rows = whole_number(at_path(data, "rows")) or _asked_rows(page.request) or found
    return ListPage(
        entries=entries,
        next_page=_following(page.request, rows, total) if found and rows and total is not None else None,
        declared_total=total,
        skipped=skipped,
    )


def _json_address(page: WebPage) -> PageRequest | None:
    """Where the entries of a page come from that only names its site and channel, or the address itself."""
    if api := API.search(page.text):
        return PageRequest(with_page(urljoin(page.url, api["path"]), 1))
    sites, channels = SITE_CODES.search(page.text), CHANNEL_CODES.search(page.text)
    if sites and channels:
        rows = PER_PAGE.search(page.text)
        fields = [("current", "1"), ("pageSize", rows[1] if rows else DEFAULT_ROWS)]
        fields += [("webSiteCode[]", code) for code in CODE.findall(sites[1])]
        fields += [("channelCode[]", code) for code in CODE.findall(channels[1])]
        return PageRequest(urljoin(page.url, "/queryList"), "POST", urlencode(fields), FORM_HEADERS)
    channel = page.selector.xpath(CHANNEL_META).get(default="").strip()
    if CHANNEL_ID.fullmatch(channel):
        query = f"_isAgg=true&_isJson=true&_pageSize={DEFAULT_ROWS}&_template=index&page=1"
        return PageRequest(urljoin(page.url, f"/common/search/{channel}?{query}"))
    return None


def _static_next(page: WebPage, pager: re.Match[str] | None) -> str | None:
    linked = next_by_link(page)
    if linked is not None or pager is None or int(pager["current"]) >= int(pager["pages"]):
        return linked
    separator = "-" if pager["name"].endswith("column-index") else "_"
    return urljoin(page.url, f"{pager['name']}{separator}{int(pager['current']) + 1}.{pager['ending']}")


def _commented_list(page: WebPage) -> tuple[Entry, ...]:
    """The list that stands in a comment until a script puts it, or a newer one, in its place."""
    comments = [node.root.text or "" for node in page.selector.xpath("//comment()[contains(., '<li')]")]
    inner = "".join(comments)
    return main_list(WebPage(page.base, inner)) if inner else ()


def read_list(page: WebPage) -> ListPage:
    """Read one page of a list: JSON, markup, or markup that only names the JSON address.

    Raises:
        AnswerError: JSON that is broken or holds no list.
    """
    if looks_like_json(page.text):
        return _read_json(page)
    entries = main_list(page)
    if not any(entry.date for entry in entries):
        hidden = _commented_list(page)
        entries = hidden if any(entry.date for entry in hidden) else entries
    address = None if any(entry.date for entry in entries) else _json_address(page)
    if address is not None:
        return ListPage(entries=(), next_page=address)
    pager = PAGER.search(page.text)
    return ListPage(
        entries=entries,
        next_page=get_page(_static_next(page, pager)),
        declared_total=int(pager["total"]) if pager and pager["total"] else None,
        declared_pages=int(pager["pages"]) if pager else None,
        recognised=bool(entries) or (bool(MARK.search(page.text)) and not is_article(page)),
    )


def continuation_urls(page: WebPage) -> list[str]:
    """The further pages of a long article by its links; mostly page breaks are only marks inside one page."""
    return sibling_pages(page)
