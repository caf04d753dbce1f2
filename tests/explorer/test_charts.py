"""Plots: gaps, shapes, words that may be hostile, links that stay ours, and no host asked."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable

import pytest

from explorer.charts import (
    SHAPES,
    Chart,
    Mark,
    Note,
    Words,
    draw_png,
    draw_svg,
    histogram_chart,
    panels_chart,
    ranking_chart,
    series_chart,
)

HOSTILE = "<script>alert(1)</script>\"'&县"
WORDS = Words(f"题 {HOSTILE}", f"注 {HOSTILE}", "件", {kind: f"{kind}{HOSTILE}" for kind in SHAPES})
YEARS = (2015, 2016, 2017, 2018)


def mark(line: int, year: int, kind: str = "plain", upper: float | None = None) -> Mark:
    return Mark(
        line, year, 12.0 + year % 10, upper, kind, f"{HOSTILE} {year}年 12件", f'/evidence/d/{line}-{year}?a=1&b="'
    )


MARKS = [mark(0, 2015), mark(0, 2016, "rounded", 90.0), mark(0, 2018, "conflict"), mark(1, 2017, "unsure")]
CHARTS: dict[str, Callable[[], Chart]] = {
    "series": lambda: series_chart(
        WORDS, [HOSTILE, "乙"], YEARS, MARKS, [Note(2017, HOSTILE)], {(0, 2018): HOSTILE}, from_zero=True
    ),
    "ranking": lambda: ranking_chart(WORDS, [HOSTILE, "乙"], [mark(0, 0, "cumulative"), mark(1, 0)]),
    "distribution": lambda: histogram_chart(WORDS, [mark(0, 0), mark(1, 0)], ["0–1", HOSTILE], {1: HOSTILE}),
    "provinces": lambda: panels_chart(WORDS, [HOSTILE, "乙", "丙"], YEARS, MARKS, from_zero=False),
}


@pytest.mark.parametrize("name", CHARTS)
def test_words_of_the_data_are_text_and_nothing_else(name: str) -> None:
    svg = draw_svg(CHARTS[name](), with_links=True)
    root = ElementTree.fromstring(svg)  # noqa: S314 - what we drew ourselves
    tags = {element.tag.rpartition("}")[2] for element in root.iter()}
    assert tags <= {"svg", "g", "rect", "path", "line", "text", "a"}
    assert "~" not in svg
    assert any(HOSTILE in (element.text or "") for element in root.iter())
    assert HOSTILE in root.attrib["aria-label"]


@pytest.mark.parametrize("name", CHARTS)
def test_a_plot_holds_no_address_but_paths_of_ours_and_no_id_that_could_meet_another(name: str) -> None:
    root = ElementTree.fromstring(draw_svg(CHARTS[name](), with_links=True))  # noqa: S314 - what we drew ourselves
    attributes = [(key.rpartition("}")[2], value) for element in root.iter() for key, value in element.attrib.items()]
    links = [value for key, value in attributes if key == "href"]
    assert links
    assert all(link.startswith("/evidence/d/") for link in links)
    assert not [key for key, _ in attributes if key in ("id", "style", "clip-path")]
    assert not [value for key, value in attributes if "://" in value or value.startswith("url(")]


@pytest.mark.parametrize("name", CHARTS)
def test_only_what_can_be_named_has_a_name(name: str) -> None:
    svg = draw_svg(CHARTS[name](), with_links=True)
    assert set(re.findall(r"<(\w+)[^<>]* aria-label=", svg)) <= {"svg", "a", "path", "line"}
    assert "aria-roledescription" not in svg


@pytest.mark.parametrize("name", CHARTS)
def test_a_plot_that_is_kept_has_no_links(name: str) -> None:
    svg = draw_svg(CHARTS[name](), with_links=False)
    assert "<a " not in svg
    assert 'role="img" aria-label="&lt;script&gt;' in svg


@pytest.mark.parametrize("name", CHARTS)
def test_a_plot_becomes_a_picture(name: str) -> None:
    assert draw_png(CHARTS[name]()).startswith(b"\x89PNG\r\n")


def test_a_year_without_a_number_interrupts_the_line() -> None:
    svg = draw_svg(CHARTS["series"](), with_links=True)
    lines = [path for path in re.findall(r'<path d="(M[^"]*)" stroke="#', svg) if "L" in path]
    # Only 2015 and 2016 are joined; 2018 stands alone, and so does the one number of the second line.
    assert [path.count("L") for path in lines] == [1]


@pytest.mark.parametrize(("kinds", "named"), [(["plain"], 0), (["plain", "rounded"], 2), (["conflict", "unsure"], 3)])
def test_shapes_are_explained_where_there_is_more_than_one(kinds: list[str], named: int) -> None:
    words = Words("", "", "件", {kind: f"[{kind}]" for kind in SHAPES})
    marks = [mark(0, 2015 + place, kind) for place, kind in enumerate(kinds)]
    svg = draw_svg(series_chart(words, ["甲"], YEARS, marks, [], {}, from_zero=True), with_links=True)
    assert len(re.findall(r">\[[a-z]+\]<", svg)) == named


@pytest.mark.parametrize("path", ["https://example.org/", "//example.org/", "javascript:alert(1)", "evidence/1"])
def test_a_mark_may_lead_nowhere_else(path: str) -> None:
    with pytest.raises(ValueError, match="path of ours"):
        ranking_chart(WORDS, ["甲"], [Mark(0, 0, 1.0, None, "plain", "", path)])


def test_equal_plots_are_remembered_as_one() -> None:
    one, same, other = CHARTS["series"](), CHARTS["series"](), CHARTS["ranking"]()
    assert one.fingerprint == same.fingerprint != other.fingerprint
