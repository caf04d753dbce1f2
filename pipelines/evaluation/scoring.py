"""Scores: how much of the gold a reading has, how much of a reading is gold, and every miss.

All rules of what counts as right stand here; finding the counterpart of a fact is matching, showing is
rendering. A rate with an empty denominator is None, never 1.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import chain
from typing import Any, Literal

from pipelines.evaluation.certainty import Certain
from pipelines.evaluation.gold import FLAGS, STATED, UNCODED, GoldDocument, GoldFact
from pipelines.evaluation.matching import Matching, fold_text, match_document
from pipelines.json_output import observation_to_json
from pipelines.model import Document, Observation, Reading, Section

CORE_TIER = "core"

DOCUMENT_FIELDS = (
    "is_annual_report",
    "doc_type",
    "title",
    "region.code",
    "region.level",
    "report_year",
    "issuing_body",
    "issuer_type",
    "document_number",
    "publication_date",
    "signature_date",
    "addressee",
    "body_first_line",
    "body_last_line",
)
ATTRIBUTES = ("value", "unit", "qualifier", "dimension", "period")

Normalise = Callable[[str], str]
MissKind = Literal["missed", "spurious", "wrong_code", "wrong_flag", "field"]


@dataclass(frozen=True)
class Counts:
    """Hits among gold and observed things; sums over documents."""

    hits: int = 0
    gold: int = 0
    observed: int = 0

    def __add__(self, other: Counts) -> Counts:
        return Counts(self.hits + other.hits, self.gold + other.gold, self.observed + other.observed)

    @property
    def precision(self) -> float | None:
        """Hits per observed thing, 0-1; None where nothing was observed."""
        return _divide(self.hits, self.observed)

    @property
    def recall(self) -> float | None:
        """Hits per gold thing, 0-1; None where there is no gold."""
        return _divide(self.hits, self.gold)

    @property
    def f1(self) -> float | None:
        """Harmonic mean of precision and recall, 0-1; None where there is neither gold nor observed."""
        return _divide(2 * self.hits, self.gold + self.observed)

    def to_json(self) -> dict[str, float | None]:
        """Precision, recall and F1."""
        return {"precision": self.precision, "recall": self.recall, "f1": self.f1}


@dataclass(frozen=True)
class Share:
    """How many of a number of things are right; sums over documents."""

    right: int = 0
    total: int = 0

    def __add__(self, other: Share) -> Share:
        return Share(self.right + other.right, self.total + other.total)

    @property
    def rate(self) -> float | None:
        """The share, 0-1; None where there was nothing to judge."""
        return _divide(self.right, self.total)


@dataclass(frozen=True)
class Miss:
    """One thing that a reading got wrong.

    ``field`` names what differs: an attribute of a fact, a flag, a document field, "heading" or "topic"; for
    a spurious observation inside a typed non-fact it is "non_fact" and ``gold`` is that entry; None for a
    whole fact.
    """

    name: str
    kind: MissKind
    field: str | None
    gold: Mapping[str, Any]
    observed: Mapping[str, Any]
    sentence: str

    def to_json(self) -> dict[str, Any]:
        """The miss as a JSON object."""
        return {
            "name": self.name,
            "kind": self.kind,
            "field": self.field,
            "gold": dict(self.gold),
            "observed": dict(self.observed),
            "sentence": self.sentence,
        }


@dataclass(frozen=True)
class Score:
    """The scores of one document, or of several added up."""

    candidate: Counts = Counts()
    code: Share = Share()
    coded: Counts = Counts()
    core_coded: Counts = Counts()
    attributes: Mapping[str, Share] = field(default_factory=dict)
    flags: Mapping[str, Counts] = field(default_factory=dict)
    parent: Counts = Counts()
    non_facts: int = 0
    non_facts_extracted: int = 0
    fields: Mapping[str, Share] = field(default_factory=dict)
    headings: Counts = Counts()
    topics: Share = Share()
    by_indicator: Mapping[str, Counts] = field(default_factory=dict)
    certain: tuple[Certain, ...] = ()

    def __add__(self, other: Score) -> Score:
        return Score(
            candidate=self.candidate + other.candidate,
            code=self.code + other.code,
            coded=self.coded + other.coded,
            core_coded=self.core_coded + other.core_coded,
            attributes=_add_shares(self.attributes, other.attributes),
            flags=_add_counts(self.flags, other.flags),
            parent=self.parent + other.parent,
            non_facts=self.non_facts + other.non_facts,
            non_facts_extracted=self.non_facts_extracted + other.non_facts_extracted,
            fields=_add_shares(self.fields, other.fields),
            headings=self.headings + other.headings,
            topics=self.topics + other.topics,
            by_indicator=_add_counts(self.by_indicator, other.by_indicator),
            certain=(*self.certain, *other.certain),
        )


def score_document(
    gold: GoldDocument, reading: Reading, *, tiers: Mapping[str, str], normalise_dimension: Normalise
) -> tuple[Score, tuple[Miss, ...]]:
    """Score one reading and list what it got wrong, in the order of the document."""
    matching = match_document(gold, reading)
    coded = _coded_counts(matching)
    fields, field_misses = _score_fields(gold, reading.document)
    headings, topics, heading_misses = _score_headings(gold, reading.sections)
    observation_of = {fact.id: each.id for fact, each in matching.pairs}
    gold_parents = [(fact, each) for fact, each in matching.pairs if fact.parent_id is not None]
    score = Score(
        candidate=Counts(
            hits=len(matching.pairs),
            gold=len(gold.facts),
            observed=len(matching.pairs) + len(matching.spurious),
        ),
        code=_share(fact.accepts(each.indicator_code) for fact, each in matching.pairs if fact.code != UNCODED),
        coded=_sum(coded.values()),
        core_coded=_sum(counts for code, counts in coded.items() if tiers.get(code) == CORE_TIER),
        attributes={
            name: _share(
                _is_equal(name, fact, each, normalise_dimension)
                for fact, each in matching.pairs
                if _is_judged(name, fact)
            )
            for name in ATTRIBUTES
        },
        flags={name: _flag_counts(name, matching) for name in (*FLAGS, *STATED)},
        parent=Counts(
            hits=sum(_has_parent(fact, each, observation_of) for fact, each in gold_parents),
            gold=len(gold_parents),
            observed=sum(each.parent_id is not None for _, each in matching.pairs),
        ),
        non_facts=sum(entry.is_scored for entry in gold.non_facts),
        non_facts_extracted=len(matching.non_facts),
        fields=fields,
        headings=headings,
        topics=topics,
        by_indicator=coded,
        certain=tuple((each.confidence, is_right) for each, is_right in judge_observations(matching)),
    )
    misses = _fact_misses(gold.name, matching, observation_of, normalise_dimension)
    return score, (*field_misses, *heading_misses, *misses)


def judge_observations(matching: Matching) -> list[tuple[Observation, bool]]:
    """Return every scored observation and whether it is right, which is what its confidence speaks of.

    Right is an observation of a fact with its value, unit, indicator and all flags. How a part is called (its
    dimension) is not judged: people differ in that.
    """
    return [
        *((each, _is_right(fact, each)) for fact, each in matching.pairs),
        *((each, False) for each in matching.spurious),
    ]


def _is_right(fact: GoldFact, observed: Observation) -> bool:
    has_same_number = _has_same_value(fact, observed) and _has_same_unit(fact, observed)
    has_same_flags = all(fact.flags[name] == _has_flag(name, observed) for name in (*FLAGS, *STATED))
    return fact.accepts(observed.indicator_code) and has_same_number and has_same_flags


def _coded_counts(matching: Matching) -> dict[str, Counts]:
    """Hits, gold and observed by indicator; OTHER and uncoded left out.

    A pair whose code is right counts on both sides under the gold's code, so that an accepted alternative is
    one hit of that indicator; a pair whose code is wrong counts under each side's own code and hits neither.
    """
    hits: Counter[str] = Counter()
    gold: Counter[str] = Counter()
    observed: Counter[str] = Counter()
    for fact, each in matching.pairs:
        is_right = fact.accepts(each.indicator_code)
        gold[fact.code] += 1
        observed[fact.code if is_right else each.indicator_code] += 1
        hits[fact.code] += is_right and _has_same_value(fact, each) and _has_same_unit(fact, each)
    gold.update(fact.code for fact in matching.missed)
    observed.update(each.indicator_code for each in matching.spurious)
    codes = sorted((gold.keys() | observed.keys()) - {UNCODED, ""})
    return {code: Counts(hits[code], gold[code], observed[code]) for code in codes}


def _is_judged(name: str, fact: GoldFact) -> bool:
    """Whether an attribute of the fact is scored: dimension and period only where the gold has one."""
    if name == "dimension":
        return fact.dimension is not None
    if name == "period":
        return fact.period is not None
    return True


def _is_equal(name: str, fact: GoldFact, observed: Observation, normalise_dimension: Normalise) -> bool:
    """Whether the observation has the fact's value, unit, qualifier, dimension or period."""
    if name == "value":
        return _has_same_value(fact, observed)
    if name == "unit":
        return _has_same_unit(fact, observed)
    if name == "qualifier":
        return fold_text(fact.qualifier) == fold_text(observed.qualifier)
    if name == "dimension":
        return _fold_with(normalise_dimension, fact.dimension) == _fold_with(normalise_dimension, observed.dimension)
    if name == "period":
        type_, value = fact.period or (None, None)
        seen = (observed.period_type, observed.period_value)
        return (_fold(type_), _fold(value)) == (_fold(seen[0]), _fold(seen[1]))
    raise ValueError(f"no rule to compare the attribute {name!r}")


