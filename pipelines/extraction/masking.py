"""Sentences, and the masked form in which rules see them. Rules themselves are not here.

Masking takes out of a text what only gets between the words of a rule: each quantity becomes one sign,
titles in 《》 lose their content, quotation marks, spaces and parentheses without quantities vanish. Every
character of the masked text remembers where it stood, so that a match leads back to the document.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple, TypeVar

import numpy as np
import numpy.typing as npt

from pipelines.extraction.characters import BEYOND, code_points, kind, text_of
from pipelines.extraction.nonfacts import NonFact
from pipelines.extraction.quantities import Quantity
from pipelines.extraction.words import PatternIndex

# The sign for one quantity in masked text, a code point that no document uses.
SIGN = "\ue000"
# "…指标。" "…吗?" and the end of a line end a sentence; inside 《》 and “” they do not occur in reports
SENTENCE_ENDS = "。!?\n"
# "(含结转案件)" "(经复议后提起诉讼的81件)"
PARENTHETICAL = re.compile(r"\([^()。!?\n]*\)")
# Where a sentence without an end is cut: behind a mark, but not within "1,365".
PAUSE = re.compile(r"[;,、](?!\d)")
MAX_SENTENCE = 1500
"""Characters; no sentence of a report is longer, and a page without full stops must not cost more than its length."""
MAX_BEFORE = 3000
"""Characters of its paragraph before a sentence that bear on it."""
_Stretch = TypeVar("_Stretch", Quantity, NonFact)
# What ends a clause, and what ends a thought of several clauses.
CLAUSE_MARKS = ",;。"
THOUGHT_MARKS = ";。"
_SILENT = set(f' \t\r“”‘’"「」{SIGN}')
_SILENT_KIND = kind(_SILENT)
_SENTENCE_END = kind(SENTENCE_ENDS)


class Sentence(NamedTuple):
    """``folded[start:end]``: one sentence with its end mark; ``paragraph`` is where its line begins."""

    start: int
    end: int
    paragraph: int


class MaskedSentence:
    """One sentence as rules see it.

    Attributes:
        sentence: where it stands.
        text: the masked text.
        quantities: the quantities of the sentence; the k-th ``SIGN`` of ``text`` is the k-th of them.
        tokens: for each quantity the index of its sign in ``text``.
    """

    __slots__ = (
        "_first",
        "_marks",
        "_possible",
        "_shift",
        "_signs",
        "_whole",
        "quantities",
        "sentence",
        "text",
        "tokens",
    )

    def __init__(
        self,
        sentence: Sentence,
        whole: MaskedText | _Wording,
        bounds: tuple[int, int],
        quantities: Sequence[Quantity],
        tokens: Sequence[int],
    ) -> None:
        """Take ``whole.text`` between ``bounds``."""
        self.sentence = sentence
        self.text = whole.text[bounds[0] : bounds[1]]
        self.quantities = quantities
        self.tokens = tokens
        self._whole = whole
        self._first = bounds[0]
        self._shift = 0
        self._possible: int | None = None
        self._marks: list[int] | None = None
        self._signs: frozenset[str] | None = None

    def moved(self, shift: int, quantities: Sequence[Quantity]) -> MaskedSentence:
        """The same sentence ``shift`` characters further on, with its quantities as they stand there."""
        start, end, paragraph = self.sentence
        bounds = (self._first, self._first + len(self.text))
        moved = MaskedSentence(
            Sentence(start + shift, end + shift, paragraph), self._whole, bounds, quantities, self.tokens
        )
        moved._shift = self._shift + shift
        moved._possible, moved._marks, moved._signs = self._possible, self._marks, self._signs
        return moved

    def text_since(self, opening: MaskedSentence) -> str:
        """The masked text from the start of an earlier sentence to this one, but no more than one looks back over."""
        return self._whole.text[max(opening._first, self._first - MAX_BEFORE) : self._first]

    def reworded(
        self, text: str, quantities: Sequence[Quantity], tokens: Sequence[int], index: PatternIndex
    ) -> MaskedSentence:
        """The sentence as if it read ``text``, to ask which rules would fit it; no way leads back from it."""
        return MaskedSentence(self.sentence, _Wording(text, index), (0, len(text)), quantities, tokens)

    @property
    def possible(self) -> int:
        """The patterns of the index that may match in ``text``, a bit for each."""
        if self._possible is None:
            whole = self._whole
            self._possible = whole.index.possible(whole.scan.units(self._first, self._first + len(self.text)))
        return self._possible

    @property
    def signs(self) -> frozenset[str]:
        """The names of the flags whose words may stand in ``text``."""
        if self._signs is None:
            self._signs = self._whole.index.named(self.possible)
        return self._signs

    @property
    def marks(self) -> Sequence[int]:
        """Where in ``text`` the marks stand that end a clause."""
        if self._marks is None:
            self._marks = [match.start() for match in _any_of(CLAUSE_MARKS).finditer(self.text)]
        return self._marks

    def clause(self, start: int, end: int) -> tuple[int, int]:
        """Where the clause begins in which ``text[start:end]`` begins, and where the one ends in which it ends."""
        marks = self.marks
        low = bisect_left(marks, start)
        high = bisect_left(marks, end, low)
        return marks[low - 1] + 1 if low else 0, marks[high] if high < len(marks) else len(self.text)

    def position(self, index: int) -> int:
        """Where the character ``text[index]`` stands in the folded document."""
        return self._whole.positions.item(self._first + index) + self._shift

    def index_of(self, offset: int) -> int:
        """Index in ``text`` of the first character at or behind an offset of the folded document."""
        return int(np.searchsorted(self._whole.positions, offset - self._shift)) - self._first

    def unmasked(self, start: int, end: int) -> str:
        """The folded text behind ``text[start:end]``, with all that masking took out of it."""
        if start >= end:
            return ""
        folded = self._whole.folded
        first = self.position(start) - self._shift
        stop = (self.position(end) if end < len(self.text) else self.sentence.end) - self._shift
        floor = self.sentence.start - self._shift
        while first > floor and folded[first - 1] in _SILENT:
            first -= 1
        return folded[first:stop].strip()


class _Wording:
    """A masked text that stands in no document."""

    def __init__(self, text: str, index: PatternIndex) -> None:
        self.folded = self.text = text
        self.positions: npt.NDArray[np.intp] = np.zeros(len(text), dtype=np.intp)
        self.index = index
        self.scan = index.scan(text)


class MaskedText:
    """A whole text masked.

    Attributes:
        folded: the text.
        text: the masked text.
        positions: for each character of ``text`` its offset in ``folded``.
        index: of the patterns that are looked for.
        scan: what it found in ``text``.
    """

    def __init__(
        self, folded: str, quantities: Sequence[Quantity], nonfacts: Iterable[NonFact], index: PatternIndex
    ) -> None:
        """Mask ``folded``; ``quantities`` and ``nonfacts`` are its own, in order; ``index`` looks it through."""
        self.folded = folded
        self._quantities = quantities
        codes = code_points(folded).copy()
        kept = ~_SILENT_KIND[codes]
        for start, end, is_title in _jumps(folded, quantities, nonfacts):
            if is_title:
                codes[start + 1] = ord("》")
                kept[start + 2 : end] = False
            else:
                kept[start:end] = False
        self._outer_starts = [quantity.outer_start for quantity in quantities]
        for quantity in quantities:
            kept[quantity.outer_start + 1 : quantity.outer_end] = False
        codes[self._outer_starts] = ord(SIGN)
        kept[self._outer_starts] = True
        self.positions: npt.NDArray[np.intp] = np.flatnonzero(kept)
        self.text = text_of(codes[kept])
        if BEYOND in self.text:
            self.text = "".join(
                folded[at] if char == BEYOND else char
                for at, char in zip(self.positions.tolist(), self.text, strict=True)
            )
        self.index = index
        self.scan = index.scan(self.text)
        self._tokens = np.searchsorted(self.positions, self._outer_starts).tolist()

    def sentences(self, sentences: Sequence[Sentence]) -> list[MaskedSentence]:
        """Return sentences of the text in masked form."""
        edges = np.array([(sentence.start, sentence.end) for sentence in sentences], dtype=np.intp).reshape(-1, 2)
        places = np.searchsorted(self.positions, edges).tolist()
        numbers = np.searchsorted(self._outer_starts, edges).tolist()
        masked = []
        for sentence, (first, stop), (low, high) in zip(sentences, places, numbers, strict=True):
            tokens = [token - first for token in self._tokens[low:high]] if low < high else []
            masked.append(MaskedSentence(sentence, self, (first, stop), self._quantities[low:high], tokens))
        return masked


def mask(
    folded: str, quantities: Sequence[Quantity], nonfacts: Iterable[NonFact], index: PatternIndex
) -> MaskedSentence:
    """Mask a text that is one sentence; see :class:`MaskedText`."""
    return MaskedText(folded, quantities, nonfacts, index).sentences([Sentence(0, len(folded), 0)])[0]


def _jumps(folded: str, quantities: Sequence[Quantity], nonfacts: Iterable[NonFact]) -> Iterable[tuple[int, int, bool]]:
    """Yield what masking leaves out, in order and without overlaps: titles, and parentheses without quantities."""
    jumps = [(stretch.start, stretch.end, True) for stretch in nonfacts if stretch.kind == "title"]
    if "(" in folded:
        jumps += [
            (match.start(), match.end(), False)
            for match in PARENTHETICAL.finditer(folded)
            if not within(quantities, match.start(), match.end())
        ]
        jumps.sort()
    position = 0
    for jump in jumps:
        if jump[0] >= position:
            position = jump[1]
            yield jump


def after_last(text: str, marks: str) -> str:
    """What stands behind the last of ``marks``; the whole text when none occurs.

    >>> after_last("受理3件,办结2件", ",")
    '办结2件'
    """
    return text[max(map(text.rfind, marks)) + 1 :]


def before_first(text: str, marks: str) -> str:
    """What stands before the first of ``marks``; the whole text when none occurs.

    >>> before_first("办结2件,受理3件", ",")
    '办结2件'
    """
    first = _any_of(marks).search(text)
    return text if first is None else text[: first.start()]


@lru_cache(maxsize=32)
def _any_of(marks: str) -> re.Pattern[str]:
    """The pattern of any one of some marks; the code names a few sets of them."""
    return re.compile(f"[{re.escape(marks)}]")


def sentence_ends(folded: str) -> list[int]:
    """Return the offsets behind each mark that ends a sentence."""
    ends: list[int] = (np.flatnonzero(_SENTENCE_END[code_points(folded)]) + 1).tolist()
    return ends


def split_sentences(folded: str, start: int, end: int, ends: Sequence[int] | None = None) -> list[Sentence]:
    """Cut ``folded[start:end]`` into sentences; blank ones are left out, endless ones are cut at a pause.

    ``ends`` are the :func:`sentence_ends` of ``folded``, where they are known already.
    """
    if ends is None:
        ends = sentence_ends(folded)
    sentences = []
    inside = ends[bisect_right(ends, start) : bisect_right(ends, end)]
    paragraph = start
    for position, stop in pairwise([start, *inside, end]):
        text = folded[position:stop]
        stripped = text.strip()
        if stripped:
            first = position + len(text) - len(text.lstrip())
            last = first + len(stripped)
            while last - first > MAX_SENTENCE:
                cut = _pause(folded, first)
                sentences.append(Sentence(first, cut, paragraph))
                first = cut
            sentences.append(Sentence(first, last, paragraph))
        if text.endswith("\n"):
            paragraph = stop
    return sentences


def _pause(folded: str, start: int) -> int:
    """Where a sentence that begins at ``start`` and has no end is cut."""
    pauses = [match.end() for match in PAUSE.finditer(folded, start + MAX_SENTENCE // 2, start + MAX_SENTENCE)]
    return pauses[-1] if pauses else start + MAX_SENTENCE


def within(items: Sequence[_Stretch], start: int, end: int) -> Sequence[_Stretch]:
    """Those of ``items``, which are in order of their start, that start in ``[start, end)``."""
    first = bisect_left(items, start, key=lambda item: item.start)
    return items[first : bisect_left(items, end, lo=first, key=lambda item: item.start)]
