"""The bundled sample sites read as documents: four reports with their fields, all else as something else."""

from __future__ import annotations

from datetime import date
from types import ModuleType

import pytest

from pipelines.cleaning import clean_page
from pipelines.extraction.documents import read_document
from pipelines.extraction.regions import load_regions
from pipelines.model import Document, Page
from scrapers.sample_portals import luoyuan, luzhou, meihekou, suining, xianan

SITES = {luzhou: "510500", xianan: "421202", luoyuan: "350123", meihekou: "220581", suining: None}


def documents(module: ModuleType, code: str | None) -> list[tuple[str, Document]]:
    site = module.build()
    titles = {line.path: line.title for line in getattr(module, "LINES", ())}
    found = []
    for path, served in site.pages.items():
        if not served.content_type.startswith("text/html"):
            continue
        page = Page(
            name=path,
            content=served.body,
            content_type=served.content_type,
            url=f"http://127.0.0.1{path}",
            source_region_code=code,
            list_title=titles.get(path),
        )
        found.append((path, read_document(page, clean_page(page), load_regions())[0]))
    return found


EXPECTED = {
    luzhou: {
        "title": "泸州市人民政府2017年度法治政府建设工作报告",
        "report_year": 2017,
        "issuing_body": "泸州市人民政府",
        "issuer_type": "government",
        "document_number": "泸市府〔2018〕12号",
        "publication_date": date(2018, 2, 28),
        "signature_date": date(2018, 2, 28),
        "addressee_normalized": "四川省人民政府",
    },
    xianan: {
        "report_year": 2017,
        "issuing_body": None,
        "issuer_type": "government",
        "document_number": None,
        "publication_date": None,
        "signature_date": None,
        "addressee": None,
    },
    luoyuan: {
        "title": "罗源县人民政府关于2023年法治政府建设工作情况的报告",
        "report_year": 2023,
        "issuing_body": "罗源县人民政府",
        "issuer_type": "government",
        "document_number": "罗政综〔2024〕2号",
        "index_number": "FZ11100-2300-2024-00001",
        "publication_date": date(2024, 1, 9),
        "generated_date": date(2024, 1, 8),
        "signature_date": date(2023, 12, 28),
        "addressee": "福州市人民政府",
        "validity": "有效",
    },
    meihekou: {
        "report_year": 2019,
        "issuing_body": None,
        "issuing_body_inferred": "梅河口市人民政府",
        "issuer_type": "government",
        "publication_date": date(2020, 3, 13),
        "signature_date": None,
    },
}


@pytest.mark.parametrize("module", EXPECTED, ids=lambda module: module.__name__.rsplit(".", 1)[-1])
def test_each_site_holds_one_report(module: ModuleType) -> None:
    code = SITES[module]
    reports = {doc.text: doc for _, doc in documents(module, code) if doc.is_annual_report}
    assert len(reports) == 1
    (report,) = reports.values()
    expected = EXPECTED[module]
    assert {field: getattr(report, field) for field in expected} == expected
    assert report.region is not None
    assert report.region.code == code


def test_the_third_party_site_holds_none() -> None:
    found = documents(suining, SITES[suining])
    assert not any(document.is_annual_report for _, document in found)
    (plan,) = [document for _, document in found if document.script == "Hant" and len(document.text) > 5000]
    assert plan.doc_type == "implementation_plan"
    assert plan.report_year is None
    assert plan.region is not None
    assert plan.region.code == "510900"
