"""Finding: the index names where to look, the text of the release says whether it is a hit, and how it reads.

What a query asks for is worked out in ``search_words.py``; the page is in ``search.py``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from explorer.releases import Release
from explorer.search_index import Index, Unit, filter_tokens
from explorer.search_kinds import Kind, Wanted
from explorer.search_words import Query, fold, places

PAGE_SIZE = 20
MOST_ROWS = 3_000
"""Places that the index is asked for; a query that has more is asked to be narrowed."""
CHECKED_AT_ONCE = 100
CHECKED_FOR_TOTAL = 300
"""So many places are checked to tell the total of a query; beyond, the page says "more than"."""
MOST_FRAGMENTS = 3
BEFORE, AFTER = 60, 120
"""Characters shown before and after a hit of a long sentence."""

# "。", "；", an end of line: where a sentence ends
SENTENCE_END = re.compile(r"[。！？；!?;\n]")


@dataclass(frozen=True)
class Filters:
    """What hits are narrowed to; None for all."""

    year: int | None = None
    region: str | None = None
    topic: str | None = None
    part: str | None = None


@dataclass(frozen=True)
class Fragment:
    """A sentence around a hit.

    Attributes:
        pieces: its text, piece by piece, and whether a piece is the hit.
        is_cut_before: whether the sentence began earlier.
        is_cut_after: whether it goes on.
    """

    pieces: tuple[tuple[str, bool], ...]
    is_cut_before: bool
    is_cut_after: bool


@dataclass(frozen=True)
class Hit:
    """A unit in which all words stand.

    Attributes:
        unit: what they stand in.
        fragments: sentences around the first hit of each word.
        count: how often the words stand in it.
    """

    unit: Unit
    fragments: tuple[Fragment, ...]
    count: int


@dataclass(frozen=True)
class Found:
    """A page of hits.

    Attributes:
        hits: those of the page.
        total: how many there are, or are known to be.
        is_more: whether there may be more than that.
        has_next: whether another page follows.
    """

    hits: tuple[Hit, ...]
    total: int
    is_more: bool
    has_next: bool


def find(release: Release, kind: Kind, index: Index, query: Query, filters: Filters, page: int) -> Found:
    """Return a page of hits: newest year first, then by region and place.

    Args:
        release: where the text stands.
        kind: what is searched.
        index: its index, complete or not.
        query: what is looked for.
        filters: what hits are narrowed to.
        page: from 1.
    """
    asked = [*query.tokens, *filter_tokens(filters.year, filters.region, filters.topic, filters.part)]
    rows = index.rows_with(asked, MOST_ROWS + 1)
    candidates = _in_order(rows[:MOST_ROWS], index, kind.documents(release))
    is_capped = len(rows) > MOST_ROWS
    start, end = (page - 1) * PAGE_SIZE, page * PAGE_SIZE
    if query.is_exact:
        hits = _hits(index, candidates[start:end], query)
        return Found(tuple(hits), len(candidates), is_capped, len(candidates) > end)
    hits, checked = [], 0
    while checked < len(candidates) and (checked < CHECKED_FOR_TOTAL or len(hits) <= end):
        hits += _hits(index, candidates[checked : checked + CHECKED_AT_ONCE], query)
        checked += CHECKED_AT_ONCE
    is_more = is_capped or checked < len(candidates)
    return Found(tuple(hits[start:end]), len(hits), is_more, len(hits) > end)


def _in_order(rows: Sequence[int], index: Index, wanted: Mapping[str, Wanted]) -> list[int]:
    """The rows that the release holds, by the order of its documents, then by place."""
    catalogue = index.catalogue()
    kept: list[tuple[int, int]] = []
    for row in rows:
        holder = catalogue.holder(row)
        known = wanted.get(holder.document_id) if holder else None
        if holder and known and known.digest == holder.digest:
            kept.append((known.rank, row))
    return [row for _, row in sorted(kept)]


def _hits(index: Index, rows: Sequence[int], query: Query) -> list[Hit]:
    hits = (_hit(unit, query.words) for unit in index.units(rows)) if rows else ()
    return [hit for hit in hits if hit is not None]


def _hit(unit: Unit, words: Sequence[str]) -> Hit | None:
    folded = fold(unit.body)
    found = places(folded, words)
    if not found:
        return None
    firsts = sorted(folded.find(word) for word in words)
    return Hit(unit, tuple(fragments(unit.body, found, firsts)), len(found))


def fragments(body: str, found: Sequence[tuple[int, int]], firsts: Iterable[int]) -> list[Fragment]:
    """Return the sentences around the first hits of words.

    Args:
        body: the text.
        found: where the words stand, in order, not overlapping.
        firsts: where each word stands first, in order.
    """
    shown: list[Fragment] = []
    reached = 0
    for first in firsts:
        if shown and first < reached:
            continue
        if len(shown) == MOST_FRAGMENTS:
            break
        place = next(each for each in found if each[0] <= first < each[1])
        start, end = _sentence(body, *place)
        start, reached = max(start, reached), end
        shown.append(_fragment(body, start, end, found))
    return shown


def _sentence(body: str, start: int, end: int) -> tuple[int, int]:
    """Begin and end of the sentence around a place, as far as it is shown."""
    earliest = max(0, start - BEFORE)
    marks = list(SENTENCE_END.finditer(body, earliest, start))
    after = SENTENCE_END.search(body, end, end + AFTER)
    return (marks[-1].end() if marks else earliest), (after.end() if after else min(len(body), end + AFTER))


def _fragment(body: str, start: int, end: int, found: Sequence[tuple[int, int]]) -> Fragment:
    pieces: list[tuple[str, bool]] = []
    reached = start
    for first, last in found:
        if first < start or last > end:
            continue
        pieces += [(body[reached:first], False), (body[first:last], True)]
        reached = last
    pieces.append((body[reached:end], False))
    before, after = body[start - 1 : start], body[end - 1 : end]
    return Fragment(
        tuple((text, is_hit) for text, is_hit in pieces if text),
        is_cut_before=start > 0 and not SENTENCE_END.match(before),
        is_cut_after=end < len(body) and not SENTENCE_END.match(after),
    )
