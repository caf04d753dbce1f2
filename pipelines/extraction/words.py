"""Which of many patterns can match in a text at all: a look at its pairs of characters, before any pattern is tried.

From each regular expression the words are derived of which a text must contain some, or it cannot match. One pass
over a text finds all pairs of neighbouring characters that occur in such words; a pattern is worth trying only where
the pairs of its words are there. The answer "may match" can be wrong, "cannot match" never is.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
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

    Args:
        patterns: regular expressions, known from here on by their place in this sequence.
        led: how many of them, from the first on, :meth:`possible` looks for; about the others it can be asked singly.
        named: further patterns, which :meth:`named` looks for.
    """

    def __init__(
        self, patterns: Sequence[re.Pattern[str]], led: int = 0, named: Mapping[str, re.Pattern[str]] | None = None
    ) -> None:
        self._names = dict(enumerate(named or {}, start=len(patterns)))
        wanted = [required_words(pattern) for pattern in (*patterns, *(named or {}).values())]
        uses = Counter(pair for clauses in wanted for pair in {pair for words in clauses for pair in _pairs_of(words)})
        numbers = {pair: number for number, pair in enumerate(sorted(uses), start=1)}

        def tell(words: Clause) -> Units:
            """Of each word the pair that fewest patterns have."""
            return frozenset(numbers[min(_pairs(word), key=lambda pair: uses[pair])] for word in words)

        self._clauses = [tuple(map(tell, clauses)) for clauses in wanted]
        self._always = [number for number in range(led) if not wanted[number]]
        self._led: dict[int, list[int]] = {}
        for number in range(led):
            for unit in tell(_most_telling(wanted[number])):
                self._led.setdefault(unit, []).append(number)
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

    def possible(self, present: Units) -> list[int]:
        """Return, in order, the patterns that may match in a stretch of text with these pairs."""
        found = set(self._always)
        for unit in self._led.keys() & present:
            found.update(self._led[unit])
        return sorted(number for number in found if self.may_match(number, present))

    def named(self, present: Units) -> frozenset[str]:
        """Return the names of the patterns that may match in a stretch of text with these pairs."""
        return frozenset(name for number, name in self._names.items() if self.may_match(number, present))

    def may_match(self, number: int, present: Units) -> bool:
        """Whether one of the patterns may match in a stretch of text with these pairs."""
        return not any(map(present.isdisjoint, self._clauses[number]))


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
