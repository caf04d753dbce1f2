"""An indicator by province over the years, in small plots side by side: the median of its governments, or their sum.

A sum is shown only where the models add (sum_over_regions, rate_over_regions); elsewhere their reason is told.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from explorer.charts import Mark, panels_chart
from explorer.indicator_choice import Chosen
from explorer.indicator_data import MEDIANS, RATES, SUMS, expected_by_province
from explorer.indicator_shown import Shown, figure, level_name, words
from explorer.releases import Row
from explorer.web import View

COLUMNS = (
    "province_code",
    "province_name",
    "report_year",
    "measure",
    "value",
    "refusal",
    "of_stated",
    "stated_count",
    "expected_count",
)


@dataclass(frozen=True)
class Panel:
    """One province in one year.

    Attributes:
        value: what is plotted; None where nothing is stated or the sum is refused.
        refusal: why there is no sum, as the models name it; empty where there is one, and for medians.
        of_stated: sum (or rate) over those that state it, which is no total; None for medians.
        stated: governments that state it.
        expected: governments that are bound to report.
        conflicts: how many of them state it in several ways.
        path: where the number is shown in more detail.
    """

    value: float | None
    refusal: str
    of_stated: float | None
    stated: int
    expected: int
    conflicts: int
    path: str


def provinces(view: View, chosen: Chosen) -> Shown:
    """Return the indicator by province."""
    choice = chosen.choice
    panels = _medians(view, chosen) if _is_median(chosen) else _sums(view, chosen)
    names = chosen.provinces | {code: code for code, _ in panels if code not in chosen.provinces}
    codes = sorted({code for code, _ in panels} | {code for code, year, _ in expected_by_province(view.release)})
    codes = [code for code in codes if code in names]
    marks = [
        Mark(
            index,
            year,
            panel.value,
            None,
            "conflict" if panel.conflicts else "plain",
            _label(view, chosen, names[code], year, panel),
            panel.path,
        )
        for index, code in enumerate(codes)
        for year in choice.years
        if (panel := panels.get((code, year))) is not None and panel.value is not None
    ]
    what = f"{level_name(view, choice.level)} {view.label(_measure_key(chosen))}"
    chart = (
        panels_chart(
            words(view, chosen, what),
            [names[code] for code in codes],
            choice.years,
            marks,
            from_zero=chosen.indicator["value_type"] != "ratio",
        )
        if marks
        else None
    )
    table = [(code, names[code], [panels.get((code, year)) for year in choice.years]) for code in codes]
    refusals: dict[str, int] = {}
    for panel in panels.values():
        if panel.refusal:
            refusals[panel.refusal] = refusals.get(panel.refusal, 0) + 1
    records = [
        _record(code, names[code], year, _is_median(chosen), panels[code, year])
        for code in codes
        for year in choice.years
        if (code, year) in panels
    ]
    context = {
        "table": table,
        "refusals": sorted(refusals.items(), key=lambda each: -each[1]),
        "is_median": _is_median(chosen),
        "measure_key": _measure_key(chosen),
    }
    return Shown(chart, COLUMNS, lambda: records, context)


def _is_median(chosen: Chosen) -> bool:
    """Whether each panel shows a middle value: a province's own number is one too."""
    return chosen.choice.measure == "median" or chosen.choice.level == "province"


def _measure_key(chosen: Chosen) -> str:
    if chosen.choice.level == "province":
        return "indicator.measure.own"
    if chosen.choice.measure == "sum" and chosen.indicator["aggregation"] == "rate":
        return "indicator.measure.rate"
    return f"indicator.measure.{chosen.choice.measure}"


def _medians(view: View, chosen: Chosen) -> dict[tuple[str, int], Panel]:
    choice = chosen.choice
    expected = expected_by_province(view.release)
    rows = _ask(view, chosen, MEDIANS, {"dimension": choice.dimension, "status": choice.status})
    panels: dict[tuple[str, int], Panel] = {}
    for row in rows:
        place = str(row["province"]), int(row["year"])
        if row["stated"] == 1:
            path = view.link(f"/evidence/{row['document_id']}/{row['observation_id']}")
        else:
            path = _ranking_path(view, chosen, *place)
        panels[place] = Panel(
            row["value"], "", None, row["stated"], expected.get((*place, choice.level), 0), row["conflicts"], path
        )
    return panels


def _sums(view: View, chosen: Chosen) -> dict[tuple[str, int], Panel]:
    if chosen.choice.status != "done":
        return {}
    if chosen.indicator["aggregation"] == "rate":
        rows = _ask(view, chosen, RATES, {})
    else:
        rows = _ask(view, chosen, SUMS, {"dimension": chosen.choice.dimension})
    panels: dict[tuple[str, int], Panel] = {}
    for row in rows:
        place = str(row["province"]), int(row["year"])
        path = _ranking_path(view, chosen, *place)
        panels[place] = Panel(
            row["value"], row["refusal"] or "", row["of_stated"], row["stated"], row["expected"], 0, path
        )
    return panels


def _ask(view: View, chosen: Chosen, sql: str, more: Mapping[str, Any]) -> Sequence[Row]:
    choice = chosen.choice
    years = choice.years or (0,)
    asked = {"code": choice.code, "level": choice.level, "first": years[0], "last": years[-1], **more}
    return view.release.remember(("indicator.panels", sql, *asked.values()), lambda: view.release.rows(sql, asked))


def _ranking_path(view: View, chosen: Chosen, province: str, year: int) -> str:
    choice = chosen.choice
    return view.link(
        f"/indicator/{choice.code}",
        view="ranking",
        province=province,
        year=year,
        level=choice.level,
        dimension=choice.dimension,
        status=choice.status,
    )


def _label(view: View, chosen: Chosen, name: str, year: int, panel: Panel) -> str:
    value = f"{figure(panel.value)}{chosen.indicator['unit'] or ''}"
    return view.label(
        "indicator.panel",
        region=name,
        year=year,
        measure=view.label(_measure_key(chosen)),
        value=value,
        stated=panel.stated,
        expected=panel.expected,
    )


def _record(code: str, name: str, year: int, is_median: bool, panel: Panel) -> dict[str, Any]:
    return {
        "province_code": code,
        "province_name": name,
        "report_year": year,
        "measure": "median" if is_median else "sum",
        "value": panel.value,
        "refusal": panel.refusal or None,
        "of_stated": panel.of_stated,
        "stated_count": panel.stated,
        "expected_count": panel.expected,
    }
