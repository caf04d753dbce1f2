"""Stretches of text whose numbers count nothing: dates, document numbers, titles, names, thresholds, deadlines.

Only the shape of a stretch is judged here. Whether a counted number is a plan, a cumulative total or another
organ's figure is the business of :mod:`pipelines.extraction.flags`; what it measures, of the catalogue.
All patterns expect text folded by :func:`pipelines.extraction.numerals.fold_width`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from string import ascii_letters
from typing import NamedTuple

from pipelines.extraction.numerals import digit_runs

# "《法治政府建设实施纲要(2015-2020年)》", also nested "《关于贯彻《…规定》的通知》" and "《<…>分工清单》"
TITLE = re.compile(r"《(?:[^《》\n]|《[^《》\n]*》)*》")
# "“27证合一”" "“七五”" "「三项制度」": a short quotation is a name, a longer one is speech and may hold facts
QUOTED_NAME = re.compile(r"“[^“”\n]{1,20}”|‘[^‘’\n]{1,20}’|「[^「」\n]{1,20}」")
# "2015—2020年" "2017-2020" "2016至2018年"
YEAR_RANGE = re.compile(r"(?<!\d)(?:19|20)\d{2}年?\s?[-—–―~至到]{1,2}\s?(?:(?:19|20)\d{2})年?(?!\d)")
# "2016年11月24日" "2015年3月前" "2023年" "2019年度" "1-6月" "12月31日"
CALENDAR_DATE = re.compile(
    r"(?<!\d)(?:(?:19|20)\d{2}\s?年(?:\s?\d{1,2}\s?月(?:份)?(?:\s?\d{1,2}\s?日)?)?"
    r"|\d{1,2}\s?月(?:份)?(?:\s?\d{1,2}\s?日)?(?:\s?[-—至到]\s?(?:\d{1,2}月)?\d{1,2}日)?|\d{1,2}\s?[-—至到]\s?\d{1,2}\s?月)"
)
# "2024-01-09 16:09" "2018/2/28" "2020.3.13"
NUMERIC_DATE = re.compile(r"(?<!\d)(?:19|20)\d{2}([-/.])\d{1,2}\1\d{1,2}(?:\s*\d{1,2}:\d{2}(?::\d{2})?)?")
# "09:32" "14:57:00"
CLOCK_TIME = re.compile(r"(?<![\d:])\d{1,2}:\d{2}(?::\d{2})?(?![\d:])")
# "三年" is no digit; "近3年来" "5年" "6个月" "2个季度"
DURATION = re.compile(r"\d+(?:\.\d+)?\s?(?:个)?(?:年|月|季度|周)(?!度)")
# "〔2018〕12号" "[2018]12号" "(2019)第3号" "〔201939号" (lost bracket)
DOCUMENT_NUMBER = re.compile(r"[〔\[【(](?:19|20)\d{2}[〕\]】)]?\s?(?:第\s?)?\d{0,5}\s?号?")
# "第278号" "第24条" "第2届" "第一次" has no digit; "第3次会议"
ORDINAL = re.compile(r"第\s?\d+")
# "令278号" "12号文件" "3号楼"
NUMBERED = re.compile(r"\d+\s?号")
# "200万元以上的" "2万元以上" "5000元以下": money bounds say which cases a rule covers
MONEY_THRESHOLD = re.compile(r"\d+(?:\.\d+)?\s?[百千]?[万亿]?元\s?(?:以上|以下|以内)")
# "不得少于60学时" "不得超过3次": a bound that a rule sets
RULED_BOUND = re.compile(r"不得(?:少于|低于|超过|多于|高于)\s?\d+(?:\.\d+)?")
# "15日内" "10个工作日内" "3天之内" "在5个工作日以内"
DEADLINE = re.compile(r"\d+\s?(?:个)?(?:工作)?[日天](?:之|以)?[内前]|\d+\s?小时(?:之|以)?内")
# "24小时" "7×24小时" "365天": round-the-clock idioms
ROUND_THE_CLOCK = re.compile(r"(?:\d+\s?[×xX*]\s?)?24\s?小时|365\s?天")
# "0830-3100000" "13800000000" "12345热线"
PHONE = re.compile(r"(?<!\d)(?:0\d{2,3}-\d{7,8}|1[3-9]\d{9}|12\d{3}(?=[^\d,.]{0,4}(?:热线|平台|电话)))(?!\d)")
# "1+3+N" "5G" "e福州2.0" "A4" "http…/art_1_2": digits grown together with letters or signs
IDENTIFIER = re.compile(
    r"[A-Za-z_+/#№@][A-Za-z0-9_+./#№-]*\d[A-Za-z0-9_+./-]*|\d+(?:\.\d+)?\s?[A-Za-z+#][A-Za-z0-9+#]*"
)
# "27证合一" "5级15同": merged-certificate slogans without quotation marks
SLOGAN = re.compile(r"\d+\s?证合一|\d+\s?级\s?\d+\s?同")


class NonFact(NamedTuple):
    """A stretch ``text[start:end]`` whose numbers are not measurements, and why."""

    kind: str
    start: int
    end: int


# Stretches that begin with digits: what may follow the first digits (behind a blank or not), kind and pattern.
_LED_BY_DIGITS: tuple[tuple[str, str, re.Pattern[str]], ...] = (
    ("年-—–―~至到", "year_range", YEAR_RANGE),
    ("-/.", "date", NUMERIC_DATE),
    ("年月-—至到", "date", CALENDAR_DATE),
    (":", "time", CLOCK_TIME),
    ("年月季周个.", "duration", DURATION),
    ("号", "document_number", NUMBERED),
    ("百千万亿元.", "threshold", MONEY_THRESHOLD),
    ("个工日天小", "deadline", DEADLINE),
    ("小天×xX*", "idiom", ROUND_THE_CLOCK),
    ("-", "phone", PHONE),
    (f"{ascii_letters}+#.", "identifier", IDENTIFIER),
    ("证级", "slogan", SLOGAN),
)
_BY_FOLLOWING: dict[str, list[tuple[str, re.Pattern[str]]]] = {}
for _characters, _kind, _pattern in _LED_BY_DIGITS:
    for _character in _characters:
        _BY_FOLLOWING.setdefault(_character, []).append((_kind, _pattern))
# Digits that may be a telephone number whatever follows: 13800000000, 12345
_PHONE_LENGTHS = (5, 11)
_YEAR_DIGITS = 4
_OPENINGS = frozenset("〔[【(")
# What an identifier is made of before its first digits, and what it begins with.
_GROWN_TOGETHER = frozenset(f"{ascii_letters}_+./#№@-")
_IDENTIFIER_START = _GROWN_TOGETHER - frozenset(".-")
_BEFORE_NUMBER = _GROWN_TOGETHER | _OPENINGS | frozenset("第 \t\n")


def find_nonfacts(folded: str, numbers: Sequence[tuple[int, int]] | None = None) -> list[NonFact]:
    """Return all stretches that hold numbers but no measurements, and all titles and names, in order of their start.

    Args:
        folded: folded text.
        numbers: its runs of digits, where they are known already; patterns that need digits are tried only there,
            so that a text costs no more than its length and its numbers.
    """
    found = [
        NonFact(kind, match.start(), match.end())
        for kind, signs, pattern in (("title", "《", TITLE), ("name", "“‘「", QUOTED_NAME))
        if any(sign in folded for sign in signs)
        for match in pattern.finditer(folded)
    ]
    found += _Numbered(folded).find(digit_runs(folded) if numbers is None else numbers)
    return sorted(found, key=lambda stretch: (stretch.start, -stretch.end))


class _Numbered:
    """Tries at each number the patterns that its neighbours allow; matches of one pattern never overlap."""

    def __init__(self, folded: str) -> None:
        self._folded = folded
        self._found: list[NonFact] = []
        self._ends: dict[re.Pattern[str], int] = {}

    def find(self, numbers: Iterable[tuple[int, int]]) -> list[NonFact]:
        """Return what stands around the numbers."""
        folded, nearest = self._folded, 0
        for start, end in numbers:
            following = folded[end : end + 1]
            if following.isspace():
                following = folded[end + 1 : end + 2]
            for kind, pattern in _BY_FOLLOWING.get(following, ()):
                self._take(kind, pattern, start)
            if end - start in _PHONE_LENGTHS and following != "-":
                self._take("phone", PHONE, start)
            if folded.startswith("不得", start - 4):
                self._take("threshold", RULED_BOUND, start - 4)
            before = folded[start - 1 : start]
            if before in _BEFORE_NUMBER:
                self._look_back(start, end, nearest)
            nearest = end
        return self._found

    def _look_back(self, start: int, end: int, nearest: int) -> None:
        """Try what begins before a number; ``nearest`` is the end of the number before it."""
        folded = self._folded
        before = folded[start - 1]
        if before in _OPENINGS:
            if end - start >= _YEAR_DIGITS:
                self._take("document_number", DOCUMENT_NUMBER, start - 1)
        elif before == "第" or (before.isspace() and folded[start - 2 : start - 1] == "第"):
            self._take("ordinal", ORDINAL, folded.rindex("第", 0, start))
        else:
            first = start
            while first > nearest and folded[first - 1] in _GROWN_TOGETHER:
                first -= 1
            for place in range(first, start):
                if folded[place] in _IDENTIFIER_START:
                    self._take("identifier", IDENTIFIER, place)
                    return

    def _take(self, kind: str, pattern: re.Pattern[str], place: int) -> None:
        """Note a match at a place, unless an earlier one reaches over it."""
        if place < self._ends.get(pattern, 0):
            return
        match = pattern.match(self._folded, place)
        if match is not None:
            self._ends[pattern] = match.end()
            self._found.append(NonFact(kind, place, match.end()))
