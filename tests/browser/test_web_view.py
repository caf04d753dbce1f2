"""Dagster's web view in a real browser: the graph, the provinces and the checks, as an operator sees them."""

from __future__ import annotations

import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from browsing import careful_page
from playwright.sync_api import Browser, Page, expect
from sample_night import free_port_row, guarded_home

from warehouse.paths import PROJECT_ROOT

# The machine may be busy with other tests; a view that is slow is not a view that is wrong.
PATIENCE_SECONDS = 300
LOCATION = "pipelines.definitions"
SEEN_SOURCE = "scrapers/sources/sample/sample-luoyuan.yml"
AWAY_SOURCE = """
id: away
name: 已关闭的样例门户
owner: 泸州市人民政府
region: "510500"
family: generic
start_urls:
  - http://127.0.0.1:{port}/list/
sample: true
"""
# The crawl and its checks, as the web view would run them: one source answers, one is away.
CRAWL = """
import sys
from pipelines.definitions import defs
from dagster import DagsterInstance, RunConfig, materialize
from pipelines.assets import CrawlConfig, captures, crawl
from pipelines.checks import watch
from pipelines.resources import NightHome
with DagsterInstance.get() as instance:
    materialize(
        [crawl, captures, watch],
        instance=instance,
        resources={"night": NightHome()},
        run_config=RunConfig({"crawl": CrawlConfig(sources=sys.argv[1:])}),
    )
"""


@pytest.fixture(scope="module")
def web_view(tmp_path_factory: pytest.TempPathFactory, browser: Browser) -> Iterator[str]:
    """The address of a web view over a data home in which a crawl has just ended."""
    root = tmp_path_factory.mktemp("operator")
    *portals, away, port = free_port_row(7)
    source = root / "away.yml"
    source.write_text(AWAY_SOURCE.format(port=away), encoding="utf-8")
    with guarded_home(root, portals[0]) as environment:
        home = Path(environment["FAZHI_HOME"])
        (home / "dagster").mkdir(parents=True)
        environment |= {"FAZHI_DAGSTER": str(home / "dagster"), "DAGSTER_HOME": str(PROJECT_ROOT)}
        crawl = [sys.executable, "-c", CRAWL, str(PROJECT_ROOT / SEEN_SOURCE), str(source)]
        subprocess.run(crawl, cwd=PROJECT_ROOT, env=environment, check=True, capture_output=True)
        command = [sys.executable, "-m", "dagster_webserver", "-m", LOCATION, "-h", "127.0.0.1", "-p", str(port)]
        with (root / "web.log").open("w", encoding="utf-8") as log:
            server = subprocess.Popen(command, cwd=PROJECT_ROOT, env=environment, stdout=log, stderr=subprocess.STDOUT)
            try:
                await_answer(f"http://127.0.0.1:{port}/server_info", server)
                yield f"http://127.0.0.1:{port}"
            finally:
                server.terminate()
                server.wait()


def await_answer(url: str, server: subprocess.Popen[bytes]) -> None:
    """Wait until the server answers.

    Raises:
        RuntimeError: it ended, or took too long.
    """
    deadline = time.monotonic() + PATIENCE_SECONDS
    while server.poll() is None and time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(url):
                return
        except OSError:
            time.sleep(0.5)
    raise RuntimeError("the web view did not start")


@pytest.fixture
def page(browser: Browser, web_view: str) -> Iterator[Page]:
    """A page that can reach this machine and nothing else, and in which nothing may break."""
    with careful_page(browser, web_view, 1600, 1200) as page:
        page.set_default_timeout(PATIENCE_SECONDS * 1000)
        expect.set_options(timeout=PATIENCE_SECONDS * 1000)
        yield page


def test_the_graph_of_the_raw_assets_is_drawn(page: Page) -> None:
    page.goto(f"/locations/{LOCATION}/asset-groups/raw/lineage")
    for asset in ("crawl", "captures", "documents", "observations"):
        expect(page.get_by_text(asset, exact=True).first).to_be_visible()


def test_the_whole_graph_has_its_groups(page: Page) -> None:
    page.goto("/asset-groups")
    for group in ("raw", "staging", "intermediate", "marts", "release"):
        expect(page.get_by_text(group, exact=True).first).to_be_visible()


def test_the_checks_of_the_crawl_tell_what_they_found(page: Page) -> None:
    page.goto("/assets/captures?view=checks&checkDetail=sources_reached")
    for text in ("sources_reached", "sources_fresh", "1 of 2 sources gave pages in the last crawl"):
        expect(page.get_by_text(text).first).to_be_visible()


def test_the_checks_of_the_gate_stand_with_their_mart(page: Page) -> None:
    page.goto("/assets/fct_report?view=checks")
    for check in ("reports_kept", "regions_resolved", "sources_have_reports"):
        expect(page.get_by_text(check).first).to_be_visible()


def test_each_province_has_its_state(page: Page) -> None:
    page.goto("/assets/crawl?view=partitions")
    for province in ("35-福建省", "51-四川省"):
        expect(page.get_by_text(province).first).to_be_visible()


def test_schedule_and_sensors_are_there(page: Page) -> None:
    page.goto(f"/locations/{LOCATION}/sensors")
    for sensor in ("crawl_ended", "run_abandoned", "run_succeeded", "run_failed"):
        expect(page.get_by_text(sensor).first).to_be_visible()
