"""The numbers of chosen regions over the years: one line for each region, through its changes of name and code."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from explorer.charts import COLOURS, MOST_LINES, Mark, Note, series_chart
from explorer.finding import Found, region_by_code
from explorer.indicator_choice import Chosen
from explorer.indicator_data import GAPS, SERIES, SPANS, Number, to_number
from explorer.indicator_shown import (
    NUMBER_COLUMNS,
    Shown,
    evidence,
    flag_words,
    mark_label,
    record,
    words,
)
from explorer.releases import Row
from explorer.web import View

COLUMNS = ("line_code", *NUMBER_COLUMNS, "gap")

# "2021:行政复议体制改革…;2024:新修订的…": the years in a note on breaks
BREAK = re.compile(r"(?:^|;)\s*(\d{4})[:：](.*?)(?=;\s*\d{4}[:：]|$)", re.DOTALL)


@dataclass(frozen=True)
class Line:
    """A line of the plot.

    Attributes:
        code: code of the region of today; of the unit itself for one that was merged into it.
        name: as the legend has it.
        colour: of the line.
        numbers: by year.
        moves: year → in words, from when it has another code or name than before.
        is_former: whether it is a unit that was merged into a chosen region.
    """

    code: str
    name: str
    colour: str
    numbers: Mapping[int, Number]
    moves: Mapping[int, str]
    is_former: bool


@dataclass(frozen=True)
class Cell:
    """A cell of the table: a number, or why there is none."""

    number: Number | None
    flags: str
    move: str
    gap: str
    gap_path: str


def breaks_of(text: str | None) -> list[Note]:
    """Return the years in which the rules of counting changed, with the reason."""
    return [Note(int(found[1]), f"{found[1]} {found[2].strip()}") for found in BREAK.finditer(text or "")]


def series(view: View, chosen: Chosen) -> Shown:
    """Return the series of the chosen regions."""
    choice = chosen.choice
    years = choice.years
    asked = {
        "code": choice.code,
        "dimension": choice.dimension,
        "status": choice.status,
        "lines": list(choice.lines),
        "first": years[0] if years else 0,
        "last": years[-1] if years else 0,
    }
    key = ("indicator.series", *(tuple(each) if isinstance(each, list) else each for each in asked.values()))
    rows = view.release.remember(key, lambda: view.release.rows(SERIES, asked))
    span = {name: asked[name] for name in ("lines", "first", "last")}
    gaps = view.release.remember(("indicator.gaps", *key[4:]), lambda: view.release.rows(GAPS, span))
    spans = view.release.remember(
        ("indicator.spans", choice.lines), lambda: view.release.rows(SPANS, {"lines": list(choice.lines)})
    )
    regions = [found for code in choice.lines if (found := region_by_code(view.release, code))]
    every = to_lines(view, regions, rows, spans)
    lines = every[:MOST_LINES]
    marks = [
        Mark(
            index,
            number.year,
            number.value,
            number.value_max,
            number.kind,
            mark_label(view, number.region_name, number),
            view.link(evidence(number)),
        )
        for index, line in enumerate(lines)
        for number in line.numbers.values()
    ]
    moves = {(index, year): move for index, line in enumerate(lines) for year, move in line.moves.items()}
    breaks = [note for note in breaks_of(chosen.indicator["comparability_breaks"]) if note.year in years]
    chart = (
        series_chart(
            words(view, chosen, view.label("indicator.view.series")),
            [line.name for line in lines],
            years,
            marks,
            breaks,
            moves,
            from_zero=chosen.indicator["value_type"] != "ratio",
        )
        if marks
        else None
    )
    reasons = {(row["line"], row["year"]): row for row in reversed(gaps)}
    table = [(year, [_cell(view, line, year, reasons) for line in lines]) for year in reversed(years)]
    context = {
        "lines": lines,
        "left_out": [line.name for line in every[MOST_LINES:]],
        "table": table,
        "regions": regions,
        "breaks": breaks,
        "may_add": len(choice.lines) < MOST_LINES,
    }
    return Shown(chart, COLUMNS, lambda: _records(view, lines, years, reasons), context)


def to_lines(view: View, regions: Sequence[Found], rows: Sequence[Row], spans: Sequence[Row]) -> list[Line]:
    """Return the lines that numbers make.

    In a year in which several units stood that are one today, the one with the code of today speaks for the line; the
    others get lines of their own, for their numbers are not the same series.
    """
    by_line: dict[str, dict[int, list[Number]]] = {}
    for row in rows:
        by_line.setdefault(str(row["line"]), {}).setdefault(int(row["year"]), []).append(to_number(row))
    lines: list[Line] = []
    for region in regions:
        main: dict[int, Number] = {}
        others: dict[str, dict[int, Number]] = {}
        for year, numbers in sorted(by_line.get(region.code, {}).items()):
            speaks = len(numbers) == 1 or numbers[0].region_code == region.code
            if speaks:
                main[year] = numbers[0]
            for number in numbers[int(speaks) :]:
                others.setdefault(number.region_code, {})[year] = number
        moves = _moves(view, main, [span for span in spans if span["line"] == region.code])
        lines.append(Line(region.code, region.name, COLOURS[len(lines) % len(COLOURS)], main, moves, False))
        for code, numbers_of in others.items():
            name = view.label("indicator.merged", name=next(iter(numbers_of.values())).region_name, into=region.name)
            lines.append(Line(code, name, COLOURS[len(lines) % len(COLOURS)], numbers_of, {}, True))
    return lines


def _moves(view: View, numbers: Mapping[int, Number], spans: Sequence[Row]) -> dict[int, str]:
    """Return the first number under each new code or name, and what changed."""
    moves: dict[int, str] = {}
    last: Number | None = None
    for year, number in sorted(numbers.items()):
        if last and (last.region_code, last.region_name) != (number.region_code, number.region_name):
            began = [
                int(span["valid_from"])
                for span in spans
                if (span["region_code"], span["region_name"]) == (number.region_code, number.region_name)
            ]
            moves[year] = view.label(
                "indicator.moved",
                year=max((each for each in began if each <= year), default=year),
                old=last.region_name,
                old_code=last.region_code,
                new=number.region_name,
                new_code=number.region_code,
            )
        last = number
    return moves


def _gap(view: View, line: Line, year: int, reasons: Mapping[tuple[str, int], Row]) -> tuple[str, str]:
    """Return why a line has no number in a year, and where more is told about it."""
    row = reasons.get((line.code, year))
    if row is None or line.is_former:
        return view.label("indicator.gap.none"), ""
    if row["report_id"]:
        return view.label("indicator.gap.unstated"), view.link(f"/report/{row['report_id']}")
    known = row["status"] if row["status"] in ("not_due", "exempt") else "missing"
    return view.label(f"indicator.gap.{known}"), view.link(f"/cell/{row['region_code']}/{year}")


def _cell(view: View, line: Line, year: int, reasons: Mapping[tuple[str, int], Row]) -> Cell:
    number = line.numbers.get(year)
    if number is None:
        return Cell(None, "", "", *_gap(view, line, year, reasons))
    return Cell(number, flag_words(view, number), line.moves.get(year, ""), "", "")


def _records(
    view: View, lines: Sequence[Line], years: Sequence[int], reasons: Mapping[tuple[str, int], Row]
) -> list[dict[str, Any]]:
    """Return the rows of the file: every line in every year; without a number, why."""
    records: list[dict[str, Any]] = []
    for line in lines:
        for year in years:
            empty: dict[str, Any] = dict.fromkeys(COLUMNS)
            number = line.numbers.get(year)
            if number is None:
                empty |= {"region_code": line.code, "region_name": line.name, "report_year": year}
                empty["gap"] = _gap(view, line, year, reasons)[0]
            else:
                empty |= record(number)
            records.append(empty | {"line_code": line.code})
    return records
