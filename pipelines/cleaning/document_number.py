"""Document numbers (文号) in one written form; numbers cited in running text are not looked for here."""

from __future__ import annotations

import re
from dataclasses import dataclass

_LEFT = r"[〔\[［【(（﹝〖「]"
_RIGHT = r"[〕\]］】)）﹞〗」]"
_DASH = r"[-—–－一]"
_HEAD = r"(?P<head>[\u4e00-\u9fff][\u4e00-\u9fffA-Za-z]{0,15}?)"
_YEAR = r"(?P<year>(?:19|20)\d\d)"
_COUNT = r"(?P<count>\d{1,5})"

# 青府[2019]7号 · 青政综〔2021〕3号 · 国办发（2018） 第115号
WHOLE_NUMBER = re.compile(rf"{_HEAD}\s*{_LEFT}+\s*{_YEAR}\s*年?\s*{_RIGHT}+\s*第?\s*{_COUNT}\s*号")
# 某政办发〔201847号 · 某政发2018]12号 · 某政发〔2018 12号 · 某政发一2018一12号: brackets lost or turned into dashes
BROKEN_NUMBER = re.compile(
    rf"{_HEAD}\s*(?P<left>{_LEFT}|{_DASH})?\s*{_YEAR}\s*(?P<right>{_RIGHT}|{_DASH})?\s*{_COUNT}\s*号"
)
# an order: 省政府令第278号
ORDER_NUMBER = re.compile(r"(?P<head>[\u4e00-\u9fff]{2,15}令)\s*[(（]?\s*第\s*(?P<count>\d{1,4})\s*号\s*[)）]?")

_HALF_WIDTH = {0xFF10 + digit: 0x30 + digit for digit in range(10)}
LAST_CHARACTERS = "号)）"


@dataclass(frozen=True)
class DocumentNumber:
    """A document number.

    Attributes:
        text: normalised, such as "青政综〔2021〕3号".
        raw: as printed.
        repaired: a bracket was lost and put back.
        year: the year of issue that it holds; None for orders, which are numbered through.
    """

    text: str
    raw: str
    repaired: bool = False
    year: int | None = None


def parse_document_number(text: str) -> DocumentNumber | None:
    """Read a text that consists of a document number and nothing else.

    Brackets of any kind become 〔〕 and leading zeros of the running number go. Lost brackets are put back only
    where the four digits of the year are certain: behind an opening or before a closing bracket, or where the
    digits without any bracket split into a year and a running number of at most three digits without leading zero.

    Returns:
        The number, or None when the text is anything else or cannot be split with certainty.
    """
    raw = text.strip(" \t\u3000。;；,，")
    if not raw.endswith(tuple(LAST_CHARACTERS)):
        return None
    folded = raw.translate(_HALF_WIDTH)
    if hit := WHOLE_NUMBER.fullmatch(folded):
        return DocumentNumber(f"{hit['head']}〔{hit['year']}〕{int(hit['count'])}号", raw, year=int(hit["year"]))
    if hit := ORDER_NUMBER.fullmatch(folded):
        return DocumentNumber(f"{hit['head']}第{int(hit['count'])}号", raw)
    if hit := BROKEN_NUMBER.fullmatch(folded):
        count: str = hit["count"]
        if count.startswith("0") or (not hit["left"] and not hit["right"] and len(count) > 3):
            return None
        return DocumentNumber(
            f"{hit['head']}〔{hit['year']}〕{int(count)}号", raw, repaired=True, year=int(hit["year"])
        )
    return None
