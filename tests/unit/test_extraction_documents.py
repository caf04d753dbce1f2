"""Documents end to end: the labelled pages field by field, and made-up pages of the usual forms."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from pipelines.cleaning import clean_page
from pipelines.extraction.documents import read_document
from pipelines.extraction.regions import load_regions
from pipelines.model import Document, Issue, Page

GOLD = Path(__file__).parents[1] / "gold"
LABELS = sorted(GOLD.glob("00[0-9]_*.doc.json"))
FIELDS = (
    "is_annual_report",
    "doc_type",
    "title",
    "html_title",
    "site_name",
    "report_year",
    "issuing_body",
    "issuer_type",
    "document_number",
    "document_number_raw",
    "index_number",
    "addressee",
    "addressee_normalized",
    "signature_body",
    "validity",
    "body_first_line",
    "body_last_line",
)


def read(page: Page) -> tuple[Document, list[Issue]]:
    return read_document(page, clean_page(page), load_regions())


def read_text(text: str, **fields: Any) -> tuple[Document, list[Issue]]:
    return read(Page(name="made-up.txt", content=text.encode(), content_type="text/plain", **fields))


@pytest.mark.parametrize("label", LABELS, ids=[path.name[:3] for path in LABELS])
def test_labelled_pages(label: Path) -> None:
    gold = json.loads(label.read_text(encoding="utf-8"))
    text = label.with_name(label.name.replace(".doc.json", ".txt"))
    document, issues = read(Page(name=text.name, content=text.read_bytes(), content_type="text/plain"))
    stated = [field for field in FIELDS if field in gold]
    assert {field: getattr(document, field) for field in stated} == {field: gold[field] for field in stated}
    assert document.region is not None
    for field in ("code", "name", "level", "level_zh", "province", "province_code", "parent_code"):
        assert getattr(document.region, field) == gold["region"][field]
    for field in ("publication_date", "signature_date", "generated_date"):
        day = getattr(document, field)
        assert (day.isoformat() if day else None) == gold.get(field)
    assert document.script == gold["script"][:4]
    assert document.text == text.read_text(encoding="utf-8")
    assert [issue.kind for issue in issues if issue.severity == "error"] == []


def test_there_are_labelled_pages() -> None:
    assert len(LABELS) >= 3


PARAGRAPH = "过去一年,全县坚持依法行政,共办理行政复议案件12件,审结10件,制定规范性文件3件,组织培训20场次,成效明显。"
BODY = f"""一、主要举措和成效
{PARAGRAPH}
{PARAGRAPH}
二、存在的问题和不足
执法力量不足,个别单位对法治政府建设重视不够。
三、下一步工作打算
继续推进法治政府建设,强化行政执法监督。"""

MADE_UP: dict[str, tuple[str, dict[str, object]]] = {
    "a county with number, addressee and signature": (
        f"""罗源县人民政府关于2021年法治政府建设情况的报告
罗政〔2022〕5号
市政府:
2021年,罗源县推进依法行政。
{BODY}
罗源县人民政府
2022年2月20日
""",
        {
            "is_annual_report": True,
            "report_year": 2021,
            "issuing_body": "罗源县人民政府",
            "issuer_type": "government",
            "document_number": "罗政〔2022〕5号",
            "addressee": "市政府",
            "addressee_normalized": "福州市人民政府",
            "signature_date": date(2022, 2, 20),
            "publication_date": None,
        },
    ),
    "a department of 2014": (
        f"""叙永县财政局2014年度依法行政工作情况报告
