"""Measured quantities in running text: number, qualifier, unit, range. What they measure is decided elsewhere.

A quantity is a number with a unit behind it (件, 人次, %, 万元 …), a range of two numbers with one unit, a
percentage in words, or, under narrow conditions, a numeral in Chinese characters. Units come from the table
``units.csv``; a number without a known unit is no quantity, and where it looks like one it is reported.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from pipelines.extraction.nonfacts import NonFact, find_nonfacts
from pipelines.extraction.numerals import ARABIC, ARABIC_NUMBER, MULTIPLIER, parse_arabic, parse_chinese

ValueType = Literal["count", "ratio", "amount"]

# "近100个" "约3万件" "至少应当配备1名": what stands directly before a number and bounds it
_BEFORE = {
    "近": "近",
    "约": "约",
    "大约": "约",
    "将近": "近",
    "超过": "以上",
    "超": "以上",
    "逾": "以上",
    "突破": "以上",
    "至少": "至少",
    "不少于": "至少",
    "不低于": "至少",
}
# "400余人次" "260多个"
_INSIDE = {"余": "余", "多": "多", "几": "余"}
# "24 万台以上" "6%以内" "30人左右"
_BEHIND = {"以上": "以上", "以内": "以内", "以下": "以内", "左右": "约"}

# "至少应当配备1名": the bound may stand before the verb
AT_LEAST_BEFORE_VERB = re.compile(r"(?:至少|不少于|不低于)[一-鿿]{0,6}$")
# "百分之九十八" "百分之98.5"
PERCENT_IN_WORDS = re.compile(rf"百分之(?P<number>{ARABIC}|[零一二三四五六七八九十百]+(?:点[零一二三四五六七八九]+)?)")
# "工作站七个。" "服务中心两家,": a numeral behind its noun, at the end of a clause
NUMERAL_BEHIND_NOUN = re.compile(
    r"(?<=[一-鿿])(?<![每各这那同前后首哪整第年再])(?P<number>[两二三四五六七八九十百]+)(?P<unit>[个家部名件次场期])(?=[,。;、)]|$)"
)
# "泸州通、监管平台两个应用": a numeral that closes a list of as many names of four characters or more
NUMERAL_CLOSING_LIST = re.compile(
    r"(?P<names>[^,。;:、“”\n]{4,40}(?:、[^,。;:、“”\n]{4,40})+?)等?(?P<number>[两二三四五六七八九])(?P<unit>[个家部名件])"
    r"(?!环节|方面|阶段|层面|步骤|维度|重点|层次|关键|领域|机制|原则|[一-鿿]{0,4}(?:一起|同步|结合|统一))"
)
# "二十三件" "一百二十人次": long numerals in Chinese characters count something when such a unit follows
LONG_CHINESE_COUNT = re.compile(
    r"(?<![第每各“一二两三四五六七八九十百千零])(?P<number>[一二两三四五六七八九十百千零]{2,9})"
    r"(?P<unit>件|人次|名|场次|场|期|次|份|户次|户|家|起)(?![套事])"
)
# A numeral of fewer is a manner of speaking: 一两名, 十件 of 十件实事
LEAST_LONG_COUNT = 11
# "55匹": digits with a Chinese character behind them that is no known unit: reported, not read; "2020建设" is a year
STRAY_NUMBER = re.compile(r"(?<![\d.])(?!(?:19|20)\d{2}(?!\d))\d+(?:\.\d+)?(?=\s?[一-鿿])")


@dataclass(frozen=True)
class Quantity:
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


@dataclass(frozen=True)
class UnitTable:
    """Units by name; ``pattern`` matches the longest first."""

    value_types: Mapping[str, ValueType]

    @property
    def pattern(self) -> str:
        """A regex alternative of all units, with the words that only begin like a unit shut out."""
        return _unit_pattern(tuple(sorted(self.value_types, key=lambda unit: (-len(unit), unit))))


# "3部门" "5人民" "2条例" "7件事": what begins like a unit and is a word; regular expressions of what follows
_NOT_UNITS = {
    "部": "[门委署队分属级]",
    "人": "[民大员才口]",
    "条": "[例款件线]",
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
    "个": "体|人(?![民大社次])",
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
    """Compile the pattern of one quantity: "近100个" "2至4人" "130余万件" "24 万台以上" "14%"."""
    before = "|".join(sorted(_BEFORE, key=len, reverse=True))
    behind = "|".join(_BEHIND)
    return re.compile(
        rf"(?P<before>{before})?\s?"
        rf"(?P<first>{ARABIC})(?P<inner>\s?[余多几])?\s?(?P<multiplier>{MULTIPLIER})?"
        rf"(?:\s?(?:至|到|-|—|–|~)\s?(?P<second>(?:{ARABIC})\s?(?:{MULTIPLIER})?))?"
        rf"(?P<outer>\s?[余多几])?\s?(?P<unit>{unit_pattern})\s?(?P<behind>{behind})?"
    )


def find_quantities(folded: str, units: UnitTable) -> tuple[list[Quantity], list[NonFact]]:
    """Find all quantities in ``folded`` (see :func:`~pipelines.extraction.numerals.fold_width`).

    Returns:
        The quantities in order, and the stretches whose numbers were left out with the reason.
    """
    nonfacts = find_nonfacts(folded)
    shut = _covered(len(folded), ((stretch.start, stretch.end) for stretch in nonfacts))
    found = list(_arabic(folded, units, shut))
    taken = _covered(len(folded), ((quantity.outer_start, quantity.outer_end) for quantity in found))
    found += [
        quantity
        for quantity in _in_words(folded, units, shut)
        if not any(taken[quantity.outer_start : quantity.outer_end])
    ]
    return sorted(found, key=lambda quantity: quantity.start), nonfacts


def find_unitless(folded: str, taken: Sequence[tuple[int, int]]) -> list[str]:
    """Return the numbers that stand in none of the spans ``taken``, each with the eight characters behind it."""
    covered = _covered(len(folded), taken)
    return [
        folded[match.start() : match.end() + 8] for match in STRAY_NUMBER.finditer(folded) if not covered[match.start()]
    ]


def _covered(length: int, spans: Iterable[tuple[int, int]]) -> bytearray:
    """Return one byte a character, 1 where one of the spans covers it."""
    covered = bytearray(length + 1)
    for start, end in spans:
        covered[start:end] = b"\x01" * (end - start)
    return covered


def _arabic(folded: str, units: UnitTable, shut: bytearray) -> Iterable[Quantity]:
    """Yield the quantities written in digits."""
    for match in _quantity_pattern(units.pattern).finditer(folded):
        start = match.start("first")
        if shut[start] or (start and folded[start - 1] in ".:" and folded[start - 2 : start - 1].isdigit()):
            continue
        inner, outer = match["inner"], match["outer"]
        end = match.end("multiplier") if match["multiplier"] else match.end("first")
        value = parse_arabic(f"{match['first']}{match['multiplier'] or ''}")
        second = parse_arabic(match["second"]) if match["second"] else None
        qualifier = _qualifier(match["before"], inner or outer, match["behind"], is_range=second is not None)
        outer_start = match.start("before") if match["before"] else start
        if qualifier == "exact" and AT_LEAST_BEFORE_VERB.search(folded, max(0, start - 10), start):
            qualifier = "至少"
        if second is not None and not match["multiplier"] and match["second"][-1] in "万亿":
            value = parse_arabic(f"{match['first']}{match['second'][-1]}")
        unit = match["unit"]
        yield Quantity(start, end, outer_start, match.end(), value, second, unit, units.value_types[unit], qualifier)


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
        if not shut[match.start()]:
            percent = _percent(match["number"])
            yield Quantity(*match.span(), *match.span(), percent, None, "%", "ratio", "exact")
    seen: set[int] = set()
    for pattern in (NUMERAL_BEHIND_NOUN, NUMERAL_CLOSING_LIST, LONG_CHINESE_COUNT):
        for match in pattern.finditer(folded):
            value = _count_in_words(match)
            if value is None or shut[match.start("number")] or match.start("number") in seen:
                continue
            seen.add(match.start("number"))
            start, end, outer_end = match.start("number"), match.end("number"), match.end("unit")
            unit = match["unit"]
            yield Quantity(start, end, start, outer_end, value, None, unit, units.value_types[unit], "exact")


def _count_in_words(match: re.Match[str]) -> float | None:
    """Value of a numeral in characters; None when it is a manner of speaking or closes a list of other length."""
    try:
        value = parse_chinese(match["number"])
    except ValueError:
        return None
    names = match.groupdict().get("names")
    if names is not None:
        return value if value == names.count("、") + 1 else None
    return None if match.re is LONG_CHINESE_COUNT and value < LEAST_LONG_COUNT else value


def _percent(number: str) -> float:
    """Value of the number behind 百分之, in digits or in words with an optional 点."""
    if ARABIC_NUMBER.fullmatch(number):
        return parse_arabic(number)
    whole, _, fraction = number.partition("点")
    digits = "".join(str(parse_chinese(char)) for char in fraction)
    return float(f"{parse_chinese(whole)}.{digits or 0}")
