"""Where characters of a kind stand in a text: one pass over its code points instead of one search for each pattern.

A text becomes an array of code points, a kind of character a table of truth values by code point. Only looking up;
what digits or marks mean is said where they are read.
"""

from __future__ import annotations

from codecs import utf_16_le_decode, utf_16_le_encode
from collections.abc import Iterable, Mapping

import numpy as np
import numpy.typing as npt

CodePoints = npt.NDArray[np.uint16]
Kind = npt.NDArray[np.bool_]

PLANE = 0x10000
BEYOND = "\uffff"
"""What stands for any character beyond the basic plane; no text contains it."""


def code_points(text: str) -> CodePoints:
    """Return one code point a character; characters beyond the basic plane become ``BEYOND``."""
    units: CodePoints = np.frombuffer(utf_16_le_encode(text, "surrogatepass")[0], dtype="<u2")
    if len(units) == len(text):
        return units
    wide = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype="<u4")
    narrow: CodePoints = np.minimum(wide, ord(BEYOND)).astype(np.uint16)
    return narrow


def text_of(codes: CodePoints) -> str:
    """Return the text of code points of the basic plane."""
    return utf_16_le_decode(codes.astype("<u2", copy=False).data, "surrogatepass", True)[0]


def kind(characters: Iterable[str]) -> Kind:
    """Return the table of a kind that consists of ``characters``."""
    table = np.zeros(PLANE, dtype=np.bool_)
    table[[ord(character) for character in characters]] = True
    return table


def mapping(folds: Mapping[int, int]) -> CodePoints:
    """Return a table that gives each code point itself, or what ``folds`` makes of it."""
    table = np.arange(PLANE, dtype=np.uint16)
    table[list(folds)] = list(folds.values())
    return table


def runs(inside: Kind) -> list[tuple[int, int]]:
    """Return start and exclusive end of each run of true values."""
    padded = np.zeros(len(inside) + 2, dtype=np.int8)
    padded[1:-1] = inside
    edges = np.diff(padded)
    return list(zip(np.flatnonzero(edges == 1).tolist(), np.flatnonzero(edges == -1).tolist(), strict=True))


def places_of(character: str, text: str) -> list[int]:
    """Return where a character stands in a text, in order."""
    places: list[int] = np.flatnonzero(code_points(text) == ord(character)).tolist()
    return places


def line_starts(text: str) -> list[int]:
    """Return where each line of a text begins."""
    return [0, *(place + 1 for place in places_of("\n", text))]
