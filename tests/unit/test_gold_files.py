"""The gold agrees with its documents, the catalogue and itself, and survives being drafted and built again."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from pipelines.evaluate import load_gold
from pipelines.gold_build import build
from pipelines.gold_check import check_folder
from pipelines.gold_draft import draft, draft_path
from pipelines.reference import load_reference

GOLD = Path(__file__).parents[1] / "gold"
TEXTS = sorted(GOLD.glob("*.txt"))


def test_no_label_is_wrong() -> None:
    names, findings = check_folder(GOLD, (), load_reference())
    assert [each for each in findings if each.severity == "error"] == []
    assert names == [document.name for document in load_gold(GOLD)]


def test_every_document_says_whether_it_is_real() -> None:
    origins = {document.name: document.origin for document in load_gold(GOLD)}
    assert set(origins.values()) == {"real", "composed"}


def facts_of(path: Path) -> list[dict[str, Any]]:
    facts = [json.loads(line) for line in path.with_suffix(".jsonl").read_text(encoding="utf-8").splitlines()]
    return sorted(({**fact, "seed": None} for fact in facts), key=lambda fact: fact["char_start"])


@pytest.mark.parametrize("path", TEXTS, ids=lambda path: path.stem)
def test_gold_that_is_drafted_and_built_is_the_same_gold(tmp_path: Path, path: Path) -> None:
    reference = load_reference()
    file = draft_path(path, tmp_path)
    text = draft(path, file, reference)
    file.write_text(text.replace("reviewed: false", "reviewed: true"), encoding="utf-8")
    document, count, _ = build(file, None, reference, force=False)
    assert facts_of(document) == facts_of(path)
    assert count == len(facts_of(path))
    fields = [json.loads(each.with_suffix(".doc.json").read_text(encoding="utf-8")) for each in (document, path)]
    assert fields[0] == {**fields[1], "parent_child_sums": fields[1]["parent_child_sums"] or []}