发布时间:2015-01-20
县政府法制办:
我局推进依法行政。
{BODY}
叙永县财政局
二〇一五年一月十五日
""",
        {
            "is_annual_report": True,
            "report_year": 2014,
            "issuing_body": "叙永县财政局",
            "issuer_type": "department",
            "addressee": "县政府法制办",
            "signature_date": date(2015, 1, 15),
            "publication_date": date(2015, 1, 20),
        },
    ),
    "a tax bureau without signature": (
        f"国家税务总局古蔺县税务局2022年度法治政府建设情况报告\n{BODY}\n扫一扫在手机打开当前页\n",
        {"is_annual_report": True, "report_year": 2022, "issuer_type": "department", "signature_body": None},
    ),
    "a township": (
        f"起步镇2023年法治政府建设年度报告\n{BODY}\n罗源县起步镇人民政府\n2024年1月15日\n",
        {
            "is_annual_report": True,
            "report_year": 2023,
            "issuing_body": "罗源县起步镇人民政府",
            "issuer_type": "township",
        },
    ),
    "a city without issuer": (
        f"泸州市2022年度法治政府建设情况报告\n2022年,我市推进依法行政,全市成效明显。\n{BODY}\n",
        {
            "report_year": 2022,
            "issuing_body": None,
            "issuing_body_inferred": "泸州市人民政府",
            "issuer_type": "government",
        },
    ),
    "an explanation": (
        f"《泸州市2022年度法治政府建设情况报告》解读\n发布时间:2023-03-01\n{BODY}\n",
        {"is_annual_report": False, "doc_type": "interpretation", "report_year": None},
    ),
    "points of work": (
        f"泸州市2024年法治政府建设工作要点\n{BODY}\n",
        {"is_annual_report": False, "doc_type": "work_points", "report_year": None},
    ),
    "disclosure": (
        f"泸州市2022年政府信息公开工作年度报告\n{BODY}\n",
        {"is_annual_report": False, "doc_type": "foi_annual_report", "report_year": 2022},
    ),
}


@pytest.mark.parametrize(("text", "expected"), MADE_UP.values(), ids=MADE_UP.keys())
def test_made_up_pages(text: str, expected: dict[str, object]) -> None:
    document, _ = read_text(text)
    assert {field: getattr(document, field) for field in expected} == expected
    assert document.region is not None
    assert document.title == text.split("\n")[0]


def test_traditional_pages_report_their_own_wording() -> None:
    text = (
        "瀘州市人民政府2016年度法治政府建設工作報告\n省政府:\n2016年,我市深入推進依法行政,嚴格規範執法。\n"
        "一、強化組織領導\n全市辦理行政複議案件12件,審結10件,清理規範性檔案3件。\n瀘州市人民政府\n2017年2月28日\n"
    )
    document, _ = read_text(text)
    assert document.script == "Hant"
    assert document.is_annual_report
    assert document.title == "瀘州市人民政府2016年度法治政府建設工作報告"
    assert document.title_simplified == "泸州市人民政府2016年度法治政府建设工作报告"
    assert document.issuing_body == "瀘州市人民政府"
    assert document.signature_body == "瀘州市人民政府"
    assert document.addressee_normalized == "四川省人民政府"
    assert (document.body_first_line, document.body_last_line) == (3, 5)
    assert document.text == text


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("泸州市2022年度法治政府建设情况报告\n发布时间:2023-01-01\n正文见附件。", "short_body"),
        (
            f"泸州市2022年度法治政府建设情况报告\n发布时间:2023-01-01\n{BODY}\n泸州市人民政府\n2023年2月1日",
            "published_before_signed",
        ),
        (
            f"泸州市2022年度法治政府建设情况报告\n发布时间:2024-06-01\n{BODY}\n泸州市人民政府\n2023年2月1日",
            "published_long_after_signed",
        ),
        (f"泸州市2022年度法治政府建设情况报告\n发布时间:2020-06-01\n{BODY}", "report_year_implausible"),
    ],
)
def test_doubts_become_issues(text: str, kind: str) -> None:
    _, issues = read_text(text)
    assert kind in [issue.kind for issue in issues]


def test_the_subject_wins_over_the_host() -> None:
    document, issues = read_text(f"罗源县2022年度法治政府建设情况报告\n{BODY}", source_region_code="350100")
    assert document.region is not None
    assert document.region.code == "350123"
    assert "host_differs_from_subject" in [issue.kind for issue in issues]
