"""Which signals fired for a claim: what speaks for and against the indicator that it was given.

Each signal takes one of a few values; what a value is worth is said by the table of weights
(:mod:`pipelines.extraction.confidence`). Nothing that was read is changed here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache

from pipelines.extraction.catalogue import Catalogue, Indicator
from pipelines.extraction.confidence import MOST_PATTERNS, Signals
from pipelines.extraction.flags import Flags
from pipelines.extraction.structure import Claim
from pipelines.model import Section

NAMES = (
    "origin", "context", "rivals", "wording", "reach", "unit", "topic", "kind",
    "dimension", "sum", "qualifier", "standing", "subject", "part", "numbers", "place",
)  # fmt: skip
"""The signals in the order of the table."""
CLEAR_MARGIN = 2.0
"""A rule leads clearly when it matches so many more characters than the best rule of another indicator."""
SHORT_WORDING, LONG_WORDING = 4.0, 8.0
"""Scores of a match, about the characters of its words, below which it says little and from which it says much."""
FEW_NUMBERS, MANY_NUMBERS = 2, 5
"""So many numbers in a sentence make it a small list or a long one."""
FAR_REACH = 16
"""A match that spans so many characters takes its words from far."""


def sums_of(claims: Iterable[Claim]) -> dict[int, str]:
    """Return, by ``id`` of the claim, how the parts of a total add up; for the total and for each of its parts.

    Claims that are neither total nor part are not in it. Shares count for nothing.
    """
    parts: dict[int, list[Claim]] = {}
    totals: dict[int, Claim] = {}
    for claim in claims:
        if claim.parent is not None and claim.quantity.value_type == claim.parent.quantity.value_type:
            totals[id(claim.parent)] = claim.parent
            parts.setdefault(id(claim.parent), []).append(claim)
    result: dict[int, str] = {}
    for key, total in totals.items():
        difference = sum(part.quantity.value for part in parts[key]) - total.quantity.value
        found = "exceeds" if difference > 0 else "adds_up" if difference == 0 else "short"
        result |= {id(part): found for part in parts[key]}
        result.setdefault(key, found)
    return result


def signals_of(
    claim: Claim, flags: Flags, section: Section, sums: Mapping[int, str], catalogue: Catalogue, *, in_table: bool
) -> Signals:
    """Return what speaks for and against one claim, a value for each signal, in the order of the table.

    Of a number without an indicator little can be said: only that no rule fitted, or that one was overruled.

    Args:
        claim: the settled claim.
        flags: its flags.
        section: the section it stands in.
        sums: what :func:`sums_of` says of all claims of the document.
        catalogue: indicators and rules.
        in_table: whether it is the figure of a cell, whose sentence is made of its labels.
    """
    indicator = catalogue.indicators.get(claim.code)
    if indicator is None:
        return (("origin", "none"), ("rivals", _rivals(claim)))
    return _named(
        (
            _origin(claim),
            claim.context_place,
            _rivals(claim),
            _wording(claim),
            _reach(claim),
            _unit(claim, indicator),
            _topic(section, indicator),
            _kind(claim, indicator),
            _dimension(claim, indicator, catalogue),
            sums.get(id(claim), "none"),
            "exact" if claim.quantity.qualifier == "exact" else "rounded",
            _standing(claim, flags),
            _subject(flags),
            section.part if section.part in ("plan", "problems") else "account",
            _numbers(len(claim.masked.quantities)),
            "table" if in_table else "sentence",
        )
    )


@lru_cache(maxsize=MOST_PATTERNS)
def _named(values: tuple[str, ...]) -> Signals:
    """The values of all signals with their names; few combinations of them occur."""
    return tuple(zip(NAMES, values, strict=True))


def _origin(claim: Claim) -> str:
    """Where the indicator comes from: a rule on the number itself, words for zero, or another number, and how."""
    if claim.is_zero:
        return "zero"
    how, colon, rest = claim.rule.partition(":")
    if not colon:
        return "rule"
    return "chain" if ":" in rest else how


def _rivals(claim: Claim) -> str:
    """How the indicator stands against others whose rules fit the same number."""
    if not claim.fitting:
        return "none"
    own: list[float] = []
    others: list[float] = []
    for match in claim.fitting:
        (own if match.rule.code == claim.code else others).append(match.score)
    if not others:
        return "none"
    if not own:
        return "overruled"
    return "ahead" if max(own) - max(others) >= CLEAR_MARGIN else "close"


def _wording(claim: Claim) -> str:
    """How many words of the report the rule rests on."""
    if claim.score < SHORT_WORDING:
        return "short"
    return "long" if claim.score >= LONG_WORDING else "medium"


def _reach(claim: Claim) -> str:
    """Whether the rule's words stand near the number."""
    reach = "none"
    for match in claim.fitting:
        if match.rule.rule_id == claim.rule:
            if match.end - match.start < FAR_REACH:
                return "near"
            reach = "far"
    return reach


def _unit(claim: Claim, indicator: Indicator) -> str:
    """Whether the unit is the indicator's usual one."""
    if claim.is_zero:
        return "none"
    if claim.quantity.unit == indicator.unit:
        return "usual"
    return "allowed" if claim.quantity.unit in claim.units else "foreign"


def _topic(section: Section, indicator: Indicator) -> str:
    """Whether the heading speaks of what the indicator is about; a heading can lie."""
    if section.topic is None:
        return "unknown"
    return "agrees" if section.topic == indicator.domain else "differs"


def _kind(claim: Claim, indicator: Indicator) -> str:
    """Whether the number is of the kind that the indicator counts in: count, ratio or amount."""
    return "fits" if claim.is_zero or claim.quantity.value_type == indicator.value_type else "differs"


def _dimension(claim: Claim, indicator: Indicator, catalogue: Catalogue) -> str:
    """Whether the catalogue knows the dimension that the number was given."""
    if claim.dimension is None:
        return "none"
    if claim.dimension.rpartition("/")[2] in catalogue.dimension_labels.get(claim.code, ()):
        return "known"
    return "words" if indicator.has_dimensions else "unforeseen"


def _standing(claim: Claim, flags: Flags) -> str:
    """What the number is beside a plain statement of the year."""
    if claim.comparison is not None:
        return "comparison"
    if flags.is_plan:
        return "plan"
    if flags.is_proposed:
        return "proposed"
    if flags.is_cumulative:
        return "cumulative"
    return "plain" if flags.authority is None else "authority"


def _subject(flags: Flags) -> str:
    """Whether the clause says whose figure it is."""
    return "unsaid" if flags.scope is None else "said"


def _numbers(count: int) -> str:
    """How many numbers share the sentence."""
    if count >= MANY_NUMBERS:
        return "many"
    return "few" if count >= FEW_NUMBERS else "one"
