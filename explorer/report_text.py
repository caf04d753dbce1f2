"""The text of a report as the page shows it: sections cut into pieces, each with the number or title it belongs to.

Pure: a document in, views of its sections out. Colours, words and links belong to the template; asking the release
to ``report_data``.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from explorer.highlight import Mark, Piece, flat_pieces
from explorer.report_data import Citation, Document, Item, Number, Section

# "。市委、市政府…": the end of a heading that the text follows in the same line
HEADING_ENDS = re.compile(r"[。！？；：，、!?;:,.]*")
# "\u202e" (right-to-left override), "\u200b": signs that move or hide what stands beside them
UNSEEN = re.compile(r"[\u061c\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff]")


@dataclass(frozen=True)
class Part:
    """Some characters of the text, as shown.

    Attributes:
        text: the characters; for a sign that cannot be seen, its name.
        is_unseen: whether it is the name of such a sign.
        number: the number they belong to, the innermost where several overlap; None for none.
        numbers: ids of all numbers that begin here, so that each has a place to jump to.
        is_sentence: whether they belong to the sentence of the chosen number.
        is_cited: whether they belong to the title of a cited document.
        citations: ids of the citations that begin here.
        items: problems and plans that begin here.
    """

    text: str
    is_unseen: bool
    number: Number | None
    numbers: tuple[str, ...]
    is_sentence: bool
    is_cited: bool
    citations: tuple[str, ...]
    items: tuple[Item, ...]


@dataclass(frozen=True)
class ShownSection:
    """A section with its heading and body in parts, and what stands in it."""

    section: Section
    heading: tuple[Part, ...]
    body: tuple[Part, ...]
    number_count: int
    items: tuple[Item, ...]
    citations: tuple[Citation, ...]


def shown_sections(document: Document, shown: Collection[Number], chosen: Number | None) -> list[ShownSection]:
    """Return the sections of a document with the numbers to be shown marked in them.

    Args:
        document: the version.
        shown: the numbers to mark.
        chosen: the number whose sentence is marked too.
    """
    cutter = _Cutter(document, shown, chosen)
    items, citations = _by_section(document.items), _by_section(document.citations)
    counts: dict[str | None, int] = defaultdict(int)
    for number in shown:
        counts[number.section_id] += 1
    shown_ones = []
    for section in document.sections:
        heading, body = _heading_and_body(section)
        shown_ones.append(
            ShownSection(
                section,
                cutter.parts(*heading),
                cutter.parts(*body),
                counts[section.section_id],
                tuple(items[section.section_id]),
                tuple(citations[section.section_id]),
            )
        )
    return shown_ones


Thing = TypeVar("Thing", Item, Citation)


def _by_section(things: Iterable[Thing]) -> dict[str | None, list[Thing]]:
    found: dict[str | None, list[Thing]] = defaultdict(list)
    for thing in things:
        found[thing.section_id].append(thing)
    return found


Stretch = tuple[str, int]


def _heading_and_body(section: Section) -> tuple[Stretch, Stretch]:
    """Return text and offset of heading and body, the stop after a heading with the heading.

    The line breaks around a body are left out: the page gives it room of its own.
    """
    heading, text = section.heading_text, section.text
    stops = HEADING_ENDS.match(text) if heading else None
    stop = stops.end() if stops else 0
    body = text[stop:].lstrip("\n")
    return (heading + text[:stop], section.char_start), (body.rstrip("\n"), section.body_start + len(text) - len(body))


class _Cutter:
    """Cuts stretches of one document, with all its marks at hand."""

    def __init__(self, document: Document, shown: Collection[Number], chosen: Number | None) -> None:
        self._numbers = {number.observation_id: number for number in shown}
        self._items = {item.item_id: item for item in document.items}
        self._marks = [
            *(Mark(each.char_start, each.char_end, "number", each.observation_id) for each in shown),
            *(Mark(each.char_start, each.char_end, "item", each.item_id) for each in document.items),
            *(Mark(each.char_start, each.char_end, "citation", each.citation_id) for each in document.citations),
        ]
        if chosen is not None:
            end = chosen.sentence_start + len(chosen.sentence)
            self._marks.append(Mark(chosen.sentence_start, end, "sentence", chosen.observation_id))
        self._begun: set[Mark] = set()

    def parts(self, text: str, start: int) -> tuple[Part, ...]:
        """Return a stretch in parts."""
        end = start + len(text)
        marks = [mark for mark in self._marks if mark.start < end and start < mark.end]
        return tuple(part for piece in flat_pieces(text, start, marks) for part in self._of_piece(piece))

    def _of_piece(self, piece: Piece) -> Iterable[Part]:
        covering = [mark for mark in piece.marks if mark.kind == "number"]
        number = self._numbers[min(covering, key=lambda mark: mark.end - mark.start).name] if covering else None
        kinds = {mark.kind for mark in piece.marks}
        # A mark that goes on from a heading into the text begins once.
        begins = [mark for mark in piece.begins if mark not in self._begun]
        self._begun.update(begins)
        for text, is_unseen in _seen_and_unseen(piece.text):
            yield Part(
                text=text,
                is_unseen=is_unseen,
                number=number,
                numbers=_names(begins, "number"),
                is_sentence="sentence" in kinds,
                is_cited="citation" in kinds,
                citations=_names(begins, "citation"),
                items=tuple(self._items[name] for name in _names(begins, "item")),
            )
            begins = []


def _names(marks: Sequence[Mark], kind: str) -> tuple[str, ...]:
    return tuple(mark.name for mark in marks if mark.kind == kind)


def _seen_and_unseen(text: str) -> Iterable[tuple[str, bool]]:
    """Yield the text in turn as it is, and the names of signs that cannot be seen ("U+202E")."""
    place = 0
    for found in UNSEEN.finditer(text):
        if found.start() > place:
            yield text[place : found.start()], False
        yield f"U+{ord(found[0]):04X}", True
        place = found.end()
    if place < len(text):
        yield text[place:], False