def _has_same_value(fact: GoldFact, observed: Observation) -> bool:
    if (fact.value_max is None) != (observed.value_max is None):
        return False
    same_end = fact.value_max is None or _is_close(fact.value_max, observed.value_max or 0.0)
    return same_end and _is_close(fact.value, observed.value)


def _has_same_unit(fact: GoldFact, observed: Observation) -> bool:
    return _fold(fact.unit) == _fold(observed.unit)


def _has_flag(name: str, observed: Observation) -> bool:
    """The flag itself, or for comparison and authority whether one is stated."""
    return getattr(observed, name) is not None if name in STATED else bool(getattr(observed, name))


def _flag_counts(name: str, matching: Matching) -> Counts:
    pairs = [(fact.flags[name], _has_flag(name, each)) for fact, each in matching.pairs]
    return Counts(
        hits=sum(gold and seen for gold, seen in pairs),
        gold=sum(gold for gold, _ in pairs),
        observed=sum(seen for _, seen in pairs),
    )


def _has_parent(fact: GoldFact, observed: Observation, observation_of: Mapping[str, str]) -> bool:
    """Whether the observation's parent is the match of the fact's parent; a missed parent has none."""
    return observed.parent_id is not None and observed.parent_id == observation_of.get(fact.parent_id or "")


