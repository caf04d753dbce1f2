"""Problems and plans of reports: by part, by headings, by bare headings, by paragraphs; always quoted from the text."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from reading_samples import sections_of

from pipelines.cleaning.script import Converted, to_simplified
from pipelines.extraction.items import find_items
from pipelines.extraction.numerals import fold_width
from pipelines.extraction.segmentation import split_sections
from pipelines.model import Item
from pipelines.reading import page_from_file, read
from pipelines.reference import load_reference

GOLD = Path(__file__).parents[1] / "gold"
# They tell their problems or plans in one running sentence, which is one item here and was labelled as several.
RUNNING_TEXT = {"city_2023", "district_2024_tables"}
LABELLED = [
    path
    for path in sorted(GOLD.glob("*.doc.json"))
    if json.loads(path.read_text(encoding="utf-8")).get("problem_items") is not None
    and path.name.removesuffix(".doc.json") not in RUNNING_TEXT
]


def plain_of(text: str) -> Converted:
    converted = to_simplified(text)
    return Converted(fold_width(converted.text), converted.offsets)


def items_of(text: str) -> list[Item]:
    return find_items(text, plain_of(text), sections_of(text), load_reference().outline)


def short(text: str) -> list[tuple[str, int, str | None, str, str]]:
    return [(item.kind, item.ordinal, item.label, item.form, item.text) for item in items_of(text)]


DONE = "一、主要举措和成效\n共办理行政复议案件12件。\n"
REPORTS: dict[str, tuple[str, list[tuple[str, int, str | None, str, str]]]] = {
    "headings below the parts": (
        DONE + "二、存在的问题\n(一)意识不强。学法不够。\n(二)队伍薄弱。\n三、下一步打算\n1.加强培训。\n2.强化监督。",
        [
            ("problem", 1, "(一)", "heading", "(一)意识不强。学法不够。"),
            ("problem", 2, "(二)", "heading", "(二)队伍薄弱。"),
            ("plan", 1, "1.", "heading", "1.加强培训。"),
            ("plan", 2, "2.", "heading", "2.强化监督。"),
        ],
    ),
    "headings with paragraphs of their own": (
        DONE + "二、下一步工作安排\n(一)加强培训\n1.办班。\n2.考试。\n(二)强化监督\n开展评查。",
        [
            ("plan", 1, "(一)", "heading", "(一)加强培训\n1.办班。\n2.考试。"),
            ("plan", 2, "(二)", "heading", "(二)强化监督\n开展评查。"),
        ],
    ),
    "one chapter for both, in one paragraph": (
        f"{DONE}二、存在问题和2016年工作打算\n还存在薄弱环节,主要是力量不足。2016年将重点做好以下工作:一是放权;二是评查。",
        [
            ("problem", 1, None, "sentence", "力量不足。"),
            ("plan", 1, "一是", "label", "一是放权;"),
            ("plan", 2, "二是", "label", "二是评查。"),
        ],
    ),
    "one chapter for both, by headings": (
        f"{DONE}二、存在的问题和下一步打算\n(一)存在的主要问题\n一是意识不强;二是力量薄弱。\n(二)下一步打算\n1.加强培训。\n2.强化监督。",
        [
            ("problem", 1, "一是", "label", "一是意识不强;"),
            ("problem", 2, "二是", "label", "二是力量薄弱。"),
            ("plan", 1, "1.", "heading", "1.加强培训。"),
            ("plan", 2, "2.", "heading", "2.强化监督。"),
        ],
    ),
    "problems and their causes": (
        DONE + "二、不足和原因\n(一)存在的不足\n一是意识不强;二是力量薄弱。\n(二)原因分析\n重视不够。",
        [
            ("problem", 1, "一是", "label", "一是意识不强;"),
            ("problem", 2, "二是", "label", "二是力量薄弱。"),
        ],
    ),
    "a heading below the achievements": (
        "一、工作开展情况\n(一)强化执法。评查案卷30件。\n(二)存在的主要问题\n1.意识不强。\n2.力量薄弱。\n二、今后工作\n加强培训;强化监督。",
        [
            ("problem", 1, "1.", "heading", "1.意识不强。"),
            ("problem", 2, "2.", "heading", "2.力量薄弱。"),
            ("plan", 1, None, "clause", "加强培训;"),
            ("plan", 2, None, "clause", "强化监督。"),
        ],
    ),
    "headings without number": (
        "主要工作\n评查案卷30件。\n存在的主要问题\n一是意识不强。\n二是力量薄弱。\n下一步工作打算\n加强培训。\n强化监督。",
        [
            ("problem", 1, "一是", "label", "一是意识不强。"),
            ("problem", 2, "二是", "label", "二是力量薄弱。"),
            ("plan", 1, None, "paragraph", "加强培训。"),
            ("plan", 2, None, "paragraph", "强化监督。"),
        ],
    ),
    "paragraphs without heading": (
        (
            f"一、工作情况\n(一)强化执法。{DONE.split(chr(10))[1] * 5}\n"
            "在看到成绩的同时,我县还存在一些问题:一是意识不强;二是力量薄弱。下一步,我县将加强培训。"
        ),
        [
            ("problem", 1, "一是", "label", "一是意识不强;"),
            ("problem", 2, "二是", "label", "二是力量薄弱。"),
            ("plan", 1, None, "sentence", "下一步,我县将加强培训。"),
        ],
    ),
    "problems that were solved are none": (
        DONE + "(二)着力解决存在的突出问题。整改问题12个。\n(三)聚焦困难群众。提供援助30件。",
        [],
    ),
    "no lists": (DONE, []),
}


@pytest.mark.parametrize("name", REPORTS)
def test_items_of_a_report(name: str) -> None:
    text, expected = REPORTS[name]
    assert short(text) == expected


@pytest.mark.parametrize("name", REPORTS)
def test_items_quote_the_text(name: str) -> None:
    text, _ = REPORTS[name]
    for item in items_of(text):
        assert text[item.char_start : item.char_end] == item.text
        assert item.line == text.count("\n", 0, item.char_start) + 1


def test_a_topic_is_that_of_the_first_clause() -> None:
    text = DONE + "二、存在的问题\n一是行政执法不够规范;二是普法宣传形式单一。"
    assert [item.topic for item in items_of(text)] == ["ENFO", "PUBL"]


def test_a_report_in_traditional_script_keeps_its_wording() -> None:
    problems = "二、存在的問題\n一是執法隊伍力量薄弱;二是幹部法治意識不強。"
    text = f"一、主要舉措和成效\n辦理複議案件12件。\n{problems}\n三、下一步工作打算\n加強培訓。"
    plain = to_simplified(text).text
    sections = split_sections(text, plain, (1, text.count("\n") + 1), load_reference().outline, is_report=True)
    assert [
        (item.kind, item.text) for item in find_items(text, plain_of(text), sections, load_reference().outline)
    ] == [
        ("problem", "一是執法隊伍力量薄弱;"),
        ("problem", "二是幹部法治意識不強。"),
        ("plan", "加強培訓。"),
    ]


@pytest.mark.parametrize("label", LABELLED, ids=[path.name for path in LABELLED])
def test_labelled_reports(label: Path) -> None:
    gold = json.loads(label.read_text(encoding="utf-8"))
    items = read(page_from_file(label.with_name(label.name.replace(".doc.json", ".txt"))), load_reference()).items
    assert [item.text for item in items if item.kind == "problem"] == gold["problem_items"]
    assert sum(item.kind == "plan" for item in items) == gold["plan_item_count"]
