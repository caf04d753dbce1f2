"""Dates as Chinese portals and letters write them; choosing among several dates of a page happens in ``page``.

A date is only ever read, never completed: a text without a day has no date.
"""

from __future__ import annotations

import re
from datetime import date

FIRST_YEAR = 1990
"""No portal page is older; smaller numbers are not years of publication."""
LAST_YEAR = 2099

_DIGITS = {"〇": 0, "○": 0, "零": 0, "０": 0, "O": 0, "Ο": 0, "0": 0} | {
    character: value for value, character in enumerate("一二三四五六七八九", start=1)
}

# 2018-02-28 · 2018/2/28 · 2018.02.28 · 2018年02月28日 · 2018 年 2 月 28 日
NUMERIC_DATE = re.compile(r"(?<!\d)((?:19|20)\d\d)\s?[-/.年]\s?(\d{1,2})\s?[-/.月]\s?(\d{1,2})(?!\d)\s?日?")
# 20180228
COMPACT_DATE = re.compile(r"(?<!\d)((?:19|20)\d\d)([01]\d)([0-3]\d)(?!\d)")
# 二〇一八年二月二十八日 · 二○二三年十二月三十一日 · 二0一四年一月二十日
CHINESE_DATE = re.compile(
    r"([一二三四五六七八九〇○零OΟ0]{4})\s?年\s?([一二三四五六七八九十]{1,3})\s?月\s?([一二三四五六七八九十]{1,3})\s?日"
)
# 14:57 · 14:57:00
CLOCK = re.compile(r"\d{1,2}[:：]\d{2}")

# …/202403/t20240328_6583952.html · …/t20190918_693227_1.shtml
URL_TRS = re.compile(r"/t((?:19|20)\d\d)([01]\d)([0-3]\d)_\d+")
# /art/2024/2/1/art_1229604638_2512021.html · /c103046/2019/1/30/0123abcd.shtml
URL_SLASHES = re.compile(r"/((?:19|20)\d\d)/(\d{1,2})/(\d{1,2})/")


def _build(year: int, month: int, day: int) -> date | None:
    if not FIRST_YEAR <= year <= LAST_YEAR:
        return None
    try:
        return date(year, month, day)
    except ValueError:
        return None


def chinese_day_number(text: str) -> int | None:
    """Read a month or day in Chinese numerals: 二 → 2, 十 → 10, 二十八 → 28; None when it is no such number."""
    head, ten, tail = text.partition("十")
    if not ten:
        return _DIGITS.get(text) if len(text) == 1 else None
    if len(head) > 1 or len(tail) > 1:
        return None
    tens = _DIGITS.get(head, 0) if head else 1
    ones = _DIGITS.get(tail, 0) if tail else 0
    return tens * 10 + ones


def chinese_year_number(text: str) -> int | None:
    """Read a year written digit by digit: 二〇一八 → 2018; None when a character is no digit."""
    if len(text) != 4 or any(character not in _DIGITS for character in text):
        return None
    return int("".join(str(_DIGITS[character]) for character in text))


def parse_date(text: str) -> date | None:
    """Return the first full date in a text, or None.

    Impossible dates (2018-02-30) and years outside 1990-2099 are no dates.
    """
    best: tuple[int, date] | None = None
    for pattern in (NUMERIC_DATE, COMPACT_DATE):
        for hit in pattern.finditer(text):
            found = _build(int(hit[1]), int(hit[2]), int(hit[3]))
            if found and (best is None or hit.start() < best[0]):
                best = (hit.start(), found)
                break
        if best:
            break
    for hit in CHINESE_DATE.finditer(text):
        year = chinese_year_number(hit[1])
        month, day = chinese_day_number(hit[2]), chinese_day_number(hit[3])
        found = _build(year, month, day) if year and month and day else None
        if found and (best is None or hit.start() < best[0]):
            best = (hit.start(), found)
            break
    return best[1] if best else None


def date_of_url(url: str | None) -> date | None:
    """Return the publication date that TRS, Hanweb and UCAP put into an address, or None."""
    if not url:
        return None
    for pattern in (URL_TRS, URL_SLASHES):
        if hit := pattern.search(url):
            return _build(int(hit[1]), int(hit[2]), int(hit[3]))
    return None
