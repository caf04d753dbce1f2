"""Reading gold files: what is refused, and that the message names the file and the fault."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from evaluation_samples import FACTS, NAME, TEXT, write_gold

from pipelines.evaluate import GoldError, load_gold


def without(key: str) -> dict[str, Any]:
    return {name: value for name, value in FACTS[0].items() if name != key}


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (without("id"), r"sample\.jsonl:1: the key id is missing"),
        (without("value"), r"sample\.jsonl:1: the key value is missing"),
        (without("char_start"), r"sample\.jsonl:1: the key char_start is missing"),
        (without("is_plan"), r"sample\.jsonl:1: the key is_plan is missing"),
        ({**FACTS[0], "value": "9"}, r"sample\.jsonl:1: value is '9'"),
        ({**FACTS[0], "value": True}, r"sample\.jsonl:1: value is True"),
        ({**FACTS[0], "is_plan": 1}, r"sample\.jsonl:1: is_plan is 1"),
        ({**FACTS[0], "period": "2017"}, r"sample\.jsonl:1: period is '2017'"),
        ({**FACTS[0], "parent_id": "s-9"}, r"sample\.jsonl: s-1 names the parent s-9, which is not in the file"),
        ([], r"sample\.jsonl:1: an object is expected, not list"),
    ],
)
def test_a_faulty_line_is_named(tmp_path: Path, line: Any, message: str) -> None:
    write_gold(tmp_path)
    (tmp_path / "sample.jsonl").write_text(json.dumps(line), encoding="utf-8")
    with pytest.raises(GoldError, match=message):
        load_gold(tmp_path)


def test_a_line_that_is_no_json_is_named(tmp_path: Path) -> None:
    write_gold(tmp_path)
    lines = json.dumps(FACTS[0]) + "\n\n{"
    (tmp_path / "sample.jsonl").write_text(lines, encoding="utf-8")
    with pytest.raises(GoldError, match=r"sample\.jsonl:3: not JSON"):
        load_gold(tmp_path)


def test_an_id_stands_once(tmp_path: Path) -> None:
    with pytest.raises(GoldError, match=r"sample\.jsonl: two facts with the id s-1"):
        load_gold(write_gold(tmp_path, [FACTS[0], FACTS[0]]))


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"non_facts": [{"type": "slogan"}]}, r"sample\.doc\.json: non_facts\[0\]: the key text is missing"),
        ({"non_facts": "七个一"}, r"sample\.doc\.json: non_facts must be a list of objects"),
        ({"headings": [{"text": "依法行政"}]}, r"sample\.doc\.json: headings\[0\]: the key level is missing"),
        ({"composed": "yes"}, r"sample\.doc\.json: composed is 'yes'"),
        ([], r"sample\.doc\.json: an object is expected, not list"),
    ],
)
def test_faulty_fields_are_named(tmp_path: Path, fields: Any, message: str) -> None:
    with pytest.raises(GoldError, match=message):
        load_gold(write_gold(tmp_path, fields=fields))


@pytest.mark.parametrize("missing", ["sample.jsonl", "sample.doc.json"])
def test_a_document_needs_its_gold(tmp_path: Path, missing: str) -> None:
    (write_gold(tmp_path) / missing).unlink()
    with pytest.raises(GoldError, match=rf"{missing}: missing"):
        load_gold(tmp_path)


@pytest.mark.parametrize("kept", ["sample.jsonl", "sample.doc.json"])
def test_gold_needs_its_document(tmp_path: Path, kept: str) -> None:
    write_gold(tmp_path, name="other")
    for path in write_gold(tmp_path).glob("sample.*"):
        if path.name != kept:
            path.unlink()
    with pytest.raises(GoldError, match=rf"{kept}: no document beside it"):
        load_gold(tmp_path)


def test_a_name_has_one_document(tmp_path: Path) -> None:
    write_gold(tmp_path, suffix=".html")
    with pytest.raises(GoldError, match=r"sample\.txt: a second document of the name sample beside sample\.html"):
        load_gold(write_gold(tmp_path))


def test_a_folder_without_gold_is_named(tmp_path: Path) -> None:
    with pytest.raises(GoldError, match=f"{tmp_path.name}: no gold documents"):
        load_gold(tmp_path)
    with pytest.raises(GoldError, match="nowhere: not a folder"):
        load_gold(tmp_path / "nowhere")


@pytest.mark.parametrize(
    ("only", "names"),
    [((), ["000_a", "000_b", "001"]), (("000",), ["000_a", "000_b"]), (("000_b", "001"), ["000_b", "001"])],
)
def test_names_can_be_chosen_by_their_beginnings(tmp_path: Path, only: tuple[str, ...], names: list[str]) -> None:
    for name in ("001", "000_b", "000_a"):
        write_gold(tmp_path, name=name)
    assert [document.name for document in load_gold(tmp_path, only)] == names


def test_a_beginning_that_no_name_has_is_named(tmp_path: Path) -> None:
    with pytest.raises(GoldError, match=r"no document whose name begins with 7, x"):
        load_gold(write_gold(tmp_path), ["7", "sam", "x"])


def test_bytes_that_are_no_utf_8_are_named(tmp_path: Path) -> None:
    write_gold(tmp_path)
    (tmp_path / "sample.jsonl").write_bytes("办结".encode("gb18030"))
    with pytest.raises(GoldError, match=r"sample\.jsonl: not UTF-8"):
        load_gold(tmp_path)


def test_other_files_of_the_folder_are_let_be(tmp_path: Path) -> None:
    write_gold(tmp_path)
    (tmp_path / "README.md").write_text("what lies here", encoding="utf-8")
    (document,) = load_gold(tmp_path)
    assert (document.name, document.path.read_text(encoding="utf-8"), len(document.facts)) == (NAME, TEXT, len(FACTS))


def test_offsets_may_be_absent_where_they_are_not_used(tmp_path: Path) -> None:
    (document,) = load_gold(write_gold(tmp_path, [without("char_start")], suffix=".html"))
    assert document.facts[0].char_start is None
    assert not document.has_offsets
