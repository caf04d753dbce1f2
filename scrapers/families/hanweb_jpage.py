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
    get_page,
    link_target,
    main_list,
    next_by_link,
    normalise_url,
    number_parameter,
    page_number,
    sibling_pages,
    with_page,
    with_parameter,
)

__all__ = ["continuation_urls", "normalise_url", "read_list"]

TOTAL_RECORDS = re.compile(r"<totalrecord>\s*(\d{1,9})\s*</totalrecord>")  # <totalrecord>52</totalrecord>
TOTAL_PAGES = re.compile(r"<totalpage>\s*(\d{1,9})\s*</totalpage>")  # <totalpage>4</totalpage>
# totalRecord=714;totalPage=27;dataStore=['<li>…</li>','<li>…</li>']
OLD_ANSWER = re.compile(r"totalRecord\s*=\s*(\d{1,9})\s*;\s*totalPage\s*=\s*(\d{1,9})\s*;\s*dataStore\s*=\s*\[")
OLD_PIECE = re.compile(r"\\.|['\"]|[^\\'\"]+", re.DOTALL)  # '  <li><a href=  \'  /art/1.html  \'  >…</li>  '
PROXY = re.compile(r"dataproxy\.jsp")  # /module/web/jpage/dataproxy.jsp?page=2&…
PROXY_URL = re.compile(r"""proxyUrl\s*:\s*['"]([^'"]+)['"]""")  # proxyUrl:'/module/web/jpage/dataproxy.jsp',
FORM = re.compile(r"ajaxParam\s*:\s*\{([^{}]*)\}")  # ajaxParam:{'col':'1','columnid':'4729','permissiontype':0},
FORM_FIELD = re.compile(r"""['"]?(\w+)['"]?\s*:\s*(?:'([^']*)'|"([^"]*)"|(\d+))""")  # 'columnid':'4729'
SCRIPT_TOTAL = re.compile(r"totalRecord\s*:\s*(\d{1,9})")  # totalRecord:714,
PER_PAGE = re.compile(r"perPage\s*:\s*(\d{1,9})")  # perPage:15,
FORM_HEADERS = (("Content-Type", "application/x-www-form-urlencoded; charset=UTF-8"),)


def _between(text: str, start: str, end: str) -> str | None:
    """What stands between two marks; None where one of them is missing."""
    _, found, rest = text.partition(start)
    inner, closed, _ = rest.partition(end)
    return inner if found and closed else None


def _cdata(text: str, tag: str) -> list[str]:
    """The CDATA of every element of a name; the markup in it is no XML, so it is taken as it stands."""
    inner = (_between(piece, "<![CDATA[", "]]>") for piece in text.split(f"<{tag}>")[1:])
    return [piece for piece in inner if piece is not None]


def _old_records(text: str) -> list[str]:
    """The strings of a JavaScript list, single or double quoted, with its escapes undone."""
    records: list[str] = []
    quote, held = "", ""
    for piece in OLD_PIECE.findall(text):
        if not quote:
            quote = piece if piece in {"'", '"'} else ""
        elif piece == quote:
            records.append(held)
            quote, held = "", ""
        else:
            held += piece[1:] if piece.startswith("\\") else piece
    return records


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
    group = next(iter(_cdata(datastore, "nextgroup")), "")
    href = Selector(text=group or "<p></p>", type="html").xpath("//a/@href").get()
    target = link_target(page.url, href)
    return PageRequest(target) if target else None


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


def _read_plain(page: WebPage) -> ListPage:
    """Read a page without a store: some columns write their list into the page, always with dates."""
    entries = main_list(page)
    if not any(entry.date for entry in entries):
        return ListPage(entries=(), recognised=False)
    return ListPage(entries=entries, next_page=get_page(next_by_link(page)))


def read_list(page: WebPage) -> ListPage:
    """Read the records of a list page or of an answer of the data proxy, new or old.

    Raises:
        AnswerError: a datastore begins and does not end.
    """
    total: int | None
    if old := OLD_ANSWER.search(page.text):
        texts, total = _old_records(page.text[old.end() :]), int(old[1])
        following = _proxy_next(page.request, total, int(old[2]))
    elif store := _between(page.text, "<datastore>", "</datastore>"):
        texts = _cdata(store, "record")
        total = _number(TOTAL_RECORDS, store)
        total = total if total is not None else _number(SCRIPT_TOTAL, page.text)
        following = _proxy_next(page.request, total, _number(TOTAL_PAGES, store))
        if following is None and texts and not PROXY.search(page.url):
            following = _group_next(page, store) or _form_next(page, len(texts), total)
    elif "<datastore>" in page.text:
        raise AnswerError("the datastore is cut off or empty")
    else:
        return _read_plain(page)
    entries, skipped = _read_records(texts, page)
    return ListPage(entries=entries, next_page=following, declared_total=total, skipped=skipped)


def continuation_urls(page: WebPage) -> list[str]:
    """The further pages of a long article, where its links number them."""
    return sibling_pages(page)
