"""Which observation stands for which gold fact, and which observations fall on text that is no fact.

Places are compared here, and nothing but places: whether code, value or flags are right is for scoring.
"""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pipelines.evaluation.gold import GoldDocument, GoldFact, NonFact
from pipelines.model import Observation, Reading


@dataclass(frozen=True)
class Matching:
    """The one-to-one pairs of a document and what is left over on both sides.

    ``not_scored`` holds observations inside a norm: neither a hit nor a mistake. ``non_facts`` holds, for
    each typed non-fact that was taken for a fact, the observations that lie in it.
    """

    pairs: tuple[tuple[GoldFact, Observation], ...]
    missed: tuple[GoldFact, ...]
    spurious: tuple[Observation, ...]
    not_scored: tuple[Observation, ...]
    non_facts: tuple[tuple[NonFact, tuple[Observation, ...]], ...]


def fold_text(text: str) -> str:
    """NFKC, white space as single blanks, none at the ends: ``"2017 年度　报告 "`` → ``"2017 年度 报告"``."""
    return " ".join(unicodedata.normalize("NFKC", text).split())


def squeeze_text(text: str) -> str:
    """NFKC without any white space, for sentences that formats break at different places."""
    return "".join(unicodedata.normalize("NFKC", text).split())


def match_document(gold: GoldDocument, reading: Reading) -> Matching:
    """Pair the facts of a document with the observations of its reading.

    In a text file a fact and an observation can match when their character offsets overlap; in other formats
    when their sentences, squeezed, contain one another and the printed number is the same. Each side is used
    once.
    """
    facts = gold.facts
    if all(fact.char_start is not None for fact in facts):
        facts = tuple(sorted(facts, key=lambda fact: fact.char_start or 0))
    observations = sorted(reading.observations, key=lambda each: (each.char_start, each.char_end))
    chosen = _pairs_by_offset(facts, observations) if gold.has_offsets else _pairs_by_sentence(facts, observations)
    pairs = tuple((fact, observations[chosen[index]]) for index, fact in enumerate(facts) if index in chosen)
    taken = set(chosen.values())
    unpaired = [each for index, each in enumerate(observations) if index not in taken]
    squeezed = squeeze_with_origins(reading.document.text)
    covered = [(entry, _observations_in(entry, unpaired, *squeezed)) for entry in gold.non_facts]
    in_norm = {id(each) for entry, found in covered if not entry.is_scored for each in found}
    return Matching(
        pairs=pairs,
        missed=tuple(fact for index, fact in enumerate(facts) if index not in chosen),
        spurious=tuple(each for each in unpaired if id(each) not in in_norm),
        not_scored=tuple(each for each in unpaired if id(each) in in_norm),
        non_facts=tuple((entry, found) for entry, found in covered if entry.is_scored and found),
    )


def _pairs_by_offset(facts: Sequence[GoldFact], observations: Sequence[Observation]) -> dict[int, int]:
    """Index of the observation for each fact that has one; the longest overlap is paired first.

    Two facts may share one printed number ("各3名"); the right code decides between equal overlaps, then
    order.
    """
    candidates = []
    for fact_index, fact in enumerate(facts):
        for index, each in enumerate(observations):
            overlap = min(fact.char_end or 0, each.char_end) - max(fact.char_start or 0, each.char_start)
            if overlap > 0:
                is_miscoded = not fact.accepts(each.indicator_code)
                candidates.append((-overlap, is_miscoded, fact_index, index))
    return _pick_once((fact_index, index) for _, _, fact_index, index in sorted(candidates))


def _pairs_by_sentence(facts: Sequence[GoldFact], observations: Sequence[Observation]) -> dict[int, int]:
    """Index of the observation for each fact that has one; equal sentences first, each number in order."""
    by_number: dict[str, list[tuple[int, str]]] = defaultdict(list)
    for index, each in enumerate(observations):
        by_number[squeeze_text(each.value_text)].append((index, squeeze_text(each.sentence)))
    equal, containing = [], []
    for fact_index, fact in enumerate(facts):
        sentence = squeeze_text(fact.sentence)
        for index, other in by_number[squeeze_text(fact.value_text)]:
            if sentence == other:
                equal.append((fact_index, index))
            elif sentence in other or other in sentence:
                containing.append((fact_index, index))
    return _pick_once(iter(equal + containing))


def _pick_once(candidates: Iterator[tuple[int, int]]) -> dict[int, int]:
    """The first candidate pair wins; neither side is used twice."""
    chosen: dict[int, int] = {}
    used: set[int] = set()
    for fact_index, index in candidates:
        if fact_index not in chosen and index not in used:
            chosen[fact_index] = index
            used.add(index)
    return chosen


def _observations_in(
    entry: NonFact, observations: Sequence[Observation], squeezed: str, origins: Sequence[int]
) -> tuple[Observation, ...]:
    """The observations whose printed number lies wholly within some occurrence of the non-fact in the text.

    Wholly, because "2万元以上" also occurs inside "12万元以上", where an observed 12 is another matter.
    """
    wanted = squeeze_text(entry.text)
    spans = []
    found = squeezed.find(wanted) if wanted else -1
    while found >= 0:
        spans.append((origins[found], origins[found + len(wanted) - 1] + 1))
        found = squeezed.find(wanted, found + 1)
    return tuple(
        each for each in observations if any(start <= each.char_start and each.char_end <= end for start, end in spans)
    )


def squeeze_with_origins(text: str) -> tuple[str, list[int]]:
    """The squeezed text and, for each of its characters, the index of the character it came from."""
    characters: list[str] = []
    origins: list[int] = []
    for index, character in enumerate(text):
        for folded in squeeze_text(character):
            characters.append(folded)
            origins.append(index)
    return "".join(characters), origins
