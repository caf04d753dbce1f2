"""Decisions from the review list: who may take them, what is refused, and where they are written."""

from __future__ import annotations

import re
import shutil
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from made_desk import MadeDesk
from serving import NARROW, Answer, OpenPage, Serve, Site, served

from explorer.app import create_app
from explorer.desk import Decided, Decision, DecisionRefusedError, NumberKey
from explorer.health_review import LONGEST_BODY
from pipelines.decisions import DECISIONS, load_decisions
from pipelines.explorer_desk import NightlyDesk
from warehouse.paths import Home

# 'name="token" value="abc"': what a form of the page must send back
TOKEN = re.compile(r'name="token" value="([^"]+)"')
NUMBER: dict[str, Any] = {
    "document_id": "d1",
    "observation_id": "d1-000100",
    "reason": "low_confidence",
    "report_id": "government:510500:2023",
    "report_year": 2023,
    "region_code": "510500",
    "region_name": "泸州市",
    "indicator_code": "RR_CLOSED",
    "value": 12.0,
    "value_text": "12",
    "unit": "件",
    "confidence_final": 0.4,
    "sentence": "办结<b>复议</b>案件12件。",
    "url": "http://portal.example/1.html",
}
REVIEW = {
    "fct_review": [NUMBER, NUMBER | {"observation_id": "d1-000200", "reason": "broken_identity", "region_code": None}],
    "dim_region": [{"region_code": "510000", "region_name": "四川省"}],
}
FORM = {
    "document_id": "d1",
    "observation_id": "d1-000100",
    "action": "confirm",
    "value": "",
    "reason": "看过原文",
    "evidence": "",
    "who": "王某",
    "replacing": "",
}
KEY = NumberKey("http://portal.example/1.html", "RR_CLOSED", "", "12", "办结<b>复议</b>案件12件。")


def token_of(site: Site) -> str:
    """The token that the forms of an explorer carry."""
    found = TOKEN.search(site.get("/health/review").text)
    assert found is not None
    return found[1]


def post(site: Site, form: dict[str, str], query: str = "", **headers: str) -> Answer:
    """Send a form as a browser does from a page of the explorer; headers change what it says of itself."""
    said = {"Origin": site.address, "Sec-Fetch-Site": "same-origin"} | {
        name.replace("_", "-"): value for name, value in headers.items()
    }
    request = urllib.request.Request(
        f"{site.address}/health/decide{query}",
        data=urlencode(form).encode(),
        headers={name: value for name, value in said.items() if value},
    )
    return site.send(request)


def test_a_decision_is_taken_and_leads_back(serve_release: Serve) -> None:
    desk = MadeDesk()
    site = serve_release(REVIEW, desk, may_edit=True)
    form = FORM | {"token": token_of(site), "action": "override", "value": "1,200.5", "evidence": "http://a.example/"}
    answer = post(site, form, "?reason=low_confidence&lang=en")
    assert answer.status == 200
    assert "/health/review?reason=low_confidence&lang=en&who=" in answer.url
    assert desk.taken == [
        Decision("d1", "d1-000100", "override", 1200.5, "看过原文", "http://a.example/", "王某", None)
    ]
    assert 'name="who" required value="王某"' in answer.text


@pytest.mark.parametrize(
    ("change", "status", "said"),
    [
        ({"reason": " "}, 422, "请写明理由"),
        ({"who": ""}, 422, "请写明决定人"),
        ({"action": "erase"}, 422, "请选择一种决定"),
        ({"action": "override", "value": "一百"}, 422, "“一百”不是数字"),
        ({"action": "override", "value": ""}, 422, "不是数字"),
        ({"action": "confirm", "value": "1"}, 422, "这种决定不带数值"),
        ({"reason": "x" * 3000}, 400, "reason"),
        ({"reason": "a\x07b"}, 400, "reason"),
    ],
)
def test_what_is_missing_is_said_and_what_was_typed_stays(
    serve_release: Serve, change: dict[str, str], status: int, said: str
) -> None:
    desk = MadeDesk()
    site = serve_release(REVIEW, desk, may_edit=True)
    answer = post(site, FORM | {"token": token_of(site)} | change)
    assert (answer.status, desk.taken) == (status, [])
    assert said in answer.text
    if status == 422 and "who" not in change:
        assert 'name="who" required value="王某"' in answer.text


def test_what_the_desk_refuses_is_said(serve_release: Serve) -> None:
    site = serve_release(REVIEW, MadeDesk(refuses="decided already: drop <b>"), may_edit=True)
    answer = post(site, FORM | {"token": token_of(site)})
    assert answer.status == 422
    assert "decided already: drop &lt;b&gt;" in answer.text


@pytest.mark.parametrize(
    ("change", "headers"),
    [
        ({"token": "guessed"}, {}),
        ({"token": ""}, {}),
        ({"token": "猜"}, {}),
        ({}, {"Origin": "http://evil.example"}),
        ({}, {"Origin": "null"}),
        ({}, {"Sec_Fetch_Site": "cross-site"}),
        ({}, {"Sec_Fetch_Site": "none"}),
        ({}, {"Origin": "", "Sec_Fetch_Site": ""}),
    ],
)
def test_forms_of_others_are_not_taken(serve_release: Serve, change: dict[str, str], headers: dict[str, str]) -> None:
    desk = MadeDesk()
    site = serve_release(REVIEW, desk, may_edit=True)
    answer = post(site, FORM | {"token": token_of(site)} | change, **headers)
    assert (answer.status, desk.taken) == (403, [])


