"""Lists that come as JSON: taking off what is wrapped around it, finding the records, reading each strictly.

A record that cannot be used is left out and named, and the rest of the list is read; an answer that is no JSON
although it begins like one is an error. Which fields a CMS uses belongs in its own module.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

from scrapers.families.common import Entry, link_target, parse_date

CALLBACK = re.compile(r"^[\w$.]+\s*\((?P<json>.*)\)\s*;?$", re.DOTALL)  # result({"num":1,"data":[]});
TAG = re.compile(r"<[^<>]+>")  # <em>法治</em>政府
SECONDS = re.compile(r"\d{9,10}")  # 1704758400
MILLISECONDS = re.compile(r"\d{12,13}")  # 1704758400000
MAX_COUNT = 999_999_999
COUNT = re.compile(r"\d{1,9}", re.ASCII)  # 136
CHINA = timezone(timedelta(hours=8))
"""Portals number seconds as everyone does, but mean the day in China."""


class AnswerError(ValueError):
    """An answer, or one record of it, is not what the interface promises; the message says what is wrong."""


def unwrapped(text: str) -> str:
    """The text of an answer without byte order marks, blank lines and the call around JSONP."""
    bare = text.replace("\ufeff", "").strip()
    call = CALLBACK.match(bare)
    return call["json"].strip() if call else bare


def looks_like_json(text: str) -> bool:
    """Whether a text can only be meant as JSON: an object or a list, possibly wrapped as JSONP."""
    return unwrapped(text).startswith(("{", "["))


def load_answer(text: str) -> Any:
    """Read an answer.

    Raises:
        AnswerError: it is no JSON.
    """
    try:
        return json.loads(unwrapped(text))
    except (ValueError, RecursionError) as error:
        raise AnswerError(f"no JSON: {error}") from error


def at_path(value: Any, path: str) -> Any:
    """Follow a dotted path such as ``tip.dates`` or ``data.0.list``; None where it leads nowhere."""
    for step in path.split(".") if path else ():
        if isinstance(value, Mapping):
            value = value.get(step)
        elif isinstance(value, list) and step.isdigit() and int(step) < len(value):
            value = value[int(step)]
        else:
            return None
    return value


def whole_number(value: Any) -> int | None:
    """A count written as a number or as digits; None for anything else."""
    if isinstance(value, bool) or not isinstance(value, int | str):
        return None
    if isinstance(value, int):
        return value if 0 <= value <= MAX_COUNT else None
    return int(value) if COUNT.fullmatch(value.strip()) else None


def plain_title(value: Any) -> str:
    """A title without markup.

    Raises:
        AnswerError: there is none.
    """
    if not isinstance(value, str):
        raise AnswerError(f"title is {value!r}"[:80])
    title = " ".join(html.unescape(TAG.sub("", value)).split())
    if not title:
        raise AnswerError("no title")
    return title


def absolute_url(value: Any, base: str) -> str:
    """The address of an entry.

    Raises:
        AnswerError: there is none, or it leads to no page.
    """
    url = link_target(base, value) if isinstance(value, str) else None
    if url is None:
        raise AnswerError(f"address is {value!r}"[:80])
    return url


def day_of(value: Any) -> date | None:
    """The day of a date as text, or of seconds or milliseconds since 1970; None where there is none."""
    text = str(value).strip() if isinstance(value, str | int) and not isinstance(value, bool) else ""
    if SECONDS.fullmatch(text):
        return datetime.fromtimestamp(int(text), UTC).astimezone(CHINA).date()
    if MILLISECONDS.fullmatch(text):
        return datetime.fromtimestamp(int(text) // 1000, UTC).astimezone(CHINA).date()
    return parse_date(text)


def read_records(
    records: Any, read: Callable[[Mapping[str, Any]], Entry], where: str
) -> tuple[tuple[Entry, ...], tuple[str, ...]]:
    """Read each record of a list.

    Args:
        records: what stands where the list should be.
        read: makes an entry of one record; raises AnswerError for one that it cannot use.
        where: the path of the list, for messages.

    Returns:
        The entries, and what was wrong with each record left out.

    Raises:
        AnswerError: there is no list.
    """
    if not isinstance(records, Iterable) or isinstance(records, str | Mapping):
        raise AnswerError(f"no list of records at {where!r}")
    entries: list[Entry] = []
    skipped: list[str] = []
    for number, record in enumerate(records, start=1):
        try:
            if not isinstance(record, Mapping):
                raise AnswerError(f"is {record!r}"[:80])
            entries.append(read(record))
        except AnswerError as error:
            skipped.append(f"record {number} of {where!r}: {error}")
    return tuple(entries), tuple(skipped)
