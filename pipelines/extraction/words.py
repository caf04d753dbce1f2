"""Which of many patterns can match in a text at all: a look at its pairs of characters, before any pattern is tried.

From each regular expression the words are derived of which a text must contain some, or it cannot match. One pass
over a text finds all pairs of neighbouring characters that occur in such words; a pattern is worth trying only where
the pairs of its words are there. The answer "may match" can be wrong, "cannot match" never is.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache, reduce
from itertools import pairwise
from operator import or_
from re import _constants as codes  # type: ignore[attr-defined]
from re import _parser as parser  # type: ignore[attr-defined]
from typing import Any

import numpy as np
import numpy.typing as npt

from pipelines.extraction.characters import PLANE, code_points

Clause = frozenset[str]
"""Words of which at least one stands in every text that a pattern matches."""

MAX_ALTERNATIVES = 48
"""Spellings of a stretch of a pattern that are written out; a stretch of more is cut in two."""
PAIR = 2
"""Characters; a clause with a shorter word says too little."""
Units = frozenset[int]
"""The pairs of characters, by their numbers in a :class:`PatternIndex`, that occur in a stretch of text."""
TOLD = 2
"""Pairs of each word that are looked for."""
_REPEATS = (codes.MAX_REPEAT, codes.MIN_REPEAT, codes.POSSESSIVE_REPEAT)
_SILENT = (codes.AT, codes.ASSERT, codes.ASSERT_NOT)


@lru_cache(maxsize=1024)
def required_words(pattern: re.Pattern[str]) -> tuple[Clause, ...]:
    """Return clauses that hold for every text in which a pattern matches; catalogues share most of their patterns.

    >>> sorted(map(sorted, required_words(re.compile("(?:查处|立案)[^。]*?违法(?:行为)?案件"))))
    [['查处', '立案'], ['违法案件', '违法行为案件']]
    """
    if pattern.flags & re.IGNORECASE:
        return ()
    spelled, clauses = _sequence(parser.parse(pattern.pattern, pattern.flags & ~re.UNICODE))
    return _tidy([*clauses, spelled] if spelled is not None else clauses)


def _tidy(clauses: Iterable[Iterable[str]]) -> tuple[Clause, ...]:
    """Clauses of words of two characters or more, each once, without words that contain another of their clause."""
    kept: dict[Clause, None] = {}
    for clause in clauses:
        words = frozenset(clause)
        if words and min(map(len, words)) >= PAIR:
            kept[frozenset(word for word in words if not any(other in word for other in words - {word}))] = None
    return tuple(kept)


def _sequence(items: Iterable[Any]) -> tuple[frozenset[str] | None, list[frozenset[str]]]:
    """All spellings of a sequence, or None where they are not few; and the clauses of what it is made of."""
    clauses: list[frozenset[str]] = []
    run: frozenset[str] = frozenset({""})
    whole = True
    for item in items:
        spelled, inner = _item(item)
        clauses += inner
        if spelled is not None and len(run) * len(spelled) <= MAX_ALTERNATIVES:
            run = frozenset(head + tail for head in run for tail in spelled)
            continue
        whole = False
        clauses.append(run)
        run = spelled if spelled is not None else frozenset({""})
    if whole:
        return run, clauses
    clauses.append(run)
    return None, clauses


def _item(item: tuple[Any, Any]) -> tuple[frozenset[str] | None, list[frozenset[str]]]:
    """The same for one element of a parsed pattern."""
    kind, value = item
    if kind is codes.LITERAL:
        return frozenset({chr(value)}), []
    if kind in _SILENT:
        return frozenset({""}), []
    if kind is codes.IN:
        if all(part is codes.LITERAL for part, _ in value) and len(value) <= MAX_ALTERNATIVES:
            return frozenset(chr(code) for _, code in value), []
        return None, []
    if kind is codes.SUBPATTERN:
        _, added_flags, _, inner = value
        return (None, []) if added_flags & re.IGNORECASE else _sequence(inner)
    if kind is codes.ATOMIC_GROUP:
        return _sequence(value)
    if kind is codes.BRANCH:
        return _branch(value[1])
    if kind in _REPEATS:
        return _repeat(*value)
    return None, []


def _branch(branches: Iterable[Iterable[Any]]) -> tuple[frozenset[str] | None, list[frozenset[str]]]:
    """Spellings of alternatives, or the one clause made of the best clause of each."""
    spellings: list[frozenset[str]] = []
    best: list[Clause] = []
    for branch in branches:
        spelled, clauses = _sequence(branch)
        tidy = _tidy([*clauses, spelled] if spelled is not None else clauses)
        if spelled is not None:
            spellings.append(spelled)
        best.append(_most_telling(tidy))
    merged = reduce(or_, spellings) if spellings else frozenset()
    if len(spellings) == len(best) and len(merged) <= MAX_ALTERNATIVES:
        return merged, []
    return None, [reduce(or_, best)] if all(best) else []


def _repeat(least: int, most: int, inner: Iterable[Any]) -> tuple[frozenset[str] | None, list[frozenset[str]]]:
    """Spellings of a repeated element: only what is repeated once or may be left out."""
    spelled, clauses = _sequence(inner)
    if least == 0:
        few = spelled is not None and most == 1 and len(spelled) < MAX_ALTERNATIVES
        return (spelled | {""} if few and spelled is not None else None), []
    if least == most == 1:
        return spelled, clauses
    return None, [*clauses, spelled] if spelled is not None else clauses


def _most_telling(clauses: Sequence[Clause]) -> Clause:
    """The clause whose shortest word is longest, of such the one of fewest words."""
    return max(clauses, key=lambda words: (min(map(len, words)), -len(words)), default=frozenset())


class PatternIndex:
    """Finds the patterns that can match in a stretch of a text.

    Patterns are known from here on by their place in the sequence, and sets of them are whole numbers with a bit for
    each: one look at all of them costs as much as one at a few.

    Args:
        patterns: regular expressions.
        named: further patterns, which :meth:`named` looks for.
    """

    def __init__(self, patterns: Sequence[re.Pattern[str]], named: Mapping[str, re.Pattern[str]] | None = None) -> None:
        wanted = [required_words(pattern) for pattern in (*patterns, *(named or {}).values())]
        self._first_named, self._names = len(patterns), tuple(named or ())
        self._named: dict[int, frozenset[str]] = {}
        uses = Counter(pair for clauses in wanted for pair in {pair for words in clauses for pair in _pairs_of(words)})
        numbers = {pair: number for number, pair in enumerate(sorted(uses), start=1)}
        # What each pattern wants: of some sets of pairs one pair each. The k-th wants of all patterns are a layer.
        wants = [[each for words in clauses for each in _telling(words, uses)] for clauses in wanted]
        self._count, self._layers = len(wants), max(map(len, wants), default=0)
        self._all = (1 << self._count) - 1
        self._unasked = 0
        self._answers = [0] * (len(numbers) + 1)
        for number, sets in enumerate(wants):
            for layer in range(self._layers):
                bit = 1 << (layer * self._count + number)
                if layer >= len(sets):
                    self._unasked |= bit
                    continue
                for pair in sets[layer]:
                    self._answers[numbers[pair]] |= bit
        letters = sorted({char for pair in numbers for char in pair})
        self._letters = np.zeros(PLANE, dtype=np.int32)
        self._letters[[ord(char) for char in letters]] = range(1, len(letters) + 1)
        self._width = len(letters) + 1
        self._pairs = np.zeros(self._width**2, dtype=np.int32)
        for pair, number in numbers.items():
            first, second = self._letters[[ord(char) for char in pair]]
            self._pairs[first * self._width + second] = number

    def scan(self, text: str) -> Scan:
        """Look through a text once."""
        letters = self._letters.take(code_points(text))
        return Scan(self._pairs.take(letters[:-1] * self._width + letters[1:]))

    def possible(self, present: Units) -> int:
        """Return the patterns that may match in a stretch of text with these pairs, a bit for each."""
        answers = self._answers
        met = reduce(or_, [answers[pair] for pair in present], self._unasked)
        found = self._all
        for _ in range(self._layers):
            found &= met
            met >>= self._count
        return found

    def named(self, possible: int) -> frozenset[str]:
        """Return the names of those of the possible patterns that have one."""
        bits = possible >> self._first_named
        found = self._named.get(bits)
        if found is None:
            found = self._named[bits] = frozenset(self._names[place] for place in places_of_bits(bits))
        return found


def places_of_bits(bits: int) -> Iterator[int]:
    """Yield the places of the bits that are set, from the lowest on.

    >>> list(places_of_bits(0b10110))
    [1, 2, 4]
    """
    while bits:
        lowest = bits & -bits
        yield lowest.bit_length() - 1
        bits ^= lowest


class Scan:
    """Where the pairs of a :class:`PatternIndex` stand in a text."""

    def __init__(self, pairs: npt.NDArray[np.int32]) -> None:
        """Keep of each place the number of the pair that begins there, 0 for none."""
        places = np.flatnonzero(pairs)
        self._places: list[int] = places.tolist()
        self._pairs: list[int] = pairs[places].tolist()

    def units(self, start: int, end: int) -> Units:
        """The pairs in ``text[start:end]``."""
        low = bisect_left(self._places, start)
        return frozenset(self._pairs[low : bisect_left(self._places, end - 1, low)])


def _pairs(word: str) -> tuple[str, ...]:
    """The pairs of neighbouring characters of a word."""
    return tuple(first + second for first, second in pairwise(word))


def _pairs_of(words: Clause) -> set[str]:
    return {pair for word in words for pair in _pairs(word)}


def _telling(words: Clause, uses: Mapping[str, int]) -> list[set[str]]:
    """Sets of pairs of which a text with one of the words has one each: of each word the pairs that fewest have."""
    ranked = [sorted(set(_pairs(word)), key=lambda pair: (uses[pair], pair)) for word in sorted(words)]
    depth = min(TOLD, max(map(len, ranked)))
    return [{pairs[min(rank, len(pairs) - 1)] for pairs in ranked} for rank in range(depth)]
