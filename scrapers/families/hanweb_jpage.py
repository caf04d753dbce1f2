"""Hanweb jcms (jpage): entries lie as CDATA records in a ``<datastore>``, further ones behind ``dataproxy.jsp``.

The first page carries the first group of records and the address of the next; each answer of the proxy is a
datastore again, with totals. The list of links in the markup itself is empty until scripts fill it.
"""

from __future__ import annotations

import re
from urllib.parse import urljoin

from parsel import Selector

from scrapers.families.common import (
    ListPage,
    WebPage,
    entry_of,
    get_page,
    is_page_link,
    normalise_url,
    page_number,
    with_page,
)

__all__ = ["continuation_urls", "normalise_url", "read_list"]

DATASTORE = re.compile(r"<datastore>.*?</datastore>", re.DOTALL)  # <datastore><nextgroup>…</datastore>
RECORD = re.compile(r"<record>\s*<!\[CDATA\[(.*?)\]\]>\s*</record>", re.DOTALL)  # <record><![CDATA[<li>…]]></record>
NEXT_GROUP = re.compile(r"<nextgroup>\s*<!\[CDATA\[(.*?)\]\]>\s*</nextgroup>", re.DOTALL)  # <a href="…page=2…">
TOTAL_RECORDS = re.compile(r"<totalrecord>\s*(\d+)\s*</totalrecord>")  # <totalrecord>52</totalrecord>
TOTAL_PAGES = re.compile(r"<totalpage>\s*(\d+)\s*</totalpage>")  # <totalpage>4</totalpage>
OLD_ANSWER = re.compile(
    r"totalRecord\s*=\s*(\d+)\s*;\s*totalPage\s*=\s*(\d+)\s*;\s*dataStore\s*=\s*\[(.*)\]", re.DOTALL
)
"""totalRecord=714;totalPage=27;dataStore=['<li>…</li>','<li>…</li>']"""
OLD_RECORD = re.compile(r"""(['"])((?:\\.|(?!\1).)*)\1""", re.DOTALL)  # '<li><a href=\'…\'>…</li>'
ESCAPED = re.compile(r"\\(.)")  # \' inside a record
PROXY = re.compile(r"dataproxy\.jsp")  # /module/web/jpage/dataproxy.jsp?page=2&…


def _proxy_next(url: str, total_pages: int | None) -> str | None:
    if not PROXY.search(url) or total_pages is None:
        return None
    number = page_number(url)
    return with_page(url, number + 1) if number < total_pages else None


def _group_next(page: WebPage, datastore: str) -> str | None:
    group = NEXT_GROUP.search(datastore)
    if group is None:
        return None
    href = Selector(text=group[1], type="html").xpath("//a/@href").get(default="").strip()
    return urljoin(page.url, href) if is_page_link(href) else None


def read_list(page: WebPage) -> ListPage:
    """Read the records of a list page or of an answer of the data proxy, new or old."""
    total: int | None
    pages: int | None
    if old := OLD_ANSWER.search(page.text):
        texts = [ESCAPED.sub(r"\1", record[2]) for record in OLD_RECORD.finditer(old[3])]
        total, pages = int(old[1]), int(old[2])
        following = _proxy_next(page.url, pages)
    elif store := DATASTORE.search(page.text):
        texts = RECORD.findall(store[0])
        totals, page_totals = TOTAL_RECORDS.search(store[0]), TOTAL_PAGES.search(store[0])
        total = int(totals[1]) if totals else None
        pages = int(page_totals[1]) if page_totals else None
        following = _proxy_next(page.url, pages) or (_group_next(page, store[0]) if texts else None)
    else:
        return ListPage(entries=(), recognised=False)
    entries = [entry_of(Selector(text=text, type="html"), page.url) for text in texts]
    return ListPage(
        entries=tuple(entry for entry in entries if entry),
        next_page=get_page(following),
        declared_total=total,
    )


def continuation_urls(page: WebPage) -> list[str]:  # noqa: ARG001 - jcms does not split articles
    """Jcms shows an article on one page."""
    return []
