"""How pages look: nothing serious that axe-core finds, nothing wider than the window, and a picture of each.

Pictures are kept where FAZHI_SCREENSHOTS says, to be looked at; else they go with the other files of the test.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from serving import NARROW, WIDE, OpenPage, Site

REPORT = "government:510500:2017"
VIEWS = {
    "coverage": "/coverage",
    "coverage-province": "/coverage?region=510000",
    "coverage-table": "/coverage?view=table",
    "cell-published": "/cell/510500/2017",
    "cell-missing": "/cell/510500/2016",
    "regions": "/regions",
    "region": "/region/220581",
    "indicators": "/indicators",
    "indicator-series": "/indicator/RR_RECEIVED?region=510500&region=350123",
    "indicator-ranking": "/indicator/RR_RECEIVED?view=ranking&year=2017",
    "indicator-distribution": "/indicator/RR_RECEIVED?view=distribution&year=2017",
    "indicator-provinces": "/indicator/RR_RECEIVED?view=provinces",
    "reports": "/reports",
    "report": f"/report/{REPORT}",
    "search": "/search?q=行政复议",
    "health": "/health",
}
SIZES = {"wide": WIDE, "narrow": NARROW}
GRAVE = {"serious", "critical"}


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("name", VIEWS)
def test_a_page_can_be_read_by_everybody(
    site: Site, browser_page: OpenPage, tmp_path: Path, name: str, size: str
) -> None:
    page = browser_page(site, SIZES[size])
    answer = page.goto(VIEWS[name])
    assert answer is not None
    assert answer.status == 200
    folder = Path(os.environ.get("FAZHI_SCREENSHOTS") or tmp_path)
    folder.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=folder / f"{name}-{size}.png", full_page=size == "wide")
    found = [each for each in Axe().run(page).response["violations"] if each["impact"] in GRAVE]
    assert [(each["id"], [node["target"] for node in each["nodes"]]) for each in found] == []
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")


@pytest.mark.parametrize("name", ["coverage", "report", "indicator-series"])
def test_the_keyboard_reaches_the_content_first(site: Site, browser_page: OpenPage, name: str) -> None:
    page = browser_page(site)
    page.goto(VIEWS[name])
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"
