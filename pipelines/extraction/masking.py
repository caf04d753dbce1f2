"""Sentences, and the masked form in which rules see them. Rules themselves are not here.

Masking takes out of a sentence what only gets between the words of a rule: each quantity becomes one sign,
titles in 《》 lose their content, quotation marks, spaces and parentheses without quantities vanish. Every
character of the masked text remembers where it stood, so that a match leads back to the document.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

from pipelines.extraction.nonfacts import NonFact
from pipelines.extraction.quantities import Quantity

# The sign for one quantity in masked text, a code point that no document uses.
SIGN = "\ue000"
# "…指标。" "…吗?" and the end of a line end a sentence; inside 《》 and “” they do not occur in reports
SENTENCE_END = re.compile(r"[。!?]|\n")
# "(含结转案件)" "(经复议后提起诉讼的81件)"
PARENTHETICAL = re.compile(r"\([^()]*\)")
_Stretch = TypeVar("_Stretch", Quantity, NonFact)
# What ends a clause, and what ends a thought of several clauses.
CLAUSE_MARKS = ",;。"
THOUGHT_MARKS = ";。"
_SILENT = set(' \t\r“”‘’"「」')


@dataclass(frozen=True)
class Sentence:
    """``folded[start:end]``: one sentence with its end mark; ``paragraph`` counts lines of the text."""

    start: int
    end: int
    paragraph: int


@dataclass(frozen=True)
class MaskedSentence:
    """One sentence as rules see it.

    Attributes:
        sentence: where it stands.
        raw: the folded sentence before masking.
        text: the masked text.
        positions: for each character of ``text`` its offset in the folded document.
        quantities: the quantities of the sentence; the k-th ``SIGN`` of ``text`` is the k-th of them.
        tokens: for each quantity the index of its sign in ``text``.
    """

    sentence: Sentence
    raw: str
    text: str
    positions: tuple[int, ...]
    quantities: tuple[Quantity, ...]
    tokens: tuple[int, ...]

    def quantity_at(self, index: int) -> int:
        """Number of the quantity whose sign stands at ``index`` of the masked text."""
        return self.tokens.index(index)

    def unmasked(self, start: int, end: int) -> str:
        """The folded text behind ``text[start:end]``, with all that masking took out of it."""
        if start >= end:
            return ""
        first = self.positions[start] - self.sentence.start
        stop = (self.positions[end] if end < len(self.positions) else self.sentence.end) - self.sentence.start
        while first and self.raw[first - 1] in _SILENT:
            first -= 1
        return self.raw[first:stop].strip()


def after_last(text: str, marks: str) -> str:
    """What stands behind the last of ``marks``; the whole text when none occurs.

    >>> after_last("受理3件,办结2件", ",")
    '办结2件'
    """
    return text[max(text.rfind(mark) for mark in marks) + 1 :]


def before_first(text: str, marks: str) -> str:
    """What stands before the first of ``marks``; the whole text when none occurs.

    >>> before_first("办结2件,受理3件", ",")
    '办结2件'
    """
    return text[: min((at for mark in marks if (at := text.find(mark)) >= 0), default=len(text))]


def split_sentences(folded: str, start: int, end: int) -> list[Sentence]:
    """Cut ``folded[start:end]`` into sentences; blank ones are left out."""
    sentences = []
    position, paragraph = start, folded.count("\n", 0, start)
    for match in SENTENCE_END.finditer(folded, start, end):
        if folded[position : match.end()].strip():
            sentences.append(_trimmed(folded, position, match.end(), paragraph))
        position = match.end()
        paragraph += match.group() == "\n"
    if folded[position:end].strip():
        sentences.append(_trimmed(folded, position, end, paragraph))
    return sentences


def _trimmed(folded: str, start: int, end: int, paragraph: int) -> Sentence:
    """A sentence without the white space around it."""
    text = folded[start:end]
    lead = len(text) - len(text.lstrip())
    return Sentence(start + lead, start + lead + len(text.strip()), paragraph)


def within(items: Sequence[_Stretch], start: int, end: int) -> Sequence[_Stretch]:
    """Those of ``items``, which are in order of their start, that start in ``[start, end)``."""
    first = bisect_left(items, start, key=lambda item: item.start)
    return items[first : bisect_left(items, end, lo=first, key=lambda item: item.start)]


def mask(
    folded: str, sentence: Sentence, quantities: Sequence[Quantity], nonfacts: Sequence[NonFact]
) -> MaskedSentence:
    """Mask one sentence; ``quantities`` and ``nonfacts`` are those of the whole text, in order."""
    inside = within(quantities, sentence.start, sentence.end)
    jumps = {quantity.outer_start: (quantity.outer_end, SIGN) for quantity in inside}
    for stretch in within(nonfacts, sentence.start, sentence.end):
        if stretch.kind == "title":
            jumps[stretch.start] = (stretch.end, "《》")
    for match in PARENTHETICAL.finditer(folded, sentence.start, sentence.end):
        if not any(match.start() < quantity.start < match.end() for quantity in inside):
            jumps[match.start()] = (match.end(), "")
    chars: list[str] = []
    positions: list[int] = []
    position = sentence.start
    while position < sentence.end:
        if position in jumps:
            position_after, replacement = jumps[position]
            chars.extend(replacement)
            positions.extend([position] * len(replacement))
            position = position_after
            continue
        if folded[position] not in _SILENT:
            chars.append(folded[position])
            positions.append(position)
        position += 1
    text = "".join(chars)
    tokens = tuple(index for index, char in enumerate(text) if char == SIGN)
    raw = folded[sentence.start : sentence.end]
    return MaskedSentence(sentence, raw, text, tuple(positions), tuple(inside), tokens)
