"""Chinese and Arabic numerals → numbers. Nothing about what is counted belongs here.

A number in a report is digits, digits with 万 or 亿 (also ``24 万`` and ``130余万``), or, far more rarely, a
numeral in Chinese characters. Libraries for this rewrite 四川省 to 4川省 or refuse a unit behind the number, so
the parser here takes exactly the text of one number and refuses everything else.
"""

from __future__ import annotations

import re
from decimal import Decimal

from pipelines.extraction.characters import BEYOND, code_points, kind, mapping, runs, text_of

# "1,365" "46.8" "2017"
ARABIC = r"\d{1,3}(?:,\d{3})+(?!\d)(?:\.\d+)?|\d+(?:\.\d+)?"
# "万" "千万" "亿"
MULTIPLIER = r"[百千]?万|亿"
# "130余万" "24 万" "2.23亿" "52"
ARABIC_NUMBER = re.compile(rf"(?P<digits>{ARABIC})(?P<inner>\s?[余多几])?\s?(?P<multiplier>{MULTIPLIER})?")
# "二十三" "两百零五" "一千二百" "十二" "七"
CHINESE_NUMBER = re.compile(r"[零〇一二两三四五六七八九十百千万]+")

_FACTORS = {None: 1, "万": 10**4, "百万": 10**6, "千万": 10**7, "亿": 10**8}
_DIGITS = {char: index for index, char in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}
_PLACES = {"十": 10, "百": 100, "千": 1000}

# Full-width forms of ASCII and the spaces of Word become their plain forms; one character stays one character,
# so offsets into the folded text are offsets into the original.
_FOLDS = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: 0x20, 0xA0: 0x20, 0x2002: 0x20}
SHORT = 48
"""Characters up to which folding one by one is quicker than as an array."""
_FOLDED = mapping(_FOLDS)
_DIGIT = kind("0123456789")


def fold_width(text: str) -> str:
    """Return ``text`` with full-width ASCII and odd spaces folded, of the same length.

    >>> fold_width("复议案件７０件，办结６９％")
    '复议案件70件,办结69%'
    """
    if len(text) <= SHORT:
        return text.translate(_FOLDS)
    folded = text_of(_FOLDED[code_points(text)])
    return folded if BEYOND not in folded else text.translate(_FOLDS)


def digit_runs(folded: str) -> list[tuple[int, int]]:
    """Return start and exclusive end of each run of digits in folded text.

    >>> digit_runs("受理1,286件")
    [(2, 3), (4, 7)]
    """
    return runs(_DIGIT[code_points(folded)])


def parse_arabic(text: str) -> float:
    """Return the value of one Arabic number with an optional 万 or 亿, in base units.

    >>> parse_arabic("130余万"), parse_arabic("24 万"), parse_arabic("46.8万"), parse_arabic("1,365")
    (1300000.0, 240000.0, 468000.0, 1365.0)

    Raises:
        ValueError: when ``text`` is anything but one such number.
    """
    if text.isascii() and text.isdigit():
        return float(text)
    match = ARABIC_NUMBER.fullmatch(text.strip())
    if match is None:
        raise ValueError(f"not an Arabic number: {text!r}")
    digits = Decimal(match["digits"].replace(",", ""))
    return float(digits * _FACTORS[match["multiplier"]])


def parse_chinese(text: str) -> int:
    """Return the value of one numeral in Chinese characters, up to 9,999 万.

    >>> parse_chinese("七"), parse_chinese("十二"), parse_chinese("两百零五"), parse_chinese("一万二千")
    (7, 12, 205, 12000)

    Raises:
        ValueError: when ``text`` is not such a numeral, for example 十五五.
    """
    head, wan, tail = text.partition("万")
    if not text or (wan and not head) or "万" in tail:
        raise ValueError(f"not a Chinese numeral: {text!r}")
    return (
        _below_ten_thousand(head, text) * 10**4 + _below_ten_thousand(tail, text)
        if wan
        else (_below_ten_thousand(head, text))
    )


def _below_ten_thousand(part: str, whole: str) -> int:
    """Add up the places of ``part``; ``whole`` is for the error message."""
    total, digit, last_place = 0, None, 10**4
    for char in part:
        if char in _DIGITS:
            if digit not in (None, 0):
                raise ValueError(f"not a Chinese numeral: {whole!r}")
            digit = _DIGITS[char]
        elif char in _PLACES and _PLACES[char] < last_place:
            last_place = _PLACES[char]
            total += (1 if digit is None else digit) * last_place
            digit = None
        else:
            raise ValueError(f"not a Chinese numeral: {whole!r}")
    return total + (digit or 0)
