"""Kinds of documents by made-up titles and bodies; every kind has at least three titles or bodies."""

from __future__ import annotations

import re

import pytest

from pipelines.cleaning.tables import SEEDS_DIR, read_table
from pipelines.extraction.kinds import KIND_COLUMNS, KINDS, KindTable, classify, load_kinds

TABLE = load_kinds()
PARAGRAPH = "过去一年,全县坚持依法行政,共办理行政复议案件12件,审结10件,制定规范性文件3件,组织培训20场次,成效明显。"
BODY = [PARAGRAPH] * 8

TITLES: dict[str, list[str]] = {
    "annual_report": [
        "青山县人民政府2017年度法治政府建设工作报告",
        "青山县人民政府关于2023年法治政府建设工作情况的报告",
        "青山县2022年度法治政府建设情况报告",
        "青山县司法局2023年法治政府建设年度情况报告",
        "国家税务总局青山县税务局2022年度法治政府建设情况报告",
        "起步镇2023年法治政府建设年度报告",
        "2018年法治政府建设年度报告",
        "关于2022年度法治政府建设情况报告",
        "2014年依法行政工作情况报告",
        "青山县人民政府关于2014年度推进依法行政工作情况的报告",
        "青山县人民政府关于2013年度推进依法行政建设法治政府工作情况的报告",
        "青山县应急管理局2023年依法行政工作总结",
        "青山县2019年法治政府建设工作总结和2020年工作打算",
        "青山县生态环境局2021年法治政府建设工作总结及2022年工作计划",
        "青山县关于2021年法治政府建设工作总结的报告",
        "青山县2023年法治政府建设情况",
        "关于印发《青山县2022年法治政府建设年度报告》的通知",
        "青山县司法局关于2023年度法治政府建设年度报告的公告",
        "青山县2022年法治政府建设年度报告公示",
        "青山县交通运输局2022年度法治政府部门建设工作报告",
        "青山县发改委2023年度法治机关建设工作总结",
        "青山县公安局2022年度法治公安建设工作报告",
        "青山县2023年度法治政府建设暨党政主要负责人履行推进法治建设第一责任人职责情况的报告",
        "中共青山县委 青山县人民政府关于2022年法治政府建设情况的报告",
        "二〇二二年度法治政府建设工作总结",
        "青山县2022年法治政府建设年度报告(公开版)",
    ],
    "implementation_plan": [
        "青山县法治政府建设实施方案(2021-2025年)",
        "关于印发青山县法治政府建设示范创建工作方案的通知",
        "青山县贯彻落实《法治政府建设实施纲要》任务分工",
        "青山县2024年法治政府建设工作计划",
        "法治青山建设规划(2020-2025年)",
        "青山县深入推进依法行政加快建设法治政府实施意见",
    ],
    "work_points": [
        "青山县2024年法治政府建设工作要点",
        "关于印发2023年全县依法行政工作要点的通知",
        "青山县2022年法治政府建设重点工作安排",
        "2021年依法治县工作要点",
    ],
    "news": [
        "青山县召开法治政府建设工作推进会",
        "青山县司法局开展法治宣传进校园活动",
        "青山县政府常务会议审议2023年法治政府建设情况报告",
        "青山县发布2023年法治政府建设年度报告",
        "县长主持召开常务会议 听取法治政府建设情况汇报",
        "我县三个项目入选全国法治政府建设示范项目",
        "聚焦法治政府建设 提升依法行政能力——青山县扎实推进行政执法三项制度",
    ],
    "interpretation": [
        "一图读懂青山县2023年法治政府建设年度报告",
        "《青山县2023年法治政府建设年度报告》解读",
        "关于《青山县法治政府建设实施方案》的政策解读",
        "青山县司法局负责人就年度报告答记者问",
    ],
    "notice": [
        "关于报送2023年法治政府建设年度报告的通知",
        "关于召开全县法治政府建设工作会议的通知",
        "关于公开征求《青山县法治政府建设实施方案》意见的公告",
        "关于开展2023年度法治政府建设考核工作的通知",
        "关于做好法治政府建设年度报告公开工作的通知",
    ],
    "foi_annual_report": [
        "青山县2023年政府信息公开工作年度报告",
        "青山县司法局2022年度政府信息公开年报",
        "2021年政务公开工作总结",
    ],
    "government_work_report": [
        "2024年青山县政府工作报告",
        "政府工作报告——2023年1月5日在青山县第五届人民代表大会上",
        "青山县人民政府工作报告(摘登)",
    ],
    "court_report": [
        "青山市中级人民法院工作报告",
        "青山县人民法院2023年工作总结",
        "青山县人民法院2022年度工作报告(全文)",
    ],
    "procuratorate_report": ["青山县人民检察院工作报告", "青山县人民检察院2023年工作总结", "人民检察院年度工作报告"],
    "white_paper": ["2022年度行政审判白皮书", "青山县法治政府建设白皮书(2018-2022)", "行政复议应诉蓝皮书"],
    "third_party_evaluation": [
        "青山县2022年法治政府建设第三方评估报告",
        "青山县法治政府建设社会满意度测评报告",
        "青山县“十三五”法治政府建设评估总报告",
    ],
    "template": ["某县2023年法治政府建设年度报告", "××市2022年度法治政府建设工作报告", "法治政府建设年度报告模板"],
    "error_page": ["404 Not Found", "页面不存在", "您访问的页面出错了"],
    "other": [
        "青山县2023年上半年法治政府建设工作总结",
        "关于法治政府建设督察反馈问题整改情况的报告",
        "2023年党政主要负责人履行推进法治建设第一责任人职责情况报告",
        "青山县统计局法治政府建设情况报告制度落实情况",
        "青山县2022年法治文化建设情况报告",
        "领导简介",
    ],
}