def _score_fields(gold: GoldDocument, document: Document) -> tuple[dict[str, Share], list[Miss]]:
    """Each field that the gold has, null included; a key the gold lacks is not judged."""
    shares: dict[str, Share] = {}
    misses = []
    for name in DOCUMENT_FIELDS:
        shares[name] = Share()
        if not _has_field(gold.fields, name):
            continue
        expected = _comparable(_gold_field(gold.fields, name))
        seen = _comparable(_document_field(document, name))
        shares[name] = Share(int(expected == seen), 1)
        if expected != seen:
            misses.append(Miss(gold.name, "field", name, {name: expected}, {name: seen}, ""))
    return shares, misses


def _has_field(fields: Mapping[str, Any], name: str) -> bool:
    outer, _, inner = name.partition(".")
    return outer in fields and (not inner or fields[outer] is None or inner in fields[outer])


def _gold_field(fields: Mapping[str, Any], name: str) -> Any:
    outer, _, inner = name.partition(".")
    value = fields[outer]
    return value[inner] if inner and value is not None else value


def _document_field(document: Document, name: str) -> Any:
    outer, _, inner = name.partition(".")
    value = getattr(document, outer)
    return getattr(value, inner) if inner and value is not None else value


def _comparable(value: Any) -> Any:
    if isinstance(value, date):
        return value.isoformat()
    return fold_text(value) if isinstance(value, str) else value


