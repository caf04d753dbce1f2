"""What each rule earns: gold measured with rules left out, ``fazhi evaluate --without`` and ``--ablation``.

A rule is a row of the rule tables or one of the named rules of structure and flags. To leave out each in turn, only
documents are read again in which a rule decided something, and only their numbers: pages stay cleaned, headings found.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Literal

from pipelines.cleaning.grids import Table
from pipelines.cleaning.page import clean_page
from pipelines.evaluate import Evaluation, GoldDocument, load_gold, score
from pipelines.evaluation.scoring import Score
from pipelines.extraction.catalogue import Catalogue
from pipelines.extraction.steps import FLAG_RULES, STRUCTURE_RULES
from pipelines.extraction.trace import Trace
from pipelines.model import Observation, Reading
from pipelines.reading import page_from_file, read, read_numbers
from pipelines.reference import Reference

Kind = Literal["indicator", "zero", "structure", "flag"]
Verdict = Literal["earns", "nothing", "harms", "unused"]

VERDICTS: Mapping[Verdict, str] = {
    "earns": "without it fewer coded facts are right, or as many and more else is wrong",
    "harms": "without it more coded facts are right, or as many and less else is wrong",
    "nothing": "it decides numbers, but without it nothing changes",
    "unused": "it decides no number of this gold",
}
"""What leaving out a rule can show."""


class UnknownRuleError(ValueError):
    """No rule has this name; says which come nearest."""


@dataclass(frozen=True)
class Earning:
    """What leaving out one rule costs.

    Attributes:
        rule: name of the rule.
        kind: table or module that it belongs to.
        verdict: see :data:`VERDICTS`.
        used: numbers in whose reading it had a part.
        documents: documents in which it had one.
        coded_f1: by how much the F1 of coded facts falls without it, 0 to 1.
        facts_lost: coded facts that are right with it and not without it.
        misses: things wrong without it that are right with it, less those the other way round.
    """

    rule: str
    kind: Kind
    verdict: Verdict
    used: int
    documents: int
    coded_f1: float
    facts_lost: int
    misses: int


@dataclass(frozen=True)
class Ablation:
    """What each rule earns, those that earn most first."""

    documents: int
    coded_f1: float | None
    earnings: tuple[Earning, ...]

    def of(self, verdict: Verdict) -> tuple[Earning, ...]:
        """The rules of one verdict, in order."""
        return tuple(each for each in self.earnings if each.verdict == verdict)

    def to_json(self) -> dict[str, Any]:
        """The object that ``fazhi evaluate --ablation --json`` prints."""
        return {
            "documents": self.documents,
            "coded_f1": self.coded_f1,
            "rules": [asdict(each) for each in self.earnings],
        }


@dataclass(frozen=True)
class _Measured:
    """One gold document as read with all rules: what can be read again, and what it scored."""

    gold: GoldDocument
    reading: Reading
    tables: Sequence[Table]
    used: Counter[str]
    score: Score
    misses: int


def rule_kinds(catalogue: Catalogue) -> dict[str, Kind]:
    """The kind of every rule that can be left out, by name."""
    kinds: dict[str, Kind] = {rule.rule_id: "indicator" for rule in catalogue.rules}
    kinds |= {rule.rule_id: "zero" for rule in catalogue.zero_rules}
    kinds |= dict.fromkeys(STRUCTURE_RULES, "structure")
    kinds |= dict.fromkeys(FLAG_RULES, "flag")
    return kinds


def leave_out(reference: Reference, names: Collection[str]) -> Reference:
    """The reference without these rules.

    Raises:
        UnknownRuleError: no rule has one of the names.
    """
    known = rule_kinds(reference.catalogue)
    for name in names:
        if name not in known:
            near = get_close_matches(name, known, 3, 0.6)
            raise UnknownRuleError(f"no rule is named {name}" + (f"; nearest: {', '.join(near)}" if near else ""))
    return replace(reference, catalogue=reference.catalogue.leaving_out(names))


def ablate(folder: Path, reference: Reference, only: Sequence[str] = ()) -> Ablation:
    """Leave out each rule in turn.

    Raises:
        GoldError: the folder's gold cannot be used.
    """
    measured = [_measure(gold, reference) for gold in load_gold(folder, only)]
    total = _sum(each.score for each in measured)
    earnings = [
        _earning(rule, kind, measured, total, reference) for rule, kind in rule_kinds(reference.catalogue).items()
    ]
    order = list(VERDICTS)
    earnings.sort(key=lambda each: (order.index(each.verdict), -each.facts_lost, -each.misses, each.kind, each.rule))
    return Ablation(len(measured), total.coded.f1, tuple(earnings))


def _measure(gold: GoldDocument, reference: Reference) -> _Measured:
    """Read and score one document, and count what had a part in it."""
    page, trace = page_from_file(gold.path), Trace()
    reading = read(page, reference, trace)
    evaluation = _score(gold, reading, reference)
    return _Measured(
        gold,
        reading,
        clean_page(page).tables,
        Counter(rule for used in _used(trace) for rule in used),
        evaluation.total,
        len(evaluation.misses),
    )


def _used(trace: Trace) -> Iterator[set[str]]:
    """For each number the rules that had a part in its reading: the best fitting one, the deciding one, all steps."""
    for claim, flags, _ in trace.claims:
        names = {claim.rule.rpartition(":")[2], *(step.rule for step in (*claim.steps, *flags.steps))}
        if claim.fitting:
            names.add(claim.fitting[0].rule.rule_id)
        yield names


def _earning(rule: str, kind: Kind, measured: Sequence[_Measured], total: Score, reference: Reference) -> Earning:
    """Measure again the documents in which a rule had a part."""
    concerned = [each for each in measured if each.used[rule]]
    used = sum(each.used[rule] for each in concerned)
    if not concerned:
        return Earning(rule, kind, "unused", 0, 0, 0.0, 0, 0)
    without = leave_out(reference, [rule])
    again = [_read_again(each, without) for each in concerned]
    rest = _sum(each.score for each in measured if not each.used[rule])
    changed = _sum([rest, *(each for each, _ in again)])
    lost = total.coded.hits - changed.coded.hits
    misses = sum(count for _, count in again) - sum(each.misses for each in concerned)
    fall = round((total.coded.f1 or 0.0) - (changed.coded.f1 or 0.0), 4)
    return Earning(rule, kind, _verdict(fall, misses), used, len(concerned), fall, lost, misses)


def _verdict(fall: float, misses: int) -> Verdict:
    """Judge by the F1 of coded facts, and by everything else that is wrong where that stays as it is."""
    change = fall or misses
    if change == 0:
        return "nothing"
    return "earns" if change > 0 else "harms"


def _read_again(each: _Measured, reference: Reference) -> tuple[Score, int]:
    """Scores and number of misses of a document whose numbers are read with another catalogue."""
    reading = each.reading
    found, _ = read_numbers(reading.document, reading.sections, each.tables, reference)
    if list(map(_judged, found)) == list(map(_judged, reading.observations)):
        return each.score, each.misses
    evaluation = _score(each.gold, replace(reading, observations=tuple(found)), reference)
    return evaluation.total, len(evaluation.misses)


def _judged(observation: Observation) -> Observation:
    """An observation without what gold does not judge: who recognised it, and how sure that is."""
    return replace(observation, rule="", confidence=0.0, signals="")


def _score(gold: GoldDocument, reading: Reading, reference: Reference) -> Evaluation:
    return score([gold], {gold.name: reading}, tiers=reference.catalogue.tiers)


def _sum(scores: Iterable[Score]) -> Score:
    return sum(scores, Score())
