"""Characters with places on a page to lines: for files that keep where things stand and not what belongs together.

Shared by PDF and OFD. How lines become paragraphs is the business of ``paragraphs``.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

# Radicals that fonts give in the place of the characters they look like; NFKC does not know these.
_RADICALS = str.maketrans(
    dict(
        zip(
            "⺠⻓⻔⻅⻋⻛⻚⻢⻥⻩⻰⻬⻆⻉⻘⻄⻁⻙⻜⻝⻦⻨⻮⺟⻣⺫",
            "民长门见车风页马鱼黄龙齐角贝青西虎韦飞食鸟麦齿母骨目",
            strict=True,
        )
    )
    | {code: unicodedata.normalize("NFKC", chr(code)) for code in (*range(0x2F00, 0x2FD6), *range(0xF900, 0xFAD9))}
)
BLANK_GAP = 0.6
"""Widths of a character between two neighbours from which on a blank is read."""
COLUMN_GAP = 3.0
"""Widths of a character from which on the neighbours stand in columns: a tab is read."""
SAME_LINE = 0.5
"""Share of the lower height by which two characters of one line overlap."""
SAME_PLACE = 0.3
"""Widths of a character within which the same character is printed twice for boldness."""


@dataclass(frozen=True)
class Glyph:
    """A character (or a few) on a page; x grows to the right, y downwards, in any one unit."""

    text: str
    x0: float
    x1: float
    top: float
    bottom: float

    @property
    def height(self) -> float:
        """Height of the box."""
        return self.bottom - self.top


@dataclass(frozen=True)
class Line:
    """A line as it is printed.

    Attributes:
        text: without blanks at its ends.
        x0: where its first character begins.
        x1: where its last character ends.
        top: upper edge.
        bottom: lower edge.
        size: height of its usual character.
        page: from 1.
    """

    text: str
    x0: float
    x1: float
    top: float
    bottom: float
    size: float
    page: int


def plain_characters(text: str) -> str:
    """Replace radicals and compatibility forms, which look the same, by the characters that are meant: ⽉ → 月."""
    return text if text.isascii() else text.translate(_RADICALS)


def lines_of(glyphs: Iterable[Glyph], page: int) -> list[Line]:
    """Put characters together to lines, from top to bottom, each from left to right."""
    rows: list[list[Glyph]] = []
    for glyph in sorted(glyphs, key=lambda each: ((each.top + each.bottom) / 2, each.x0)):
        if rows and _shares_line(rows[-1], glyph):
            rows[-1].append(glyph)
        else:
            rows.append([glyph])
    lines = [_line(row, page) for row in rows]
    return [line for line in lines if line.text]


def _shares_line(row: Sequence[Glyph], glyph: Glyph) -> bool:
    tallest = max(row[-8:], key=lambda each: each.height)
    overlap = min(tallest.bottom, glyph.bottom) - max(tallest.top, glyph.top)
    return overlap > SAME_LINE * min(tallest.height, glyph.height)


def _line(row: Sequence[Glyph], page: int) -> Line:
    printed = sorted((glyph for glyph in row if glyph.text.strip()), key=lambda each: each.x0)
    blanks = [glyph for glyph in row if not glyph.text.strip()]
    if not printed:
        return Line("", 0, 0, 0, 0, 0, page)
    heights = sorted(glyph.height for glyph in printed)
    size = heights[len(heights) // 2]
    pieces: list[str] = []
    before: Glyph | None = None
    for glyph in printed:
        if before is not None:
            if glyph.text == before.text and abs(glyph.x0 - before.x0) < SAME_PLACE * size:
                continue
            pieces.append(_between(before, glyph, size, blanks))
        pieces.append(glyph.text)
        before = glyph
    return Line(
        text=plain_characters("".join(pieces)).strip(),
        x0=printed[0].x0,
        x1=max(glyph.x1 for glyph in printed),
        top=min(glyph.top for glyph in printed),
        bottom=max(glyph.bottom for glyph in printed),
        size=size,
        page=page,
    )


def _between(left: Glyph, right: Glyph, size: float, blanks: Sequence[Glyph]) -> str:
    gap = right.x0 - left.x1
    if gap >= COLUMN_GAP * size:
        return "\t"
    if gap >= BLANK_GAP * size:
        return " "
    if left.text[-1:].isascii() and right.text[:1].isascii():
        middle = (left.x0, right.x1)
        return " " if gap > 0 and any(middle[0] < blank.x0 and blank.x1 < middle[1] for blank in blanks) else ""
    return ""
