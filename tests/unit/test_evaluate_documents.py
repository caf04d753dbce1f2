"""How document fields, headings and whole folders are scored, and how scores are shown."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from evaluation_samples import (
    DOCUMENT,
    FACTS,
    FIELDS,
    NAME,
    SECTION,
    TIERS,
    evaluate,
    observations,
    reading,
    write_gold,
)
from rich.console import Console

from pipelines.evaluate import Evaluation, GoldError, evaluate_folder, load_gold, render, score


@pytest.mark.parametrize(
    ("field", "changes", "is_right"),
    [
        ("title", {"title": "某市2017年度法治政府建设工作报告 "}, True),
        ("title", {"title": "某市2017年度法治政府建设工作报告"}, True),
        ("title", {"title": "某市法治政府建设工作报告"}, False),
        ("title", {"title": None}, False),
        ("document_number", {"document_number": "某府〔2018〕1号"}, False),
        ("publication_date", {"publication_date": date(2018, 3, 1)}, False),
        ("signature_date", {"signature_date": date(2018, 3, 1)}, False),
        ("region.code", {"region": None}, False),
        ("report_year", {"report_year": 2018}, False),
        ("is_annual_report", {"is_annual_report": False}, False),
        ("body_last_line", {"body_last_line": 4}, False),
    ],
)
def test_fields(tmp_path: Path, field: str, changes: dict[str, Any], is_right: bool) -> None:
    result = evaluate(tmp_path, reading(observations(), replace(DOCUMENT, **changes))).to_json()
    assert result["document_fields"][field] == int(is_right)
    shown = [(miss["kind"], miss["field"]) for miss in result["misses"] if miss["field"] == field]
    assert shown == ([] if is_right else [("field", field)])


@pytest.mark.parametrize(
    ("fields", "document", "expected"),
    [
        ({"region": None}, replace(DOCUMENT, region=None), {"region.code": 1, "region.level": 1}),
        ({"region": None}, DOCUMENT, {"region.code": 0, "region.level": 0}),
        ({"region": {"code": "510500"}}, DOCUMENT, {"region.code": 1, "region.level": None}),
        ({}, DOCUMENT, {"region.code": None, "title": None}),
    ],
)
def test_null_must_be_null_and_an_absent_key_is_not_judged(
    tmp_path: Path, fields: dict[str, Any], document: Any, expected: dict[str, int | None]
) -> None:
    scores = evaluate(tmp_path, reading([], document), [], fields).to_json()["document_fields"]
    assert {name: scores[name] for name in expected} == expected


def heading(text: str, level: int = 1, topic: str | None = "ENFO") -> Any:
    return replace(SECTION, heading=text, level=level, topic=topic)


PREAMBLE = replace(SECTION, heading=None, label=None, level=0, topic=None)


@pytest.mark.parametrize(
    ("sections", "f1", "topic_accuracy", "misses"),
    [
        pytest.param([PREAMBLE, heading("依法行政")], 1, 1, [], id="the preamble is no heading"),
        pytest.param([heading("依法行政 ")], 1, 1, [], id="white space"),
        pytest.param([heading("依法行政", topic="RULE")], 1, 0, ["topic"], id="another topic"),
        pytest.param([heading("依法行政", level=2)], 0, None, ["heading", "heading"], id="another level"),
        pytest.param([heading("依法行政")] * 2, 2 / 3, 1, ["heading"], id="one too many"),
        pytest.param([], 0, None, ["heading"], id="missed"),
    ],
)
def test_headings(
    tmp_path: Path, sections: list[Any], f1: float, topic_accuracy: float | None, misses: list[str]
) -> None:
    result = evaluate(tmp_path, reading(observations(), sections=sections)).to_json()
    assert result["headings"] == {"f1": pytest.approx(f1), "topic_accuracy": topic_accuracy}
    assert [miss["field"] for miss in result["misses"]] == misses


def test_topics_are_judged_only_where_the_gold_has_the_key(tmp_path: Path) -> None:
    fields = {"headings": [{"level": 1, "text": "依法行政"}]}
    assert evaluate(tmp_path, observations(), fields=fields).to_json()["headings"]["topic_accuracy"] is None


def test_headings_are_judged_only_where_the_gold_has_them(tmp_path: Path) -> None:
    result = evaluate(tmp_path, observations(), fields={}).to_json()
    assert result["headings"] == {"f1": None, "topic_accuracy": None}
    assert result["misses"] == []


def test_documents_add_up_fact_by_fact(tmp_path: Path) -> None:
    write_gold(tmp_path, FACTS[:1], name="a")
    write_gold(tmp_path, FACTS[3:], {**FIELDS, "title": None}, name="b")
    result = evaluate_folder(tmp_path, lambda _: reading(observations(FACTS[:1])), tiers=TIERS).to_json()
    assert result["documents"] == 2
    assert result["facts"]["candidate"] == {"precision": 1 / 2, "recall": 1 / 4, "f1": 1 / 3}
    assert result["document_fields"]["title"] == 1 / 2
    assert {name: each["coded_f1"] for name, each in result["by_document"].items()} == {"a": 1, "b": 0}
    assert {miss["name"] for miss in result["misses"]} == {"b"}


def test_real_pages_and_composed_ones_are_told_apart(tmp_path: Path) -> None:
    for name, composed in (("a", {"composed": False}), ("b", {"composed": True}), ("c", {"composed": True}), ("d", {})):
        write_gold(tmp_path, FACTS[:1], {**FIELDS, **composed}, name=name)
    found = evaluate_folder(tmp_path, lambda _: reading(observations(FACTS[:1])), tiers=TIERS)
    counts = {origin: (each["documents"], each["coded_f1"]) for origin, each in found.to_json()["by_origin"].items()}
    assert counts == {"real": (1, 1), "composed": (2, 1), "not stated": (1, 1)}
    shown = shown_text(found)
    assert all(origin in shown for origin in ("real ", "composed ", "not stated "))


def test_the_reader_is_given_the_document_of_each_name(tmp_path: Path) -> None:
    write_gold(tmp_path, name="a")
    write_gold(tmp_path, name="b", suffix=".html")
    seen: list[str] = []

    def read(path: Path) -> Any:
        seen.append(path.name)
        return reading(observations())

    evaluate_folder(tmp_path, read, tiers=TIERS)
    assert seen == ["a.txt", "b.html"]


def test_a_document_without_a_reading_is_named(tmp_path: Path) -> None:
    gold = load_gold(write_gold(tmp_path))
    with pytest.raises(GoldError, match=r"sample\.txt: no reading of the name sample"):
        score(gold, {}, tiers=TIERS)


def test_scores_are_json(tmp_path: Path) -> None:
    result = evaluate(tmp_path, observations(FACTS[2:], s_6={"unit": None})).to_json()
    assert json.loads(json.dumps(result)) == result
    assert list(result) == [
        "documents",
        "facts",
        "confidence",
        "document_fields",
        "headings",
        "by_indicator",
        "by_origin",
        "by_document",
        "misses",
    ]


def shown_text(evaluation: Evaluation) -> str:
    stream = io.StringIO()
    Console(file=stream, width=200).print(render(evaluation))
    return stream.getvalue()


def test_the_picture_shows_scores_and_every_miss(tmp_path: Path) -> None:
    result = evaluate(
        tmp_path,
        reading(observations(FACTS[1:], s_6={"unit": "[人]"}), replace(DOCUMENT, title=None)),
    )
    shown = shown_text(result)
    for expected in (NAME, "candidate", "83.3%", "Misses: 5", "missed", "s-1 RR_CLOSED 9", "[人]", '{"title": null}'):
        assert expected in shown


def test_an_empty_rate_is_shown_as_a_dash(tmp_path: Path) -> None:
    assert "–" in shown_text(evaluate(tmp_path, [], [], {}))
