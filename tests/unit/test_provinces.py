"""Provinces: their keys, their source files, what a crawl gave of each."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from pipelines.provinces import (
    UnknownProvinceError,
    crawled_provinces,
    files_of,
    province_key,
    province_of,
    provinces,
)
from warehouse.ledger import Ledger, NewAttempt, SourceRow
from warehouse.outcomes import RULES, Outcome
from warehouse.paths import Home

MOMENT = datetime(2026, 11, 21, 18, 0, tzinfo=UTC)


def test_there_are_thirty_four() -> None:
    assert len(provinces()) == 34
    assert provinces()["51"] == "51-四川省"


@pytest.mark.parametrize("named", ["51-四川省", "51", "510000", "四川省"])
def test_a_province_has_several_names(named: str) -> None:
    assert province_key(named) == "51-四川省"


@pytest.mark.parametrize("named", ["", "5", "99", "四川", "510500"])
def test_an_unknown_province_is_refused_with_those_there_are(named: str) -> None:
    with pytest.raises(UnknownProvinceError, match="51-四川省"):
        province_key(named)


@pytest.mark.parametrize(
    ("region", "key"), [("510500", "51-四川省"), ("659001", "65-新疆维吾尔自治区"), ("990000", None), ("", None)]
)
def test_a_region_lies_in_a_province(region: str, key: str | None) -> None:
    assert province_of(region) == key


def test_source_files_of_a_province(tmp_path: Path) -> None:
    contents = {"a": 'region: "510500"', "b": 'region: "350123"', "c": "region: 510000", "d": "[", "e": "name: x"}
    for name, content in contents.items():
        (tmp_path / f"{name}.yml").write_text(content, encoding="utf-8")
    assert [path.stem for path in files_of(sorted(tmp_path.iterdir()), "51-四川省")] == ["a", "c"]


def test_what_a_crawl_gave_by_province(tmp_path: Path) -> None:
    home = Home(tmp_path)
    attempts = [
        ("luzhou", "510500", "list", Outcome.FETCHED),
        ("luzhou", "510500", "article", Outcome.NOT_FOUND),
        ("suining", "510900", "list", Outcome.TIMEOUT),
        ("luoyuan", "350123", "list", Outcome.BLOCKED_FORBIDDEN),
        ("luoyuan", "350123", "robots", Outcome.FETCHED),
    ]
    with Ledger(home.ledger_url) as ledger:
        ledger.start_run("r1", fazhi_version="1", trigger="test", started_at=MOMENT)
        for source, region, kind, outcome in attempts:
            ledger.put_source(SourceRow(source, source, "x", region, "trs", [], "0", MOMENT, MOMENT, is_sample=False))
            ledger.record(NewAttempt("r1", source, "http://a.test/", kind, outcome, MOMENT, "a.test"))  # type: ignore[arg-type]
    fujian, sichuan = crawled_provinces(home, "r1")
    assert (fujian.key, fujian.asked, fujian.is_reached) == ("35-福建省", 1, False)
    assert fujian.reasons() == f"luoyuan: blocked:forbidden. {RULES[Outcome.BLOCKED_FORBIDDEN].next_step}"
    assert (sichuan.key, sichuan.asked, sichuan.is_reached) == ("51-四川省", 2, True)
    assert sichuan.outcomes == {"fetched": 1, "not_found": 1, "timeout": 1}
    assert sichuan.failed == {"suining": ("timeout",)}
    assert crawled_provinces(home, "another") == []
