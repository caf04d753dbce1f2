"""What keeps a number out of the tidy table: plans, cumulative totals, proposals, other organs' figures.

Also the period a number speaks of and the body it belongs to. Each sign is a named pattern with an example;
which indicator the number is has been settled before.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

from pipelines.extraction.catalogue import Catalogue
from pipelines.extraction.flag_words import (
    AS_OF,
    CUMULATIVE,
    FUTURE_SENTENCE,
    OTHER_SUBJECT,
    OTHER_SUBJECT_IN_CLAUSE,
    PLANNED,
    POLICE_MEASURE,
    PRESENT,
    PROPOSED,
    REVIEWING_ORGAN,
    SCOPE,
    SINCE,
    SINCE_THIS_YEAR,
    SINCE_YEAR,
    STOCKED,
    TOWNSHIP_SUBJECT,
    WITHIN_YEAR,
    YEAR_AT_START,
)
from pipelines.extraction.masking import CLAUSE_MARKS, SIGN, THOUGHT_MARKS, after_last
from pipelines.extraction.steps import Step
from pipelines.extraction.structure import Claim

# In the catalogue's column of authorities: the government's own figure, whoever the sentence's subject is.
OWN_FIGURE = "本机关"
# In the same column: the figure of the government above, which the sentence may name.
HIGHER_GOVERNMENT = "上级政府"
# What ends the phrase around a number, and what ends its clause or the one of the number before.
PHRASE_MARKS = f"{CLAUSE_MARKS}、{SIGN}"
STATEMENT_MARKS = f"{CLAUSE_MARKS}{SIGN}"
SHORTEST_NAME = 2
_NOTHING = (None, None, None, None, None)
_NO_STEPS: tuple[Step, ...] = ()


class Flags(NamedTuple):
    """Everything beside value, unit and indicator that decides what a number may be used for.

    ``steps`` are the rules of :data:`~pipelines.extraction.steps.FLAG_RULES` that set a flag, with their words.
    """

    is_plan: bool
    is_cumulative: bool
    is_proposed: bool
    period_type: str
    period_value: str | None
    scope: str | None
    authority: str | None
    steps: tuple[Step, ...]


class Setting(NamedTuple):
    """Where a claim stands: the part of the report, the sentences before it, the reporting year and region."""

    part: str
    before: str
    report_year: int | None
    lower_units: Collection[str]


def flag(claim: Claim, setting: Setting, catalogue: Catalogue) -> Flags:
    """Judge one claim; for items of a list the words before their first item count too."""
    without = catalogue.without
    lead = claim.masked.text[: _index(claim)]
    clause = after_last(lead, THOUGHT_MARKS)
    signs = claim.masked.signs
    plan = _plan(lead, signs, setting, without)
    since = None
    if "since" in signs and "since" not in without:
        since = _since(claim, lead, setting.report_year)
    cumulative = None if claim.comparison == "growth" else _cumulative(claim, lead, clause, since, without)
    proposed = _proposed(lead, without) if "proposed" in signs else None
    period_type, period_value = _period(claim, setting.report_year, since, is_plan=plan is not None)
    scope = _scope(claim, clause, setting.lower_units, without)
    authority, organ = _authority(claim, lead, setting.before, catalogue)
    steps = (plan, cumulative, proposed, scope, authority)
    return Flags(
        plan is not None,
        cumulative is not None,
        proposed is not None,
        period_type,
        period_value,
        scope.words if scope is not None else None,
        organ,
        _NO_STEPS if steps == _NOTHING else tuple(step for step in steps if step is not None),
    )


def _plan(lead: str, signs: Collection[str], setting: Setting, without: Collection[str]) -> Step | None:
    """What makes a number a plan: the part of the report, or words before it."""
    if setting.part == "plan" and "plan_part" not in without and not PRESENT.search(lead):
        return Step("plan_part", setting.part)
    found = PLANNED.search(lead) if "planned" in signs and "planned_words" not in without else None
    if found is not None:
        return Step("planned_words", found.group())
    found = FUTURE_SENTENCE.match(lead)
    if found is not None and "future_sentence" not in without:
        return Step("future_sentence", found.group())
    named = YEAR_AT_START.match(lead)
    is_next = named is not None and setting.report_year is not None and int(named["year"]) == setting.report_year + 1
    if named is not None and is_next and "next_year_sentence" not in without:
        return Step("next_year_sentence", named.group())
    return None


def _cumulative(claim: Claim, lead: str, clause: str, since: str | None, without: Collection[str]) -> Step | None:
    """What makes a number a sum over years; ``clause`` is what of ``lead`` belongs to its thought."""
    if since is not None:
        return Step("since", since)
    counted = _counts_up(claim, lead) if "counts_up" not in without else None
    if counted is not None:
        return Step("counts_up", counted)
    if "stocked" not in claim.masked.signs or "stocked" in without:
        return None
    stocked = STOCKED.search(clause)
    return Step("stocked", stocked.group()) if stocked is not None else None


def _proposed(lead: str, without: Collection[str]) -> Step | None:
    """What makes a number a proposal."""
    found = PROPOSED.search(after_last(lead, PHRASE_MARKS)) if "proposed_words" not in without else None
    return Step("proposed_words", found.group()) if found is not None else None


def _index(claim: Claim) -> int:
    """Index of a claim's quantity (or zero word) in its masked sentence."""
    if claim.is_zero:
        return claim.masked.index_of(claim.quantity.start)
    return claim.masked.tokens[claim.number]