@pytest.mark.parametrize(("kind", "title"), [(kind, title) for kind, titles in TITLES.items() for title in titles])
def test_titles(kind: str, title: str) -> None:
    found = classify(TABLE, title, BODY)
    assert found.kind == kind, found.reason
    assert found.is_annual_report is (kind == "annual_report")
    assert found.reason


def test_every_kind_is_tried() -> None:
    assert set(TITLES) | {"list_page"} == set(KINDS)
    assert min(map(len, TITLES.values())) >= 3


BODIES = {
    "presented as a report": (
        "annual_report",
        ["为落实督察工作规定,现将我县2019年法治政府建设情况报告如下:", *BODY],
    ),
    "built as a report": (
        "annual_report",
        [
            "2017年,在县委领导下,全县以建设法治政府为目标,依法全面履行职能,法治政府建设取得进展。",
            "一、工作开展情况",
            *BODY,
            "二、存在主要问题",
            "依法行政意识不强。",
            "三、下一步工作打算",
            "扎实推进法治政府建设。",
        ],
    ),
    "a plan by its opening": ("implementation_plan", ["根据省政府意见,结合我县实际,制定本实施方案。", *BODY]),
    "a plan by its assignments": (
        "implementation_plan",
        ["一、依法全面履行政府职能", *["(一)建立权力清单。", "牵头单位:县委编办", "责任单位:县直各部门"] * 4],
    ),
    "a notice": ("notice", ["为做好年度工作,现将有关事项通知如下:", *BODY]),
    "to the people's congress": (
        "government_work_report",
        ["各位代表:", "现在,我代表青山县人民政府向大会报告工作,请予审议。", *BODY],
    ),
    "of a court": ("court_report", ["各位代表:", "现在,我代表青山县人民法院向大会报告工作,请予审议。", *BODY]),
    "of a procuratorate": ("procuratorate_report", ["现在,我代表青山县人民检察院向大会报告工作。", *BODY]),
    "on disclosure": ("foi_annual_report", ["根据《中华人民共和国政府信息公开条例》规定,编制本年度报告。", *BODY]),
    "gone": ("error_page", ["很抱歉,您访问的页面不存在或已删除"]),
    "with blanks": ("other", ["某某"]),
    "about something else": ("other", ["我县小麦喜获丰收。"] * 10),
}


@pytest.mark.parametrize(("kind", "lines"), BODIES.values(), ids=BODIES.keys())
def test_bodies_without_title(kind: str, lines: list[str]) -> None:
    found = classify(TABLE, None, lines)
    assert found.kind == kind, found.reason


def test_blanks_make_a_report_a_template() -> None:
    lines = ["2023年,××县共办理行政复议××件,××县政府审结××件,培训××人次。"] * 3
    assert classify(TABLE, "2023年法治政府建设年度报告", lines).kind == "template"


@pytest.mark.parametrize(
    ("title", "lines", "entries", "kind"),
    [
        ("法治政府建设年度报告", ["下一页"], 12, "list_page"),
        ("青山县2023年法治政府建设年度报告", BODY, 12, "annual_report"),
        ("法治政府建设年度报告", [], 0, "list_page"),
        ("青山县2023年法治政府建设年度报告", ["附件:报告.pdf"], 0, "annual_report"),
    ],
)
def test_lists(title: str, lines: list[str], entries: int, kind: str) -> None:
    assert classify(TABLE, title, lines, entries).kind == kind


ROWS = read_table(SEEDS_DIR / "document_kinds.csv", KIND_COLUMNS)


@pytest.mark.parametrize("row", ROWS, ids=[row["priority"] for row in ROWS])
def test_each_row_fires_on_its_example(row: dict[str, str]) -> None:
    repeated = "\n".join([row["example"]] * int(row["min_count"]))
    assert len(re.findall(row["pattern"], repeated)) >= int(row["min_count"])
    assert not row["unless"] or not re.search(row["unless"], repeated)


def row_with(**cells: str) -> dict[str, str]:
    return {
        "priority": "1",
        "kind": "news",
        "part": "title",
        "pattern": "x",
        "unless": "",
        "min_count": "1",
        "reason": "r",
        "example": "x",
    } | cells


@pytest.mark.parametrize(
    ("row", "message"),
    [
        (row_with(kind="gossip"), "unknown kind 'gossip'"),
        (row_with(part="margin"), "unknown part 'margin'"),
        (row_with(pattern="("), "priority 1: missing"),
    ],
)
def test_broken_rows_are_refused(row: dict[str, str], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        KindTable([row])
