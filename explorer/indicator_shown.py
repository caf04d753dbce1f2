"""What every view of an indicator hands to its page and its files, and how numbers are put in words.

Plot, table and files come from the same rows. How each view makes them stands in its own module.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from explorer.charts import SHAPES, Chart, Words
from explorer.indicator_choice import Chosen
from explorer.indicator_data import TOTAL, Number
from explorer.web import View, environment

NUMBER_COLUMNS = (
    "region_code",
    "region_name",
    "report_year",
    "value",
    "value_max",
    "unit",
    "qualifier",
    "value_text",
    "scope",
    "is_cumulative",
    "has_conflict",
    "conflicting_values",
    "confidence_final",
    "document_id",
    "observation_id",
    "url",
    "sentence",
)


@dataclass(frozen=True)
class Shown:
    """A view, ready for its page and its files.

    Attributes:
        chart: the plot; None when there is nothing to plot.
        columns: of the CSV file.
        records: gives the rows of the CSV file.
        context: what the template of the view needs beyond.
    """

    chart: Chart | None
    columns: Sequence[str]
    records: Callable[[], Sequence[Mapping[str, Any]]]
    context: Mapping[str, Any] = field(default_factory=dict)


def figure(value: float | None) -> str:
    """Return a number as pages write it: "1,234", "98.5"."""
    return str(environment().filters["figure"](value))


def printed(number: Number) -> str:
    """Return a number with its unit and, for a range, both ends: "100–120 件"."""
    ends = figure(number.value) + (f"–{figure(number.value_max)}" if number.value_max is not None else "")
    return f"{ends}{number.unit or ''}"


def flag_words(view: View, number: Number) -> str:
    """Return what to mind about a number, in words: "约数，有冲突"; empty for nothing."""
    words = [view.label(f"indicator.flag.{flag}") for flag in number.flags]
    if number.scope:
        words.append(number.scope)
    return view.label("indicator.comma").join(words)


def mark_label(view: View, name: str, number: Number) -> str:
    """Return what a mark says: "吉林省 2019年 123件 约数"."""
    said = view.label("indicator.mark", region=name, year=number.year, value=printed(number))
    return f"{said} {flag_words(view, number)}".strip()


def evidence(number: Number) -> str:
    """Return the path of the sentence that states a number."""
    return f"/evidence/{number.document_id}/{number.observation_id}"


def record(number: Number) -> dict[str, Any]:
    """Return a number as a row of a CSV file."""
    row = {name: getattr(number, name) for name in NUMBER_COLUMNS if name != "report_year"}
    return row | {"report_year": number.year}


def indicator_name(view: View, chosen: Chosen) -> str:
    """Return the name of the indicator in the language of the view, with the division that is shown."""
    indicator, dimension = chosen.indicator, chosen.choice.dimension
    name = str(indicator["name_en"] if view.language == "en" and indicator["name_en"] else indicator["name_zh"])
    return name if dimension == TOTAL else f"{name} · {dimension}"


def words(view: View, chosen: Chosen, what: str, axis: str | None = None) -> Words:
    """Return what a plot says about itself.

    Args:
        view: the request.
        chosen: what is shown.
        what: what this plot shows of the indicator, such as "2019年 县级 排名".
        axis: title of the axis of numbers; the unit of the indicator when None.
    """
    return Words(
        title=f"{indicator_name(view, chosen)} · {what}",
        subtitle=view.label("indicator.source", release=view.release.name),
        unit=axis if axis is not None else str(chosen.indicator["unit"] or ""),
        kinds={kind: view.label(f"indicator.kind.{kind}") for kind in SHAPES},
    )


def level_name(view: View, level: str) -> str:
    """Return the name of a level."""
    return view.label(f"coverage.level.{level}")
