"""Plots: rows in, a Vega-Lite specification out, and that drawn as SVG or PNG without asking anybody.

What a plot says in words never reaches Vega. Each text goes in as a stand-in ("~0007~~~") of about its width and is put
in its place, escaped, when the drawing is done: names are data and may be hostile, links must be ours alone (Vega would
lead a path of ours to a host of its own), and measuring Chinese in a font of twenty megabytes costs 10 ms for each text
where a stand-in in a narrow font costs less than one.

Which rows a plot shows does not belong here.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from html import escape
from math import ceil
from typing import Any
from unicodedata import east_asian_width

Spec = dict[str, Any]

# Okabe and Ito's palette, without its yellow, which a white ground swallows; each line has a dash of its own too.
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#000000", "#56B4E9", "#E69F00", "#666666")
DASHES = ((1, 0), (6, 2), (2, 2), (8, 2, 2, 2), (1, 0), (6, 2), (2, 2), (8, 2, 2, 2))
MOST_LINES = len(COLOURS)
SHAPES = {
    "plain": "circle",
    "conflict": "diamond",
    "unsure": "triangle-down",
    "cumulative": "square",
    "rounded": "cross",
}
"""Kind of number → mark; the first that applies, in the order conflict, unsure, cumulative, rounded, plain."""

INK, SOFT, GRID, BREAK = "#1b2326", "#55626a", "#e3e7ea", "#8a4b00"
PLOT_WIDTH = 720
LAYOUT_FONT = "monospace"
LAYOUT_WIDTH = 0.6
"""Width of a letter of that font, in its size."""
FONTS = "system-ui, PingFang SC, Hiragino Sans GB, Microsoft YaHei, Noto Sans CJK SC, Noto Sans SC, sans-serif"
PNG_FONTS = "Noto Sans CJK SC, Noto Sans SC, PingFang SC, Microsoft YaHei, sans-serif"
PNG_SCALE = 2.0
NUMBER_FORMAT = ",.10~g"

# "~0007~~~"
STAND_IN = re.compile(r"~(\d{4})~+")
# "<path aria-label="~0007~" role="graphics-symbol" d="M0,0" fill="#000"/>"
LABELLED_MARK = re.compile(r'<(path|line) aria-label="~(\d{4})~+"([^<>]*)/>')
# ' aria-roledescription="symbol mark container"': English words that a screen reader would read out for every group
ROLE = re.compile(r' (?:role="graphics-[a-z]+"|aria-roledescription="[^"]*")')
# '<g class="role-title-text" aria-label="~0000~~~"': a name on a group, which has no role and so may have none
GROUP_LABEL = re.compile(r'(<g\b[^<>]*?) aria-label="[^"]*"')
# 'font-family="monospace"'
FONT = re.compile(r'font-family="[^"]*"')

# Cutting, flushing and thinning labels would measure each of them again, a millisecond each time: none is needed here.
CONFIG: Spec = {
    "font": LAYOUT_FONT,
    "background": "#ffffff",
    "axis": {
        "aria": False,
        "labelLimit": 0,
        "titleLimit": 0,
        "labelOverlap": False,
        "labelFlush": False,
        "labelColor": SOFT,
        "titleColor": SOFT,
        "titleFontWeight": "normal",
        "labelFontSize": 12,
        "titleFontSize": 12,
        "gridColor": GRID,
        "domainColor": "#8b979e",
        "tickColor": "#8b979e",
    },
    "legend": {"aria": False, "labelFontSize": 12, "labelColor": INK, "labelLimit": 0, "symbolStrokeWidth": 2},
    "title": {
        "aria": False,
        "anchor": "start",
        "limit": 0,
        "frame": "group",
        "fontSize": 14,
        "subtitleFontSize": 12,
        "subtitleColor": SOFT,
    },
    "header": {"labelLimit": 0, "labelFontSize": 12, "labelColor": INK, "title": None},
    "view": {"stroke": None},
    "line": {"strokeWidth": 2},
    "rule": {"aria": False},
}


@dataclass(frozen=True)
class Mark:
    """A number in a plot.

    Attributes:
        line: number of the line, bar or panel it stands in, from 0.
        year: where it stands on the axis of years; 0 for plots without one.
        value: the number.
        upper: upper end of a range; None when it is none.
        kind: key of SHAPES.
        label: what the mark says in words.
        path: path of ours that it leads to; None when it leads nowhere.
    """

    line: int
    year: int
    value: float
    upper: float | None
    kind: str
    label: str
    path: str | None


@dataclass(frozen=True)
class Note:
    """Something that happened in a year: the rules of counting changed, or the code of a region.

    Attributes:
        year: when.
        label: what, in words.
    """

    year: int
    label: str


@dataclass(frozen=True)
class Words:
    """What every plot says: title, subtitle, unit, and the names of the kinds of marks."""

    title: str
    subtitle: str
    unit: str
    kinds: Mapping[str, str]


@dataclass(frozen=True)
class Chart:
    """A specification with stand-ins, and the texts and paths they stand for."""

    spec: Spec
    title: str
    texts: Sequence[str]
    paths: Mapping[int, str]

    @property
    def fingerprint(self) -> str:
        """What a drawing of it can be remembered by."""
        whole = json.dumps([self.spec, self.texts, sorted(self.paths.items())])
        return sha256(whole.encode()).hexdigest()


@dataclass
class _Sayings:
    """Texts of one plot, each behind a stand-in; equal texts keep stand-ins of their own."""

    texts: list[str] = field(default_factory=list)
    paths: dict[int, str] = field(default_factory=dict)

    def say(self, text: str) -> str:
        """Return a stand-in about as wide as a text."""
        width = sum(1.0 if east_asian_width(letter) in "WF" else 0.55 for letter in text)
        self.texts.append(text)
        return f"~{len(self.texts) - 1:04d}~".ljust(ceil(width / LAYOUT_WIDTH), "~")

    def mark(self, text: str, path: str | None) -> str:
        """Return a stand-in for the label of a mark that leads to a path."""
        if path is not None:
            if not path.startswith("/") or path.startswith("//"):
                raise ValueError(f"a mark may only lead to a path of ours, not to {path!r}")
            self.paths[len(self.texts)] = path
        self.texts.append(text)
        return f"~{len(self.texts) - 1:04d}~"


def series_chart(
    words: Words,
    names: Sequence[str],
    years: Sequence[int],
    marks: Sequence[Mark],
    breaks: Sequence[Note],
    moves: Mapping[tuple[int, int], str],
    *,
    from_zero: bool,
) -> Chart:
    """Return lines over years, interrupted where a year is missing.

    Args:
        words: what every plot says.
        names: of the lines.
        years: all years of the axis, also those without a number.
        marks: the numbers.
        breaks: years in which the rules of counting changed.
        moves: (line, year) → in words, where a line goes on under another code or name.
        from_zero: whether the axis begins at zero.
    """
    say = _Sayings()
    titles = [say.say(name) for name in names]
    kinds = _kinds(say, words, marks)
    rows = _rows(say, marks, titles, kinds)
    rings = [
        {
            "line": titles[mark.line],
            "year": mark.year,
            "value": mark.value,
            "label": say.mark(moves[mark.line, mark.year], None),
        }
        for mark in marks
        if (mark.line, mark.year) in moves
    ]
    x = {
        "field": "year",
        "type": "ordinal",
        "scale": {"domain": list(years), "padding": 0.3},
        "axis": {"title": None, "labelAngle": 0, "grid": False},
    }
    y = _quantity(say.say(words.unit), from_zero=from_zero)
    colour = {
        "field": "line",
        "type": "nominal",
        "scale": {"domain": titles, "range": list(COLOURS[: len(titles)])},
        "legend": {"title": None, "orient": "top", "columns": 4, "symbolType": "stroke", "symbolSize": 300},
    }
    dash = {**colour, "scale": {"domain": titles, "range": [list(each) for each in DASHES[: len(titles)]]}}
    layers: list[Spec] = [
        _break_layer(say, breaks, x),
        {
            "data": {"values": rows},
            "mark": {"type": "line", "aria": False},
            "encoding": {"x": x, "y": y, "color": colour, "strokeDash": dash, "detail": {"field": "run"}},
        },
        _range_layer([row for row in rows if "upper" in row], {"x": x, "y": y, "color": colour}),
        {
            "data": {"values": rings},
            "mark": {"type": "point", "shape": "circle", "size": 260, "filled": False},
            "encoding": {"x": x, "y": y, "color": colour, "description": {"field": "label"}},
        },
        {
            "data": {"values": rows},
            "mark": {"type": "point", "filled": True, "size": 75, "opacity": 1},
            "encoding": {"x": x, "y": y, "color": colour, "shape": kinds.shape, "description": {"field": "label"}},
        },
    ]
    return _chart(say, words, {"width": PLOT_WIDTH, "height": 300, "layer": layers})


def ranking_chart(words: Words, names: Sequence[str], marks: Sequence[Mark]) -> Chart:
    """Return one bar for each region, in the order given."""
    say = _Sayings()
    titles = [say.say(name) for name in names]
    kinds = _kinds(say, words, marks)
    rows = _rows(say, marks, titles, kinds)
    y = {
        "field": "line",
        "type": "nominal",
        "scale": {"domain": titles},
        "axis": {"title": None, "ticks": False, "domain": False, "labelColor": INK},
    }
    x = {**_quantity(say.say(words.unit), from_zero=True), "stack": None}
    shape = kinds.shape
    if shape["legend"]:
        shape = {**shape, "legend": {**shape["legend"], "values": list(kinds.names.values())[1:]}}
    layers: list[Spec] = [
        {
            "data": {"values": rows},
            "mark": {"type": "bar", "color": COLOURS[0], "height": {"band": 0.66}},
            "encoding": {"y": y, "x": x, "description": {"field": "label"}},
        },
        {
            "data": {"values": [row for row in rows if row["kind"] != kinds.plain]},
            "mark": {"type": "point", "filled": True, "size": 70, "color": COLOURS[1], "opacity": 1, "aria": False},
            "encoding": {"y": y, "x": x, "shape": shape},
        },
    ]
    return _chart(say, words, {"width": PLOT_WIDTH - 140, "height": {"step": 21}, "layer": layers})


def histogram_chart(words: Words, bins: Sequence[Mark], names: Sequence[str], remarks: Mapping[int, str]) -> Chart:
    """Return one bar for each span of values, with remarks (such as where the median lies) above some of them."""
    say = _Sayings()
    titles = [say.say(name) for name in names]
    kinds = _kinds(say, words, bins)
    rows = _rows(say, bins, titles, kinds)
    x = {
        "field": "line",
        "type": "nominal",
        "scale": {"domain": titles, "paddingInner": 0.08},
        "axis": {"title": None, "labelAngle": -40, "grid": False, "labelOverlap": False},
    }
    y = {**_quantity(say.say(words.unit), from_zero=True), "stack": None}
    above = [{**rows[line], "remark": say.say(remark)} for line, remark in remarks.items()]
    layers: list[Spec] = [
        {
            "data": {"values": rows},
            "mark": {"type": "bar", "color": COLOURS[0]},
            "encoding": {"x": x, "y": y, "description": {"field": "label"}},
        },
        {
            "data": {"values": above},
            "mark": {"type": "text", "dy": -7, "fontSize": 12, "color": INK, "aria": False},
            "encoding": {"x": x, "y": y, "text": {"field": "remark"}},
        },
    ]
    return _chart(say, words, {"width": PLOT_WIDTH, "height": 280, "layer": layers})


def panels_chart(
    words: Words, names: Sequence[str], years: Sequence[int], marks: Sequence[Mark], *, from_zero: bool
) -> Chart:
    """Return a small plot over years for each name, all on one scale."""
    say = _Sayings()
    titles = [say.say(name) for name in names]
    kinds = _kinds(say, words, marks)
    rows = _rows(say, marks, titles, kinds)
    present = {str(row["line"]) for row in rows}
    rows.extend({"line": title} for title in titles if title not in present)
    x = {
        "field": "year",
        "type": "quantitative",
        "scale": {"domain": [years[0], years[-1]], "nice": False, "zero": False},
        "axis": {
            "title": None,
            "grid": False,
            "format": "d",
            "values": sorted({years[0], years[-1]}),
            "labelAlign": {"expr": f"datum.value == {years[0]} ? 'left' : 'right'"},
        },
    }
    y = _quantity(say.say(words.unit), from_zero=from_zero)
    y["axis"] |= {"tickCount": 3, "title": None}
    encoding: Spec = {"x": x, "y": y}
    layers: list[Spec] = [
        {
            "mark": {"type": "line", "aria": False, "color": COLOURS[0], "strokeWidth": 1.5},
            "encoding": {**encoding, "detail": {"field": "run"}},
        },
        {
            "mark": {"type": "point", "filled": True, "size": 28, "color": COLOURS[0], "opacity": 1},
            "encoding": {**encoding, "shape": kinds.shape, "description": {"field": "label"}},
        },
    ]
    spec: Spec = {
        "data": {"values": rows},
        "facet": {"field": "line", "type": "nominal", "header": {"labelAnchor": "start", "labelPadding": 2}},
        "columns": 5,
        "spacing": {"row": 14, "column": 16},
        "spec": {"width": 126, "height": 64, "layer": layers},
    }
    return _chart(say, words, spec)


def draw_svg(chart: Chart, *, with_links: bool) -> str:
    """Return a chart as SVG that may stand in a page: no scripts, no ids, no addresses but paths of ours.

    Args:
        chart: what to draw.
        with_links: whether its marks are links; in a file that is kept they would lead nowhere.
    """
    import vl_convert

    raw: str = vl_convert.vegalite_to_svg(json.dumps(chart.spec), allowed_base_urls=[])
    texts = [escape(text) for text in chart.texts]

    def mark(found: re.Match[str]) -> str:
        name, index, attributes = found[1], int(found[2]), found[3]
        path = chart.paths.get(index) if with_links else None
        if path is None:
            return f'<{name} role="img" aria-label="{texts[index]}"{attributes}/>'
        return f'<a href="{escape(path)}" aria-label="{texts[index]}"><{name}{attributes}/></a>'

    drawn = GROUP_LABEL.sub(r"\1", ROLE.sub("", raw))
    drawn = LABELLED_MARK.sub(mark, drawn)
    drawn = STAND_IN.sub(lambda found: texts[int(found[1])], drawn)
    drawn = FONT.sub(f'font-family="{FONTS}"', drawn)
    return drawn.replace("<svg ", f'<svg role="group" aria-label="{escape(chart.title)}" ', 1)


def draw_png(chart: Chart) -> bytes:
    """Return a chart as PNG, twice as fine as a page shows it."""
    import vl_convert

    svg = draw_svg(chart, with_links=False).replace(f'font-family="{FONTS}"', f'font-family="{PNG_FONTS}"')
    png: bytes = vl_convert.svg_to_png(svg, scale=PNG_SCALE)
    return png


def warm_up() -> None:
    """Draw a small plot: the first takes more than a second, the next a twentieth of one."""
    words = Words("", "", "", dict.fromkeys(SHAPES, ""))
    mark = Mark(0, 2020, 1.0, None, "plain", "", None)
    draw_svg(series_chart(words, [""], [2020], [mark], [], {}, from_zero=True), with_links=False)


@dataclass(frozen=True)
class _Kinds:
    plain: str
    names: Mapping[str, str]
    shape: Spec


def _kinds(say: _Sayings, words: Words, marks: Iterable[Mark]) -> _Kinds:
    """Return stand-ins of the kinds that a plot has, and the encoding of their shapes, with a legend where needed."""
    used = {mark.kind for mark in marks} | {"plain"}
    names = {kind: say.say(words.kinds[kind]) for kind in SHAPES if kind in used}
    legend = {"title": None, "orient": "top", "symbolFillColor": INK, "symbolStrokeColor": INK}
    shape = {
        "field": "kind",
        "type": "nominal",
        "scale": {"domain": list(names.values()), "range": [SHAPES[kind] for kind in names]},
        "legend": legend if len(names) > 1 else None,
    }
    return _Kinds(names["plain"], names, shape)


def _rows(say: _Sayings, marks: Sequence[Mark], titles: Sequence[str], kinds: _Kinds) -> list[Spec]:
    """Return the rows of marks; consecutive years of a line share a run, so that nothing bridges a gap."""
    rows: list[Spec] = []
    runs: dict[int, tuple[int, int]] = {}
    for mark in sorted(marks, key=lambda each: (each.line, each.year)):
        last, run = runs.get(mark.line, (mark.year, 0))
        run += mark.year - last > 1
        runs[mark.line] = (mark.year, run)
        row: Spec = {
            "line": titles[mark.line],
            "year": mark.year,
            "value": mark.value,
            "run": f"{mark.line}.{run}",
            "kind": kinds.names[mark.kind],
            "label": say.mark(mark.label, mark.path),
        }
        if mark.upper is not None:
            row["upper"] = mark.upper
        rows.append(row)
    return rows


def _quantity(title: str, *, from_zero: bool) -> Spec:
    axis = {"title": title, "format": NUMBER_FORMAT, "tickCount": 6}
    return {"field": "value", "type": "quantitative", "scale": {"zero": from_zero}, "axis": axis}


def _break_layer(say: _Sayings, breaks: Sequence[Note], x: Spec) -> Spec:
    rows = [{"year": note.year, "label": say.mark(note.label, None)} for note in breaks]
    return {
        "data": {"values": rows},
        "mark": {"type": "rule", "aria": True, "color": BREAK, "strokeDash": [3, 3], "strokeWidth": 1.5},
        "encoding": {"x": x, "description": {"field": "label"}},
    }


def _range_layer(rows: Sequence[Spec], encoding: Spec) -> Spec:
    mark = {"type": "rule", "strokeWidth": 1.5}
    return {"data": {"values": list(rows)}, "mark": mark, "encoding": {**encoding, "y2": {"field": "upper"}}}


def _chart(say: _Sayings, words: Words, body: Spec) -> Chart:
    title = {"text": say.say(words.title), "subtitle": say.say(words.subtitle)}
    spec = {"config": CONFIG, "padding": 8, "title": title, **body}
    return Chart(spec, words.title, tuple(say.texts), dict(say.paths))
