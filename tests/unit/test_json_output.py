"""The JSON of a reading: names and shapes that scripts rely on."""

from __future__ import annotations

import json

from evaluation_samples import DOCUMENT, FACTS, HEADING, NAME, TEXT, observations, reading

from pipelines.json_output import reading_to_json
from pipelines.model import Issue, Reading


def sample() -> Reading:
    made = reading(observations())
    return Reading(made.page, made.document, made.sections, made.observations, (Issue("read", "warn", "odd", "why"),))


def test_a_reading_is_one_json_object() -> None:
    result = reading_to_json(sample(), "page.html")
    assert list(result) == ["file", "document", "sections", "observations", "items", "citations", "issues"]
    assert result["file"] == "page.html"
    assert json.loads(json.dumps(result, ensure_ascii=False)) == result


def test_the_document_has_dates_as_text_and_the_region_as_an_object() -> None:
    document = reading_to_json(sample(), NAME)["document"]
    assert document["publication_date"] == "2018-02-28"
    assert document["signature_date"] is None
    assert document["text"] == TEXT
    assert document["region"] == {
        "code": "510500",
        "name": "某市",
        "level": "prefecture",
        "level_zh": "地级市",
        "province": "某省",
        "province_code": "510000",
        "parent_code": "510000",
        "parent_name": "某省",
        "evidence": "title",
    }


def test_an_unknown_region_is_null() -> None:
    made = reading([], document=type(DOCUMENT)(**{**vars(DOCUMENT), "region": None}))
    assert reading_to_json(made, NAME)["document"]["region"] is None


def test_observations_have_the_names_of_the_gold() -> None:
    result = reading_to_json(sample(), NAME)["observations"]
    for line, found in zip(FACTS, result, strict=True):
        assert {key: found[key] for key in line} == line
    assert set(result[0]) - set(FACTS[0]) == {
        "section_id",
        "topic",
        "part",
        "sentence_start",
        "confidence",
        "rule",
        "signals",
    }


def test_sections_carry_their_text_and_path() -> None:
    (section,) = reading_to_json(sample(), NAME)["sections"]
    assert section["path"] == [HEADING]
    assert section["text"] == TEXT[len(HEADING) + 1 :]


def test_issues_have_all_their_fields() -> None:
    (issue,) = reading_to_json(sample(), NAME)["issues"]
    assert issue == {
        "stage": "read",
        "severity": "warn",
        "kind": "odd",
        "message": "why",
        "value": None,
        "sentence": None,
    }
