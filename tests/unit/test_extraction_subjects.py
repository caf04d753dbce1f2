"""Whose report it is: evidence from title to addressee, hosts above and below, names that ended, conflicts."""

from __future__ import annotations

from typing import Any

import pytest

from pipelines.cleaning import clean_page
from pipelines.extraction.documents import read_document
from pipelines.extraction.regions import load_regions
from pipelines.extraction.subjects import code_of_index_number
from pipelines.model import Page, Region

SENTENCE = "过去一年,坚持依法行政,共办理行政复议案件12件,审结10件,制定规范性文件3件,组织培训20场次,成效明显。"
BODY = "\n".join(
    [
        "一、主要举措和成效",
        SENTENCE,
        SENTENCE,
        SENTENCE,
        "二、存在的问题和不足",
        "执法力量不足。",
        "三、下一步工作打算",
        "继续推进法治政府建设。",
    ]
)
NAMELESS = "2022年度法治政府建设情况报告"
LUOYUAN, FUZHOU, LUZHOU = "350123", "350100", "510500"


def region_of(text: str, **known: Any) -> tuple[Region | None, dict[str, str | None]]:
    page = Page(name="made-up.txt", content=text.encode(), content_type="text/plain", **known)
    document, issues = read_document(page, clean_page(page), load_regions())
    return document.region, {issue.kind: issue.value for issue in issues if issue.stage == "read"}


@pytest.mark.parametrize(
    ("title", "code"),
    [
        ("吴江市2011年度法治政府建设情况报告", "320584"),
        ("吴江区2012年度法治政府建设情况报告", "320509"),
        ("莱芜市2018年法治政府建设情况报告", "371200"),
        ("崇文区2009年依法行政工作报告", "110103"),
        ("巢湖市2010年依法行政工作情况报告", "341400"),
        ("巢湖市2014年依法行政工作情况报告", "340181"),
        ("襄樊市2009年依法行政工作报告", "420600"),
        ("襄樊市2012年依法行政工作报告", "420600"),
        ("南京市下关区2012年依法行政工作报告", "320107"),
        ("杭州市江干区2020年法治政府建设情况报告", "330104"),
        ("即墨市2016年法治政府建设情况报告", "370282"),
        ("即墨区2017年法治政府建设情况报告", "370215"),
        ("儋州市2014年依法行政工作报告", "469003"),
        ("儋州市2016年法治政府建设报告", "460400"),
        ("吐鲁番地区行署2014年依法行政工作报告", "652100"),
        ("吐鲁番市2016年法治政府建设报告", "650400"),
        ("重庆两江新区管理委员会2025年法治政府建设报告", "500157"),
        ("长沙市望城县2010年依法行政工作报告", "430122"),
        ("长沙市望城区2012年依法行政工作报告", "430112"),
        ("河北雄安新区2021年法治政府建设情况报告", "130600"),
        ("济源示范区2021年法治政府建设情况报告", "419001"),
        ("成都市天府新区2022年法治政府建设报告", "510100"),
        ("东莞市长安镇2022年法治政府建设报告", "441900"),
        ("朝阳区2021年法治政府建设年度情况报告", None),
        ("徐州市鼓楼区2021年法治政府建设年度情况报告", "320302"),
        ("省林业局2021年法治政府建设情况报告", None),
    ],
)
def test_names_in_titles_are_those_of_their_year(title: str, code: str | None) -> None:
    region, _ = region_of(f"{title}\n{BODY}")
    assert (region.code if region else None) == code


def written(unit: str) -> str:
    """A report without a name in it, whose writer calls a unit its own: 我县, 全市."""
    return f"{NAMELESS}\n{BODY.replace('坚持依法行政', f'{unit}坚持依法行政')}"


SIGNED = "\n罗源县人民政府\n2023年1月5日"


