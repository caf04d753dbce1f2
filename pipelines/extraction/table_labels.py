"""Single cells of a table: what is a number, what is nothing, what is a label, and which unit a label names.

How cells stand to one another is judged in :mod:`pipelines.extraction.table_shape`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from pipelines.extraction.numerals import ARABIC, MULTIPLIER, fold_width
from pipelines.extraction.quantities import Quantity, UnitTable, find_quantities

Kind = Literal["empty", "nothing", "zero", "number", "text"]

# "12" "1,365" "约30" "30余" "1.2万" "-3.5" "+12", but no "00012345"
BARE_NUMBER = re.compile(
    rf"(?P<sign>[-−–+↑↓])?(?!0\d)(?P<before>近|约|大约|超过?|逾)?(?P<number>(?:{ARABIC})[余多]?(?:{MULTIPLIER})?)[余多]?"
)
# "12(3)" "12(25%)" "5/4": two numbers that share a cell
COMPOSITE = re.compile(rf"(?:{ARABIC})%?(?:\((?:{ARABIC})%?\)|/(?:{ARABIC})%?)")
# "-" "—" "——" "/" "\" "*" "…" "不适用" "未统计": the cell says nothing
NOTHING = re.compile(r"[-—–―_/\\*…·.×]+|不适用|未统计|暂无数据")
# "无" "零" "没有": the cell says none
ZERO = re.compile(r"无|零|没有")
# "2023" "2023年" "2023年度": a year, in a header or at the head of a row
YEAR = re.compile(r"(?P<year>(?:19|20)\d{2})年?度?(?P<unit>\([^()]*\))?")
# "一、行政复议" "(二)行政应诉" "3.办结" "(4)维持" "①撤销"
NUMBERING = (
    (1, re.compile(r"^[一二三四五六七八九十]{1,3}[、.]")),  # 一、
    (2, re.compile(r"^\([一二三四五六七八九十]{1,3}\)[、.]?")),  # (一)
    (3, re.compile(r"^\d{1,2}[.、](?!\d)")),  # 1.
    (4, re.compile(r"^\(\d{1,2}\)[、.]?|^[①-⑳]")),  # (1)
)
# "其中:维持" "其中维持": a part of the row above
PART = re.compile(r"^(?:其中|#)[:、,]?(?=.)")
# "(件)" "(单位:万元)" at the end of a label, or behind its first words
UNIT_IN_BRACKETS = re.compile(r"[(\[](?:计量)?(?:单位:)?(?P<unit>[^()\[\]]{1,6})[)\]]")
# "受理/件"
UNIT_AFTER_SLASH = re.compile(r"/(?P<unit>[^/()]{1,3})$")
# "单位:件" "(计量单位:件、万元)"
UNIT_STATEMENT = re.compile(r"(?:计量|计数)?单位:(?P<units>[^;。()]{1,20})")
# "万" "百万" "亿": what a unit may be multiplied with
MULTIPLIED = re.compile(rf"^(?:{MULTIPLIER})(?=.)")
# "件、万元" "件/人"
UNIT_SEPARATOR = re.compile(r"[、,/和]")


@dataclass(frozen=True)
class Label:
    """The text of a header cell, taken apart.

    Attributes:
        words: without numbering, unit and 其中.
        unit: that it names, with its multiplier: "万元"; None where it names none.
        level: of its numbering, 1 to 4; None without.
        is_part: it begins with 其中.
    """

    words: str
    unit: str | None = None
    level: int | None = None
    is_part: bool = False


def compact(text: str) -> str:
    """Return the text of a cell folded and without white space, as labels are compared: "合　计" → "合计"."""
    return "".join(fold_width(text).split())


def kind_of(text: str, units: UnitTable) -> Kind:
    """Tell what a cell (see :func:`compact`) holds."""
    if not text:
        return "empty"
    if NOTHING.fullmatch(text):
        return "nothing"
    if ZERO.fullmatch(text):
        return "zero"
    if BARE_NUMBER.fullmatch(text) or COMPOSITE.fullmatch(text) or own_unit(text, units) is not None:
        return "number"
    return "text"


@lru_cache(maxsize=4096)
def _quantities(text: str, units: UnitTable) -> tuple[Quantity, ...]:
    """The quantities of a cell, which is asked about as a cell, as a label and as a figure."""
    return tuple(find_quantities(text, units)[0])


def own_unit(text: str, units: UnitTable) -> str | None:
    """The unit in a cell that holds one quantity and nothing else: "12件", "-3.5%"; None for any other cell."""
    if not any(char.isdigit() for char in text) or BARE_NUMBER.fullmatch(text):
        return None
    bare = text.lstrip("-−–+↑↓")
    found = _quantities(bare, units)
    if len(found) == 1 and (found[0].outer_start, found[0].outer_end) == (0, len(bare)):
        return found[0].unit
    return None


def has_quantity(text: str, units: UnitTable) -> bool:
    """Whether a cell holds a quantity with its unit among its words."""
    return any(char.isdigit() for char in text) and bool(_quantities(text, units))


def year_of(text: str) -> int | None:
    """The year that a cell names; None for anything else."""
    found = YEAR.fullmatch(text)
    return int(found["year"]) if found else None


def known_unit(written: str, units: UnitTable) -> str | None:
    """Return a unit as the table of units knows it, with its multiplier; of several the first known one."""
    whole = written.replace("/", "")
    for candidate in (whole, *UNIT_SEPARATOR.split(written)):
        if MULTIPLIED.sub("", candidate) in units.value_types:
            return candidate
    return None


def stated_units(line: str, units: UnitTable) -> tuple[str, ...]:
    """Units of a line such as "单位:件、万元"; empty when it states none."""
    found = UNIT_STATEMENT.search(line)
    if found is None:
        return ()
    known = [known_unit(piece, units) for piece in UNIT_SEPARATOR.split(found["units"])]
    whole = known_unit(found["units"], units)
    return tuple(unit for unit in known if unit) or ((whole,) if whole else ())


def read_label(text: str, units: UnitTable) -> Label:
    """Take a label (see :func:`compact`) apart."""
    level = None
    for number, pattern in NUMBERING:
        if pattern.match(text):
            level, text = number, pattern.sub("", text)
            break
    is_part = PART.match(text) is not None
    text = PART.sub("", text)
    unit = None
    for pattern in (UNIT_IN_BRACKETS, UNIT_AFTER_SLASH):
        for found in pattern.finditer(text):
            unit = known_unit(found["unit"], units)
            if unit is not None:
                text = text[: found.start()] + text[found.end() :]
                break
        if unit is not None:
            break
    return Label(text.strip(":、,"), unit, level, is_part)
