"""Why each number of a page was read as it was: ``fazhi extract --explain`` without the command line.

Puts what a trace holds into objects for programs and lines for persons. Nothing is read or decided here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from pipelines.extraction.catalogue import Catalogue
from pipelines.extraction.confidence import read_signals
from pipelines.extraction.nonfacts import NonFact
from pipelines.extraction.numerals import fold_width
from pipelines.extraction.recognition import Context, Match, refusals
from pipelines.extraction.steps import FLAG_RULES, STRUCTURE_RULES, Step
from pipelines.extraction.structure import OTHER, Claim
from pipelines.extraction.trace import Noted, Trace
from pipelines.model import Observation, Reading
from pipelines.reference import load_reference

# "3" in "第3条" and "七" in “七五”: a stretch without any is no number left out
_NUMERAL = re.compile(r"[\d一二两三四五六七八九十百千〇零]")


@dataclass(frozen=True)
class FittingRule:
    """A rule that fitted a number: its score, the words of the report that it matched, where its context stood."""

    rule: str
    code: str
    score: float
    words: str
    context_place: str


@dataclass(frozen=True)
class RefusedRule:
    """A rule whose words stand around a number and that did not fit, with the reason."""

    rule: str
    code: str
    reason: str


@dataclass(frozen=True)
class AppliedRule:
    """A rule of structure or of flags that applied, what it says, and the words that made it apply."""

    rule: str
    says: str
    words: str


@dataclass(frozen=True)
class Explanation:
    """Everything behind one observation; the observation itself keeps value, sentence and offsets.

    Attributes:
        observation: the observation.
        why: how its indicator was settled, in words.
        fitting: rules that fitted the number itself, best first.
        refused: rules that came near.
        steps: rules of structure that applied, in order.
        flags: rules of plan, cumulation, proposal, scope and authority that applied.
        parent: the number that it is part of, as printed; None for totals.
    """

    observation: Observation
    why: str
    fitting: tuple[FittingRule, ...]
    refused: tuple[RefusedRule, ...]
    steps: tuple[AppliedRule, ...]
    flags: tuple[AppliedRule, ...]
    parent: str | None

    def to_json(self) -> dict[str, Any]:
        """One object of ``explanations`` in ``fazhi extract --json --explain``."""
        each = self.observation
        return {
            "observation_id": each.id,
            "quantity": {
                "value": each.value,
                "value_max": each.value_max,
                "value_text": each.value_text,
                "unit": each.unit,
                "value_type": each.value_type,
                "qualifier": each.qualifier,
            },
            "indicator_code": each.indicator_code,
            "rule": each.rule,
            "why": self.why,
            "rules": [asdict(rule) for rule in self.fitting],
            "refused": [asdict(rule) for rule in self.refused],
            "steps": [asdict(step) for step in self.steps],
            "parent": {"id": each.parent_id, "text": self.parent} if each.parent_id else None,
            "dimension": each.dimension,
            "subject": {"scope": each.scope, "authority": each.authority},
            "time": {"type": each.period_type, "value": each.period_value, "comparison": each.comparison},
            "flags": [asdict(flag) for flag in self.flags],
            "section": list(each.section),
            "part": each.part,
            "confidence": each.confidence,
            "signals": dict(read_signals(each.signals)),
        }


@dataclass(frozen=True)
class LeftOut:
    """A stretch of the body whose numbers count nothing, with the kind of name, date or bound that it is."""

    text: str
    kind: str
    line: int
    char_start: int
    char_end: int


def explained(reading: Reading, trace: Trace) -> tuple[list[Explanation], list[LeftOut]]:
    """Return why each observation of a reading is as it is, and the numbers that were left out."""
    catalogue = load_reference().catalogue
    explanations = [
        _explanation(observation, noted, catalogue)
        for observation, noted in zip(reading.observations, trace.claims, strict=True)
    ]
    return explanations, list(_left_out(reading, trace.nonfacts))


def _explanation(observation: Observation, noted: Noted, catalogue: Catalogue) -> Explanation:
    claim = noted.claim
    context = Context(noted.before, fold_width(" ".join(observation.section)))
    is_own = 0 <= claim.number < len(claim.masked.tokens)
    near = refusals(claim.masked, claim.number, context, catalogue) if is_own else []
    fitting: dict[str, FittingRule] = {}
    for match in claim.fitting:
        fitting.setdefault(match.rule.rule_id, _fitting(match, claim))
    parent = claim.parent.quantity if claim.parent is not None else None
    return Explanation(
        observation=observation,
        why=_why(claim),
        fitting=tuple(fitting.values()),
        refused=tuple(
            RefusedRule(rule.rule_id, rule.code, reason) for rule, reason in near if rule.rule_id not in fitting
        ),
        steps=tuple(_applied(step, STRUCTURE_RULES[step.rule]) for step in claim.steps),
        flags=tuple(_applied(step, FLAG_RULES[step.rule]) for step in noted.flags.steps),
        parent=f"{parent.value:.15g}{parent.unit}" if parent is not None else None,
    )


def _fitting(match: Match, claim: Claim) -> FittingRule:
    words = claim.masked.unmasked(match.start, match.end)
    return FittingRule(match.rule.rule_id, match.rule.code, round(match.score, 2), words, match.context_place)


def _applied(step: Step, says: str) -> AppliedRule:
    return AppliedRule(step.rule, says, step.words)


def _why(claim: Claim) -> str:
    """How the indicator of a claim was settled."""
    if claim.is_zero:
        return f"{claim.rule} reads the words as none"
    if claim.code == OTHER:
        return "no rule fits, and no number beside it lends its indicator"
    how, colon, rest = claim.rule.partition(":")
    if colon:
        return f"taken over by {how} from the number that {rest} recognised"
    rivals = [match for match in claim.fitting if match.rule.code != claim.code]
    own = next((match for match in claim.fitting if match.rule.rule_id == claim.rule), None)
    if own is None:
        return f"{claim.rule} fits the number that it is paired with"
    if not rivals:
        return f"{claim.rule} fits, and no rule of another indicator"
    margin = own.score - rivals[0].score
    side = "ahead of" if margin > 0 else "in place of"
    return f"{claim.rule} scores {own.score:.2f}, {abs(margin):.2f} {side} {rivals[0].rule.rule_id}"


def _left_out(reading: Reading, nonfacts: Sequence[NonFact]) -> Iterator[LeftOut]:
    """The stretches inside the sections that hold a numeral, each once."""
    document, sections = reading.document, reading.sections
    if not sections:
        return
    first, last = sections[0].char_start, sections[-1].char_end
    end = first
    for stretch in nonfacts:
        text = document.text[stretch.start : stretch.end]
        if stretch.start >= end and stretch.end <= last and _NUMERAL.search(text):
            end = stretch.end
            line = document.text.count("\n", 0, stretch.start) + 1
            yield LeftOut(text, stretch.kind, line, stretch.start, stretch.end)


def explanation_json(explanations: Sequence[Explanation], left_out: Sequence[LeftOut]) -> dict[str, Any]:
    """What ``--explain`` adds to the JSON object of a page."""
    return {
        "explanations": [explanation.to_json() for explanation in explanations],
        "left_out": [asdict(stretch) for stretch in left_out],
    }


def in_lines(explanations: Sequence[Explanation], left_out: Sequence[LeftOut]) -> Iterator[tuple[str, str]]:
    """Write explanations for a terminal: lines, each with the style that it is shown in."""
    for explanation in explanations:
        yield from _number_lines(explanation)
    if left_out:
        yield "\nLeft out, because they count nothing", "bold"
    for stretch in left_out:
        yield f"  line {stretch.line}: {stretch.text}  ({stretch.kind})", ""


def _number_lines(explanation: Explanation) -> Iterator[tuple[str, str]]:
    """The lines of one number, the important ones first."""
    each = explanation.observation
    bound = "" if each.qualifier == "exact" else f" [{each.qualifier}]"
    upto = "" if each.value_max is None else f" to {each.value_max:.15g}"
    read_as = f"{each.value:.15g}{upto} {each.unit or each.value_type}{bound}"
    yield f"\n{each.value_text} = {read_as}  {each.indicator_code}  confidence {each.confidence:.2f}", "bold"
    yield f"  {each.sentence}", "cyan"
    yield f"  line {each.line}, {' › '.join(each.section) or 'no heading'}, part {each.part}", "dim"
    yield f"  decided: {explanation.why}", ""
    for rule in explanation.fitting:
        place = f"context in the {rule.context_place}"
        yield f"    fits     {rule.rule} {rule.score:.2f}: {rule.words} ({place})", ""
    for refused in explanation.refused:
        yield f"    refused  {refused.rule}: {refused.reason}", "dim"
    for step in explanation.steps:
        yield f"    step     {step.rule}: {step.words} ({step.says})", ""
    if explanation.parent:
        yield f"  part of {explanation.parent}", ""
    if each.dimension:
        yield f"  dimension {each.dimension}", ""
    time = " ".join(filter(None, (each.period_type, each.period_value, each.comparison)))
    yield f"  time {time}; subject {each.scope or 'the reporting body'}, {each.authority or 'its own figure'}", ""
    for flag in explanation.flags:
        yield f"    flag     {flag.rule}: {flag.words} ({flag.says})", "yellow"
    if each.signals:
        yield f"  confidence from {each.signals}", "dim"
