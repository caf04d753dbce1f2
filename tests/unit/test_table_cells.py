"""Figures of tables: all shapes that reports use, as expected by eye; the same from HTML, DOCX, PDF and workbooks."""

from __future__ import annotations

import re
from typing import NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from table_samples import Rows, docx_report, html_report, html_table, pdf_report, placed, with_table, xlsx_table

from pipelines.cleaning.attachments.docx import read_docx
from pipelines.cleaning.attachments.limits import LIMITS
from pipelines.cleaning.attachments.pdf import read_pdf
from pipelines.cleaning.attachments.results import Extracted
from pipelines.cleaning.attachments.sheet import read_xlsx
from pipelines.cleaning.grids import Table, locate
from pipelines.cleaning.page import clean_page
from pipelines.cleaning.tables import SEEDS_DIR, read_table
from pipelines.evaluation.matching import squeeze_text
from pipelines.extraction.table_cells import MAX_FIGURES
from pipelines.extraction.table_clauses import caption_noun
from pipelines.extraction.table_shape import Shape, read_shape
from pipelines.model import Observation, Page, Reading
from pipelines.reading import read
from pipelines.reference import load_reference


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
            "12 12 件 ENFO_PENALTIES 市场监管/食品 <20",
            "3.5 35000 元 OTHER - <4.7",
            "8 8 件 ENFO_PENALTIES 市场监管/药品 <20",
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
            ("项目", "法治宣传资料（份）", "法治宣传活动受众（万人次）"),
            ("数量", "1.2万", "约30"),
            ("其他", "3,500", "20余"),
        ),
        (
            "1.2万 12000 份 OTHER -",
            "30 300000 人次 PUBL_AUDIENCE -",
            "3,500 3500 份 OTHER -",
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
            ("法治培训", "开展行政执法培训12次，培训500人次", "—"),
        ),
        (
            "55 55 件 RR_ACCEPTED -",
            "50 50 件 RR_CLOSED -",
            "55 55 件 RR_RECEIVED -",
            "12 12 次 ENFO_TRAINING 次",
            "500 500 人次 ENFO_TRAINING 人次",
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


def read_page(content: bytes, name: str = "a.html") -> Reading:
    content_type = "text/html" if name.endswith("html") else None
    return read(Page(name=name, content=content, content_type=content_type, file_name=name), load_reference())


def line_of(observation: Observation, by_id: dict[str, Observation]) -> str:
    """An observation as the cases write it."""
    words = [observation.value_text, f"{observation.value:g}", str(observation.unit), observation.indicator_code]
    words.append(observation.dimension or "-")
    if observation.scope:
        words.append(f"@{observation.scope}")
    if observation.comparison:
        words.append(f"{observation.comparison}:{observation.period_value}")
    if observation.parent_id:
        words.append(f"<{by_id[observation.parent_id].value_text}")
    return " ".join(words)


def lines_of(reading: Reading) -> tuple[str, ...]:
    by_id = {observation.id: observation for observation in reading.observations}
    return tuple(line_of(observation, by_id) for observation in reading.observations)


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_figures_of_a_table(case: Case) -> None:
    reading = read_page(with_table(case.rows, case.captions))
    assert lines_of(reading) == case.expected
    for each in reading.observations:
        assert reading.document.text[each.char_start : each.char_end] == each.value_text
        assert reading.document.text.split("\n")[each.line - 1].strip() == each.sentence


def cells_of(table: Table) -> list[tuple[str, int, int, int, int]]:
    """The filled cells with their places."""
    filled = [cell for row in table.rows for cell in row.cells if cell.text]
    return sorted((each.text, each.row, each.column, each.row_span, each.column_span) for each in filled)


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_cells_have_the_same_places_in_all_files(case: Case) -> None:
    expected = sorted(
        (each.text, each.row, each.column, each.row_span, each.column_span) for each in placed(case.rows) if each.text
    )
    word, printed = read_docx(docx_report(case.rows), LIMITS), read_pdf(pdf_report(case.rows), LIMITS)
    page = clean_page(Page(name="a.html", content=with_table(case.rows), content_type="text/html"))
    for tables in (page.tables, locate(word.tables, word.text), locate(printed.tables, printed.text)):
        assert [cells_of(table) for table in tables] == [expected]


def shape_of(extracted: Extracted) -> Shape:
    catalogue = load_reference().catalogue
    (table,) = locate(extracted.tables, extracted.text)
    return read_shape(table, [], catalogue.table_words, catalogue.units)


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_a_workbook_gives_the_same_labels_without_its_merged_cells(case: Case) -> None:
    catalogue = load_reference().catalogue
    (table,) = clean_page(Page(name="a", content=with_table(case.rows), content_type="text/html")).tables
    of_page = read_shape(table, [], catalogue.table_words, catalogue.units)
    of_book = shape_of(read_xlsx(xlsx_table(case.rows), LIMITS))
    assert [(each.text, each.rows, each.columns, each.unit) for each in of_book.figures] == [
        (each.text, each.rows, each.columns, each.unit) for each in of_page.figures
    ]


@pytest.mark.parametrize(("name", "build"), [("a.docx", docx_report), ("a.pdf", pdf_report)])
def test_a_report_as_a_file_is_read_like_the_page(name: str, build: object) -> None:
    case = CASES["stacked header, column of sub-totals, row of totals"]
    assert callable(build)
    assert lines_of(read_page(build(case.rows, case.captions), name)) == case.expected


STACKED = CASES["stacked header, column of sub-totals, row of totals"]


@pytest.mark.parametrize(
    "label",
    [
        "行政处罚 30 28 25 20 5",
        "案件类型 收到 受理 审结 小计 维持 撤销 行政处罚 30 28 25 20 5",
        "小计\t维持\t撤销\n行政处罚\t30\t28\t25\t20\t5",
    ],
)
def test_a_label_of_the_row_alone_or_behind_its_header_meets_the_evidence(label: str) -> None:
    reading = read_page(with_table(STACKED.rows, STACKED.captions))
    first = reading.observations[0]
    assert squeeze_text(first.sentence) in squeeze_text(label)
    assert reading.document.text[first.sentence_start :].startswith(f"{first.sentence}\n")
    assert first.note == "table header: 案件类型 | 收到 | 受理 | 审结 / 小计 | 维持 | 撤销"


def test_a_label_merged_over_rows_stands_in_the_note_of_each() -> None:
    case = CASES["merged labels with sub-totals"]
    second = read_page(with_table(case.rows)).observations[2]
    assert (second.sentence, second.note) == (
        "药品\t8\t1.2",
        "table header: 领域 | 案件类别 | 行政处罚案件（件） | 罚没款（万元） / 市场监管",
    )


PROSE = "<p>全年受理行政复议案件55件，审结50件。</p><p>办理行政应诉案件12件，其中一审8件。</p><p>无败诉案件。</p>"
NO_DATA = {
    "an article in a cell": f"<table><tr><td>{PROSE}</td></tr></table>",
    "an article beside a menu": f"<table><tr><td>栏目</td><td>{PROSE}<p>全文完。</p></td></tr></table>",
    "an article in a table in a table": f"<table><tr><td><table><tr><td>{PROSE}</td></tr></table></td></tr></table>",
}


@pytest.mark.parametrize("markup", NO_DATA.values(), ids=NO_DATA.keys())
def test_running_text_in_a_table_is_read_as_text(markup: str) -> None:
    assert lines_of(read_page(html_report(markup))) == lines_of(read_page(html_report(PROSE)))


@pytest.mark.parametrize(
    ("rows", "missed"),
    [
        ((("索引号", "00012345", "发布日期", "2024-01-20"), ("文号", "青政发〔2024〕3号", "有效性", "有效")), 0),
        ((("序号", "部门", "联系电话"), ("1", "司法局", "6621234"), ("2", "公安局", "6625678")), 0),
        ((("问题", "整改措施"), ("执法不够规范", "加强培训")), 0),
        ((("12", "35"), ("40", "50")), 4),
    ],
    ids=["header of a page", "telephones", "words only", "numbers without any label are reported"],
)
def test_tables_without_data_give_no_figures(rows: Rows, missed: int) -> None:
    reading = read_page(with_table(rows))
    assert reading.observations == ()
    said = [issue for issue in reading.issues if issue.message.startswith("neither cell nor labels")]
    assert len(said) == missed


def test_a_number_without_unit_or_indicator_is_a_candidate_and_an_issue() -> None:
    case = CASES["no unit anywhere"]
    reading = read_page(with_table(case.rows))
    assert [issue.value for issue in reading.issues if issue.kind == "number_without_known_unit"] == ["12"]
    assert reading.observations[-1].unit is None


def test_numbered_rows_are_no_headings() -> None:
    case = CASES["numbered rows"]
    headings = [section.heading for section in read_page(with_table(case.rows)).sections]
    assert not {"行政复议", "行政应诉"} & set(headings)


def test_a_table_below_the_signature_is_read_without_section() -> None:
    case = CASES["townships as rows"]
    page = html_report("").replace(
        b"</div></body>", f"<p>附件：统计表</p>{html_table(case.rows)}</div></body>".encode()
    )
    observations = read_page(page).observations
    assert [each.indicator_code for each in observations][:2] == ["ENFO_PENALTIES", "ENFO_OFFICERS"]
    assert {each.section_id for each in observations} == {None}


def test_a_table_of_a_saved_text_is_read_from_its_tabs() -> None:
    text = "\n".join(
        [
            "青山县2023年法治政府建设年度报告",
            "现将2023年法治政府建设有关情况报告如下：",
            "一、行政复议案件办理情况",
            "类型\t收到（件）\t审结（件）",
            "行政处罚\t30\t25",
            "行政许可\t12\t10",
            "二、下一步打算，继续努力做好各项工作。",
        ]
    )
    assert lines_of(read_page(text.encode(), "a.txt")) == (
        "30 30 件 RR_RECEIVED 行政处罚",
        "25 25 件 RR_CLOSED 行政处罚",
        "12 12 件 RR_RECEIVED 行政许可",
        "10 10 件 RR_CLOSED 行政许可",
    )


def test_a_table_cut_by_a_page_goes_on_under_its_header() -> None:
    header, *rows = CASES["transposed, totals on the right"].rows
    cut = html_table((header, rows[0])) + html_table((rows[1],))
    whole = read_page(html_report(f"<p>行政复议情况</p>{cut}"))
    assert lines_of(whole) == CASES["transposed, totals on the right"].expected


def test_a_number_of_the_text_repeated_in_a_table_is_a_repetition() -> None:
    rows = (("项目", "件数"), ("受理行政复议案件", "55"))
    observations = read_page(html_report(f"<p>受理行政复议案件55件。</p>{html_table(rows)}")).observations
    assert [each.duplicate_of is not None for each in observations] == [False, True]


def test_traditional_script_keeps_its_own_characters() -> None:
    rows = (("案件類型", "收到（件）", "審結（件）"), ("行政處罰", "30", "25"))
    captions = ("行政複議案件辦理情況", "依法開展法治政府建設，嚴格規範執法，維護羣衆權益，辦理各類案件。")
    reading = read_page(with_table(rows, tuple(reversed(captions))))
    assert [(each.value_text, each.indicator_code) for each in reading.observations] == [
        ("30", "RR_RECEIVED"),
        ("25", "RR_CLOSED"),
    ]
    assert reading.observations[0].sentence == "行政處罰\t30\t25"


def test_a_table_beyond_all_measure_is_cut_and_reported() -> None:
    rows = (("部门", *(f"列{place}" for place in range(60))), *((f"行{row}", *["7"] * 60) for row in range(40)))
    reading = read_page(with_table(rows))
    assert len(reading.observations) == MAX_FIGURES
    assert [issue.value for issue in reading.issues if issue.kind == "table_too_large"] == ["2400"]


@pytest.mark.parametrize(
    ("caption", "noun"),
    [
        ("表1 2023年行政复议案件办理情况统计表", "行政复议案件"),
        ("附表二：行政执法人员一览表（单位：人）", "行政执法人员"),
        ("各部门行政处罚案件数量如下表:", "各部门行政处罚案件"),
        ("统计表", ""),
    ],
)
def test_a_caption_names_what_its_table_is_about(caption: str, noun: str) -> None:
    assert caption_noun(caption) == noun


def test_every_word_for_labels_matches_its_example() -> None:
    rows = read_table(SEEDS_DIR / "table_words.csv", ("role", "pattern", "value", "example"))
    words = load_reference().catalogue.table_words
    unmatched = [row["pattern"] for row in rows if not re.search(row["pattern"], row["example"])]
    unknown = {row["value"] for row in rows if row["role"] == "unit"} - set(
        load_reference().catalogue.units.value_types
    )
    assert (unmatched, unknown) == ([], set())
    assert [row["value"] for row in rows if row["role"] == "unit"] == [
        words.unit(row["example"]) for row in rows if row["role"] == "unit"
    ]


PIECES = st.sampled_from(
    [
        "",
        "12",
        "1,365",
        "合计",
        "小计",
        "其中：",
        "受理（件）",
        "2022",
        "无",
        "—",
        "98%",
        "一、行政复议",
        "3/4",
        "（",
        "表1",
    ]
)
CELLS = st.tuples(PIECES, st.integers(0, 4), st.integers(0, 4))


@settings(max_examples=60, deadline=None, derandomize=True)
@given(st.lists(st.lists(CELLS, max_size=5), max_size=6))
def test_tables_of_any_make_are_read_without_error(rows: list[list[tuple[str, int, int]]]) -> None:
    reading = read_page(html_report(html_table(rows) + html_table(rows[::-1])))
    text = reading.document.text
    assert all(text[each.char_start : each.char_end] == each.value_text for each in reading.observations)
