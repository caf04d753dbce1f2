"""Marks over a text → flat pieces: where numbers, titles and sentences overlap, each piece knows all that cover it.

Pure: offsets in, pieces out. What a mark means and how it looks does not belong here.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise


@dataclass(frozen=True)
class Mark:
    """A stretch of a document that means something.

    Attributes:
        start: offset of its first character in the document.
        end: offset after its last character.
        kind: what sort of mark it is; pieces list their marks by kind and name.
        name: which one of its kind.
    """

    start: int
    end: int
    kind: str
    name: str


@dataclass(frozen=True)
class Piece:
    """Characters that the very same marks cover.

    Attributes:
        text: the characters.
        marks: what covers them, the earliest and longest first.
        begins: those of the marks whose first shown character is the first of this piece.
    """

    text: str
    marks: tuple[Mark, ...]
    begins: tuple[Mark, ...]


def flat_pieces(text: str, start: int, marks: Iterable[Mark]) -> list[Piece]:
    """Cut a stretch of a document at the ends of all marks.

    Marks may overlap, nest, and reach over the ends of the stretch; what lies outside is left out, and so is a mark
    without characters.

    Args:
        text: the stretch.
        start: its offset in the document.
        marks: in any order, by offsets of the document.

    Returns:
        Pieces in order; their texts joined are the text, and no two neighbours have the same marks.
    """
    end = start + len(text)
    opened: dict[int, list[Mark]] = defaultdict(list)
    closed: dict[int, list[Mark]] = defaultdict(list)
    for mark in set(marks):
        first, last = max(mark.start, start), min(mark.end, end)
        if first < last:
            opened[first].append(mark)
            closed[last].append(mark)
    cuts = sorted({start, *opened, *closed, end})
    covering: set[Mark] = set()
    pieces: list[Piece] = []
    for here, following in pairwise(cuts):
        covering.difference_update(closed[here])
        covering.update(opened[here])
        pieces.append(Piece(text[here - start : following - start], _in_order(covering), _in_order(opened[here])))
    return pieces


def _in_order(marks: Iterable[Mark]) -> tuple[Mark, ...]:
    return tuple(sorted(marks, key=lambda mark: (mark.start, -mark.end, mark.kind, mark.name)))
