"""What a cell of the heat map shows: sign, colour, the words behind it, and where it leads.

Asking the release and laying out the page do not belong here.
"""

from __future__ import annotations

from dataclasses import dataclass

from explorer.coverage_query import MapRow, Single, Tally
from explorer.coverage_standing import GLYPHS, REPORTED, Standing
from explorer.web import View


@dataclass(frozen=True)
class Cell:
    """A cell as the page shows it.

    Attributes:
        style: end of its CSS class.
        text: its sign, or its counts.
        words: the same in words, for those who do not see the sign; None where the text says it all.
        tip: everything that is known of it, in a sentence.
        link: where it leads; None for a cell without governments.
    """

    style: str
    text: str
    words: str | None
    tip: str
    link: str | None


def cell_of(view: View, row: MapRow, year: int, inside: str) -> Cell:
    """Return the cell of a row and a year; ``inside`` is the address of the map of that row."""
    tally = row.tallies.get(year)
    if row.is_area:
        return _area_cell(view, row.name, year, tally, inside)
    single = row.singles.get(year)
    standing = single.standing if single else Standing.NONE
    return Cell(
        style=standing,
        text=GLYPHS[standing],
        words=view.label(f"coverage.standing.{standing}"),
        tip=single_tip(view, single, year) if single else _none_tip(view, row.name, year),
        link=view.link(f"/cell/{row.code}/{year}"),
    )


def single_tip(view: View, single: Single, year: int) -> str:
    """Return how one government stands in a year, in a sentence."""
    parts = [view.label(f"coverage.standing.{single.standing}")]
    if single.reason:
        parts.append(view.label(f"coverage.reason.{single.reason}"))
    if single.published_on:
        parts.append(view.label("coverage.on_date", date=single.published_on))
    if single.days_after_deadline is not None:
        parts.append(days_text(view, single.days_after_deadline))
    return view.label("coverage.cell_tip", name=single.name, year=year, standing=_joined(view, parts))


def days_text(view: View, days: int) -> str:
    """Return how a date lies to the deadline, in words."""
    if days == 0:
        return view.label("coverage.days_exact")
    return view.label("coverage.days_late" if days > 0 else "coverage.days_early", days=abs(days))


def _area_cell(view: View, name: str, year: int, tally: Tally | None, inside: str) -> Cell:
    if tally is None or tally.step is None:
        exempt = tally is not None and tally.standings[Standing.EXEMPT] > 0
        standing = Standing.EXEMPT if exempt else Standing.NONE
        tip = view.label("coverage.nobody_tip", name=name, year=year)
        return Cell(standing, GLYPHS[standing], view.label(f"coverage.standing.{standing}"), tip, None)
    standings = [
        f"{view.label(f'coverage.standing.{standing}')} {tally.standings[standing]}"
        for standing in REPORTED
        if tally.standings[standing]
    ]
    tip = view.label(
        "coverage.area_tip",
        name=name,
        year=year,
        expected=tally.expected,
        reported=tally.reported,
        standings=_joined(view, standings) or "0",
        missing=tally.missing,
    )
    if tally.reasons:
        reasons = [
            f"{view.label(f'coverage.reason.{reason}')} {count}" for reason, count in tally.reasons.most_common()
        ]
        tip += view.label("coverage.area_tip_reasons", reasons=_joined(view, reasons))
    return Cell(f"step{tally.step}", f"{tally.reported}/{tally.expected}", None, tip, inside)


def _none_tip(view: View, name: str, year: int) -> str:
    standing = view.label(f"coverage.standing.{Standing.NONE}")
    return view.label("coverage.cell_tip", name=name, year=year, standing=standing)


def _joined(view: View, parts: list[str]) -> str:
    return ("，" if view.language == "zh" else ", ").join(parts)
