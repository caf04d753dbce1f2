"""Headings → sections with level, topic and part."""

import csv
from pathlib import Path

import pytest

from pipelines.extraction.segmentation import part_of_heading, split_sections, topic_of_heading
from pipelines.reference import load_reference
from tests.unit.reading_samples import sections_of

OUTLINE = load_reference().outline
SEEDS = Path(__file__).parents[2] / "dbt_project" / "seeds"


def rows(table: str) -> list[dict[str, str]]:
    with (SEEDS / table).open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


@pytest.mark.parametrize(
    ("line", "level", "label", "heading"),
    [
        ("一、健全组织领导", 1, "一、", "健全组织领导"),
        ("  十一、2024年工作安排", 1, "十一、", "2024年工作安排"),
        ("(一)规范执法。全年检查12次。", 2, "(一)", "规范执法"),
        ("(二)规范执法。全年检查12次。", 2, "(二)", "规范执法"),
        ("1.推进简政放权。", 3, "1.", "推进简政放权"),
        ("2、强化监管", 3, "2、", "强化监管"),
        ("(3)开展评查。", 4, "(3)", "开展评查"),
        ("第一部分 主要工作", 1, "第一部分", "主要工作"),
    ],
)
def test_headings(line: str, level: int, label: str, heading: str) -> None:
    section = sections_of(line)[0]
    assert (section.level, section.label, section.heading) == (level, label, heading)


@pytest.mark.parametrize("line", ["2.5万件案件", "一是加强领导。", "2018.3起施行", "第一责任人职责", "一二三", "(略)"])
def test_lines_that_are_no_headings(line: str) -> None:
    assert [section.level for section in sections_of(line)] == [0]


TEXT = """前言共3件。
一、主要举措和成效
(一)强化行政复议工作。受理12件。
(二)深化普法。
二、存在的不足和原因
人手不足。
三、下一步工作打算
(一)规范行政执法。"""


def test_sections_cover_the_body_without_gap_or_overlap() -> None:
    sections = sections_of(TEXT)
    assert "".join(TEXT[section.char_start : section.char_end] for section in sections) == TEXT
    assert [section.ordinal for section in sections] == list(range(len(sections)))


def test_part_and_path_are_inherited() -> None:
    sections = sections_of(TEXT)
    assert [section.part for section in sections] == [
        "achievements", "achievements", "achievements", "achievements", "problems", "plan", "plan",
    ]  # fmt: skip
    assert sections[2].path == ("一、主要举措和成效", "(一)强化行政复议工作")
    assert [section.topic for section in sections] == [None, None, "DISP", "PUBL", None, None, "ENFO"]


def test_a_paragraph_with_a_number_is_named_by_its_first_clause() -> None:
    long = "(一)全面加强党的领导," + "推动各项工作落地见效,形成上下联动" * 6 + "。"
    assert sections_of(long)[0].heading == "全面加强党的领导"


def test_other_kinds_get_no_topics() -> None:
    sections = split_sections(TEXT, TEXT, (1, 8), OUTLINE, is_report=False)
    assert {section.topic for section in sections} == {None}


@pytest.mark.parametrize("row", rows("heading_topics.csv"), ids=lambda row: row["example"])
def test_topic_examples(row: dict[str, str]) -> None:
    assert topic_of_heading(row["example"], OUTLINE.topics) == row["topic"]


@pytest.mark.parametrize("row", rows("heading_parts.csv"), ids=lambda row: row["example"])
def test_part_examples(row: dict[str, str]) -> None:
    assert part_of_heading(row["example"].split("、")[-1], OUTLINE.parts) == row["part"]


PARAGRAPH = "全年共办理行政复议案件12件,审结11件,按时办结率达到百分之百,群众满意。"


@pytest.mark.parametrize(
    ("lines", "headings"),
    [
        (["党建引领", "", PARAGRAPH, "", "不足之处", "", PARAGRAPH], ["党建引领", "不足之处"]),
        (["党建引领", PARAGRAPH, PARAGRAPH, "纠纷化解", PARAGRAPH], ["党建引领", "纠纷化解"]),
        (["党建引领", PARAGRAPH, PARAGRAPH], []),
        (["一、党建引领", PARAGRAPH, "纠纷化解", PARAGRAPH, "普法宣传", PARAGRAPH], ["党建引领"]),
        (["党建引领", "纠纷化解", "普法宣传"], []),
        (["全年办理12件", PARAGRAPH, "收费100元", PARAGRAPH], []),
    ],
    ids=["blank lines", "no blank lines", "one alone", "numbered report", "a list", "numbers"],
)
def test_headings_without_numbers(lines: list[str], headings: list[str]) -> None:
    sections = sections_of("\n".join(lines))
    assert [section.heading for section in sections if section.level] == headings
    assert {section.label for section in sections if section.level} <= {None, "一、"}


def test_a_heading_without_number_names_the_part() -> None:
    sections = sections_of("\n".join(["党建引领", PARAGRAPH, "不足之处", PARAGRAPH, "新年打算", PARAGRAPH]))
    assert [section.part for section in sections] == ["achievements", "problems", "plan"]
