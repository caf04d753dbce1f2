"""Which indicator a quantity is: applies the rules of the catalogue to masked sentences and scores the matches.

Decides each quantity by itself. Lists (其中, 、) and the relations between quantities are the business of
:mod:`pipelines.extraction.structure`.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable
from typing import NamedTuple

from pipelines.extraction.catalogue import ZERO_SIGNS, Catalogue, PreparedRule, Rule
from pipelines.extraction.masking import MaskedSentence
from pipelines.extraction.words import places_of_bits

# How far within a sentence a rule looks for its context, and how long a clause can be, in characters: real
# sentences are shorter, and a page without full stops must not cost more than its length.
MAX_LOOK_BACK = 600
MAX_CLAUSE = 200


class Context(NamedTuple):
    """What stands around a sentence: the sentences before it in its paragraph, the headings over it."""

    before: str
    headings: str


class Match(NamedTuple):
    """A rule that fits a quantity; the higher score wins."""

    rule: Rule
    score: float
    start: int
    end: int
    context_place: str


def recognise(masked: MaskedSentence, context: Context, catalogue: Catalogue) -> list[list[Match]]:
    """Return, for each quantity of the sentence, the rules that fit it, best first."""
    found: list[list[Match]] = [[] for _ in masked.quantities]
    if not found:
        return found
    text, tokens, rules, of_unit = masked.text, masked.tokens, catalogue.prepared_rules, catalogue.rules_of_unit
    units = [quantity.unit for quantity in masked.quantities]
    taking = 0
    for unit in set(units):
        taking |= of_unit.get(unit, 0)
    possible = masked.possible
    last = tokens[-1]
    for place_of_rule in places_of_bits(possible & taking):
        prepared = rules[place_of_rule]
        search = prepared.search
        match = search(text)
        while match is not None:
            number = bisect_left(tokens, _place(prepared, match))
            if units[number] in prepared.units:
                scored = _score(prepared, match, masked, context, possible)
                if scored is not None:
                    found[number].append(scored)
            after = match.start() + 1
            # A match holds a quantity: behind the last one there is none.
            match = search(text, after) if after <= last else None
    for matches in found:
        if len(matches) > 1:
            matches.sort(key=_rank)
    return found


def _rank(match: Match) -> tuple[float, str]:
    """Sorts matches: the best first, of equals in the order of their ids."""
    return -match.score, match.rule.rule_id


def refusals(masked: MaskedSentence, number: int, context: Context, catalogue: Catalogue) -> list[tuple[Rule, str]]:
    """Rules of which a word stands around a quantity and that do not fit all the same, each with the reason."""
    unit = masked.quantities[number].unit
    refused: dict[str, tuple[Rule, str]] = {}
    for prepared in (each for place, each in enumerate(catalogue.prepared_rules) if masked.possible >> place & 1):
        rule = prepared.rule
        for match, place in _matches(prepared, masked.text):
            is_bare = match.end() - match.start() == 1
            if place != masked.tokens[number] or rule.rule_id in refused or is_bare:
                continue
            forbidden = rule.forbid.search(_window(masked, *match.span())) if rule.forbid else None
            if unit not in rule.units:
                refused[rule.rule_id] = rule, f"not in {unit}, only in {', '.join(sorted(rule.units))}"
            elif forbidden is not None:
                refused[rule.rule_id] = rule, f"{forbidden.group()} stands in the clause"
            elif _score(prepared, match, masked, context, masked.possible) is None and rule.context is not None:
                refused[rule.rule_id] = rule, f"{rule.context.pattern} stands nowhere near"
    return list(refused.values())


def says_zero(text: str) -> bool:
    """Whether a text may say none in words."""
    return any(sign in text for sign in ZERO_SIGNS)


def recognise_zeros(masked: MaskedSentence, context: Context, catalogue: Catalogue) -> Iterable[tuple[Match, int, int]]:
    """Yield the zeros said in words: the match and where the zero word begins and ends in the folded text."""
    if not says_zero(masked.text):
        return
    taken: set[int] = set()
    for number in places_of_bits(masked.possible >> len(catalogue.rules)):
        if number >= len(catalogue.zero_rules):
            return
        prepared = catalogue.prepared_zero_rules[number]
        for match, place in _matches(prepared, masked.text):
            scored = _score(prepared, match, masked, context, masked.possible)
            if scored is None or place in taken:
                continue
            taken.add(place)
            end = match.end(next(group for group in prepared.targets if match.start(group) == place))
            yield scored, masked.position(place), masked.position(end - 1) + 1


def _matches(prepared: PreparedRule, text: str) -> Iterable[tuple[re.Match[str], int]]:
    """All matches of a rule, also overlapping ones, each with the index of its quantity in ``text``."""
    match = prepared.search(text)
    while match is not None:
        yield match, _place(prepared, match)
        match = prepared.search(text, match.start() + 1)


def _place(prepared: PreparedRule, match: re.Match[str]) -> int:
    """Where the quantity of a match stands: in the first of the rule's targets that took part."""
    place = match.start(prepared.targets[0])
    return place if place >= 0 else next(start for group in prepared.targets if (start := match.start(group)) >= 0)


def _score(
    prepared: PreparedRule, match: re.Match[str], masked: MaskedSentence, context: Context, possible: int
) -> Match | None:
    """Score a match: the words it names, plus how near its context stands; None when it does not hold.

    Most sentences hold none of the words that a rule forbids or wants near: ``possible``, the patterns that may match
    in the sentence, says so without a search.
    """
    start, end = match.span()
    forbid = prepared.forbid
    if forbid is not None and possible & prepared.forbid_bit and forbid.search(_window(masked, start, end)):
        return None
    gaps = 0
    for group in prepared.gaps:
        first, last = match.span(group)
        gaps += last - first
    words = prepared.context
    if words is None:
        return Match(prepared.rule, end - start - gaps + 1.0 - gaps * 0.05, start, end, "clause")
    found = _in_sentence(words, end, masked.text) if possible & prepared.context_bit else None
    if found is None:
        found = _around(words, context)
        if found is None:
            return None
    place, bonus = found
    return Match(prepared.rule, end - start - gaps + bonus - gaps * 0.05, start, end, place)


def _window(masked: MaskedSentence, start: int, end: int) -> str:
    """The clause or clauses that a match touches."""
    first, stop = masked.clause(start, end)
    return masked.text[max(first, start - MAX_CLAUSE) : min(stop, end + MAX_CLAUSE)]


def _in_sentence(words: re.Pattern[str], end: int, text: str) -> tuple[str, float] | None:
    """What it is worth that the context of a rule whose match ends at ``end`` stands in its sentence."""
    last = -1
    for found in words.finditer(text, max(0, end - MAX_LOOK_BACK), end):
        last = found.end()
    if last >= 0:
        return "sentence", 2.0 - min(end - last, 80) / 80
    if words.search(text, end, end + MAX_LOOK_BACK):
        return "sentence", 0.8
    return None


def _around(words: re.Pattern[str], context: Context) -> tuple[str, float] | None:
    """Where the context of a rule is found that does not stand in its sentence, and its worth there."""
    before, headings = context
    if before:
        last = -1
        for found in words.finditer(before):
            last = found.end()
        if last >= 0:
            return "paragraph", 0.7 - min(len(before) - last, 400) / 1000
    return ("heading", 0.2) if words.search(headings) else None