def _since(claim: Claim, lead: str, report_year: int | None) -> str | None:
    """The words, as printed, that say since when a number counts, unless that is the reporting year itself."""
    for match in SINCE.finditer(lead):
        year = SINCE_YEAR.search(match["since"])
        is_this_year = year is not None and report_year is not None and int(year["year"]) >= report_year
        if not is_this_year and not SINCE_THIS_YEAR.search(match["since"]):
            return claim.masked.unmasked(*match.span("since"))
    return None


def _counts_up(claim: Claim, lead: str) -> str | None:
    """The 累计 of the clause, or of that of the total, unless a word makes it the year's own total."""
    signs, parent = claim.masked.signs, claim.parent
    if "cumulative" not in signs and (parent is None or not _counts_somewhere(parent)):
        return None
    if "within_year" in signs and WITHIN_YEAR.search(after_last(lead, THOUGHT_MARKS)):
        return None
    found = CUMULATIVE.search(after_last(lead, CLAUSE_MARKS)) if "cumulative" in signs else None
    if found is not None:
        return found.group()
    return _counts_up(parent, parent.masked.text[: _index(parent)]) if parent is not None else None


def _counts_somewhere(claim: Claim | None) -> bool:
    """Whether 累计 may stand in the sentence of a claim or of a total above it."""
    while claim is not None:
        if "cumulative" in claim.masked.signs:
            return True
        claim = claim.parent
    return False


def _period(claim: Claim, year: int | None, since: str | None, *, is_plan: bool) -> tuple[str, str | None]:
    """Type and value of the period; a value before a change keeps the reporting year in which it changed."""
    if claim.comparison == "prior_year":
        return "year", str(year - 1) if year else None
    if claim.comparison == "before":
        return "before_change", str(year) if year else None
    if since is not None:
        return ("since" if claim.comparison == "growth" else "cumulative_since"), since
    if is_plan:
        return "year", str(year + 1) if year else None
    if year is not None:
        return "year", str(year) if year else None
    as_of = AS_OF.search(claim.masked.text[: _index(claim)])
    return ("as_of", as_of["when"]) if as_of is not None else ("year", None)


def _scope(claim: Claim, clause: str, lower_units: Collection[str], without: Collection[str]) -> Step | None:
    """Whose figure it is, as the clause says: a lower unit by name, else the nearest word of scope."""
    named = _lower_unit(clause, lower_units) if lower_units and "lower_unit" not in without else None
    if named is not None:
        return Step("lower_unit", named)
    # One of these stands in every township's name.
    may_be_township = "镇" in clause or "乡" in clause or "街道" in clause
    township = TOWNSHIP_SUBJECT.search(clause) if may_be_township and "township_subject" not in without else None
    if township is not None:
        return Step("township_subject", township["name"])
    found = SCOPE.findall(clause) if "scope" in claim.masked.signs and "scope_words" not in without else []
    if found:
        return Step("scope_words", found[-1])
    total = claim.parent
    if total is None or "scope_of_total" in without:
        return None
    clause = after_last(total.masked.text[: _index(total)], THOUGHT_MARKS)
    inherited = _scope(total, clause, lower_units, without)
    return Step("scope_of_total", inherited.words) if inherited is not None else None


def _lower_unit(clause: str, lower_units: Collection[str]) -> str | None:
    """The division, of several the one with the longest name, with which a part of a clause begins."""
    by_start = _by_start(frozenset(lower_units))
    named: list[str] = []
    for head in clause.replace(";", ",").split(","):
        names = by_start.get(head[:SHORTEST_NAME])
        if names is not None:
            named += [name for name in names if head.startswith(name)]
    return max(named, key=len, default=None)


@lru_cache(maxsize=1024)
def _by_start(names: frozenset[str]) -> Mapping[str, Sequence[str]]:
    """Names by their first two characters."""
    found: dict[str, list[str]] = {}
    for name in sorted(names):
        found.setdefault(name[:SHORTEST_NAME], []).append(name)
    return found


def _authority(claim: Claim, lead: str, before: str, catalogue: Catalogue) -> tuple[Step | None, str | None]:
    """The other organ whose figure it is, and why: by the indicator's nature, else by the subject of the sentence."""
    without = catalogue.without
    indicator = catalogue.indicators.get(claim.code)
    if indicator is not None and indicator.authority == OWN_FIGURE:
        return None, None
    if indicator is not None and indicator.authority:
        organs = [match["organ"] for match in REVIEWING_ORGAN.finditer(before + lead)]
        higher = [organ for organ in organs if not organ.startswith("市") or "省政府" not in organs]
        if indicator.authority == HIGHER_GOVERNMENT and higher and "reviewing_organ" not in without:
            return Step("reviewing_organ", higher[-1]), higher[-1]
        if "authority_of_indicator" not in without:
            return Step("authority_of_indicator", indicator.authority), indicator.authority
    signs = claim.masked.signs
    may_be_police = "police" in signs and "police_measure" not in without
    police = POLICE_MEASURE.search(after_last(lead, STATEMENT_MARKS)) if may_be_police else None
    if police is not None:
        return Step("police_measure", police.group()), "公安机关"
    if "other_subject" in without:
        return None, None
    subject = OTHER_SUBJECT.match(lead) if "subject" in signs else None
    if subject is None and "subject_in_clause" in signs:
        subject = OTHER_SUBJECT_IN_CLAUSE.search(lead)
    return (Step("other_subject", subject.group()), subject["organ"]) if subject else (None, None)
