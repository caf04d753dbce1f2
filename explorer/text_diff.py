"""Two versions of a text, sentence by sentence: what stayed, what went, what came, and the characters that changed.

Pure and bounded: sentences that stand once in either text hold both together, so that the time grows with the length
of the texts; only what lies between them is compared closely, and only up to a budget. Showing the outcome, and
comparing numbers, does not belong here.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import pairwise
from typing import Literal

# "办结30件。" · "“依法行政。”" · "一、主要举措" · "⏎": to the mark that ends a sentence and the quotes it closes;
# breaks of lines stand for themselves, so that a sentence moved to the end of a paragraph is the same sentence
SENTENCE = re.compile(r"[^。！？；!?;\n]*[。！？；!?;]+[”’」』）)]*|[^。！？；!?;\n]+|\n+")

SENTENCE_BUDGET = 400_000
"""Pairs of sentences compared for two texts in all; what lies between two that hold and costs more changed whole."""
MOST_CHARACTER_PAIRS = 160_000
"""Pairs of characters of a changed sentence: beyond, it is shown whole."""
PAIRING_BUDGET = 1_000_000
"""Characters counted for two texts in all to see which sentence of a passage became which."""
CHARACTER_BUDGET = 2_000_000
"""Pairs of characters compared for two texts in all; sentences after it is spent are shown whole."""
LEAST_SHARED = 0.6
"""Share of characters that two sentences must have in common, in any order, for one to have become the other."""
LEAST_ALIKE = 0.35
"""Share of characters that must have stayed where they were for a change inside a sentence to be readable."""
SHORTEST_KEPT = 2
"""Characters: a shorter stretch between two changes counts as changed with them."""

Fate = Literal["same", "gone", "new"]


@dataclass(frozen=True)
class Stretch:
    """Characters of one fate."""

    fate: Fate
    text: str


@dataclass(frozen=True)
class Block:
    """Sentences that stayed, a sentence that became another, or sentences that went or came.

    Attributes:
        is_same: whether it stands in both texts as it is.
        old: sentences of the old text.
        new: sentences of the new text; those of ``old`` where the block is the same.
        old_start: offset of the block in the old text.
        new_start: offset of the block in the new text.
        stretches: the changed sentence by characters, old and new interwoven; empty where the block is the same, and
            where too little stayed to be read so.
    """

    is_same: bool
    old: tuple[str, ...]
    new: tuple[str, ...]
    old_start: int
    new_start: int
    stretches: tuple[Stretch, ...] = ()


def sentences(text: str) -> list[str]:
    """Cut a text after its sentences and lines; joined they are the text."""
    return [found for found in SENTENCE.findall(text) if found]


def compare(old: str, new: str) -> list[Block]:
    """Return both texts as blocks in order: the ``old`` of all joined is the old text, the ``new`` of all the new."""
    before, after = sentences(old), sentences(new)
    pairing, characters = PAIRING_BUDGET, CHARACTER_BUDGET
    blocks: list[Block] = []
    old_start = new_start = 0
    for is_same, old_from, old_to, new_from, new_to in _runs(before, after):
        gone, came = before[old_from:old_to], after[new_from:new_to]
        parts: list[tuple[Sequence[str], Sequence[str]]] = [(gone, came)]
        cost = len(gone) * sum(map(len, came)) + len(came) * sum(map(len, gone))
        if not is_same and cost <= pairing:
            pairing -= cost
            parts = _paired(gone, came)
        for olds, news in parts:
            stretches: tuple[Stretch, ...] = ()
            if not is_same and len(olds) == len(news) == 1:
                cost = _character_cost(olds[0], news[0])
                if cost <= min(MOST_CHARACTER_PAIRS, characters):
                    characters -= cost
                    stretches = _stretches(olds[0], news[0])
            blocks.append(Block(is_same, tuple(olds), tuple(news), old_start, new_start, stretches))
            old_start += sum(map(len, olds))
            new_start += sum(map(len, news))
    return blocks


def _paired(gone: Sequence[str], came: Sequence[str]) -> list[tuple[Sequence[str], Sequence[str]]]:
    """Cut a passage where a sentence became another: that pair, and before and after it what went and what came."""
    letters_of_came = [Counter(sentence) for sentence in came]
    parts: list[tuple[Sequence[str], Sequence[str]]] = []
    old_from = new_from = 0
    for old_at, sentence in enumerate(gone):
        letters = Counter(sentence)
        shares = [
            2 * (letters & letters_of_came[new_at]).total() / (len(sentence) + len(came[new_at]))
            for new_at in range(new_from, len(came))
        ]
        best = max(shares, default=0.0)
        if best >= LEAST_SHARED:
            new_at = new_from + shares.index(best)
            parts.append((gone[old_from:old_at], came[new_from:new_at]))
            parts.append((gone[old_at : old_at + 1], came[new_at : new_at + 1]))
            old_from, new_from = old_at + 1, new_at + 1
    parts.append((gone[old_from:], came[new_from:]))
    return [(olds, news) for olds, news in parts if olds or news]


Run = tuple[bool, int, int, int, int]


def _runs(old: Sequence[str], new: Sequence[str]) -> Iterator[Run]:
    """Yield runs of sentences that are the same, and what lies between them, in order and without gaps."""
    place = (0, 0)
    for matched in _merged(_matches(old, new)):
        old_at, new_at, length = matched
        if place != (old_at, new_at):
            yield False, place[0], old_at, place[1], new_at
        if length:
            yield True, old_at, old_at + length, new_at, new_at + length
        place = (old_at + length, new_at + length)


Match = tuple[int, int, int]


def _matches(old: Sequence[str], new: Sequence[str]) -> Iterator[Match]:
    """Yield (old, new, length) of equal runs in order; the last one has no length and stands at both ends."""
    budget = SENTENCE_BUDGET
    ends = (len(old), len(new))
    fixed = [(-1, -1), *_holding(old, new), ends]
    for (old_left, new_left), (old_right, new_right) in pairwise(fixed):
        if old_left >= 0:
            yield old_left, new_left, 1
        between_old, between_new = old[old_left + 1 : old_right], new[new_left + 1 : new_right]
        if between_old and between_new:
            head, tail = _ends(between_old, between_new)
            cost = (len(between_old) - head - tail) * (len(between_new) - head - tail)
            matches = _inner_matches(between_old, between_new, head, tail, is_close=cost <= budget)
            budget -= cost if cost <= budget else 0
            yield from ((old_left + 1 + at, new_left + 1 + there, length) for at, there, length in matches)
    yield *ends, 0


def _inner_matches(old: Sequence[str], new: Sequence[str], head: int, tail: int, *, is_close: bool) -> Iterator[Match]:
    """Yield the equal runs of a part: at both ends, and, looking closely, inside."""
    if head:
        yield 0, 0, head
    inner_old, inner_new = old[head : len(old) - tail], new[head : len(new) - tail]
    if inner_old and inner_new and is_close:
        for match in SequenceMatcher(None, inner_old, inner_new, autojunk=False).get_matching_blocks():
            if match.size:
                yield head + match.a, head + match.b, match.size
    if tail:
        yield len(old) - tail, len(new) - tail, tail


def _holding(old: Sequence[str], new: Sequence[str]) -> list[tuple[int, int]]:
    """Return the longest row of sentences that stand once in either text, in the same order in both."""
    in_old, in_new = Counter(old), Counter(new)
    place_in_new = {sentence: place for place, sentence in enumerate(new) if in_new[sentence] == 1}
    pairs = [
        (place, place_in_new[sentence])
        for place, sentence in enumerate(old)
        if in_old[sentence] == 1 and sentence in place_in_new
    ]
    # The last pair of the best row of each length, and for each pair the one before it.
    tops: list[int] = []
    last: list[int] = []
    before: list[int | None] = []
    for index, (_, place) in enumerate(pairs):
        length = bisect_left(tops, place)
        before.append(last[length - 1] if length else None)
        tops[length : length + 1] = [place]
        last[length : length + 1] = [index]
    row: list[tuple[int, int]] = []
    current = last[-1] if last else None
    while current is not None:
        row.append(pairs[current])
        current = before[current]
    return row[::-1]


def _merged(matches: Iterator[Match]) -> Iterator[Match]:
    """Join runs that follow each other in both texts."""
    held: Match | None = None
    for match in matches:
        if held and (held[0] + held[2], held[1] + held[2]) == match[:2] and match[2]:
            held = (held[0], held[1], held[2] + match[2])
            continue
        if held:
            yield held
        held = match
    if held:
        yield held


def _common(left: Sequence[str], right: Sequence[str]) -> int:
    """Return how many elements are the same at the beginning."""
    length = 0
    for one, other in zip(left, right, strict=False):
        if one != other:
            break
        length += 1
    return length


def _ends(old: Sequence[str], new: Sequence[str]) -> tuple[int, int]:
    """Return how many elements are the same at the beginning and, of the rest, at the end."""
    head = _common(old, new)
    return head, _common(old[head:][::-1], new[head:][::-1])


def _character_cost(old: str, new: str) -> int:
    head, tail = _ends(old, new)
    return (len(old) - head - tail) * (len(new) - head - tail)


def _stretches(old: str, new: str) -> tuple[Stretch, ...]:
    """Return a changed sentence by characters; nothing when too little of it stayed."""
    head, tail = _ends(old, new)
    old_inner, new_inner = old[head : len(old) - tail], new[head : len(new) - tail]
    parts: list[tuple[str, str, str]] = [(old[:head], "", "")]
    for tag, *span in SequenceMatcher(None, old_inner, new_inner, autojunk=False).get_opcodes():
        removed, added = old_inner[span[0] : span[1]], new_inner[span[2] : span[3]]
        parts.append((removed, "", "") if tag == "equal" and len(removed) >= SHORTEST_KEPT else ("", removed, added))
    parts.append((old[len(old) - tail :] if tail else "", "", ""))
    kept = sum(len(same) for same, _, _ in parts)
    if kept < LEAST_ALIKE * max(len(old), len(new)):
        return ()
    return tuple(_joined(parts))


def _joined(parts: Sequence[tuple[str, str, str]]) -> Iterator[Stretch]:
    """Yield the parts as stretches; changes that follow each other become one, its old text first."""
    gone = came = ""
    for same, removed, added in parts:
        if same:
            yield from (Stretch(fate, text) for fate, text in _change(gone, came))
            gone = came = ""
            yield Stretch("same", same)
        else:
            gone, came = gone + removed, came + added
    yield from (Stretch(fate, text) for fate, text in _change(gone, came))


def _change(gone: str, came: str) -> Iterator[tuple[Fate, str]]:
    if gone:
        yield "gone", gone
    if came:
        yield "new", came
