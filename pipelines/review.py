"""What waits for a person in the latest release, and whether a decision on it would do anything.

Decisions are kept by ``decisions.py`` and applied by dbt with the next build; here they are held against the release.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipelines.decisions import DECISIONS, Action, Decision, DecisionError, Guard, decide, record
from pipelines.querying import ask
from warehouse.paths import Home

REASONS = ("low_confidence", "broken_identity", "implausible_value", "stale_correction", "conflicting_statements")
# Where a confirmed number can come from; anywhere else it is out for another reason than doubt.
DOUBTED = frozenset({None, "low_confidence", "broken_identity", "implausible_value", "stale_correction"})

Row = Mapping[str, Any]

_WAITING = """
select document_id || '/' || observation_id as id, *
from fct_review
where ($reason is null or reason = $reason)
    and ($region is null or starts_with(region_code, $region))
    and ($year is null or report_year = $year)
    and ($indicator is null or indicator_code = $indicator)
order by report_year desc, region_code, report_id, char_start, observation_id, reason
"""
_NUMBER = """
select document_id || '/' || observation_id as id, *
from fct_observation
where document_id || '/' || observation_id = $id
"""
_SAME_REPORT = """
select document_id || '/' || observation_id as id, *
from fct_observation
where document_id = $document and indicator_code = $indicator and dimension is not distinct from $dimension
    and document_id || '/' || observation_id <> $id
order by char_start, observation_id
"""


@dataclass(frozen=True)
class Shown:
    """A number with what a person needs to decide on it.

    Attributes:
        number: its row of ``fct_observation``.
        waiting: its rows of ``fct_review``, one for each reason.
        others: what else the document states for the same indicator and dimension.
        decision: what was decided on it and is not in the release yet, or is already.
    """

    number: Row
    waiting: Sequence[Row]
    others: Sequence[Row]
    decision: Decision | None


def waiting(
    home: Home,
    *,
    reason: str | None = None,
    region: str | None = None,
    year: int | None = None,
    indicator: str | None = None,
) -> list[dict[str, Any]]:
    """Return the rows of ``fct_review``, those of a report together; ``id`` is DOCUMENT/OBSERVATION.

    Args:
        home: the data home.
        reason: only what waits for this reason.
        region: only regions whose code begins so.
        year: only reports of this year.
        indicator: only this indicator.

    Raises:
        NoReleaseError: nothing was published yet.
        QueryError: the release has no such table.
    """
    given = {"reason": reason, "region": region, "year": year, "indicator": indicator}
    return ask(home, _WAITING, given).as_objects()


def guard_of(number: Row) -> Guard:
    """Return by what a row of ``fct_review`` or ``fct_observation`` is known again."""
    return Guard(
        url=number["url"],
        indicator_code=number["indicator_code"],
        dimension=number["dimension"] or "",
        expect_value_text=number["value_text"],
        expect_sentence=number["sentence"],
    )


def undecided(rows: Sequence[dict[str, Any]], decisions: Sequence[Decision]) -> list[dict[str, Any]]:
    """Return the rows on whose number nothing was decided, but for notes, which settle nothing."""
    settled = {each.guard for each in decisions if each.action != "flag"}
    return [row for row in rows if guard_of(row) not in settled]


def show(home: Home, number_id: str, decisions: Sequence[Decision]) -> Shown:
    """Look a number up.

    Raises:
        DecisionError: the release has no such number.
        NoReleaseError: nothing was published yet.
        QueryError: the release has no such table.
    """
    found = ask(home, _NUMBER, {"id": number_id}).as_objects()
    if not found:
        raise DecisionError(f"no number {number_id} in the latest release; fazhi review list shows what waits")
    number = found[0]
    nothing = {"reason": None, "region": None, "year": None, "indicator": number["indicator_code"]}
    reasons = [row for row in ask(home, _WAITING, nothing).as_objects() if row["id"] == number_id]
    same = {"document": number["document_id"], "dimension": number["dimension"]}
    others = ask(home, _SAME_REPORT, {**same, "indicator": number["indicator_code"], "id": number_id}).as_objects()
    decision = next((each for each in decisions if each.guard == guard_of(number)), None)
    return Shown(number, reasons, others, decision)


def require_effect(number: Row, action: Action) -> None:
    """Refuse a decision that would change nothing.

    Raises:
        DecisionError: the number is of a version no longer used, or is left out for a reason that ``confirm`` does
            not touch.
    """
    if not number["is_current"]:
        raise DecisionError(f"{number['id']} stands in a version of the report that is not the current one")
    if action == "confirm" and number["tidy_exclusion"] not in DOUBTED:
        raise DecisionError(
            f"{number['id']} is not left out for doubt but as {number['tidy_exclusion']}: confirming changes nothing"
        )


def take_decision(
    home: Home,
    number_id: str,
    action: Action,
    value: float | None,
    *,
    reason: str,
    evidence_url: str | None,
    replacing: str | None,
    path: Path = DECISIONS,
) -> tuple[Decision, Shown]:
    """Decide on a number of the latest release and write it down; return the decision and what it is about.

    Args:
        home: the data home.
        number_id: DOCUMENT/OBSERVATION.
        action: what to do with it.
        value: the right number or the factor; None where the action takes none.
        reason: why.
        evidence_url: where it can be seen; None for the page of the report.
        replacing: an earlier decision whose place this one takes.
        path: the file of decisions.

    Raises:
        DecisionError: the release has no such number, the decision would change nothing, or it cannot be kept.
        NoReleaseError: nothing was published yet.
        QueryError: the release has no such table.
    """
    found = show(home, number_id, ())
    require_effect(found.number, action)
    guard = guard_of(found.number)
    decision = decide(guard, action, value, reason, evidence_url or guard.url)
    record(decision, path, replacing=replacing)
    return decision, found
