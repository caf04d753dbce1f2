"""Cited documents: titles inside titles, numbers before and behind, years, short forms, kinds; quoted from the text."""

from __future__ import annotations

from typing import Any

import pytest
from reading_samples import sections_of

from pipelines.cleaning.script import Converted, to_simplified
from pipelines.cleaning.tables import SEEDS_DIR, read_table
from pipelines.extraction.citations import COLUMNS, KINDS, CitationKinds, find_citations, load_citation_kinds
from pipelines.extraction.numerals import fold_width
from pipelines.model import Citation, Issue

ROWS = read_table(SEEDS_DIR / "citation_kinds.csv", COLUMNS)


def cite(text: str) -> tuple[list[Citation], list[Issue]]:
    converted = to_simplified(text)
    plain = Converted(fold_width(converted.text), converted.offsets)
    return find_citations(text, plain, (0, len(text)), sections_of(text), load_citation_kinds())


def fields(text: str, *names: str) -> list[tuple[Any, ...]]:
    return [tuple(getattr(citation, name) for name in names) for citation in cite(text)[0]]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("印发《工作方案》。", [("工作方案", None, None, None)]),
        (
            "根据省政府《关于推进依法行政的意见》(川府发〔2015〕1号),制定本方案。",
            [("关于推进依法行政的意见", "川府发〔2015〕1号", 2015, "number")],
        ),
        (
            "落实《规定》（中办发〔2019〕28号，以下简称《督察规定》）。",
            [("规定", "中办发〔2019〕28号", 2019, "number")],
        ),
        ("执行《裁量权规定》(省政府令第278号)。", [("裁量权规定", "省政府令第278号", None, None)]),
        ("执行《裁量权规定》（省政府令（第278号））。", [("裁量权规定", "省政府令第278号", None, None)]),
        (
            "按照国发〔2010〕33号文件《关于加强法治政府建设的意见》,",
            [("关于加强法治政府建设的意见", "国发〔2010〕33号", 2010, "number")],
        ),
        ("印发《意见》(青府发[2019]7号)", [("意见", "青府发〔2019〕7号", 2019, "number")]),
        ("印发《意见》(青府发〔20197号)", [("意见", "青府发〔2019〕7号", 2019, "number")]),
        ("2022年印发的《立法计划》", [("立法计划", None, 2022, "text")]),
        ("2021年,我县修订了《工作规则》", [("工作规则", None, 2021, "text")]),
        ("贯彻《行政处罚法(2021年修订)》", [("行政处罚法(2021年修订)", None, 2021, "title")]),
        ("《法治政府建设实施纲要(2021—2025年)》", [("法治政府建设实施纲要(2021—2025年)", None, None, None)]),
        ("2023年,认真贯彻落实《优化营商环境条例》", [("优化营商环境条例", None, None, None)]),
        (
            "2022年出台《甲办法》《乙办法》和《丙办法》,落实《丁条例》",
            [
                ("甲办法", None, 2022, "text"),
                ("乙办法", None, 2022, "text"),
                ("丙办法", None, 2022, "text"),
                ("丁条例", None, None, None),
            ],
        ),
        ("《行政处罚法》(见附件)", [("行政处罚法", None, None, None)]),
        ("一年来,工作扎实。", []),
    ],
)
def test_title_number_and_year(text: str, expected: list[tuple[Any, ...]]) -> None:
    assert fields(text, "title", "number", "issued_year", "issued_year_source") == expected


def test_titles_inside_titles_follow_the_ones_that_hold_them() -> None:
    text = "印发《关于贯彻落实《第一责任人职责规定》的通知》和《<指标体系>任务分工清单》《关于〈条例〉的说明》。"
    assert fields(text, "citation_id", "title", "within") == [
        ("c0000", "关于贯彻落实《第一责任人职责规定》的通知", None),
        ("c0001", "第一责任人职责规定", "c0000"),
        ("c0002", "<指标体系>任务分工清单", None),
        ("c0003", "指标体系", "c0002"),
        ("c0004", "关于〈条例〉的说明", None),
    ]


def test_a_short_form_stands_for_its_document_and_is_no_citation_itself() -> None:
    text = "贯彻《法治政府建设实施纲要》(中发〔2021〕1号,以下简称《纲要》)。落实《纲要》任务。对照《纲要》和《方案》。"
    assert fields(text, "title", "cited_as", "number", "occurrence") == [
        ("法治政府建设实施纲要", "《法治政府建设实施纲要》", "中发〔2021〕1号", 1),
        ("法治政府建设实施纲要", "《纲要》", "中发〔2021〕1号", 2),
        ("法治政府建设实施纲要", "《纲要》", "中发〔2021〕1号", 3),
        ("方案", "《方案》", None, 1),
    ]


