"""Tables of every shape that reports use, made up for tests, with what is to be read from them, judged by eye."""

from __future__ import annotations

from typing import NamedTuple

from table_samples import Rows


class Case(NamedTuple):
    """A table under its captions, and what is read from it: number, value, unit, code, dimension, scope, total."""

    captions: tuple[str, ...]
    rows: Rows
    expected: tuple[str, ...]


CASES: dict[str, Case] = {
    "stacked header, column of sub-totals, row of totals": Case(
        ("表1 2023年行政复议案件办理情况统计表", "单位：件"),
        (
            (("案件类型", 2, 1), ("收到", 2, 1), ("受理", 2, 1), ("审结", 1, 3)),
            ("小计", "维持", "撤销"),
            ("行政处罚", "30", "28", "25", "20", "5"),
            ("行政许可", "12", "10", "10", "10", "—"),
            ("合计", "42", "38", "35", "30", "5"),
        ),
        (
            "30 30 件 RR_RECEIVED 行政处罚 <42",
            "28 28 件 RR_ACCEPTED 行政处罚 <38",
            "25 25 件 RR_CLOSED 行政处罚 <35",
            "20 20 件 RR_UPHELD 行政处罚 <25",
            "5 5 件 RR_REVOKED 行政处罚 <25",
            "12 12 件 RR_RECEIVED 行政许可 <42",
            "10 10 件 RR_ACCEPTED 行政许可 <38",
            "10 10 件 RR_CLOSED 行政许可 <35",
            "10 10 件 RR_UPHELD 行政许可 <10",
            "42 42 件 RR_RECEIVED -",
            "38 38 件 RR_ACCEPTED -",
            "35 35 件 RR_CLOSED -",
            "30 30 件 RR_UPHELD - <35",
            "5 5 件 RR_REVOKED - <35",
        ),
    ),
    "transposed, totals on the right": Case(
        ("行政复议情况",),
        (
            ("指标", "行政许可", "行政处罚", "合计"),
            ("受理（件）", "10", "20", "30"),
            ("审结（件）", "9", "18", "27"),
        ),
        (
            "10 10 件 RR_ACCEPTED 行政许可 <30",
            "20 20 件 RR_ACCEPTED 行政处罚 <30",
            "30 30 件 RR_ACCEPTED -",
            "9 9 件 RR_CLOSED 行政许可 <27",
            "18 18 件 RR_CLOSED 行政处罚 <27",
            "27 27 件 RR_CLOSED -",
        ),
    ),
    "numbered rows": Case(
        (),
        (
            ("项目", "数量"),
            ("一、行政复议", ""),
            ("（一）收到申请", "70件"),
            ("（二）受理", "65件"),
            ("（三）审结", "60件"),
            ("其中：维持", "40件"),
            ("撤销", "5件"),
            ("二、行政应诉", ""),
            ("（一）一审", "33件"),
            ("（二）二审", "12件"),
        ),
        (
            "70 70 件 RR_RECEIVED -",
            "65 65 件 RR_ACCEPTED -",
            "60 60 件 RR_CLOSED -",
            "40 40 件 RR_UPHELD - <60",
            "5 5 件 RR_REVOKED - <60",
            "33 33 件 LIT_CASES 一审",
            "12 12 件 LIT_CASES 二审",
        ),
    ),
    "heading rows": Case(
        ("单位：件",),
        (
            ("类型", "收到", "审结"),
            (("行政复议", 1, 3),),
            ("县本级", "40", "35"),
            ("乡镇", "10", "9"),
            (("行政应诉", 1, 3),),
            ("县本级", "20", "15"),
        ),
        (
            "40 40 件 RR_RECEIVED - @县本级",
            "35 35 件 RR_CLOSED - @县本级",
            "10 10 件 RR_RECEIVED - @乡镇",
            "9 9 件 RR_CLOSED - @乡镇",
            "20 20 件 LIT_CASES - @县本级",
            "15 15 件 LIT_CLOSED - @县本级",
        ),
    ),
    "merged labels with sub-totals": Case(
        (),
        (
            ("领域", "案件类别", "行政处罚案件（件）", "罚没款（万元）"),
            (("市场监管", 2, 1), "食品", "12", "3.5"),
            ("药品", "8", "1.2"),
            (("小计", 1, 2), "20", "4.7"),
            (("城市管理", 2, 1), "违建", "5", "/"),
            ("占道", "6", "0.8"),
            (("小计", 1, 2), "11", "0.8"),
            (("总计", 1, 2), "31", "5.5"),
        ),
        (
            "12 12 件 ENFO_PENALTIES 食品 <20",
            "3.5 35000 元 OTHER - <4.7",
            "8 8 件 ENFO_PENALTIES 药品 <20",
            "1.2 12000 元 OTHER - <4.7",
            "20 20 件 ENFO_PENALTIES 市场监管 <31",
            "4.7 47000 元 OTHER - <5.5",
            "5 5 件 ENFO_PENALTIES 城管/违建 <11",
            "6 6 件 ENFO_PENALTIES 城管/占道 <11",
            "0.8 8000 元 OTHER - <0.8",
            "11 11 件 ENFO_PENALTIES 城市管理 <31",
            "0.8 8000 元 OTHER - <5.5",
            "31 31 件 ENFO_PENALTIES -",
            "5.5 55000 元 OTHER -",
        ),
    ),
    "two panels under one header": Case(
        (),
        (
            ("指标", "数量", "指标", "数量"),
            ("收到行政复议申请", "70件", "行政应诉案件", "35件"),
            ("审结行政复议案件", "60件", "负责人出庭应诉率", "100%"),
        ),
        (
            "70 70 件 RR_RECEIVED -",
            "35 35 件 LIT_CASES -",
            "60 60 件 RR_CLOSED -",
            "100 100 % LIT_APPEAR_RATE -",
        ),
    ),
    "labels before each figure, no header": Case(
        (),
        (
            ("收到行政复议申请", "70件", "受理", "69件"),
            ("审结", "60件", "纠错率", "12.5%"),
            ("行政应诉案件", "35", "败诉", "无"),
        ),
        (
            "70 70 件 RR_RECEIVED -",
            "69 69 件 RR_ACCEPTED -",
            "60 60 件 RR_CLOSED -",
            "12.5 12.5 % RR_CORRECTION_RATE -",
            "35 35 件 LIT_CASES -",
            "无 0 None LIT_LOST -",
        ),
    ),
    "column of units, years side by side, growth": Case(
        (),
        (
            ("序号", "指标", "单位", "2023年", "2022年", "同比增长"),
            ("1", "行政复议申请收到数", "件", "1,120", "980", "14.3%"),
            ("2", "行政应诉案件", "件", "57", "60", "-5%"),
            ("3", "负责人出庭应诉率", "%", "98.5", "96", "/"),
        ),
        (
            "1,120 1120 件 RR_RECEIVED -",
            "980 980 件 RR_RECEIVED - prior_year:2022",
            "14.3 14.3 % RR_RECEIVED - growth:2023",
            "57 57 件 LIT_CASES -",
            "60 60 件 LIT_CASES - prior_year:2022",
            "-5 -5 % LIT_CASES - growth:2023",
            "98.5 98.5 % LIT_APPEAR_RATE -",
            "96 96 % LIT_APPEAR_RATE - prior_year:2022",
        ),
    ),
    "years as bare numbers": Case(
        (),
        (
            ("年度", "2021", "2022", "2023"),
            ("行政复议收案数", "30", "35", "42"),
            ("行政应诉案件数", "10", "12", "15"),
        ),
        (
            "30 30 件 RR_RECEIVED - prior_year:2021",
            "35 35 件 RR_RECEIVED - prior_year:2022",
            "42 42 件 RR_RECEIVED -",
            "10 10 件 LIT_CASES - prior_year:2021",
            "12 12 件 LIT_CASES - prior_year:2022",
            "15 15 件 LIT_CASES -",
        ),
    ),
    "last year beside this year": Case(
        ("单位：件",),
        (
            ("项目", "本年", "上年同期"),
            ("收到行政复议申请", "42", "35"),
            ("行政应诉案件", "15", "12"),
        ),
        (
            "42 42 件 RR_RECEIVED -",
            "35 35 件 RR_RECEIVED - prior_year:2022",
            "15 15 件 LIT_CASES -",
            "12 12 件 LIT_CASES - prior_year:2022",
        ),
    ),
    "townships as rows": Case(
        ("各乡镇行政执法情况",),
        (
            ("乡镇", "行政处罚案件数", "执法人员（人）"),
            ("城关镇", "12", "30"),
            ("柳林乡", "8", "21"),
            ("合计", "20", "51"),
        ),
        (
            "12 12 件 ENFO_PENALTIES - @城关镇 <20",
            "30 30 人 ENFO_OFFICERS - @城关镇 <51",
            "8 8 件 ENFO_PENALTIES - @柳林乡 <20",
            "21 21 人 ENFO_OFFICERS - @柳林乡 <51",
            "20 20 件 ENFO_PENALTIES -",
            "51 51 人 ENFO_OFFICERS -",
        ),
    ),
    "shares": Case(
        ("行政执法案卷评查情况",),
        (
            ("评查结果", "案卷数（卷）", "占比"),
            ("优秀", "6", "14%"),
            ("合格", "34", "79%"),
            ("不合格", "3", "7%"),
            ("合计", "43", "100%"),
        ),
        (
            "6 6 卷 ENFO_FILES_GRADE 优秀 <43",
            "14 14 % ENFO_FILES_GRADE 优秀 <43",
            "34 34 卷 ENFO_FILES_GRADE 合格 <43",
            "79 79 % ENFO_FILES_GRADE 合格 <43",
            "3 3 卷 ENFO_FILES_GRADE 不合格 <43",
            "7 7 % ENFO_FILES_GRADE 不合格 <43",
            "43 43 卷 ENFO_FILES_REVIEWED -",
            "100 100 % ENFO_FILES_REVIEWED -",
        ),
    ),
    "zeros in figures and words": Case(
        (),
        (
            ("部门", "行政复议被纠错案件（件）", "行政败诉案件（件）"),
            ("公安局", "0", "无"),
            ("自然资源局", "2", "1"),
        ),
        (
            "0 0 件 RR_REVOKED_OR_ORDERED 公安局",
            "无 0 None LIT_LOST 公安局",
            "2 2 件 RR_REVOKED_OR_ORDERED 自然资源局",
            "1 1 件 LIT_LOST 自然资源局",
        ),
    ),
    "ten thousands, thousands, qualifiers": Case(
        (),
        (
            ("项目", "收到行政复议申请（件）", "法治宣传活动受众（万人次）"),
            ("数量", "1.2万", "约30"),
            ("其他", "3,500", "20余"),
        ),
        (
            "1.2万 12000 件 RR_RECEIVED -",
            "30 300000 人次 PUBL_AUDIENCE -",
            "3,500 3500 件 RR_RECEIVED 其他",
            "20余 200000 人次 PUBL_AUDIENCE 其他",
        ),
    ),
    "two numbers in a cell": Case(
        (),
        (
            ("类型", "受理/审结（件）"),
            ("行政复议", "9/8"),
            ("行政应诉", "5/4"),
        ),
        (
            "9 9 件 RR_ACCEPTED -",
            "8 8 件 RR_CLOSED -",
            "5 5 件 LIT_CASES -",
            "4 4 件 LIT_CLOSED -",
        ),
    ),
    "headers that begin anew": Case(
        ("单位：件",),
        (
            (("行政复议", 1, 2),),
            ("收到", "受理"),
            ("30", "28"),
            (("行政应诉", 1, 2),),
            ("一审", "二审"),
            ("11", "5"),
        ),
        (
            "30 30 件 RR_RECEIVED -",
            "28 28 件 RR_ACCEPTED -",
            "11 11 件 LIT_CASES 一审",
            "5 5 件 LIT_CASES 二审",
        ),
    ),
    "no unit anywhere": Case(
        (),
        (
            ("规范性文件", "合法性审查", "归档"),
            ("数量", "26", "12"),
        ),
        (
            "26 26 件 RULE_NORM_REVIEWED -",
            "12 12 None OTHER -",
        ),
    ),
    "text with numbers in cells": Case(
        (),
        (
            ("事项", "完成情况", "案件数（件）"),
            ("行政复议", "受理行政复议案件55件，审结50件", "55"),
            ("行政应诉", "办理行政应诉案件12件，其中一审8件", "—"),
        ),
        (
            "55 55 件 RR_ACCEPTED -",
            "50 50 件 RR_CLOSED -",
            "55 55 件 RR_RECEIVED -",
            "12 12 件 LIT_CASES -",
            "8 8 件 LIT_CASES 一审 <12",
        ),
    ),
    "unit in the corner": Case(
        (),
        (
            ("单位：件", "行政许可", "行政处罚"),
            ("行政复议受理", "10", "21"),
        ),
        (
            "10 10 件 RR_ACCEPTED 行政许可",
            "21 21 件 RR_ACCEPTED 行政处罚",
        ),
    ),
    "departments and kinds crossed, both with totals": Case(
        ("单位：件", "各部门行政处罚案件"),
        (
            ("部门", "合计", "食品", "药品"),
            ("合计", "30", "18", "12"),
            ("县局", "20", "12", "8"),
            ("分局", "10", "6", "4"),
        ),
        (
            "30 30 件 ENFO_PENALTIES -",
            "18 18 件 ENFO_PENALTIES 食品 <30",
            "12 12 件 ENFO_PENALTIES 药品 <30",
            "20 20 件 ENFO_PENALTIES 县局 <30",
            "12 12 件 ENFO_PENALTIES 县局/食品 <20",
            "8 8 件 ENFO_PENALTIES 县局/药品 <20",
            "10 10 件 ENFO_PENALTIES 分局 <30",
            "6 6 件 ENFO_PENALTIES 分局/食品 <10",
            "4 4 件 ENFO_PENALTIES 分局/药品 <10",
        ),
    ),
    "a label that is a dimension of the indicator of the total": Case(
        ("县级行政权力清单",),
        (
            ("序号", "权力类型", "事项数（项）"),
            ("1", "行政许可", "198"),
            ("2", "行政处罚", "3021"),
            ("", "合计", "3219"),
        ),
        (
            "198 198 项 FUNC_POWER_ITEMS 行政许可 @县级 <3219",
            "3021 3021 项 FUNC_POWER_ITEMS 行政处罚 @县级 <3219",
            "3219 3219 项 FUNC_POWER_ITEMS - @县级",
        ),
    ),
    "parts under 其中 in the header": Case(
        ("单位：件",),
        (
            (("部门", 2, 1), ("行政复议受理", 2, 1), ("其中", 1, 2)),
            ("行政许可", "行政处罚"),
            ("县本级", "30", "10", "20"),
        ),
        (
            "30 30 件 RR_ACCEPTED - @县本级",
            "10 10 件 RR_ACCEPTED 行政许可 @县本级 <30",
            "20 20 件 RR_ACCEPTED 行政处罚 @县本级 <30",
        ),
    ),
    "unit behind a slash, full-width figures": Case(
        (),
        (
            ("项目", "受理/件", "办结率/%"),
            ("行政复议", "１２", "９８．５"),
        ),
        (
            "１２ 12 件 RR_ACCEPTED -",
            "９８．５ 98.5 % OTHER -",
        ),
    ),
}
