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
from pipelines.extraction.masking import CLAUSE_MARKS, SIGN, THOUGHT_MARKS, MaskedSentence, after_last
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


class _Said:
    """What a whole sentence says that holds for each of its numbers behind it: its opening, the lower units it names.

    A sentence has several numbers; what does not depend on which of them is asked about is looked for once.

    Attributes:
        future: how the sentence turns to the future, if it does.
        year: the year with which it begins.
        names: start, end and name of the lower units with which its clauses begin.
        may_name_township: whether one of the words stands in it with one of which every township's name ends.
    """

    __slots__ = ("future", "may_name_township", "names", "year")

    def __init__(self, masked: MaskedSentence, by_start: Mapping[str, Sequence[str]]) -> None:
        text = masked.text
        self.future = FUTURE_SENTENCE.match(text)
        self.year = YEAR_AT_START.match(text)
        self.may_name_township = "镇" in text or "乡" in text or "街道" in text
        self.names: list[tuple[int, int, str]] = []
        if by_start:
            for start in (0, *(mark + 1 for mark in masked.marks)):
                for name in by_start.get(text[start : start + SHORTEST_NAME], ()):
                    if text.startswith(name, start):
                        self.names.append((start, start + len(name), name))


class Flagger:
    """Judges the claims of one document.

    Args:
        catalogue: indicators, and the rules that are left out.
        report_year: the reporting year.
        lower_units: names of the divisions under the document's region.
    """

    def __init__(self, catalogue: Catalogue, report_year: int | None, lower_units: Collection[str]) -> None:
        self._catalogue, self._without, self._year = catalogue, catalogue.without, report_year
        names_count = lower_units and "lower_unit" not in self._without
        self._by_start = _by_start(frozenset(lower_units)) if names_count else {}
        self._known: dict[MaskedSentence, _Said] = {}

    def flag(self, claim: Claim, part: str, before: str) -> Flags:
        """Judge one claim; for items of a list the words before their first item count too.

        Args:
            claim: the claim.
            part: the part of the report in which it stands.
            before: the sentences before its own in its paragraph.
        """
        masked, without = claim.masked, self._without
        signs, index = masked.signs, _index(claim)
        lead = masked.text[:index]
        plan = self._plan(masked, lead, part)
        since = _since(claim, lead, self._year) if "since" in signs and "since" not in without else None
        cumulative = None if claim.comparison == "growth" else _cumulative(claim, lead, since, without)
        proposed = _proposed(lead, without) if "proposed" in signs else None
        scope = self._scope(claim, index)
        authority, organ = _authority(claim, lead, before, self._catalogue)
        steps = (plan, cumulative, proposed, scope, authority)
        return Flags(
            plan is not None,
            cumulative is not None,
            proposed is not None,
            *_period(claim, self._year, since, is_plan=plan is not None),
            scope.words if scope is not None else None,
            organ,
            _NO_STEPS if steps == _NOTHING else tuple(step for step in steps if step is not None),
        )

    def _said(self, masked: MaskedSentence) -> _Said:
        said = self._known.get(masked)
        if said is None:
            said = self._known[masked] = _Said(masked, self._by_start)
        return said

    def _plan(self, masked: MaskedSentence, lead: str, part: str) -> Step | None:
        """What makes a number a plan: the part of the report, or words before it."""
        without = self._without
        if part == "plan" and "plan_part" not in without and not PRESENT.search(lead):
            return Step("plan_part", part)
        found = PLANNED.search(lead) if "planned" in masked.signs and "planned_words" not in without else None
        if found is not None:
            return Step("planned_words", found.group())
        said = self._said(masked)
        found = said.future
        if found is not None and found.end() <= len(lead) and "future_sentence" not in without:
            return Step("future_sentence", found.group())
        named = said.year
        if named is None or named.end() > len(lead) or self._year is None or "next_year_sentence" in without:
            return None
        return Step("next_year_sentence", named.group()) if int(named["year"]) == self._year + 1 else None

    def _scope(self, claim: Claim, index: int) -> Step | None:
        """Whose figure it is, as the clause before ``index`` says: a lower unit's, else by the last word of scope."""
        masked, without = claim.masked, self._without
        said = self._said(masked)
        has_words = "scope" in masked.signs and "scope_words" not in without
        if said.names or said.may_name_township or has_words:
            clause_start = _thought_start(masked.text, index)
            named = [name for start, end, name in said.names if start >= clause_start and end <= index]
            if named:
                return Step("lower_unit", max(named, key=len))
            clause = masked.text[clause_start:index]
            may_be_township = said.may_name_township and "township_subject" not in without
            township = TOWNSHIP_SUBJECT.search(clause) if may_be_township else None
            if township is not None:
                return Step("township_subject", township["name"])
            found = SCOPE.findall(clause) if has_words else None
            if found:
                return Step("scope_words", found[-1])
        total = claim.parent
        if total is None or "scope_of_total" in without:
            return None
        inherited = self._scope(total, _index(total))
        return Step("scope_of_total", inherited.words) if inherited is not None else None


def _thought_start(text: str, index: int) -> int:
    """Where the thought begins in which ``text[index]`` stands."""
    return max([text.rfind(mark, 0, index) for mark in THOUGHT_MARKS]) + 1


def _cumulative(claim: Claim, lead: str, since: str | None, without: Collection[str]) -> Step | None:
    """What makes a number a sum over years."""
    if since is not None:
        return Step("since", since)
    counted = _counts_up(claim, lead) if "counts_up" not in without else None
    if counted is not None:
        return Step("counts_up", counted)
    if "stocked" not in claim.masked.signs or "stocked" in without:
        return None
    stocked = STOCKED.search(lead, _thought_start(lead, len(lead)))
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
        if indicator.authority == HIGHER_GOVERNMENT and "reviewing_organ" not in without:
            organs = [match["organ"] for match in REVIEWING_ORGAN.finditer(before + lead)]
            higher = [organ for organ in organs if not organ.startswith("市") or "省政府" not in organs]
            if higher:
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
