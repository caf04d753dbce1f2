"""Figures of tables: all shapes that reports use, as expected by eye; the same from HTML, DOCX, PDF and workbooks."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from table_cases import CASES, Case
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
