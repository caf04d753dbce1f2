"""How facts are matched and scored: one table for each rule of the contract."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pytest
from evaluation_samples import (
    CLOSED,
    FACTS,
    NAME,
    SLOGAN,
    TEXT,
    TIERS,
    VISITS,
    evaluate,
    fact,
    observation,
    observations,
    reading,
    write_gold,
)

from pipelines.evaluate import load_gold, score
from pipelines.model import Observation


def rates(precision: float | None, recall: float | None, f1: float | None) -> dict[str, float | None]:
    return {"precision": precision, "recall": recall, "f1": pytest.approx(f1) if f1 is not None else None}


PERFECT = rates(1, 1, 1)


def test_a_perfect_reader_has_every_point(tmp_path: Path) -> None:
    result = evaluate(tmp_path, observations()).to_json()
    assert result["documents"] == 1
    assert result["facts"] == {
        "gold": 6,
        "observed": 6,
        "candidate": PERFECT,
        "code_accuracy": 1,
        "coded": PERFECT,
        "core_coded": PERFECT,
        "value_accuracy": 1,
        "unit_accuracy": 1,
        "qualifier_accuracy": 1,
        "dimension_accuracy": 1,
        "period_accuracy": 1,
        "flags": {
            "is_plan": PERFECT,
            "is_cumulative": PERFECT,
            "is_proposed": rates(None, None, None),
            "comparison": rates(None, None, None),
            "authority": PERFECT,
        },
        "parent": {"f1": 1},
        "non_facts_extracted": 0,
    }
    assert set(result["document_fields"].values()) == {1}
    assert result["headings"] == {"f1": 1, "topic_accuracy": 1}
    assert result["by_indicator"] == {
        "ENFO_FILES_REVIEWED": PERFECT | {"gold": 2},
        "RR_CLOSED": PERFECT | {"gold": 3},
    }
    assert set(result["by_document"][NAME].values()) == {"not stated", 1, None}
    assert result["misses"] == []


def test_a_reader_that_finds_nothing_has_no_precision(tmp_path: Path) -> None:
    facts = evaluate(tmp_path, []).to_json()["facts"]
    assert facts["candidate"] == rates(None, 0, 0)
    assert facts["coded"] == rates(None, 0, 0)
    assert facts["code_accuracy"] is None
    assert facts["value_accuracy"] is None
    assert facts["flags"]["is_plan"] == rates(None, None, None)
    assert facts["parent"] == {"f1": None}


def test_a_document_without_facts_has_no_rates(tmp_path: Path) -> None:
    result = evaluate(tmp_path, [], []).to_json()
    assert result["facts"]["candidate"] == rates(None, None, None)
    assert result["facts"]["core_coded"] == rates(None, None, None)
    assert result["by_indicator"] == {}
    assert result["by_document"][NAME]["coded_f1"] is None


@pytest.mark.parametrize(
    ("observed", "candidate", "kinds"),
    [
        pytest.param(observations(FACTS[:5]), rates(1, 5 / 6, 10 / 11), ["missed"], id="one missed"),
        pytest.param(
            [*observations(), observation(fact("x", "RR_CLOSED", VISITS, "600"), char_start=2, char_end=4)],
            rates(6 / 7, 1, 12 / 13),
            ["spurious"],
            id="one elsewhere",
        ),
        pytest.param(
            [*observations(), observation(FACTS[0], id="twice")],
            rates(6 / 7, 1, 12 / 13),
            ["spurious"],
            id="one number twice",
        ),
        pytest.param(
            observations(s_6={"value_text": "600余人次", "char_end": FACTS[5]["char_end"] + 3}),
            PERFECT,
            [],
            id="a wider span overlaps",
        ),
        pytest.param(
            observations(s_6={"char_start": FACTS[5]["char_end"], "char_end": FACTS[5]["char_end"] + 2}),
            rates(5 / 6, 5 / 6, 5 / 6),
            ["missed", "spurious"],
            id="a touching span does not",
        ),
    ],
)
def test_places_are_matched_by_offset(
    tmp_path: Path, observed: list[Observation], candidate: dict[str, float], kinds: list[str]
) -> None:
    result = evaluate(tmp_path, observed).to_json()
    assert result["facts"]["candidate"] == candidate
    assert [miss["kind"] for miss in result["misses"]] == kinds


def test_the_longest_overlap_is_paired_first(tmp_path: Path) -> None:
    narrow = observation(FACTS[5], id="narrow", char_end=FACTS[5]["char_start"] + 1)
    result = evaluate(tmp_path, [narrow, *observations()])
    (miss,) = result.misses
    assert (miss.kind, miss.observed["id"]) == ("spurious", "narrow")


def test_facts_that_share_a_printed_number_go_to_the_right_code(tmp_path: Path) -> None:
    shared = [fact("a", "RR_CLOSED", CLOSED, "9"), fact("b", "RR_ACCEPTED", CLOSED, "9")]
    result = evaluate(tmp_path, reversed(observations(shared)), shared).to_json()
    assert result["facts"]["code_accuracy"] == 1
    assert result["misses"] == []


def alt(line: Mapping[str, Any], *codes: str) -> dict[str, Any]:
    return {**line, "alt_codes": list(codes)}


@pytest.mark.parametrize(
    ("lines", "observed", "accuracy", "coded", "core", "kinds"),
    [
        pytest.param(
            FACTS[:1],
            observations(FACTS[:1], s_1={"indicator_code": "RR_ACCEPTED"}),
            0,
            rates(0, 0, 0),
            rates(0, 0, 0),
            ["wrong_code"],
            id="another core code",
        ),
        pytest.param(
            FACTS[:1],
            observations(FACTS[:1], s_1={"indicator_code": "ENFO_FILES_REVIEWED"}),
            0,
            rates(0, 0, 0),
            rates(None, 0, 0),
            ["wrong_code"],
            id="an extended code is nothing to the core's precision",
        ),
        pytest.param(
            [alt(FACTS[0], "RR_ACCEPTED")],
            observations(FACTS[:1], s_1={"indicator_code": "RR_ACCEPTED"}),
            1,
            PERFECT,
            PERFECT,
            [],
            id="an accepted alternative",
        ),
        pytest.param(
            [alt(FACTS[3], "RR_CLOSED")],
            observations(FACTS[3:4], s_4={"indicator_code": "RR_CLOSED"}),
            1,
            PERFECT,
            rates(None, None, None),
            [],
            id="a pair counts under the gold's code",
        ),
        pytest.param(
            FACTS[:1],
            observations(FACTS[:1], s_1={"indicator_code": "OTHER"}),
            0,
            rates(None, 0, 0),
            rates(None, 0, 0),
            ["wrong_code"],
            id="uncoded where the gold has a code",
        ),
        pytest.param(
            [alt(FACTS[0], "OTHER")],
            observations(FACTS[:1], s_1={"indicator_code": "OTHER"}),
            1,
            PERFECT,
            PERFECT,
            [],
            id="OTHER as an accepted alternative",
        ),
        pytest.param(
            FACTS[5:],
            observations(FACTS[5:], s_6={"indicator_code": "RR_CLOSED"}),
            None,
            rates(0, None, 0),
            rates(0, None, 0),
            [],
            id="a code where the gold is OTHER is no wrong code but costs precision",
        ),
        pytest.param(
            [alt(FACTS[5], "RR_CLOSED")],
            observations(FACTS[5:], s_6={"indicator_code": "RR_CLOSED"}),
            None,
            rates(None, None, None),
            rates(None, None, None),
            [],
            id="OTHER with an accepted code",
        ),
        pytest.param(
            FACTS[:1],
            observations(FACTS[:1], s_1={"unit": "宗"}),
            1,
            rates(0, 0, 0),
            rates(0, 0, 0),
            ["field"],
            id="unit",
        ),
        pytest.param(
            FACTS[:1],
            observations(FACTS[:1], s_1={"value": 90.0}),
            1,
            rates(0, 0, 0),
            rates(0, 0, 0),
            ["field"],
            id="value",
        ),
        pytest.param(
            FACTS[3:4],
            observations(FACTS[3:4], s_4={"value_max": None}),
            1,
            rates(0, 0, 0),
            rates(None, None, None),
            ["field"],
            id="the end of a range",
        ),
    ],
)
def test_codes(
    tmp_path: Path,
    lines: list[dict[str, Any]],
    observed: list[Observation],
    accuracy: float | None,
    coded: dict[str, float],
    core: dict[str, float],
    kinds: list[str],
) -> None:
    result = evaluate(tmp_path, observed, lines).to_json()
    assert result["facts"]["code_accuracy"] == accuracy
    assert result["facts"]["coded"] == coded
    assert result["facts"]["core_coded"] == core
    assert [miss["kind"] for miss in result["misses"]] == kinds


def test_by_indicator_counts_each_side_under_its_own_code(tmp_path: Path) -> None:
    result = evaluate(tmp_path, observations(s_2={"indicator_code": "RR_ACCEPTED"})).to_json()
    assert result["by_indicator"] == {
        "ENFO_FILES_REVIEWED": PERFECT | {"gold": 2},
        "RR_ACCEPTED": rates(0, None, 0) | {"gold": 0},
        "RR_CLOSED": rates(1, 2 / 3, 4 / 5) | {"gold": 3},
    }


@pytest.mark.parametrize(
    ("name", "changes", "expected"),
    [
        ("value", {"s_1": {"value": 9 * (1 + 1e-12)}}, 1),
        ("value", {"s_1": {"value": 90.0}}, 5 / 6),
        ("value", {"s_1": {"value_max": 10.0}}, 5 / 6),
        ("unit", {"s_5": {"unit": "%"}}, 1),
        ("unit", {"s_1": {"unit": None}}, 5 / 6),
        ("qualifier", {"s_6": {"qualifier": "多"}}, 5 / 6),
        ("dimension", {"s_2": {"dimension": " 维持"}}, 1),
        ("dimension", {"s_2": {"dimension": "撤销"}}, 1 / 2),
        ("dimension", {"s_2": {"dimension": None}}, 1 / 2),
        ("dimension", {"s_1": {"dimension": "合计"}}, 1),
        ("period", {"s_1": {"period_value": "2016"}}, 5 / 6),
        ("period", {"s_1": {"period_type": "as_of"}}, 5 / 6),
    ],
)
def test_attributes(tmp_path: Path, name: str, changes: dict[str, dict[str, Any]], expected: float) -> None:
    result = evaluate(tmp_path, observations(**changes)).to_json()
    assert result["facts"][f"{name}_accuracy"] == pytest.approx(expected)
    assert [(miss["kind"], miss["field"]) for miss in result["misses"]] == ([] if expected == 1 else [("field", name)])


def test_period_is_not_judged_where_the_gold_has_none(tmp_path: Path) -> None:
    lines = [{**FACTS[0], "period": None}]
    assert evaluate(tmp_path, observations(FACTS[:1]), lines).to_json()["facts"]["period_accuracy"] is None


def test_dimensions_are_compared_as_the_catalogue_spells_them(tmp_path: Path) -> None:
    observed = reading(observations(s_2={"dimension": "予以维持"}))
    gold = load_gold(write_gold(tmp_path))
    result = score(gold, {NAME: observed}, tiers=TIERS, normalise_dimension=lambda text: text.removeprefix("予以"))
    assert result.total.attributes["dimension"].rate == 1


@pytest.mark.parametrize(
    ("flag", "changes", "expected"),
    [
        ("is_plan", {"s_5": {"is_plan": False}}, rates(None, 0, 0)),
        ("is_plan", {"s_1": {"is_plan": True}}, rates(1 / 2, 1, 2 / 3)),
        ("is_cumulative", {"s_6": {"is_cumulative": False}}, rates(None, 0, 0)),
        ("is_proposed", {"s_1": {"is_proposed": True}}, rates(0, None, 0)),
        ("comparison", {"s_1": {"comparison": "before"}}, rates(0, None, 0)),
        ("authority", {"s_6": {"authority": "检察院"}}, PERFECT),
        ("authority", {"s_6": {"authority": None}}, rates(None, 0, 0)),
    ],
)
def test_flags(tmp_path: Path, flag: str, changes: dict[str, Any], expected: dict[str, float]) -> None:
    result = evaluate(tmp_path, observations(**changes)).to_json()
    assert result["facts"]["flags"][flag] == expected
    misses = [(miss["kind"], miss["field"]) for miss in result["misses"]]
    assert misses == ([] if expected == PERFECT else [("wrong_flag", flag)])


@pytest.mark.parametrize(
    ("observed", "f1"),
    [
        pytest.param(observations(s_3={"parent_id": None}), 2 / 3, id="one without"),
        pytest.param(observations(s_3={"parent_id": "s-2"}), 1 / 2, id="one with another"),
        pytest.param(observations(s_6={"parent_id": "s-1"}), 4 / 5, id="one too many"),
        pytest.param(observations(FACTS[1:], s_2={"parent_id": None}, s_3={"parent_id": None}), 0, id="parent missed"),
        pytest.param(
            observations(s_1={"id": "x"}, s_2={"parent_id": "x"}, s_3={"parent_id": "x"}), 1, id="ids of its own"
        ),
    ],
)
def test_parents(tmp_path: Path, observed: list[Observation], f1: float) -> None:
    assert evaluate(tmp_path, observed).to_json()["facts"]["parent"] == {"f1": pytest.approx(f1)}


def slogan_observation(text: str) -> Observation:
    start = TEXT.index(text)
    line = fact("x", "RR_CLOSED", SLOGAN, "1")
    return observation(line, value_text=text, char_start=start, char_end=start + len(text))


@pytest.mark.parametrize(
    ("extra", "non_facts", "precision", "kinds"),
    [
        pytest.param([slogan_observation("七")], 1, 6 / 7, [("spurious", "non_fact")], id="inside a slogan"),
        pytest.param(
            [slogan_observation("七"), slogan_observation("个一")],
            1,
            6 / 8,
            [("spurious", "non_fact")] * 2,
            id="two in one slogan are one entry",
        ),
        pytest.param([slogan_observation("进七")], 0, 6 / 7, [("spurious", None)], id="reaching out of it"),
        pytest.param([slogan_observation("1")], 0, 1, [], id="inside a norm"),
    ],
)
def test_non_facts(
    tmp_path: Path, extra: list[Observation], non_facts: int, precision: float, kinds: list[tuple[str, str | None]]
) -> None:
    result = evaluate(tmp_path, [*observations(), *extra]).to_json()
    assert result["facts"]["non_facts_extracted"] == non_facts
    assert result["facts"]["candidate"]["precision"] == precision
    assert [(miss["kind"], miss["field"]) for miss in result["misses"]] == kinds


def test_a_fact_inside_the_text_of_a_non_fact_stays_a_fact(tmp_path: Path) -> None:
    fields = {"non_facts": [{"type": "name", "text": "案件9件"}]}
    assert evaluate(tmp_path, observations(), fields=fields).to_json()["facts"]["non_facts_extracted"] == 0


@pytest.mark.parametrize("occurrence", ["七个一", "七 个一", "七个 一", "七个\n一"])
def test_non_facts_are_found_whatever_the_white_space(tmp_path: Path, occurrence: str) -> None:
    fields = {"non_facts": [{"type": "slogan", "text": occurrence}]}
    observed = [*observations(), slogan_observation("七")]
    assert evaluate(tmp_path, observed, fields=fields).to_json()["facts"]["non_facts_extracted"] == 1


REPEATED = "受理3件,办结3件,调解3件。"


def repeated(codes: Iterable[str], sentence: str = REPEATED) -> list[dict[str, Any]]:
    """The threes of one sentence, without offsets, as gold of a web page has them."""
    usual = {**FACTS[0], "value": 3.0, "value_text": "3", "sentence": sentence, "char_start": None, "char_end": None}
    return [{**usual, "id": str(index), "indicator_code": code} for index, code in enumerate(codes)]


def repeated_observations(codes: Iterable[str], sentence: str = REPEATED) -> list[Observation]:
    return [
        observation(line, char_start=100 + 4 * index, char_end=101 + 4 * index)
        for index, line in enumerate(repeated(codes, sentence))
    ]


@pytest.mark.parametrize("suffix", [".html", ".docx", ".pdf"])
@pytest.mark.parametrize(
    ("codes", "sentence", "hits", "right"),
    [
        pytest.param(["RR_ACCEPTED", "RR_CLOSED", "DISP_MEDIATED"], REPEATED, 3, 3, id="in order"),
        pytest.param(["RR_CLOSED", "RR_ACCEPTED", "DISP_MEDIATED"], REPEATED, 3, 1, id="order decides, not the code"),
        pytest.param(["RR_ACCEPTED", "RR_CLOSED"], REPEATED, 2, 2, id="the last is missed"),
        pytest.param(["RR_ACCEPTED"], " 受理 3件,办结\n3件,调解3件。", 1, 1, id="space and width"),
        pytest.param(["RR_ACCEPTED"], "三是抓调解。受理3件,办结3件,调解3件。", 1, 1, id="a longer sentence"),
        pytest.param(["RR_ACCEPTED"], "受理3件", 1, 1, id="a shorter sentence"),
        pytest.param(["RR_ACCEPTED"], "另一句有3件。", 0, 0, id="another sentence"),
    ],
)
def test_pages_are_matched_by_sentence_and_number(
    tmp_path: Path, suffix: str, codes: list[str], sentence: str, hits: int, right: int
) -> None:
    lines = repeated(["RR_ACCEPTED", "RR_CLOSED", "DISP_MEDIATED"])
    total = evaluate(tmp_path, repeated_observations(codes, sentence), lines, suffix=suffix).total
    assert (total.candidate.hits, total.code.right) == (hits, right)


def test_an_equal_sentence_is_preferred_to_a_containing_one(tmp_path: Path) -> None:
    (line,) = repeated(["RR_ACCEPTED"], "受理3件。")
    containing, equal = repeated_observations(["RR_CLOSED", "RR_ACCEPTED"], "受理3件。")
    containing = observation(line, sentence="又受理3件。", indicator_code="RR_CLOSED", char_start=1, char_end=2)
    assert evaluate(tmp_path, [containing, equal], [line], suffix=".html").total.code.rate == 1


def test_another_number_in_the_sentence_is_no_match(tmp_path: Path) -> None:
    (line,) = repeated(["RR_ACCEPTED"])
    observed = [observation(line, value_text="13", char_start=1, char_end=3)]
    assert evaluate(tmp_path, observed, [line], suffix=".html").total.candidate.hits == 0


def test_misses_stand_in_the_order_of_the_text_and_show_both_sides(tmp_path: Path) -> None:
    observed = [
        *observations(FACTS[1:], s_6={"indicator_code": "RR_CLOSED", "is_plan": True}),
        slogan_observation("七"),
    ]
    misses = evaluate(tmp_path, observed).to_json()["misses"]
    kinds = [(miss["kind"], miss["field"], miss["gold"].get("id"), miss["observed"].get("id")) for miss in misses]
    assert kinds == [
        ("missed", None, "s-1", None),
        ("field", "parent_id", "s-2", "s-2"),
        ("field", "parent_id", "s-3", "s-3"),
        ("wrong_flag", "is_plan", "s-6", "s-6"),
        ("spurious", "non_fact", None, "x"),
    ]
    assert [miss["sentence"] for miss in misses] == [CLOSED, CLOSED, CLOSED, VISITS, SLOGAN]
    assert {miss["name"] for miss in misses} == {NAME}