@pytest.mark.parametrize(
    "text",
    [
        "《中华人民共和国行政复议法》和《行政复议法》",
        "《法治政府建设实施纲要(2021-2025年)》和《法治政府建设实施纲要（2021—2025年）》",
        "《法治政府建设实施纲要(2021-2025年)》和《法治政府建设实施纲要(2021-2025)》",
        "《关于印发某县工作规则的通知》和《某县工作规则的通知》",
    ],
)
def test_ways_to_write_a_title_have_one_key(text: str) -> None:
    first, second = cite(text)[0]
    assert first.title_key == second.title_key
    assert [first.occurrence, second.occurrence] == [1, 2]


@pytest.mark.parametrize(
    ("title", "is_draft"),
    [
        ("古树名木保护条例(草案)", True),
        ("粮食流通管理办法（修订草案征求意见稿）", True),
        ("地方性法规草案和规章公开征求意见办法(试行)", False),
        ("物业管理条例", False),
    ],
)
def test_drafts(title: str, is_draft: bool) -> None:
    assert fields(f"审查《{title}》。", "is_draft") == [(is_draft,)]


@pytest.mark.parametrize(
    ("title", "number", "kind"),
    [
        ("行政复议法", None, "law"),
        ("民法典", None, "law"),
        ("刑法修正案(十一)", None, "law"),
        ("行政执法办法", None, "normative_document"),
        ("行政复议法实施条例", None, "regulation"),
        ("重大行政决策程序暂行条例", None, "regulation"),
        ("关于贯彻实施物业管理条例的通知", None, "normative_document"),
        ("行政裁量权基准规定", "省政府令第278号", "government_rule"),
        ("政府信息公开条例", "国务院令第711号", "regulation"),
        ("法治政府建设实施纲要(2021-2025年)", None, "party_document"),
        ("党政主要负责人履行推进法治建设第一责任人职责规定", None, "party_document"),
        ("2023年工作要点", "某委法办〔2023〕6号", "party_document"),
        ("某市管理办法", "某发改委发〔2023〕6号", "normative_document"),
        ("某县法治政府建设实施方案(2021-2025年)", None, "plan"),
        ("某县2022年度法治政府建设情况报告", None, "report"),
        ("依法行政责任书", None, "other"),
    ],
)
def test_kinds(title: str, number: str | None, kind: str) -> None:
    assert load_citation_kinds().kind_of(title, number) == kind


@pytest.mark.parametrize("row", ROWS, ids=[row["priority"] for row in ROWS])
def test_each_rule_knows_its_example(row: dict[str, str]) -> None:
    (rule,) = CitationKinds([row]).rules
    assert rule.fires(row["example"])
    assert row["kind"] in KINDS


@pytest.mark.parametrize(
    ("changes", "message"),
    [({"kind": "novel"}, "unknown kind"), ({"part": "cover"}, "unknown part"), ({"pattern": "("}, "priority 10")],
)
def test_wrong_rows_are_refused(changes: dict[str, str], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        CitationKinds([ROWS[0] | changes])


@pytest.mark.parametrize(
    ("text", "titles", "issues"),
    [
        ("印发《关于工作的通知\n又印发《工作规则》。", ["工作规则"], ["《关于工作的通知"]),
        ("印发关于工作的通知》。", [], []),
        ("印发《" + "很长" * 80 + "》。", [], []),
        ("《" * 50, [], ["《" * 40] * 11),
        ("面积<35平方米,比>40平方米小。", [], []),
    ],
)
def test_lost_marks(text: str, titles: list[str], issues: list[str]) -> None:
    found, doubts = cite(text)
    assert [citation.title for citation in found] == titles
    assert [(issue.kind, issue.severity) for issue in doubts] == [("citation_unclosed", "info")] * len(doubts)
    assert bool(doubts) == bool(issues)
    assert [issue.value for issue in doubts][:1] == issues[:1]


TEXT = "一、立法\n  出台《甲办法》。审查《乙條例》(青府發〔2019〕7號);評估《丙規定》。\n二、決策\n執行《甲辦法》。"


def test_citations_quote_the_text_and_know_their_place() -> None:
    found, _ = cite(TEXT)
    for citation in found:
        assert TEXT[citation.char_start : citation.char_end] == citation.cited_as
        start = citation.sentence_start
        assert TEXT[start : start + len(citation.sentence)] == citation.sentence
        assert citation.cited_as in citation.sentence
    assert [(c.title, c.section_id, c.line, c.sentence) for c in found] == [
        ("甲办法", "s0000", 2, "出台《甲办法》。"),
        ("乙条例", "s0000", 2, "审查《乙條例》(青府發〔2019〕7號);"),
        ("丙规定", "s0000", 2, "評估《丙規定》。"),
        ("甲办法", "s0001", 4, "執行《甲辦法》。"),
    ]
    assert [c.number for c in found] == [None, "青府发〔2019〕7号", None, None]
