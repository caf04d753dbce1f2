"""What an address of an indicator's page chooses: the view, regions, years, level and division of the number.

Everything that decides what is shown stands in one value, so that the plot, the table and the files of an address
cannot differ. Asking for the numbers does not belong here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from explorer.charts import MOST_LINES
from explorer.finding import LEVELS, region_by_code
from explorer.indicator_data import TOTAL, Standing, default_lines, dimensions_of, indicator_row, province_names
from explorer.releases import Row
from explorer.web import BadParameterError, NotFoundError, View

VIEWS = ("series", "ranking", "distribution", "provinces")
ORDERS = ("desc", "asc")
SCALES = ("linear", "log")
MEASURES = ("median", "sum")
STATUSES = ("done", "proposed")


@dataclass(frozen=True)
class Choice:
    """What is shown.

    Attributes:
        code: the indicator.
        view: one of VIEWS.
        dimension: division of the number; "total" for the undivided one.
        status: done, or proposed for what is only intended.
        level: level of the governments compared.
        year: year of ranking and distribution; None when there is no number at all.
        years: years of the axis of series and panels, without gaps.
        lines: codes of today of the regions whose series are shown.
        is_default: whether nobody chose them.
        order: desc or asc, of the ranking.
        province: code of the province that ranking and distribution are kept to; empty for the whole country.
        scale: linear or log, of the distribution.
        measure: median or sum, of the panels.
    """

    code: str
    view: str
    dimension: str
    status: str
    level: str
    year: int | None
    years: tuple[int, ...]
    lines: tuple[str, ...]
    is_default: bool
    order: str
    province: str
    scale: str
    measure: str


@dataclass(frozen=True)
class Chosen:
    """A choice with what it was made from.

    Attributes:
        choice: what is shown.
        indicator: its row of dim_indicator.
        dimensions: divisions that have numbers, with how many.
        statuses: those that have numbers.
        standing: how many governments state it, by year and level.
        all_years: years that may be chosen.
        provinces: code → name.
    """

    choice: Choice
    indicator: Row
    dimensions: Sequence[Row]
    statuses: Sequence[str]
    standing: Standing
    all_years: tuple[int, ...]
    provinces: dict[str, str]


def choose(view: View, code: str) -> Chosen:
    """Return what an address chooses.

    Raises:
        NotFoundError: the catalogue has no such indicator.
        BadParameterError: a parameter cannot be used.
    """
    release = view.release
    indicator = indicator_row(release, code)
    if indicator is None:
        raise NotFoundError(code)
    parts = dimensions_of(release, code)
    statuses = [status for status in STATUSES if any(part["status"] == status for part in parts)] or ["done"]
    status = view.choice("status", statuses, statuses[0])
    dimensions = [part for part in parts if part["status"] == status]
    names = [str(part["dimension"]) for part in dimensions] or [TOTAL]
    dimension = view.choice("dimension", names, TOTAL if TOTAL in names else names[0])
    standing = Standing.of(release, code, dimension, status)
    years = standing.years
    first = view.number("from", years, years[0] if years else None)
    last = view.number("to", years, years[-1] if years else None)
    if first is not None and last is not None and first > last:
        raise BadParameterError("to", str(last))
    provinces = province_names(release)
    province = view.text("province")
    if province and province not in provinces:
        raise BadParameterError("province", province)
    asked = _lines(view)
    lines = asked or default_lines(release, code, dimension, status)
    shown = view.choice("view", VIEWS, "series")
    level = view.choice("level", LEVELS, _level(view, lines) if shown == "series" else standing.usual_level)
    choice = Choice(
        code=code,
        view=shown,
        dimension=dimension,
        status=status,
        level=level,
        year=view.number("year", years, standing.newest_year(level)),
        years=tuple(year for year in years if first is not None and last is not None and first <= year <= last),
        lines=lines,
        is_default=not asked,
        order=view.choice("order", ORDERS, "desc"),
        province=province,
        scale=view.choice("scale", SCALES, "linear"),
        measure=view.choice("measure", MEASURES, "median"),
    )
    return Chosen(choice, indicator, dimensions, statuses, standing, years, provinces)


def _level(view: View, lines: Sequence[str]) -> str:
    """Return the level of the first region of the series, whose like the coverage is told of."""
    regions = (region_by_code(view.release, code) for code in lines)
    return next((region.level for region in regions if region), LEVELS[-1])


def _lines(view: View) -> tuple[str, ...]:
    """Return the codes of today of the regions that an address names, by any code they ever had."""
    lines: list[str] = []
    for code in view.texts("region"):
        region = region_by_code(view.release, code)
        if region is None:
            raise BadParameterError("region", code)
        lines.append(region.code)
    if len(lines) > MOST_LINES:
        raise BadParameterError("region", f"{len(lines)} > {MOST_LINES}")
    return tuple(dict.fromkeys(lines))
