"""The benchmark's own parts: its portal, its simulator, its figures."""

from __future__ import annotations

import pytest

from scrapers.bench import ENTRIES_A_PAGE, PAGE_BYTES, article_body, ideal_seconds, list_body, show, simulate
from scrapers.families import FAMILIES
from scrapers.families.common import WebPage
from scrapers.titles import TitleRule


def test_pages_are_large_and_all_different() -> None:
    bodies = {article_body(number) for number in range(5)}
    assert len(bodies) == 5
    assert all(PAGE_BYTES <= len(body) < PAGE_BYTES + 500 for body in bodies)


@pytest.mark.parametrize(("page", "entries", "following"), [(1, ENTRIES_A_PAGE, "/list/2.html"), (3, 50, None)])
def test_lists_are_read_by_the_family_without_a_cms(page: int, entries: int, following: str | None) -> None:
    url = f"http://127.0.0.1:1/list/{page}.html"
    found = FAMILIES["generic"].read_list(WebPage(url, list_body(page, 3, 250).decode()))
    assert len(found.entries) == entries
    assert all(TitleRule().wants(entry.title) for entry in found.entries)
    assert found.next_url == (following and f"http://127.0.0.1:1{following}")


def test_a_simulated_host_alone_takes_its_delays() -> None:
    sweep = simulate(1, 4, delay=3.0, concurrency=8)
    assert 3 * 1.5 <= sweep.seconds <= 3 * 4.5 + 1


def test_many_hosts_wait_for_places_not_for_each_other() -> None:
    alone, crowd = (simulate(hosts, 4, delay=3.0, concurrency=400) for hosts in (1, 100))
    assert crowd.fast_median < 2 * alone.seconds
    assert simulate(800, 4, delay=3.0, concurrency=100).seconds > 2 * crowd.seconds


def test_slow_hosts_hold_up_the_others_little() -> None:
    plain = simulate(800, 4, delay=3.0, concurrency=400)
    slow = simulate(800, 4, delay=3.0, concurrency=400, slow_share=0.05)
    assert slow.seconds > 100
    assert slow.fast_seconds < 1.5 * plain.fast_seconds


def test_a_sweep_is_the_same_each_time() -> None:
    assert simulate(50, 4, delay=3.0, concurrency=8) == simulate(50, 4, delay=3.0, concurrency=8)


@pytest.mark.parametrize(("hosts", "concurrency", "seconds"), [(10, 400, 9.4), (3200, 400, 12.8), (3200, 16, 320.0)])
def test_the_ideal_is_one_hosts_delays_or_all_requests_at_once(hosts: int, concurrency: int, seconds: float) -> None:
    assert ideal_seconds(hosts, 4, delay=3.0, concurrency=concurrency) == pytest.approx(seconds)


def test_figures_are_shown_one_a_line() -> None:
    assert show({"ratio": 0.9, "pages": 5}) == "ratio  0.9\npages  5"