def test_without_leave_nothing_is_taken(serve_release: Serve) -> None:
    desk = MadeDesk()
    site = serve_release(REVIEW, desk)
    assert "fazhi explore --edit" in site.get("/health/review").text
    assert TOKEN.search(site.get("/health/review").text) is None
    answer = post(site, FORM | {"token": "None"})
    assert (answer.status, desk.taken) == (403, [])


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b"a=" + b"x" * LONGEST_BODY, "application/x-www-form-urlencoded"),
        (b"{}", "application/json"),
        (b"&".join(b"a=1" for _ in range(50)), "application/x-www-form-urlencoded"),
        (b"a=%ff", "application/x-www-form-urlencoded"),
        ("a=王".encode(), "application/x-www-form-urlencoded"),
    ],
)
def test_what_is_no_form_is_refused(serve_release: Serve, body: bytes, content_type: str) -> None:
    site = serve_release(REVIEW, MadeDesk(), may_edit=True)
    request = urllib.request.Request(
        f"{site.address}/health/decide", data=body, headers={"Content-Type": content_type, "Origin": site.address}
    )
    assert site.send(request).status == 400


def test_decided_numbers_show_their_decision(serve_release: Serve) -> None:
    decided = Decided("0123456789ab", "override", "120", "看过原文 [王某]", "http://a.example/")
    site = serve_release(REVIEW, MadeDesk(decided_told={KEY: decided}), may_edit=True)
    page = site.get("/health/review?reason=low_confidence&written=0123456789ab").text
    assert "已写入 corrections.csv" in page
    assert "看过原文 [王某]" in page
    assert 'name="replacing" value="0123456789ab"' in page
    assert "<b>复议" not in page


def test_an_older_release_is_not_decided_on(serve_release: Serve) -> None:
    site = serve_release(REVIEW, MadeDesk(), may_edit=True)
    page = site.get(f"/health/review?release={site.release.name}").text
    assert TOKEN.search(page) is None
    assert "只能对最新版本作决定" in page


@pytest.mark.parametrize(
    ("query", "count"), [("", 2), ("?reason=broken_identity", 1), ("?region=510000", 1), ("?indicator=RR_CLOSED", 2)]
)
def test_the_list_is_filtered(serve_release: Serve, query: str, count: int) -> None:
    page = serve_release(REVIEW, MadeDesk()).get(f"/health/review{query}").text
    assert f"共 {count} 条" in page
    assert page.count('class="health-head"') == count
    assert 'href="/evidence/d1/d1-000200"' in page or query == "?region=510000"


@pytest.fixture
def nightly(sample_home: Home, tmp_path: Path) -> Iterator[tuple[Site, NightlyDesk, Path]]:
    """The explorer of the sample night as ``fazhi explore --edit`` starts it, with a file of decisions of its own."""
    decisions = tmp_path / "corrections.csv"
    shutil.copy(DECISIONS, decisions)
    desk = NightlyDesk(sample_home, decisions)
    with served(create_app(sample_home, desk, may_edit=True), sample_home) as site:
        yield site, desk, decisions


def test_in_a_browser_a_decision_is_written(nightly: tuple[Site, NightlyDesk, Path], browser_page: OpenPage) -> None:
    site, _, decisions = nightly
    before = load_decisions(decisions)
    waiting = site.release.rows("select * from fct_review order by report_year desc, region_code, char_start")
    page = browser_page(site, NARROW)
    page.goto("/health/review")
    assert page.locator(".health-rows > li").count() == len(waiting)
    first = page.locator(".health-rows > li").first
    first.locator("summary").click()
    first.locator("[name=action]").select_option("drop")
    first.locator("[name=reason]").fill("并非该指标")
    first.locator("[name=who]").fill("王某")
    first.locator("button").click()
    page.wait_for_url("**/health/review?*written=*")
    assert "已决定" in page.locator(".health-rows > li").first.inner_text()
    new = [each for each in load_decisions(decisions) if each not in before]
    assert [(each.action, each.reason, each.evidence_url) for each in new] == [
        ("drop", "并非该指标 [王某]", waiting[0]["url"])
    ]
    assert new[0].guard.expect_sentence == waiting[0]["sentence"]


def test_decisions_go_by_the_rules_of_the_command(nightly: tuple[Site, NightlyDesk, Path]) -> None:
    site, desk, decisions = nightly
    row = site.release.row("select document_id, observation_id from fct_review order by observation_id")
    assert row is not None
    first = Decision(row["document_id"], row["observation_id"], "confirm", None, "对", "", "王某", None)
    name = desk.decide(first)
    refused = [
        (first, "decided already"),
        (Decision("none", "none", "drop", None, "错", "", "王某", None), "no number none/none"),
        (Decision(row["document_id"], row["observation_id"], "erase", None, "错", "", "王某", None), "one of confirm"),
        (
            Decision(row["document_id"], row["observation_id"], "drop", None, "错", "no address", "王某", name),
            "address",
        ),
        (Decision(row["document_id"], row["observation_id"], "scale", -1, "错", "", "王某", name), "scale can use"),
    ]
    for decision, said in refused:
        with pytest.raises(DecisionRefusedError, match=said):
            desk.decide(decision)
    again = desk.decide(Decision(row["document_id"], row["observation_id"], "drop", None, "错", "", "李某", name))
    assert [each.reason for each in load_decisions(decisions) if each.correction_id == again] == ["错 [李某]"]


def test_the_nights_of_a_home_are_told(nightly: tuple[Site, NightlyDesk, Path]) -> None:
    site, desk, _ = nightly
    page = site.get("/health").text
    assert "发布了新版本" in page
    assert [night.status for night in desk.nights(5)] == ["published"]
    assert not any(source.is_failing for source in desk.sources())
    assert desk.morning().came["sources asked"] == len(desk.sources())
