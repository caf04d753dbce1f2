"""Measured quantities in running text: number, qualifier, unit, range. What they measure is decided elsewhere.

A quantity is a number with a unit behind it (件, 人次, %, 万元 …), a range of two numbers with one unit, a
percentage in words, or, under narrow conditions, a numeral in Chinese characters. Units come from the table
``units.csv``; a number without a known unit is no quantity, and where it looks like one it is reported.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Literal, NamedTuple

import numpy as np

from pipelines.extraction.characters import code_points, kind
from pipelines.extraction.nonfacts import NonFact, find_nonfacts
from pipelines.extraction.numerals import (
    ARABIC,
    ARABIC_NUMBER,
    MULTIPLIER,
    digit_runs,
    parse_arabic,
    parse_chinese,
)

ValueType = Literal["count", "ratio", "amount"]

# "近100个" "约3万件" "不超过2次" "至少应当配备1名": what stands directly before a number and bounds it
_BEFORE = {
    "近": "近",
    "约": "约",
    "大约": "约",
    "将近": "近",
    "超过": "以上",
    "超": "以上",
    "逾": "以上",
    "突破": "以上",
    "高于": "以上",
    "不超过": "以内",
    "不高于": "以内",
    "至多": "以内",
    "低于": "以内",
    "少于": "以内",
    "至少": "至少",
    "不少于": "至少",
    "不低于": "至少",
}
_BEFORE_BY_END: dict[str, list[str]] = {}
for _word in sorted(_BEFORE, key=len, reverse=True):
    _BEFORE_BY_END.setdefault(_word[-1], []).append(_word)
# "400余人次" "260多个"
_INSIDE = {"余": "余", "多": "多", "几": "余"}
# "24 万台以上" "6%以内" "30人左右"
_BEHIND = {"以上": "以上", "以内": "以内", "以下": "以内", "左右": "约"}

# "至少应当配备1名": the bound may stand before the verb
AT_LEAST_BEFORE_VERB = re.compile(r"(?:至少|不少于|不低于)[一-鿿]{0,6}$")
# "百分之九十八" "百分之98.5" "百分之九十以上"
PERCENT_IN_WORDS = re.compile(
    rf"百分之(?P<number>{ARABIC}|[零一二三四五六七八九十百]+(?:点[零一二三四五六七八九]+)?)(?P<behind>{'|'.join(_BEHIND)})?"
)
# "工作站七个。" "服务中心两家," "案件一百二十件。": a numeral behind its noun, at the end of a clause
NUMERAL_BEHIND_NOUN = re.compile(
    r"(?<=[一-鿿])(?<![每各这那同前后首哪整第年再一二三四五六七八九十百千零])"
    r"(?P<number>[一二三四五六七八九十百千][一二三四五六七八九十百千零]+|[两二三四五六七八九十百])"
    r"(?P<unit>[个家部名件次场期])(?=[,。;、()]|$)"
)
# "泸州通、监管平台两个应用": a numeral that closes a list of as many names of four characters or more
NUMERAL_CLOSING_LIST = re.compile(
    r"(?P<number>[两二三四五六七八九])(?P<unit>[个家部名件])"
    r"(?!环节|方面|阶段|层面|步骤|维度|重点|层次|关键|领域|机制|原则|[一-鿿]{0,4}(?:一起|同步|结合|统一))"
)
LEAST_NAME = 4
# Names of up to forty characters, as many as one numeral counts.
MAX_NAMES = 9 * 41
# "二十三件" "一百二十人次": long numerals in Chinese characters count something when such a unit follows
LONG_CHINESE_COUNT = re.compile(
    r"(?<![第每各“一二两三四五六七八九十百千零])(?P<number>[一二两三四五六七八九十百千零]{2,9})"
    r"(?P<unit>件|人次|名|场次|场|期|次|份|户次|户|家|起)(?![套事])"
)
# A numeral of fewer is a manner of speaking: 一两名, 十件 of 十件实事
LEAST_LONG_COUNT = 11
CHINESE_NUMERALS = "一二两三四五六七八九十百千零"
MAX_NUMERAL = 9
_NUMERAL = kind(CHINESE_NUMERALS)
# What the units of numerals in characters begin with, and what ends a list of names.
_COUNTED = kind("个家部名件次场期人份户起")
_CLOSING_MARK = kind(",。;:“”\n")
# Behind a number that counts nothing these still belong to it: "第1,365", "第3至5件".
_GOES_ON = frozenset(",. 至到-—–~余多几百千万亿")
# "55匹": digits with a Chinese character behind them that is no known unit: reported, not read; "2020建设" is a year
STRAY_NUMBER = re.compile(r"(?<!\.)(?!(?:19|20)\d{2}(?!\d))\d+(?:\.\d+)?(?=[^\S\n]?[一-鿿])")


class Quantity(NamedTuple):
    """One number and its unit in folded text.

    ``start:end`` bounds the number as printed (``130余万``), ``outer_start:outer_end`` the whole expression with
    qualifier, second number of a range, unit and 以上. ``value`` and ``value_max`` are in base units.
    """

    start: int
    end: int
    outer_start: int
    outer_end: int
    value: float
    value_max: float | None
    unit: str
    value_type: ValueType
    qualifier: str


@dataclass(frozen=True, eq=False)
class UnitTable:
    """Units by name; ``pattern`` matches the longest first. A table equals only itself, so that it can be a key."""

    value_types: Mapping[str, ValueType]

    @cached_property
    def pattern(self) -> str:
        """A regex alternative of all units, with the words that only begin like a unit shut out."""
        return _unit_pattern(tuple(sorted(self.value_types, key=lambda unit: (-len(unit), unit))))


# "3部门" "5人民" "2条例" "7件事": what begins like a unit and is a word; regular expressions of what follows
_NOT_UNITS = {
    "部": "[门委署队分属级]",
    "人": "[民大员才口]",
    "条": "[例款件]|线(?!索)",
    "家": "庭",
    "次": "级",
    "组": "织",
    "本": "[级市县区地]",
    "所": "有",
    "分": "[别之局管]",
    "天": "然气",
    "节": "[约能]",
    "期": "[间限]",
    "支": "[部付]",
    "处": "[理罚置级]",
    "名": "[称义]",
    "站": "点",
    "队": "[伍员]",
    "门": "户",
    "个": "体(?:工商|经营|私营|户)|人(?![民大社次])",
    "档": "案",
    "类": "型",
    "起": "[草步]",
    "场": "所",
    "位": "[于居]",
    "户": "[籍口]",
    "台": "账",
    "张": "家",
    "元": "[素旦]",
    "块": "链",
    "首": "[位席先次个批家要届问]",
    "轮": "[换岗]",
}


@lru_cache(maxsize=4)
def _unit_pattern(units: tuple[str, ...]) -> str:
    """Build the alternative of ``units``, each shut out before the characters that make it another word."""
    parts = []
    for unit in units:
        forbidden = _NOT_UNITS.get(unit, "")
        parts.append(re.escape(unit) + (f"(?!{forbidden})" if forbidden else ""))
    return "|".join(parts)


@lru_cache(maxsize=4)
def _quantity_pattern(unit_pattern: str) -> re.Pattern[str]:
    """Compile the pattern of a quantity from its first digit: "100个" "2至4人" "130余万件" "24 万台以上" "30%—50%"."""
    behind = "|".join(_BEHIND)
    return re.compile(
        rf"({ARABIC})(\s?[余多几])?\s?({MULTIPLIER})?"
        rf"(?:\s?(?:%\s?(?=[-—–~]\s?(?:{ARABIC})\s?%))?(?:至|到|-|—|–|~)\s?((?:{ARABIC})\s?(?:{MULTIPLIER})?))?"
        rf"(\s?[余多几])?\s?({unit_pattern})\s?({behind})?"
    )


def find_quantities(folded: str, units: UnitTable) -> tuple[list[Quantity], list[NonFact]]:
    """Find all quantities in ``folded`` (see :func:`~pipelines.extraction.numerals.fold_width`).

    Returns:
        The quantities in order, and the stretches whose numbers were left out with the reason.
    """
    numbers = digit_runs(folded)
    nonfacts = find_nonfacts(folded, numbers)
    shut = _covered(len(folded), ((stretch.start, stretch.end) for stretch in nonfacts))
    found = list(_arabic(folded, units, shut, numbers))
    taken = _covered(len(folded), ((quantity.outer_start, quantity.outer_end) for quantity in found))
    words = [
        quantity
        for quantity in _in_words(folded, units, shut)
        if not any(taken[quantity.outer_start : quantity.outer_end])
    ]
    return (sorted((*found, *words), key=lambda quantity: quantity.start) if words else found), nonfacts


def find_unitless(folded: str, taken: Iterable[tuple[int, int]]) -> list[tuple[int, str]]:
    """Return the numbers that stand in none of the spans ``taken``: where, and with the eight characters behind."""
    covered = _covered(len(folded), taken)
    return [
        (start, folded[start : match.end() + 8])
        for start, _ in digit_runs(folded)
        if not covered[start] and (match := STRAY_NUMBER.match(folded, start)) is not None
    ]


def _covered(length: int, spans: Iterable[tuple[int, int]]) -> bytearray:
    """Return one byte a character, 1 where one of the spans covers it."""
    covered = bytearray(length + 1)
    for start, end in spans:
        covered[start:end] = b"\x01" * (end - start)
    return covered


def _arabic(folded: str, units: UnitTable, shut: bytearray, numbers: Iterable[tuple[int, int]]) -> Iterable[Quantity]:
    """Yield the quantities written in digits."""
    match_at = _quantity_pattern(units.pattern).match
    value_types = units.value_types
    read_to = 0
    for start, digits_end in numbers:
        if start < read_to or (shut[start] and folded[digits_end : digits_end + 1] not in _GOES_ON):
            continue
        match = match_at(folded, start)
        if match is None:
            continue
        read_to = match.end()
        if shut[start] or (start and folded[start - 1] in ".:" and folded[start - 2 : start - 1].isdigit()):
            continue
        first, inner, multiplier, last, outer, unit, behind = match.groups()
        end = match.end(3 if multiplier else 1)
        value = parse_arabic(first + multiplier if multiplier else first)
        before = _bound_before(folded, start)
        second = parse_arabic(last) if last else None
        qualifier = _qualifier(before, inner or outer, behind, is_range=last is not None)
        outer_start = folded.rindex(before, 0, start) if before else start
        if qualifier == "exact" and _is_at_least(folded[max(0, start - 10) : start]):
            qualifier = "至少"
        if last is not None and not multiplier and last[-1] in "万亿":
            value = parse_arabic(first + last[-1])
        yield Quantity(start, end, outer_start, read_to, value, second, unit, value_types[unit], qualifier)


def _bound_before(folded: str, start: int) -> str | None:
    """The word directly before a number that bounds it, the longest that fits."""
    at = start - 1
    if at > 0 and folded[at].isspace() and folded[at] != "\n":
        at -= 1
    words = _BEFORE_BY_END.get(folded[at]) if at >= 0 else None
    if words is None:
        return None
    return next((word for word in words if folded.endswith(word, 0, at + 1)), None)


def _is_at_least(lead: str) -> bool:
    """Whether the words before a number bound it across a verb."""
    may_bound = "至少" in lead or "不少于" in lead or "不低于" in lead
    return may_bound and AT_LEAST_BEFORE_VERB.search(lead) is not None


def _qualifier(before: str | None, inside: str | None, behind: str | None, *, is_range: bool) -> str:
    """Name the bound that the words around a number give; a range is its own."""
    if is_range:
        return "range"
    if before:
        return _BEFORE[before]
    if inside:
        return _INSIDE[inside.strip()]
    return _BEHIND[behind] if behind else "exact"


def _in_words(folded: str, units: UnitTable, shut: bytearray) -> Iterable[Quantity]:
    """Yield percentages in words and whitelisted numerals in Chinese characters."""
    for match in PERCENT_IN_WORDS.finditer(folded):
        percent = _percent(match["number"])
        if percent is not None and not shut[match.start()]:
            span = (match.start(), match.end("number"))
            before = _bound_before(folded, match.start())
            outer_start = folded.rindex(before, 0, match.start()) if before else match.start()
            qualifier = _qualifier(before, None, match["behind"], is_range=False)
            yield Quantity(*span, outer_start, match.end(), percent, None, "%", "ratio", qualifier)
    for start, last, unit in _counts_in_words(folded):
        value = parse_chinese(folded[start : last + 1])
        if not shut[start]:
            before, end = _bound_before(folded, start), last + 1
            outer_start = folded.rindex(before, 0, start) if before else start
            qualifier = _qualifier(before, None, None, is_range=False)
            outer = (outer_start, end + len(unit))
            yield Quantity(start, end, *outer, value, None, unit, units.value_types[unit], qualifier)


def _counts_in_words(folded: str) -> Iterable[tuple[int, int, str]]:
    """Yield where numerals in characters begin and end that count something, with their units.

    Numerals are looked for only where one meets a unit.
    """
    codes = code_points(folded)
    meetings = np.flatnonzero(_NUMERAL[codes[:-1]] & _COUNTED[codes[1:]])
    marks = np.flatnonzero(_CLOSING_MARK[codes])
    clause_starts = np.concatenate(([0], marks + 1))[np.searchsorted(marks, meetings)]
    names_from = 0
    for last, clause_start in zip(meetings.tolist(), clause_starts.tolist(), strict=True):
        first = last
        while first > 0 and last - first < MAX_NUMERAL and folded[first - 1] in CHINESE_NUMERALS:
            first -= 1
        found = _behind_noun(folded, first, last) or _long_count(folded, first, last)
        if found is None and first == last and (match := NUMERAL_CLOSING_LIST.match(folded, last)) is not None:
            names = folded[max(clause_start, names_from, last - MAX_NAMES) : last].removesuffix("等").split("、")
            if len(names) > 1 and all(len(name) >= LEAST_NAME for name in names):
                names_from = match.end()
                found = (last, last, match["unit"]) if len(names) == parse_chinese(match["number"]) else None
        if found is not None:
            yield found


def _behind_noun(folded: str, first: int, last: int) -> tuple[int, int, str] | None:
    """The numeral that ends at ``last`` where it stands behind its noun and closes a clause."""
    for start in range(first, last + 1):
        match = NUMERAL_BEHIND_NOUN.match(folded, start)
        if match is not None and match.end("number") == last + 1:
            return (start, last, match["unit"]) if _is_numeral(match["number"]) else None
    return None


def _long_count(folded: str, first: int, last: int) -> tuple[int, int, str] | None:
    """The numeral that ends at ``last`` where it is long and counts more than a manner of speaking does."""
    match = LONG_CHINESE_COUNT.match(folded, first)
    if match is None or match.end("number") != last + 1 or not _is_numeral(match["number"]):
        return None
    return (first, last, match["unit"]) if parse_chinese(match["number"]) >= LEAST_LONG_COUNT else None


def _is_numeral(text: str) -> bool:
    """Whether a run of numerals is one number."""
    try:
        parse_chinese(text)
    except ValueError:
        return False
    return True


def _percent(number: str) -> float | None:
    """Value of the number behind 百分之, in digits or in words with an optional 点; None when it is no number."""
    if ARABIC_NUMBER.fullmatch(number):
        return parse_arabic(number)
    whole, _, fraction = number.partition("点")
    if not _is_numeral(whole):
        return None
    digits = "".join(str(parse_chinese(char)) for char in fraction)
    return float(f"{parse_chinese(whole)}.{digits or 0}")
