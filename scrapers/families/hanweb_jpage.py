"""Hanweb jcms (jpage): entries lie as CDATA records in a ``<datastore>``, further ones behind ``dataproxy.jsp``.

The first page carries the first group of records and the address of the next, or the form that its script sends;
each answer of the proxy is a datastore again, with totals. The list of links in the markup itself is empty until
scripts fill it.
"""

from __future__ import annotations

import re
from dataclasses import replace
from urllib.parse import urlencode, urljoin

from parsel import Selector

from scrapers.families.answers import AnswerError
from scrapers.families.common import (
    Entry,
    ListPage,
    PageRequest,
    WebPage,
    entry_of,
    is_page_link,
    normalise_url,
    number_parameter,
    page_number,
    sibling_pages,
    with_page,
    with_parameter,
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
PROXY_URL = re.compile(r"""proxyUrl\s*:\s*['"]([^'"]+)['"]""")  # proxyUrl:'/module/web/jpage/dataproxy.jsp',
FORM = re.compile(r"ajaxParam\s*:\s*\{([^{}]*)\}")  # ajaxParam:{'col':'1','columnid':'4729','permissiontype':0},
FORM_FIELD = re.compile(r"""['"]?(\w+)['"]?\s*:\s*(?:'([^']*)'|"([^"]*)"|(\d+))""")  # 'columnid':'4729'
SCRIPT_TOTAL = re.compile(r"totalRecord\s*:\s*(\d+)")  # totalRecord:714,
PER_PAGE = re.compile(r"perPage\s*:\s*(\d+)")  # perPage:15,
FORM_HEADERS = (("Content-Type", "application/x-www-form-urlencoded; charset=UTF-8"),)


def _proxy_next(asked: PageRequest, total: int | None, total_pages: int | None) -> PageRequest | None:
    """The request after one to the proxy: by page, or by the numbers of the first and last record."""
    if not PROXY.search(asked.url):
        return None
    start, end = number_parameter(asked.url, "startrecord"), number_parameter(asked.url, "endrecord")
    if start is not None and end is not None:
        if total is None or end >= total or end < start:
            return None
        url = with_parameter(with_parameter(asked.url, "startrecord", end + 1), "endrecord", 2 * end - start + 1)
        return replace(asked, url=url)
    number = page_number(asked.url)
    if total_pages is None or number >= total_pages:
        return None
    return replace(asked, url=with_page(asked.url, number + 1))


def _form_next(page: WebPage, held: int, total: int | None) -> PageRequest | None:
    """The form that the page's script sends for the records after those that the page holds."""
    proxy, form, per_page = PROXY_URL.search(page.text), FORM.search(page.text), PER_PAGE.search(page.text)
    if proxy is None or form is None or total is None or not 0 < held < total:
        return None
    query = f"startrecord={held + 1}&endrecord={2 * held}" + (f"&perpage={per_page[1]}" if per_page else "")
    fields = [(name, single or double or bare) for name, single, double, bare in FORM_FIELD.findall(form[1])]
    return PageRequest(f"{urljoin(page.url, proxy[1])}?{query}", "POST", urlencode(fields), FORM_HEADERS)


def _group_next(page: WebPage, datastore: str) -> PageRequest | None:
    group = NEXT_GROUP.search(datastore)
    if group is None:
        return None
    href = Selector(text=group[1], type="html").xpath("//a/@href").get(default="").strip()
    return PageRequest(urljoin(page.url, href)) if is_page_link(href) else None


def _number(pattern: re.Pattern[str], text: str) -> int | None:
    found = pattern.search(text)
    return int(found[1]) if found else None


def _read_records(texts: list[str], page: WebPage) -> tuple[tuple[Entry, ...], tuple[str, ...]]:
    """The entries of records, and what was wrong with those that have none."""
    entries: list[Entry] = []
    skipped: list[str] = []
    for number, text in enumerate(texts, start=1):
        entry = entry_of(Selector(text=text or "<p></p>", type="html"), page.base, shortest=1)
        if entry is None:
            skipped.append(f"record {number}: no link with a title in {' '.join(text.split())[:60]!r}")
        else:
            entries.append(entry)
    return tuple(entries), tuple(skipped)


def read_list(page: WebPage) -> ListPage:
    """Read the records of a list page or of an answer of the data proxy, new or old.

    Raises:
        AnswerError: a datastore begins and does not end.
    """
    if old := OLD_ANSWER.search(page.text):
        texts = [ESCAPED.sub(r"\1", record[2]) for record in OLD_RECORD.finditer(old[3])]
        total: int | None = int(old[1])
        following = _proxy_next(page.request, total, int(old[2]))
    elif store := DATASTORE.search(page.text):
        texts = RECORD.findall(store[0])
        in_store = _number(TOTAL_RECORDS, store[0])
        total = in_store if in_store is not None else _number(SCRIPT_TOTAL, page.text)
        following = _proxy_next(page.request, total, _number(TOTAL_PAGES, store[0]))
        if following is None and texts and not PROXY.search(page.url):
            following = _group_next(page, store[0]) or _form_next(page, len(texts), total)
    elif "<datastore>" in page.text:
        raise AnswerError("the datastore is cut off")
    else:
        return ListPage(entries=(), recognised=False)
    entries, skipped = _read_records(texts, page)
    return ListPage(entries=entries, next_page=following, declared_total=total, skipped=skipped)


def continuation_urls(page: WebPage) -> list[str]:
    """The further pages of a long article, where its links number them."""
    return sibling_pages(page)
