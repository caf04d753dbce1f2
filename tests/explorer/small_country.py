"""A country of two provinces, small enough to count by hand: the rows of a release for tests of the map and regions.

四川 has a prefecture with two counties, and a county of its own; 河北 has a prefecture, and in it 栾城县, which became
栾城区 in 2017. Years are 2015 to 2018. Every state that a government can be in occurs.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from made_release import make_release
from serving import Site, served

from explorer.app import create_app
from warehouse.paths import Home

YEARS = range(2015, 2019)
HOSTILE = "<script>alert(1)</script>"
SICHUAN, HEBEI, TAIWAN = ("510000", "四川省"), ("130000", "河北省"), ("710000", "台湾省")
# code, name, level, kind, province, parent, first year, first year after
DIVISIONS = [
    ("510000", "四川省", "province", "省", SICHUAN, None, 1981, None),
    ("510500", "泸州市", "prefecture", "地级市", SICHUAN, ("510500", SICHUAN), 1983, None),
    ("510502", "江阳区", "county", "市辖区", SICHUAN, ("510502", ("510500", "泸州市")), 1995, None),
    ("510521", "泸县", "county", "县", SICHUAN, ("510521", ("510500", "泸州市")), 1983, None),
    ("519001", "直管市", "county", "县级市", SICHUAN, ("519001", SICHUAN), 2000, None),
    ("130000", "河北省", "province", "省", HEBEI, None, 1981, None),
    ("130100", "石家庄市", "prefecture", "地级市", HEBEI, ("130100", HEBEI), 1983, None),
    ("130124", "栾城县", "county", "县", HEBEI, ("130124", ("130100", "石家庄市")), 1986, 2017),
    ("130111", "栾城区", "county", "市辖区", HEBEI, ("130111", ("130100", "石家庄市")), 2017, None),
    ("710000", "台湾省", "province", "省", TAIWAN, None, 1981, None),
]
# state by government and year; whoever is not named was missing without a known portal
STATES: Mapping[tuple[str, int], Mapping[str, Any]] = {
    ("510000", 2015): {"status": "published", "timeliness": "on_time", "days_after_deadline": -3},
    ("510500", 2015): {"status": "late", "timeliness": "late", "days_after_deadline": 9},
    ("510500", 2016): {"status": "undated"},
    ("510500", 2017): {"status": "published", "timeliness": "on_time", "days_after_deadline": 0, "is_withdrawn": True},
    ("510500", 2018): {"status": "not_due"},
    ("510502", 2015): {"status": "missing", "reason": "not_listed"},
    ("510502", 2016): {"status": "missing", "reason": "blocked:rs_412"},
    ("510521", 2016): {
        "status": "published",
        "timeliness": "on_time",
        "days_after_deadline": -30,
        "is_expected": False,
    },
    ("130124", 2016): {"status": "published", "timeliness": "on_time", "days_after_deadline": -1},
    ("130111", 2017): {"status": "published", "timeliness": "on_time", "days_after_deadline": -2},
}
SENTENCE = "全年共受理行政复议申请{}件。"


def _division(entry: tuple[Any, ...]) -> dict[str, Any]:
    code, name, level, kind, province, above, valid_from, valid_to = entry
    parent = above[1] if above else (None, None)
    return {
        "region_code": code,
        "region_name": name,
        "region_level": level,
        "region_level_zh": kind,
        "province_code": province[0],
        "province_name": province[1],
        "parent_code": parent[0],
        "parent_name": parent[1],
        "gb_parent_code": parent[0],
        "admin_superior_code": "510000" if code == "510521" else parent[0],
        "admin_superior_from": 2014 if code == "510521" else None,
        "admin_superior_reason": "试点" if code == "510521" else None,
        "valid_from": valid_from,
        "valid_to": valid_to,
        "is_in_force": valid_to is None,
        "status": "in_force" if valid_to is None else "abolished",
        "successor_codes": "130111" if code == "130124" else None,
        "current_code": "130111" if code == "130124" else code,
    }


def _covered(division: Mapping[str, Any], year: int) -> dict[str, Any]:
    code = division["region_code"]
    state: dict[str, Any] = {"status": "missing", "reason": "no_source", "is_expected": True}
    if code == "710000":
        state = {"status": "exempt", "is_expected": False}
    found = STATES.get((code, year))
    if found:
        state = {"reason": None, "is_expected": True, **found}
    has_report = state["status"] in ("published", "late", "undated")
    deadline = dt.date(year + 1, 3, 31)
    days = state.get("days_after_deadline")
    return {
        **state,
        "region_code": code,
        "report_year": year,
        "region_name": division["region_name"],
        "region_level": division["region_level"],
        "province_name": division["province_name"],
        "report_id": f"government:{code}:{year}" if has_report else None,
        "published_on": None if days is None else deadline + dt.timedelta(days=days),
        "deadline_on": deadline,
        "deadline_basis": "《纲要》",
        "source_count": 0 if state.get("reason") == "no_source" else 1,
        "is_tracked": state.get("reason") != "no_source" and code != "710000",
        "is_withdrawn": state.get("is_withdrawn", False) if has_report else None,
        "current_code": division["current_code"],
    }


def _report(covered: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "report_id": covered["report_id"],
        "report_year": covered["report_year"],
        "region_code": covered["region_code"],
        "region_name": covered["region_name"],
        "issuer_type": "government",
        "issuer": f"{covered['region_name']}人民政府",
        "title": f"{covered['region_name']}{covered['report_year']}年报告{HOSTILE}",
        "url": "javascript:alert(1)" if covered["report_year"] == 2015 else "http://127.0.0.1:9/report.html",
        "published_on": covered["published_on"],
        "version_count": 2,
        "observation_count": 1,
        "document_id": f"d{covered['region_code']}{covered['report_year']}",
    }


def _value(report: Mapping[str, Any], value: float, **given: Any) -> dict[str, Any]:
    return {
        "region_code": report["region_code"],
        "report_year": report["report_year"],
        "indicator_code": "RR_RECEIVED",
        "dimension": "total",
        "status": "done",
        "value": value,
        "unit": "件",
        "qualifier": "exact",
        "value_text": f"{value:.0f}",
        "has_conflict": False,
        "report_id": report["report_id"],
        "document_id": report["document_id"],
        "chosen_observation_id": "o1",
        "sentence": SENTENCE.format(value),
        **given,
    }


def _attempt(number: int) -> dict[str, Any]:
    return {
        "attempt_id": number,
        "source_id": "luzhou",
        "region_code": "510502",
        "url": f"http://127.0.0.1:9/list?page={number}&q={HOSTILE}",
        "kind": "list",
        "outcome": "blocked:rs_412",
        "outcome_class": "blocked",
        "http_status": 412,
        "started_at": dt.datetime(2019, 4, 1, 3, number, tzinfo=dt.UTC),
    }


def country() -> dict[str, list[dict[str, Any]]]:
    """Return the rows of every table of the country."""
    divisions = [_division(entry) for entry in DIVISIONS]
    covered = [
        _covered(division, year)
        for division in divisions
        for year in YEARS
        if division["valid_from"] <= year and (division["valid_to"] is None or year < division["valid_to"])
    ]
    reports = [_report(each) for each in covered if each["report_id"]]
    by_id = {report["report_id"]: report for report in reports}
    return {
        "dim_region": divisions,
        "bridge_region": [
            {
                **{name: division[name] for name in ("region_code", "region_name", "valid_from", "valid_to")},
                "current_code": division["current_code"],
                "relation": "same" if division["is_in_force"] else "recoded",
                "is_main_line": True,
                "is_whole": True,
            }
            for division in divisions
        ],
        "fct_coverage": covered,
        "fct_report": reports,
        "fct_report_version": [
            {
                "report_id": report["report_id"],
                "version": version,
                "document_id": report["document_id"],
                "first_seen_at": dt.datetime(2019, version, 1, tzinfo=dt.UTC),
                "is_current": version == 2,
                "change": "first" if version == 1 else "text",
            }
            for report in reports
            for version in (1, 2)
        ],
        "dim_indicator": [
            {
                "indicator_code": "RR_RECEIVED",
                "domain": "RR",
                "domain_zh": "行政复议",
                "domain_en": "Reconsideration",
                "name_zh": "行政复议收案",
                "name_en": "Applications received",
                "unit": "件",
                "tier": "core",
            },
        ],
        "fct_region_year_indicator": [
            _value(by_id["government:510500:2015"], 120.0),
            _value(by_id["government:510500:2017"], 80.0, qualifier="余", value_text="80余", has_conflict=True),
            _value(by_id["government:130124:2016"], 7.0),
            _value(by_id["government:130111:2017"], 9.0),
        ],
        "fct_identity_check": [
            {
                "report_id": "government:510500:2017",
                "identity_id": "RR",
                "instance": "all",
                "kind": "partition",
                "severity": "error",
                "description": f"收案 = 受理 + 不予受理{HOSTILE}",
                "report_year": 2017,
                "region_code": "510500",
                "status": "off",
                "off_by": 3.0,
                "left_side": "RR_RECEIVED=80",
                "document_id": "d5105002017",
                "observation_ids": "o1; o2",
                "sentences": SENTENCE.format(80),
            },
        ],
        "fct_data_issue": [
            {
                "issue_id": f"i{number:02}",
                "severity": "warn",
                "kind": "conflicting_statements",
                "origin": "choice",
                "message": HOSTILE,
                "region_code": "510500",
                "report_year": 2017,
                "document_id": "d5105002017",
                "report_id": "government:510500:2017",
                "observation_ids": "o1",
            }
            for number in range(25)
        ],
        "fct_report_item": [
            {
                "document_id": "d5105002017",
                "item_id": f"{kind}1",
                "report_id": "government:510500:2017",
                "is_current": True,
                "report_year": 2017,
                "region_code": "510500",
                "issuer_type": "government",
                "item_kind": kind,
                "ordinal": 1,
                "text": f"一是{kind}。",
            }
            for kind in ("problem", "plan")
        ],
        "fct_year_on_year": [
            {
                "region_code": "130111",
                "report_year": 2017,
                "indicator_code": "RR_RECEIVED",
                "dimension": "total",
                "value": 9.0,
                "previous_region_code": "130124",
                "previous_value": 7.0,
                "basis": "previous_report",
                "change": 2.0,
                "change_percent": 28.6,
                "is_comparable": False,
                "comparability_doubts": "region_code_changed",
                "report_id": "government:130111:2017",
                "document_id": "d1301112017",
                "chosen_observation_id": "o1",
                "previous_document_id": "d1301242016",
                "previous_observation_id": "o1",
            },
        ],
        "fct_crawl_outcome": [_attempt(number) for number in range(25)],
    }


@contextmanager
def served_country(folder: Path) -> Iterator[Site]:
    """Serve an explorer on a release of the country, made in a folder."""
    home = Home(folder)
    make_release(home.exports, "2026-04-21-made", country())
    with served(create_app(home), home) as site:
        yield site
