"""Any interface that answers lists as JSON or JSONP (TRS govsearch, IGS): the source file says where things stand.

Under ``api:`` a source names, as dotted paths, the list of records and in each record title, address and date,
and for the whole answer the number of entries or pages; ``page`` is the parameter of the address that counts pages.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from scrapers.families import trs
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
    normalise_url,
    number_parameter,
    with_parameter,
)

__all__ = ["continuation_urls", "normalise_url", "read_list"]

PLACE = re.compile(r"\{([\w.-]+)\}")  # /publicInfo/detail?id={id}
_PATH = {"type": "string", "minLength": 1}
OPTIONS_SCHEMA: dict[str, Any] = {
    "additionalProperties": False,
    "required": ["title", "url"],
    "properties": {
        "records": {"type": "string"},
        "title": _PATH,
        "url": _PATH,
        "date": _PATH,
        "total": _PATH,
        "pages": _PATH,
        "page": _PATH,
        "first": {"type": "integer", "minimum": 0},
        "size": {"type": "integer", "minimum": 1},
    },
}
"""``records`` may be missing or empty where the answer itself is the list; ``first`` is the number of the first page
(1 where it is not said), ``size`` the entries of a page for interfaces that declare entries but no pages. ``url`` is a
path or, for records that only have a number, an address such as ``/detail?id={id}``."""

KNOWN_INTERFACES: tuple[tuple[str, Mapping[str, Any]], ...] = (
    (
        "TRS govsearch",
        {
            "records": "data",
            "title": "title",
            "url": "puburl",
            "date": "tip.dates",
            "total": "num",
            "pages": "nPage",
            "page": "page",
        },
    ),
    (
        "IGS",
        {
            "records": "page.content",
            "title": "DOCTITLE",
            "url": "DOCPUBURL",
            "date": "DOCRELTIME",
            "pages": "page.totalPages",
            "page": "pageNumber",
        },
    ),
    (
        "IGS policy library",
        {
            "records": "page.content",
            "title": "BT",
            "url": "DOCPUBURL",
            "date": "FBRQ",
            "pages": "page.totalPages",
            "page": "pageNumber",
        },
    ),
)
"""Interfaces that many portals share, with what to write under ``api:`` for them."""


def known_interface(answer: Any) -> tuple[str, Mapping[str, Any]] | None:
    """The known interface that an answer with at least one record comes from, with the options that read it."""
    for name, options in KNOWN_INTERFACES:
        first = at_path(answer, f"{options['records']}.0")
        has_fields = all(at_path(first, options[field]) is not None for field in ("title", "url"))
        if has_fields and whole_number(at_path(answer, options["pages"])) is not None:
            return name, options
    return None


def _address(record: Mapping[str, Any], written: str) -> Any:
    """The address of a record: what stands at a path, or a pattern filled in from paths in braces."""
    if not PLACE.search(written):
        return at_path(record, written)

    def fill(place: re.Match[str]) -> str:
        value = at_path(record, place[1])
        if not isinstance(value, str | int) or isinstance(value, bool) or value == "":
            raise AnswerError(f"{place[1]} is {value!r}"[:80])
        return quote(str(value), safe="")

    return PLACE.sub(fill, written)


def _option(options: Mapping[str, Any], name: str) -> str:
    if name not in options:
        raise AnswerError(f"the source file does not say api.{name}")
    return str(options[name])


def _entry(record: Mapping[str, Any], options: Mapping[str, Any], base: str) -> Entry:
    return Entry(
        url=absolute_url(_address(record, _option(options, "url")), base),
        title=plain_title(at_path(record, _option(options, "title"))),
        date=day_of(at_path(record, options["date"])) if "date" in options else None,
    )


def _count(answer: Any, options: Mapping[str, Any], name: str) -> int | None:
    """A count that the source file says the answer has.

    Raises:
        AnswerError: it is not there, or no number.
    """
    if name not in options:
        return None
    value = at_path(answer, options[name])
    count = whole_number(value)
    if count is None:
        raise AnswerError(f"api.{name}: {options[name]!r} is {value!r}"[:120])
    return count


def _next(
    page: WebPage, options: Mapping[str, Any], rows: int, total: int | None, pages: int | None
) -> PageRequest | None:
    """The following page, while the declared pages or entries (or, where neither is declared, entries) go on."""
    if "page" not in options or rows == 0:
        return None
    first = int(options.get("first", 1))
    number = number_parameter(page.url, options["page"])
    number = first if number is None else number
    done = number - first + 1
    size = int(options.get("size", rows))
    if (pages is not None and done >= pages) or (pages is None and total is not None and done * size >= total):
        return None
    return PageRequest(with_parameter(page.url, options["page"], number + 1))


def read_list(page: WebPage) -> ListPage:
    """Read one answer.

    Raises:
        AnswerError: it is no JSON although it begins like it, or has no list or count where the source says so.
    """
    options = page.options
    if not looks_like_json(page.text):
        return ListPage(entries=(), recognised=False)
    answer = load_answer(page.text)
    for name in ("title", "url"):
        _option(options, name)
    path = str(options.get("records", ""))
    entries, skipped = read_records(at_path(answer, path), lambda record: _entry(record, options, page.url), path)
    total, pages = _count(answer, options, "total"), _count(answer, options, "pages")
    return ListPage(
        entries=entries,
        next_page=_next(page, options, len(entries) + len(skipped), total, pages),
        declared_total=total,
        declared_pages=pages,
        skipped=skipped,
    )


def continuation_urls(page: WebPage) -> list[str]:
    """The further pages of a long article, by the script of TRS, which most such interfaces belong to, or by links."""
    return trs.continuation_urls(page)