@pytest.mark.parametrize(
    ("text", "known", "code", "evidence"),
    [
        (f"{NAMELESS}\n{BODY}", {"source_region_code": LUOYUAN}, LUOYUAN, "registry"),
        (f"县司法局{NAMELESS}\n{BODY}", {"source_region_code": LUOYUAN}, LUOYUAN, "registry"),
        (f"市司法局{NAMELESS}\n{BODY}", {"source_region_code": LUOYUAN}, FUZHOU, "registry, title: 市"),
        (f"省林业局{NAMELESS}\n{BODY}", {"source_region_code": LUOYUAN}, "350000", "registry, title: 省"),
        (f"市场监督管理局{NAMELESS}\n{BODY}", {"source_region_code": LUOYUAN}, LUOYUAN, "registry"),
        (f"经济技术开发区{NAMELESS}\n{BODY}", {"source_region_code": FUZHOU}, FUZHOU, "registry"),
        (written("全市"), {"source_region_code": LUOYUAN}, FUZHOU, "registry, body: 市"),
        (written("我县"), {"source_region_code": LUOYUAN}, LUOYUAN, "registry"),
        (written("罗源县"), {"source_region_code": FUZHOU}, LUOYUAN, "body: 罗源县 named 3 times"),
        (f"{NAMELESS}\n索引号:11350123003456789X/2023-00012  发布日期:2023-01-05\n{BODY}", {}, LUOYUAN, "index_number"),
        (f"{NAMELESS}\n发布机构:罗源县司法局  发布日期:2023-01-05\n{BODY}", {}, LUOYUAN, "issuer"),
        (f"{NAMELESS}\n{BODY}{SIGNED}", {}, LUOYUAN, "signature"),
        (f"市司法局{NAMELESS}\n泸州市人民政府:\n{BODY}", {}, LUZHOU, "addressee"),
        (f"鼓楼区{NAMELESS}\n徐州市人民政府:\n{BODY}", {}, "320302", "title"),
        (f"朝阳区{NAMELESS}\n{BODY}", {"source_region_code": "110000"}, "110105", "title"),
    ],
)
def test_evidence(text: str, known: dict[str, Any], code: str, evidence: str) -> None:
    region, _ = region_of(text, **known)
    assert region is not None
    assert (region.code, region.evidence) == (code, evidence)


@pytest.mark.parametrize(
    ("text", "known", "kind", "value"),
    [
        (f"罗源县{NAMELESS}\n{BODY}", {"source_region_code": FUZHOU}, "host_differs_from_subject", "350123 350100"),
        (f"福州市{NAMELESS}\n{BODY}", {"source_region_code": LUOYUAN}, "host_differs_from_subject", "350100 350123"),
        (f"罗源县{NAMELESS}\n{BODY}", {"source_region_code": LUZHOU}, "region_conflict", "350123 510500"),
        (f"泸州市{NAMELESS}\n{BODY}{SIGNED}", {}, "region_conflict", "510500 350123"),
        (f"罗源县{NAMELESS}\n索引号:11510500003456789X/2023-00012\n{BODY}", {}, "region_conflict", "350123 510500"),
        (f"县司法局{NAMELESS}\n{BODY}", {"source_region_code": FUZHOU}, "region_below_host", FUZHOU),
        (written("我县"), {"source_region_code": FUZHOU}, "region_below_host", FUZHOU),
        (f"朝阳区{NAMELESS}\n{BODY}", {}, "region_ambiguous", "朝阳区"),
        (f"{NAMELESS}\n{BODY}", {}, "region_unknown", None),
    ],
)
def test_disagreements_are_on_record_with_both_values(
    text: str, known: dict[str, Any], kind: str, value: str | None
) -> None:
    _, issues = region_of(text, **known)
    assert issues[kind] == value


@pytest.mark.parametrize(
    ("text", "known"),
    [
        (f"罗源县{NAMELESS}\n{BODY}{SIGNED}", {"source_region_code": LUOYUAN}),
        (f"杭州市江干区{NAMELESS.replace('2022', '2020')}\n{BODY}", {"source_region_code": "330102"}),
    ],
)
def test_what_agrees_is_no_issue(text: str, known: dict[str, Any]) -> None:
    _, issues = region_of(text, **known)
    assert issues.keys() & {"region_conflict", "host_differs_from_subject"} == set()


@pytest.mark.parametrize(
    ("index_number", "code"),
    [
        ("11350123003456789X/2023-00012", "350123"),
        ("11510500008/2018-00012", "510500"),
        ("FZ11100-2300-2021-00007", None),
        ("000014349/2023-00012", None),
        (None, None),
    ],
)
def test_code_of_index_number(index_number: str | None, code: str | None) -> None:
    assert code_of_index_number(index_number) == code
