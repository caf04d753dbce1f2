"""Documents as copying leaves them: brackets and dashes lost, digits of other widths, titles without year or region."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from pipelines.cleaning import clean_page
from pipelines.cleaning.document_number import parse_document_number
from pipelines.extraction.documents import read_document
from pipelines.extraction.regions import load_regions
from pipelines.extraction.years import year_of_title
from pipelines.model import Document, Page

SENTENCE = "过去一年,坚持依法行政,共办理行政复议案件12件,审结10件,制定规范性文件3件,组织培训20场次,成效明显。"
BODY = f"""一、主要举措和成效
{SENTENCE}
{SENTENCE}
二、存在的问题和不足
执法力量不足。
三、下一步工作打算
继续推进法治政府建设。"""


def read(text: str) -> Document:
    page = Page(name="made-up.txt", content=text.encode(), content_type="text/plain")
    return read_document(page, clean_page(page), load_regions())[0]


@pytest.mark.parametrize(
    ("title", "year"),
    [
        ("罗源县一2023年法治政府建设情况报告", 2023),
        ("罗源县2023 年度法治政府建设情况报告", 2023),
        ("罗源县２０２３年度法治政府建设情况报告", 2023),
        ("罗源县二0二三年度法治政府建设情况报告", 2023),
        ("罗源县二O一三年依法行政工作报告", 2013),
        ("罗源县二零一三年依法行政工作报告", 2013),
        ("罗源县法治政府建设年度报告(2022)", 2022),
        ("罗源县法治政府建设年度报告〔2022〕", 2022),
        ("罗源县法治政府建设报告（2022年）", 2022),
        ("罗源县2022法治政府建设年度报告", 2022),
        ("罗源县贯彻法治政府建设实施纲要(20152020年)2018年度报告", 2018),
        ("罗源县司法局2013年度依法行政工作总结暨2014年工作思路", 2013),
        ("罗源县贯彻法治政府建设实施纲要(2015-2020年)情况报告", None),
        ("罗源县法治政府建设年度报告", None),
    ],
)
def test_year_of_a_title(title: str, year: int | None) -> None:
    assert year_of_title(title) == year
    document = read(f"{title}\n{BODY}")
    assert (document.is_annual_report, document.report_year) == (True, year)


@pytest.mark.parametrize(
    ("printed", "number", "year", "repaired"),
    [
        ("罗政〔2022〕5号", "罗政〔2022〕5号", 2022, False),
        ("罗政(2022)5号", "罗政〔2022〕5号", 2022, False),
        ("罗政[2022]第5号", "罗政〔2022〕5号", 2022, False),
        ("罗政〔20225号", "罗政〔2022〕5号", 2022, True),
        ("罗政2022〕5号", "罗政〔2022〕5号", 2022, True),
        ("罗政20225号", "罗政〔2022〕5号", 2022, True),
        ("罗政 2022 5号", "罗政〔2022〕5号", 2022, True),
        ("罗政一2022一5号", "罗政〔2022〕5号", 2022, True),
        ("罗政-2022-5号", "罗政〔2022〕5号", 2022, True),
        ("罗政2022-5号", "罗政〔2022〕5号", 2022, True),
        ("省政府令第278号", "省政府令第278号", None, False),
    ],
)
def test_document_numbers(printed: str, number: str, year: int | None, repaired: bool) -> None:
    found = parse_document_number(printed)
    assert found is not None
    assert (found.text, found.year, found.repaired) == (number, year, repaired)


DOCUMENTS: dict[str, tuple[str, dict[str, Any]]] = {
    "a body that begins with its year": (
        f"法治政府建设情况报告\n{BODY.replace('过去一年', '2018年以来', 1)}",
        {"report_year": 2018, "report_year_source": "opening"},
    ),
    "a heading that plans": (
        f"法治政府建设情况报告\n{BODY.replace('下一步工作', '2020年工作')}",
        {"report_year": 2019, "report_year_source": "plan_heading"},
    ),
    "a publication": (
        f"法治政府建设情况报告\n发布日期:2019-03-01\n{BODY}",
        {"report_year": 2018, "report_year_source": "publication_date"},
    ),
    "a signature": (
        f"法治政府建设情况报告\n{BODY}\n罗源县人民政府\n二0一九年三月一日",
        {
            "report_year": 2018,
            "report_year_source": "signature_date",
            "signature_date": date(2019, 3, 1),
            "issuing_body": "罗源县人民政府",
        },
    ),
    "a body without title": (
        f"2017年,罗源县推进法治政府建设,落实依法行政。\n{BODY}\n全面推进法治政府建设。",
        {"is_annual_report": True, "report_year": 2017, "title": None},
    ),
    "a report on 依法行政": (
        f"关于2013年度推进依法行政建设法治政府工作情况的报告\n{BODY}",
        {"is_annual_report": True, "report_year": 2013},
    ),
    "a report on 依法行政 in Traditional script": (
        (
            "羅源縣人民政府2013年度依法行政工作報告\n市政府:\n2013年,我縣依法行政工作取得進展,嚴格規範執法。\n"
            "一、主要舉措\n辦理行政複議案件12件,審結10件,規範執法行為。\n羅源縣人民政府\n二〇一四年一月二十日"
        ),
        {
            "is_annual_report": True,
            "report_year": 2013,
            "issuing_body": "羅源縣人民政府",
            "addressee": "市政府",
            "addressee_normalized": "福州市人民政府",
            "signature_date": date(2014, 1, 20),
        },
    ),
    "a title on two lines with a number": (
        f"罗源县人民政府\n关于2021年法治政府建设情况的报告\n罗政一2022一5号\n市政府:\n{BODY}\n罗源县人民政府\n2022年2月20日",
        {
            "title": "罗源县人民政府关于2021年法治政府建设情况的报告",
            "document_number": "罗政〔2022〕5号",
            "addressee": "市政府",
        },
    ),
    "joint issuers": (
        (
            "罗源县人民政府办公室 罗源县司法局\n关于2021年法治政府建设情况的报告\n"
            f"{BODY}\n罗源县人民政府办公室\n罗源县司法局\n2022年2月20日"
        ),
        {
            "issuing_body": "罗源县人民政府办公室 罗源县司法局",
            "issuer_type": "government",
            "signature_body": "罗源县人民政府办公室、罗源县司法局",
        },
    ),
}


@pytest.mark.parametrize("name", DOCUMENTS)
def test_made_up_documents(name: str) -> None:
    text, expected = DOCUMENTS[name]
    document = read(text)
    assert {field: getattr(document, field) for field in expected} == expected
