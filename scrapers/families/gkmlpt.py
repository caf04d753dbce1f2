"""gkmlpt (广东省政府信息公开平台): the page carries a site number and a tree of columns; lists come as JSON.

``/gkmlpt/index#3110`` is one page for all columns; the column is named by the part behind ``#``, by the option
``category`` of the source file, or is the one column of the tree whose name speaks of the rule of law.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urljoin, urlsplit

from scrapers.families.answers import (
    AnswerError,
    absolute_url,
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
    normalise_url,
    page_number,
    sibling_pages,
    with_page,
)

__all__ = ["continuation_urls", "normalise_url", "read_list"]

PAGE_SIZE = 100
"""Entries that one answer holds; the interface takes no size."""

SITE = re.compile(r"""["']?\bSID["']?\s*[:=]\s*["']?(\d+)""")  # SID: '755001',
TREE = re.compile(r"""["']?\bTREE["']?\s*[:=]\s*(?=\[)""")  # TREE: [{"id":3110,"name":"…","children":[]}],
FOLDER = re.compile(r"^.*?/gkmlpt/")  # /qsfj/gkmlpt/index
COLUMN = re.compile(r"\d+")  # 3110
WANTED_COLUMN = re.compile("法治政府|依法行政")  # 法治政府建设年度报告
DATE_FIELDS = ("display_publish_time", "first_publish_time", "date", "created_at")
CHILDREN = ("children", "child")
OPTIONS_SCHEMA: dict[str, Any] = {
    "additionalProperties": False,
    "properties": {"category": {"type": "integer", "minimum": 0}},
}


def _nodes(tree: Any) -> Iterator[Mapping[str, Any]]:
    """Every column of the tree, parents first."""
    waiting = [tree]
    while waiting:
        level = waiting.pop(0)
        for node in level if isinstance(level, list) else ():
            if isinstance(node, Mapping):
                yield node
                waiting += [node[key] for key in CHILDREN if node.get(key)]


def columns(page: WebPage) -> dict[int, str]:
    """The columns of the platform by number, as the tree in the page names them; empty when there is no tree.

    Raises:
        AnswerError: the tree cannot be read.
    """
    found = TREE.search(page.text)
    if found is None:
        return {}
    try:
        tree, _ = json.JSONDecoder().raw_decode(page.text, found.end())
    except (json.JSONDecodeError, RecursionError) as error:
        raise AnswerError(f"TREE is no JSON: {error}") from error
    named = {whole_number(node.get("id")): str(node.get("name", "")).strip() for node in _nodes(tree)}
    return {number: name for number, name in named.items() if number is not None}


def _column_of(page: WebPage) -> int | None:
    fragment = COLUMN.fullmatch(urlsplit(page.url).fragment)
    if fragment:
        return int(fragment[0])
    if "category" in page.options:
        return int(page.options["category"])
    wanted = {number: name for number, name in columns(page).items() if WANTED_COLUMN.search(name)}
    reports = {number: name for number, name in wanted.items() if "报告" in name} or wanted
    if len(reports) > 1:
        names = ", ".join(f"{number} {name}" for number, name in sorted(reports.items()))
        raise AnswerError(f"several columns could be meant, name one as api.category: {names}")
    return next(iter(reports), None)


def _entry(record: Mapping[str, Any], base: str) -> Entry:
    days = [day_of(record.get(name)) for name in DATE_FIELDS]
    return Entry(
        url=absolute_url(record.get("url") or record.get("post_url"), base),
        title=plain_title(record.get("title")),
        date=next((day for day in days if day), None),
    )


def _read_answer(page: WebPage) -> ListPage:
    answer = load_answer(page.text)
    records = answer.get("articles") if isinstance(answer, Mapping) else None
    entries, skipped = read_records(records, lambda record: _entry(record, page.url), "articles")
    total = whole_number(answer.get("total"))
    number = page_number(page.url)
    more = bool(entries or skipped) and total is not None and number * PAGE_SIZE < total
    return ListPage(
        entries=entries,
        next_page=PageRequest(with_page(page.url, number + 1)) if more else None,
        declared_total=total,
        skipped=skipped,
    )


def read_list(page: WebPage) -> ListPage:
    """Read an answer, or find on the platform's page where the answers of its column come from.

    Raises:
        AnswerError: the answer is broken, or the page does not tell which column is meant.
    """
    if looks_like_json(page.text):
        return _read_answer(page)
    site, folder = SITE.search(page.text), FOLDER.match(urlsplit(page.url).path)
    column = _column_of(page) if site and folder else None
    if site is None or folder is None or column is None:
        return ListPage(entries=(), recognised=False)
    address = urljoin(page.url, f"{folder[0]}api/all/{column}?page=1&sid={site[1]}")
    return ListPage(entries=(), next_page=PageRequest(address))


def continuation_urls(page: WebPage) -> list[str]:
    """The further pages of a long article, where its links number them."""
    return sibling_pages(page)
