"""Report years: what is reported on, not what is cited, planned or printed by the page."""

from __future__ import annotations

from datetime import date

import pytest

from pipelines.extraction.years import find_report_year, year_of_title, years_named


@pytest.mark.parametrize(
    ("title", "year"),
    [
        ("青山县人民政府2017年度法治政府建设工作报告", 2017),
        ("青山县关于2023年法治政府建设工作情况的报告", 2023),
        ("2019年法治政府建设工作总结和2020年工作打算", 2019),
        ("青山县二〇二二年度法治政府建设工作总结", 2022),
        ("青山县二○二三年法治政府建设情况", 2023),
        ("2023法治政府建设年度报告", 2023),
        ("关于印发《青山县2022年法治政府建设年度报告》的通知", 2022),
        ("法治政府建设实施纲要(2015-2020年)2018年度落实情况报告", 2018),
        ("法治青山建设规划(2021—2025年)", None),
        ("青政发〔2023〕6号文件落实情况", None),
        ("法治政府建设年度报告", None),
    ],
)
def test_year_of_title(title: str, year: int | None) -> None:
    assert year_of_title(title) == year


@pytest.mark.parametrize(
    ("text", "years"),
    [
        ("按照《法治政府建设实施纲要(2021-2025)》,2023年完成", [2023]),
        ("按照<法治政府建设实施纲要(20152020年)的实施意见>", []),
        ("印发通知(青司发〔2023〕6号),2022年实施", [2022]),
        ("《关于落实《2016年计划》的通知》", []),
        ("电话02017年", []),
        ("1987年建县", []),
    ],
)
def test_years_named(text: str, years: list[int]) -> None:
    assert years_named(text) == years


REPORTED = "根据《法治政府建设实施纲要(2015-2020年)》要求,现将我县2019年法治政府建设情况报告如下:"
BODIES = {
    "presented": ([REPORTED, "2020年将继续推进。"], 2019, "reported_now"),
    "presented after a citation": (
        ["按照2019年印发的规定要求,现将2021年度依法行政工作情况汇报如下:"],
        2021,
        "reported_now",
    ),
    "opening": (["2017年,在县委领导下,围绕《纲要(2015-2020年)》,推进依法行政。"], 2017, "opening"),
    "opening since": (["2018年以来,全县推进依法行政。"], 2018, "opening"),
    "opening in Chinese numerals": (["二〇一六年,全县推进依法行政。"], 2016, "opening"),
    "opening of the second paragraph": (["为落实规定要求,报告工作。", "2019年,全县推进依法行政。"], 2019, "opening"),
    "a range does not open": (["2016年-2020年,全县推进。", "一、2020年主要工作"], 2020, "headings"),
    "headings of what was done": (
        ["近年来,全县推进依法行政。", "一、2021年主要举措和成效", "二、2021年存在的不足", "三、2022年工作安排"],
        2021,
        "headings",
    ),
    "only the plan has a year": (["近年来,全县推进。", "一、主要成效", "四、2024年工作思路"], 2023, "plan_heading"),
    "nothing": (["近年来,全县推进依法行政。"], None, None),
}


@pytest.mark.parametrize(("body", "year", "source"), BODIES.values(), ids=BODIES.keys())
def test_bodies(body: list[str], year: int | None, source: str | None) -> None:
    found = find_report_year(None, body)
    assert (found.year, found.source) == (year, source)


def test_the_title_wins() -> None:
    found = find_report_year("青山县2018年法治政府建设情况报告", [REPORTED])
    assert (found.year, found.source, found.issues) == (2018, "title", ())


@pytest.mark.parametrize(
    ("signed", "published", "year", "source"),
    [
        (date(2022, 2, 1), date(2022, 3, 1), 2021, "signature_date"),
        (date(2021, 12, 28), None, 2021, "signature_date"),
        (None, date(2022, 3, 1), 2021, "publication_date"),
    ],
)
def test_dates_are_the_last_resort_and_leave_a_trace(
    signed: date | None, published: date | None, year: int, source: str
) -> None:
    found = find_report_year(None, ["近年来,全县推进。"], published, signed)
    assert (found.year, found.source) == (year, source)
    assert [issue.kind for issue in found.issues] == ["report_year_inferred"]


@pytest.mark.parametrize(
    ("published", "kinds"),
    [
        (date(2019, 3, 1), []),
        (date(2018, 12, 30), []),
        (date(2016, 3, 1), ["report_year_implausible"]),
        (date(2023, 3, 1), ["report_year_implausible"]),
    ],
)
def test_implausible_years_are_reported(published: date, kinds: list[str]) -> None:
    found = find_report_year("2018年法治政府建设情况报告", [], published)
    assert found.year == 2018
    assert [issue.kind for issue in found.issues] == kinds
