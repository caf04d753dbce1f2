"""Indicators: the catalogue to choose from, and a page for each: how it moves over years and between regions.

Pages and files are wired to their views here; how a view is made stands in indicator_series, indicator_year and
indicator_provinces, the plots in charts.
"""

from __future__ import annotations

from collections.abc import Callable

from starlette.responses import RedirectResponse, Response

from explorer.charts import MOST_LINES, draw_png, draw_svg
from explorer.finding import LEVELS, Found, find_regions
from explorer.indicator_catalogue import Filters, catalogue_rows, domains_of, listed
from explorer.indicator_choice import MEASURES, ORDERS, SCALES, VIEWS, Chosen, choose
from explorer.indicator_data import TOTAL, units_of
from explorer.indicator_provinces import provinces
from explorer.indicator_series import series
from explorer.indicator_shown import Shown, evidence, indicator_name, printed
from explorer.indicator_year import distribution, ranking
from explorer.web import NotFoundError, View, download, page_route

TIERS = ("core", "extended")
FILES = ("csv", "svg", "png")
SHOWS: dict[str, Callable[[View, Chosen], Shown]] = {
    "series": series,
    "ranking": ranking,
    "distribution": distribution,
    "provinces": provinces,
}


def catalogue_page(view: View) -> Response:
    """Return the catalogue of indicators, or those of it that fit what was typed."""
    filters = Filters(
        asked=view.text("q"),
        domain=view.choice("domain", ["", *domains_of(view.release)], ""),
        tier=view.choice("tier", ["", *TIERS], ""),
        with_numbers=view.choice("numbers", ["", "yes"], "") == "yes",
    )
    found = listed(view.release, filters)
    return view.page(
        "indicators.html",
        filters=filters,
        found=found,
        domains=domains_of(view.release),
        tiers=TIERS,
        count=len(catalogue_rows(view.release)),
    )


def indicator_page(view: View) -> Response:
    """Return the page of an indicator in the view that the address asks for."""
    chosen = choose(view, view.path("code"))
    choice = chosen.choice
    asked = view.text("find")
    found = find_regions(view.release, asked) if asked else []
    fresh = [region for region in found if region.code not in choice.lines or choice.is_default]
    if len(found) == 1 and fresh and len(_kept(chosen)) < MOST_LINES:
        return RedirectResponse(_with_region(view, chosen, found[0]), status_code=303)
    shown = SHOWS[choice.view](view, chosen)
    svg = _svg(view, shown, with_links=True)
    tallies = [(year, chosen.standing.over([year], choice.level)) for year in reversed(chosen.all_years)]
    span = choice.years if choice.view in ("series", "provinces") else tuple(filter(None, [choice.year]))
    return view.page(
        "indicator.html",
        chosen=chosen,
        choice=choice,
        name=indicator_name(view, chosen),
        shown=shown,
        svg=svg,
        views=VIEWS,
        levels=LEVELS,
        orders=ORDERS,
        scales=SCALES,
        measures=MEASURES,
        total=TOTAL,
        units=units_of(view.release, choice.code, choice.dimension, choice.status),
        tallies=[(year, tally) for year, tally in tallies if tally.expected or tally.stated],
        span=span,
        tally=chosen.standing.over(span, choice.level),
        asked=asked,
        found=[(region, _with_region(view, chosen, region)) for region in fresh],
        evidence=evidence,
        printed=printed,
        files={ending: view.link(f"/indicator/{choice.code}.{ending}", **_parameters(view)) for ending in FILES},
        **shown.context,
    )


def indicator_csv(view: View) -> Response:
    """Return the numbers of a view as CSV."""
    chosen = choose(view, view.path("code"))
    shown = SHOWS[chosen.choice.view](view, chosen)
    return view.csv(_file_name(view, chosen), shown.records(), shown.columns)


def indicator_svg(view: View) -> Response:
    """Return the plot of a view as SVG."""
    chosen = choose(view, view.path("code"))
    svg = _svg(view, SHOWS[chosen.choice.view](view, chosen), with_links=False)
    if svg is None:
        raise NotFoundError(f"{chosen.choice.code}.svg")
    return download(svg, f"{_file_name(view, chosen)}.svg", "image/svg+xml")


def indicator_png(view: View) -> Response:
    """Return the plot of a view as PNG."""
    chosen = choose(view, view.path("code"))
    chart = SHOWS[chosen.choice.view](view, chosen).chart
    if chart is None:
        raise NotFoundError(f"{chosen.choice.code}.png")
    return download(draw_png(chart), f"{_file_name(view, chosen)}.png", "image/png")


def _svg(view: View, shown: Shown, *, with_links: bool) -> str | None:
    chart = shown.chart
    if chart is None:
        return None
    key = ("indicator.svg", chart.fingerprint, with_links)
    return view.release.remember(key, lambda: draw_svg(chart, with_links=with_links))


def _kept(chosen: Chosen) -> list[str]:
    """Return the regions that an added one joins: those that were chosen, not those of a page where nobody chose."""
    return [] if chosen.choice.is_default else list(chosen.choice.lines)


def _with_region(view: View, chosen: Chosen, region: Found) -> str:
    return view.here(region=[*_kept(chosen), region.code], find=None)


def _parameters(view: View) -> dict[str, object]:
    query = view.request.query_params
    return {name: query.getlist(name) for name in query if name != "find"}


def _file_name(view: View, chosen: Chosen) -> str:
    choice = chosen.choice
    parts = [choice.code, choice.view]
    if choice.view in ("ranking", "distribution"):
        parts.extend([str(choice.year or ""), choice.level])
    return "-".join(filter(None, [*parts, view.release.name]))


ROUTES = (
    page_route("/indicators", catalogue_page),
    page_route("/indicator/{code}.csv", indicator_csv),
    page_route("/indicator/{code}.svg", indicator_svg),
    page_route("/indicator/{code}.png", indicator_png),
    page_route("/indicator/{code}", indicator_page),
)
