"""One year of an indicator: the ranking of governments, and how their numbers are spread."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from explorer.charts import Mark, histogram_chart, ranking_chart
from explorer.indicator_choice import Chosen
from explorer.indicator_data import QUANTILES, RANKING, VALUES, Number, to_number
from explorer.indicator_shown import (
    NUMBER_COLUMNS,
    Shown,
    evidence,
    figure,
    flag_words,
    level_name,
    mark_label,
    record,
    words,
)
from explorer.paging import paging
from explorer.web import BadParameterError, View

ON_A_PAGE = 30
MOST_ROWS = 10_000
"""More than there are governments of one level in the country."""
BINS = 16
STEPS = (1.0, 2.0, 5.0, 10.0)
RANKING_COLUMNS = ("place", *NUMBER_COLUMNS)
BIN_COLUMNS = ("bin_from", "bin_to", "government_count")
# Quantile → key of its name.
QUARTILES = ((0.0, "least"), (0.25, "first"), (0.5, "median"), (0.75, "third"), (1.0, "most"))


@dataclass(frozen=True)
class Ranked:
    """A government in the ranking; equal numbers share a place."""

    place: int
    number: Number
    province: str
    flags: str


@dataclass(frozen=True)
class Bin:
    """A span of values, the lower end within and the upper one not (but for the last), and how many lie in it."""

    lower: float
    upper: float
    count: int


def ranking(view: View, chosen: Chosen) -> Shown:
    """Return the ranking of a year: one page in the plot and the table, all of it in the file."""
    asked = _asked(chosen)
    count = len(_values(view, chosen))
    page = paging(view, count, ON_A_PAGE)
    sign = {"desc": 1, "asc": -1}[chosen.choice.order]
    rows = view.release.remember(
        ("indicator.ranking", *asked.values(), sign, page.offset),
        lambda: view.release.rows(RANKING, {**asked, "sign": sign, "limit": ON_A_PAGE, "offset": page.offset}),
    )
    ranked = [_ranked(view, chosen, row) for row in rows]
    marks = [
        Mark(
            index,
            0,
            each.number.value,
            None,
            each.number.kind,
            mark_label(view, each.number.region_name, each.number),
            view.link(evidence(each.number)),
        )
        for index, each in enumerate(ranked)
    ]
    names = [f"{each.place}. {each.number.region_name} {each.province}".rstrip() for each in ranked]
    what = _what(view, chosen, view.label(f"indicator.order.{chosen.choice.order}"))
    chart = ranking_chart(words(view, chosen, what), names, marks) if marks else None

    def records() -> list[dict[str, Any]]:
        every = view.release.rows(RANKING, {**asked, "sign": sign, "limit": MOST_ROWS, "offset": 0})
        return [record(to_number(row)) | {"place": row["place"]} for row in every]

    return Shown(chart, RANKING_COLUMNS, records, {"ranked": ranked, "paging": page})


def distribution(view: View, chosen: Chosen) -> Shown:
    """Return how the numbers of a year are spread: a histogram, and the quartiles as governments stated them."""
    values = _values(view, chosen)
    choice = chosen.choice
    if choice.scale == "log" and values and values[0] < 0:
        raise BadParameterError("scale", "log")
    bins = to_bins(values, choice.scale)
    before = [sum(each.count for each in bins[:index]) for index in range(len(bins))]
    paths = [
        view.link(
            f"/indicator/{choice.code}",
            view="ranking",
            order="asc",
            page=offset // ON_A_PAGE + 1,
            year=choice.year,
            level=choice.level,
            dimension=choice.dimension,
            status=choice.status,
            province=choice.province,
        )
        for offset in before
    ]
    names = [bin_name(each) for each in bins]
    marks = [
        Mark(
            index,
            0,
            each.count,
            None,
            "plain",
            view.label("indicator.bin", span=names[index], unit=chosen.indicator["unit"] or "", count=each.count),
            paths[index] if each.count else None,
        )
        for index, each in enumerate(bins)
    ]
    quartiles = _quartiles(view, chosen, len(values))
    remarks: dict[int, str] = {}
    for name, number in quartiles:
        if name in ("first", "median", "third"):
            index = next(index for index, each in enumerate(bins) if _holds(bins, each, number.value))
            said = view.label(f"indicator.quartile_short.{name}")
            remarks[index] = f"{remarks[index]} {said}" if index in remarks else said
    what = _what(view, chosen, view.label("indicator.view.distribution"))
    spoken = words(view, chosen, what, view.label("indicator.governments"))
    chart = histogram_chart(spoken, marks, names, remarks) if marks else None
    records = [{"bin_from": each.lower, "bin_to": each.upper, "government_count": each.count} for each in bins]
    context = {
        "bins": list(zip(names, bins, paths, strict=True)),
        "quartiles": quartiles,
        "count": len(values),
        "may_log": not values or values[0] >= 0,
    }
    return Shown(chart, BIN_COLUMNS, lambda: records, context)


def to_bins(values: Sequence[float], scale: str) -> list[Bin]:
    """Return the spans that sorted values fall into, equally wide or (log) in steps of 1, 2, 5; empty without values.

    On a log scale what is below the smallest positive step, zero included, has a span of its own.
    """
    if not values:
        return []
    edges = _log_edges(values) if scale == "log" else _linear_edges(values)
    counts = [0] * (len(edges) - 1)
    index = 0
    for value in values:
        while index < len(counts) - 1 and value >= edges[index + 1]:
            index += 1
        counts[index] += 1
    return [Bin(lower, upper, count) for (lower, upper), count in zip(pairwise(edges), counts, strict=True)]


def bin_name(each: Bin) -> str:
    """Return a span as people read it: "0–50"."""
    return f"{figure(each.lower)}–{figure(each.upper)}"


def _linear_edges(values: Sequence[float]) -> list[float]:
    rough = (values[-1] - values[0]) / BINS or abs(values[0]) / BINS or 1.0
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(power * each for each in STEPS if power * each >= rough * (1 - 1e-9))
    first, last = math.floor(values[0] / step), math.floor(values[-1] / step) + 1
    return [round(index * step, 10) for index in range(first, last + 1)]


def _log_edges(values: Sequence[float]) -> list[float]:
    positive = next((value for value in values if value > 0), None)
    if positive is None:
        return [0.0, 1.0]
    first = math.floor(math.log10(positive))
    steps = [float(f"{each:g}e{power}") for power in range(first - 1, first + 40) for each in STEPS[:3]]
    lower = max(step for step in steps if step <= positive)
    edges = [step for step in steps if lower <= step and step <= values[-1]]
    edges.append(next(step for step in steps if step > values[-1]))
    return ([0.0] if values[0] < lower else []) + edges


def _holds(bins: Sequence[Bin], each: Bin, value: float) -> bool:
    return each.lower <= value and (value < each.upper or each is bins[-1])


def _asked(chosen: Chosen) -> dict[str, Any]:
    choice = chosen.choice
    return {
        "code": choice.code,
        "dimension": choice.dimension,
        "status": choice.status,
        "level": choice.level,
        "year": choice.year,
        "province": choice.province,
    }


def _values(view: View, chosen: Chosen) -> list[float]:
    asked = _asked(chosen)

    def ask() -> list[float]:
        return [float(row["value"]) for row in view.release.rows(VALUES, asked)]

    return view.release.remember(("indicator.values", *asked.values()), ask)


def _quartiles(view: View, chosen: Chosen, count: int) -> list[tuple[str, Number]]:
    """Return (name, number) of the quartiles: of an even count the lower of the two in the middle."""
    if not count:
        return []
    places = {name: max(1, math.ceil(share * count)) for share, name in QUARTILES}
    asked = {**_asked(chosen), "places": sorted(set(places.values()))}
    rows = view.release.remember(
        ("indicator.quartiles", *_asked(chosen).values()), lambda: view.release.rows(QUANTILES, asked)
    )
    by_place = {row["place"]: to_number(row) for row in rows}
    return [(name, by_place[place]) for name, place in places.items()]


def _ranked(view: View, chosen: Chosen, row: dict[str, Any]) -> Ranked:
    number = to_number(row)
    province = chosen.provinces.get(f"{number.region_code[:2]}0000", "")
    return Ranked(row["place"], number, "" if province == number.region_name else province, flag_words(view, number))


def _what(view: View, chosen: Chosen, shown: str) -> str:
    choice = chosen.choice
    where = chosen.provinces.get(choice.province, view.label("indicator.country"))
    return view.label(
        "indicator.what", year=choice.year or "", where=where, level=level_name(view, choice.level), shown=shown
    )
