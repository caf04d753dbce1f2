"""The overview of health and the attempts behind it: what there is, and what is lacking."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from made_desk import MadeDesk
from serving import OpenPage, Serve, Site

NOW = datetime(2026, 4, 20, 12, 0, tzinfo=UTC)


def attempt(number: int, host: str, outcome: str, outcome_class: str | None, **more: Any) -> dict[str, Any]:
    """An attempt; the number tells how many days before the newest it was."""
    usual = {
        "attempt_id": 100 - number,
        "host": host,
        "kind": "article",
        "outcome": outcome,
        "outcome_class": outcome_class,
        "started_at": NOW - timedelta(days=number),
        "url": f"http://{host}/{number}",
        "source_id": "one",
    }
    return usual | more


ATTEMPTS = [
    attempt(0, "a.example", "fetched", "seen"),
    attempt(1, "a.example", "timeout", "unreachable", detail="<i>slow</i>"),
    attempt(2, "b.example", "blocked:rs_412", "blocked", kind="list"),
    attempt(3, "b.example", "something_new", None),
    attempt(60, "c.example", "fetched", "seen"),
]


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("", ["a.example", "b.example", "共 2 个主机"]),
        ("?days=all", ["a.example", "b.example", "c.example", "共 3 个主机"]),
        ("?days=1", ["a.example", "共 1 个主机"]),
        ("?kind=list", ["b.example", "共 1 个主机"]),
    ],
)
def test_outcomes_by_host(serve_release: Serve, query: str, said: list[str]) -> None:
    page = serve_release({"fct_crawl_outcome": ATTEMPTS}).get(f"/health{query}").text
    assert [each for each in ("a.example", "b.example", "c.example") if each in page] == said[:-1]
    assert said[-1] in page


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("?days=all", 5),
        ("?days=30", 4),
        ("?days=all&class=seen", 2),
        ("?class=other", 1),
        ("?host=b.example", 2),
        ("?host=b.example&kind=list", 1),
        ("?outcome=timeout", 1),
    ],
)
def test_attempts_behind_a_count(serve_release: Serve, query: str, count: int) -> None:
    page = serve_release({"fct_crawl_outcome": ATTEMPTS}).get(f"/health/attempts{query}").text
    assert f"共 {count} 次" in page
    assert page.count("<td>one</td>") == count
    assert "<i>slow" not in page


def test_the_matrix_is_that_of_sql(site: Site, browser_page: OpenPage) -> None:
    counted = site.release.rows(
        "select host, outcome_class, count(*) as count from fct_crawl_outcome group by all order by all"
    )
    page = browser_page(site)
    for row in counted:
        page.goto("/health?days=all")
        line = page.locator("table.health-matrix tr", has=page.get_by_role("rowheader", name=row["host"], exact=True))
        cell = line.locator(f"td.health-{row['outcome_class']} a")
        assert cell.inner_text() == str(row["count"])
        cell.click()
        assert f"共 {row['count']} 次" in page.locator("caption").inner_text()


@pytest.mark.parametrize(
    "address",
    [
        "/health?days=2",
        "/health?kind=none",
        "/health?page=9",
        "/health/attempts?class=none",
        "/health/attempts?outcome=none",
        "/health/review?reason=none",
        "/health/review?indicator=none",
        "/health/review?region=999999",
        "/health/review?page=2",
    ],
)
def test_what_cannot_be_asked_is_named(site: Site, address: str) -> None:
    answer = site.get(address)
    assert answer.status == 400
    assert address.rpartition("=")[2] in answer.text


def test_the_desk_tells_of_nights_and_sources(serve_release: Serve) -> None:
    page = serve_release({}, MadeDesk()).get("/health").text
    for said in ("需要处理", "[RED] the release was withheld", "访问来源", "something new", "fazhi status"):
        assert said in page
    for said in ("未发布（检查不通过）", "2020-01-02 03:04", "read: no memory", "01234567", "泸州市人民政府网"):
        assert said in page
    assert "3 rows &lt;b&gt;fewer" in page
    assert "被拦截（瑞数）" in page
    assert "久无音信" in page
    assert "正常</span>" not in page


def test_what_the_desk_cannot_tell_is_said_in_its_place(serve_release: Serve) -> None:
    desk = MadeDesk(morning_told="bad record", nights_told="bad file", sources_told="no ledger")
    site = serve_release({"fct_crawl_outcome": ATTEMPTS}, desk)
    page = site.get("/health").text
    for said in ("bad record", "bad file", "no ledger", "a.example"):
        assert said in page


def test_before_the_first_night(serve_release: Serve) -> None:
    page = serve_release({}, MadeDesk(nights_told=(), sources_told=())).get("/health").text
    for said in ("还没有运行记录", "没有等待复核的数字", "没有访问记录", "每个来源上次都取得了页面"):
        assert said in page


def test_without_a_desk_the_release_is_shown(site: Site) -> None:
    page = site.get("/health?lang=en").text
    assert "started without the nightly job" in page
    assert "127.0.0.1" in page