def _score_headings(gold: GoldDocument, sections: Sequence[Section]) -> tuple[Counts, Share, list[Miss]]:
    """Headings as a bag of (text, level); topics over matched headings whose gold has the key."""
    if gold.headings is None:
        return Counts(), Share(), []
    waiting: dict[tuple[str, int], list[Section]] = {}
    for section in sections:
        if section.heading is not None and section.level > 0:
            waiting.setdefault((fold_text(section.heading), section.level), []).append(section)
    observed = sum(len(found) for found in waiting.values())
    hits = 0
    topics: list[bool] = []
    misses = []
    for heading in gold.headings:
        key = (fold_text(heading["text"]), heading["level"])
        if not waiting.get(key):
            entry = {name: heading.get(name) for name in ("line", "level", "text")}
            misses.append(Miss(gold.name, "field", "heading", entry, {}, heading["text"]))
            continue
        section = waiting[key].pop(0)
        hits += 1
        if "topic" in heading:
            topics.append(heading["topic"] == section.topic)
            if not topics[-1]:
                sides = {"topic": heading["topic"]}, {"topic": section.topic}
                misses.append(Miss(gold.name, "field", "topic", *sides, heading["text"]))
    for section in sorted(chain.from_iterable(waiting.values()), key=lambda each: each.ordinal):
        entry = {"line": section.line, "level": section.level, "text": section.heading}
        misses.append(Miss(gold.name, "field", "heading", {}, entry, section.heading or ""))
    return Counts(hits, len(gold.headings), observed), _share(topics), misses


def _fact_misses(
    name: str, matching: Matching, observation_of: Mapping[str, str], normalise_dimension: Normalise
) -> list[Miss]:
    """Every fact missed, every spurious observation, and each thing wrong in a pair, in order of place."""
    placed: list[tuple[int, Miss]] = []
    for fact in matching.missed:
        place = -1 if fact.char_start is None else fact.char_start
        placed.append((place, Miss(name, "missed", None, _show_gold(fact), {}, fact.sentence)))
    non_fact_of = {id(each): entry for entry, found in matching.non_facts for each in found}
    for each in matching.spurious:
        entry = non_fact_of.get(id(each))
        gold = {"type": entry.type, "text": entry.text} if entry else {}
        label = "non_fact" if entry else None
        placed.append((each.char_start, Miss(name, "spurious", label, gold, _show_observed(each), each.sentence)))
    for fact, each in matching.pairs:
        for kind, label in _differences(fact, each, observation_of, normalise_dimension):
            miss = Miss(name, kind, label, _show_gold(fact), _show_observed(each), fact.sentence)
            placed.append((each.char_start, miss))
    return [miss for _, miss in sorted(placed, key=lambda each: each[0])]


def _differences(
    fact: GoldFact, observed: Observation, observation_of: Mapping[str, str], normalise_dimension: Normalise
) -> list[tuple[MissKind, str]]:
    """What an observation has otherwise than its fact: the kind of miss and the name of the field."""
    found: list[tuple[MissKind, str]] = []
    if fact.code != UNCODED and not fact.accepts(observed.indicator_code):
        found.append(("wrong_code", "indicator_code"))
    found.extend(
        ("field", name)
        for name in ATTRIBUTES
        if _is_judged(name, fact) and not _is_equal(name, fact, observed, normalise_dimension)
    )
    found.extend(("wrong_flag", name) for name in (*FLAGS, *STATED) if fact.flags[name] != _has_flag(name, observed))
    has_any_parent = fact.parent_id is not None or observed.parent_id is not None
    if has_any_parent and not _has_parent(fact, observed, observation_of):
        found.append(("field", "parent_id"))
    return found


def _show_gold(fact: GoldFact) -> dict[str, Any]:
    return {key: value for key, value in fact.raw.items() if key != "sentence"}


def _show_observed(observed: Observation) -> dict[str, Any]:
    return {key: value for key, value in observation_to_json(observed).items() if key != "sentence"}


def _fold(text: str | None) -> str | None:
    return None if text is None else fold_text(text)


def _fold_with(normalise: Normalise, text: str | None) -> str | None:
    return None if text is None else fold_text(normalise(text))


def _is_close(one: float, other: float) -> bool:
    """Equal but for the dust of binary fractions (1.1万 is 11000, not 11000.000000000002)."""
    return math.isclose(one, other, rel_tol=1e-9, abs_tol=1e-9)


def _divide(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def _share(judged: Iterable[bool]) -> Share:
    answers = list(judged)
    return Share(sum(answers), len(answers))


def _sum(counts: Iterable[Counts]) -> Counts:
    return sum(counts, Counts())


def _add_counts(one: Mapping[str, Counts], other: Mapping[str, Counts]) -> dict[str, Counts]:
    return {name: one.get(name, Counts()) + other.get(name, Counts()) for name in {**one, **other}}


def _add_shares(one: Mapping[str, Share], other: Mapping[str, Share]) -> dict[str, Share]:
    return {name: one.get(name, Share()) + other.get(name, Share()) for name in {**one, **other}}
