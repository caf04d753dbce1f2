"""Everything that is known of one number of a report: how it was read, what it is checked against, what speaks against.

Asks the release and shapes the answer; the text around the number belongs to ``report_text``.
"""

from __future__ import annotations

from dataclasses import dataclass

from explorer.releases import Release, Row
from explorer.report_data import Document, Number, members

# "origin=rule; context=sentence"
SIGNAL_MARK = "="

_CHECKS = """
    select
        identity_id, kind, severity, description, left_side, left_value, right_side, right_value, status, off_by,
        cannot_tell_reason, observation_ids,
    from fct_identity_check
    where document_id = $document and list_contains(string_split(observation_ids, '; '), $observation)
    order by case status when 'off' then 0 when 'holds' then 1 else 2 end, identity_id, instance
"""
_REVIEW = """
    select reason, doubts, conflicting_values, conflicting_sentences,
    from fct_review
    where document_id = $document and observation_id = $observation
    order by reason
"""
_CHOICE = """
    select
        region_code, report_year, indicator_code, chosen_observation_id, chosen_because, candidate_count, has_conflict,
        conflicting_values,
    from fct_region_year_indicator
    where document_id = $document and indicator_code = $code and dimension = coalesce($dimension, 'total')
        and status = $status
"""
_INDICATOR = """
    select definition, comparability, domain, unit from dim_indicator where indicator_code = $code
"""


@dataclass(frozen=True)
class Check:
    """A row of ``fct_identity_check`` with the numbers on its sides that are in the text."""

    row: Row
    others: tuple[Number, ...]


@dataclass(frozen=True)
class Panel:
    """What the page shows of the chosen number.

    Attributes:
        number: the number itself.
        indicator: definition and comparability of what it counts; None for none of the catalogue.
        signals: name and value of what spoke for and against the reading.
        checks: identities that it takes part in.
        reviews: why it waits for a person, and what the report states against it.
        choice: the row of the tidy table for its indicator and dimension; None when there is none.
        chosen_instead: the number that stands there; None when it is this one, or none.
        conflicting: numbers that state otherwise.
        whole: the number that this one is a part of.
        shares: numbers that are parts of this one.
        repeats: the number that this one repeats.
    """

    number: Number
    indicator: Row | None
    signals: tuple[tuple[str, str], ...]
    checks: tuple[Check, ...]
    reviews: tuple[Row, ...]
    choice: Row | None
    chosen_instead: Number | None
    conflicting: tuple[Number, ...]
    whole: Number | None
    shares: tuple[Number, ...]
    repeats: Number | None


def panel_of(release: Release, document_id: str, document: Document, number: Number) -> Panel:
    """Return what is known of a number of a document."""
    by_id = {each.observation_id: each for each in document.numbers}
    named = {"document": document_id, "observation": number.observation_id}
    reviews = release.rows(_REVIEW, named)
    choice = _choice(release, document_id, number)
    chosen_id = choice["chosen_observation_id"] if choice else None
    against = [row["conflicting_values"] for row in (*reviews, choice or {}) if row.get("conflicting_values")]
    return Panel(
        number=number,
        indicator=release.row(_INDICATOR, {"code": number.indicator_code}),
        signals=signals_of(number.signals),
        checks=tuple(
            Check(row, _known(members(row["observation_ids"]), by_id, number)) for row in release.rows(_CHECKS, named)
        ),
        reviews=tuple(reviews),
        choice=choice,
        chosen_instead=by_id.get(chosen_id) if chosen_id and chosen_id != number.observation_id else None,
        conflicting=_known(
            [each.partition("=")[0] for cell in against for each in members(cell)] if _speaks(choice, number) else [],
            by_id,
            number,
        ),
        whole=by_id.get(number.parent_id or ""),
        shares=tuple(each for each in document.numbers if each.parent_id == number.observation_id),
        repeats=by_id.get(number.duplicate_of or ""),
    )


def signals_of(cell: str | None) -> tuple[tuple[str, str], ...]:
    """Return name and value of the signals in a cell: "origin=rule; context=sentence"."""
    pairs = (each.partition(SIGNAL_MARK) for each in members(cell))
    return tuple((name, value) for name, _, value in pairs)


def _choice(release: Release, document_id: str, number: Number) -> Row | None:
    if number.tidy_exclusion is not None:
        return None
    return release.row(
        _CHOICE,
        {
            "document": document_id,
            "code": number.indicator_code,
            "dimension": number.dimension,
            "status": "proposed" if number.is_proposed else "done",
        },
    )


def _speaks(choice: Row | None, number: Number) -> bool:
    """Whether the conflicts are those of the number itself, not of another one chosen in its place."""
    return choice is None or choice["chosen_observation_id"] == number.observation_id


def _known(ids: list[str], by_id: dict[str, Number], number: Number) -> tuple[Number, ...]:
    """Return the other numbers of a list that the document has, once each."""
    return tuple(by_id[each] for each in dict.fromkeys(ids) if each in by_id and each != number.observation_id)
