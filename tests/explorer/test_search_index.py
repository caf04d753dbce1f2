"""The index for searching: made in the background, going on where it stopped, following what releases hold."""

from __future__ import annotations

import fcntl
import sqlite3
from pathlib import Path
from typing import Any

import pytest
from made_release import make_release
from serving import PATIENCE_SECONDS

from explorer import search_build, search_hits
from explorer.releases import Release, Releases
from explorer.search_build import Builder, Progress
from explorer.search_hits import PAGE_SIZE, Filters, Found, find
from explorer.search_index import Index
from explorer.search_kinds import KINDS
from explorer.search_words import parse_query

TEXT = KINDS["text"]


def section(document: str, text: str, **more: Any) -> dict[str, Any]:
    """A section of a current report; the document's name tells year and region: "2023-510000"."""
    year, _, region = document.partition("-")
    usual: dict[str, Any] = {
        "document_id": document,
        "section_id": "s0001",
        "report_id": f"government:{region}:{year}",
        "is_current": True,
        "report_year": int(year),
        "region_code": region,
        "region_name": f"地区{region}",
        "ordinal": 1,
        "heading": "标题",
        "path": "一、标题",
        "part": "achievements",
        "text": text,
    }
    return usual | more


def released(folder: Path, rows: list[dict[str, Any]], name: str = "2026-04-21-made") -> Release:
    """A release of some sections, open."""
    make_release(folder / "exports", name, {"fct_section": rows})
    return Releases(folder / "exports").newest()


def built(folder: Path, release: Release) -> Builder:
    """The indexes of a release, complete."""
    building = Builder(folder / "explorer")
    building.ensure(release)
    assert building.wait(PATIENCE_SECONDS)
    assert building.failure is None
    return building


def found(building: Builder, release: Release, words: str, page: int = 1, **filters: Any) -> Found:
    """What a query finds in the text."""
    return find(release, TEXT, building.indexes["text"], parse_query(words), Filters(**filters), page)


def documents_found(building: Builder, release: Release, words: str, **filters: Any) -> list[str | None]:
    """The reports that a query finds, in order."""
    return [hit.unit.report_id for hit in found(building, release, words, **filters).hits]


def test_hits_are_true_and_in_order(tmp_path: Path) -> None:
    rows = [
        section("2022-510000", "办理行政复议案件。"),
        section("2023-510000", "办理行政複議案件。"),
        section("2023-110000", "行政、政复、复议。"),
        section("2023-330000", "行政复议。", is_current=False),
    ]
    release = released(tmp_path, rows)
    building = built(tmp_path, release)
    assert documents_found(building, release, "复议") == [
        "government:110000:2023",
        "government:510000:2023",
        "government:510000:2022",
    ]
    assert documents_found(building, release, "行政复议") == ["government:510000:2023", "government:510000:2022"]
    assert documents_found(building, release, "复议 标题", year=2022) == ["government:510000:2022"]
    assert documents_found(building, release, "无此") == []


FILTERED: list[tuple[dict[str, Any], int]] = [
    ({"region": "510000"}, 3),
    ({"region": "510500"}, 2),
    ({"region": "510502"}, 1),
    ({"region": "110000"}, 0),
    ({"topic": "ENFO"}, 1),
    ({"part": "first_responsible"}, 1),
    ({"year": 2023, "topic": "ENFO"}, 1),
    ({"year": 2022}, 0),
]


def test_filters(tmp_path: Path) -> None:
    rows = [
        section("2023-510000", "复议", topic="ENFO"),
        section("2023-510500", "复议", part="first_responsible"),
        section("2023-510502", "复议"),
    ]
    release = released(tmp_path, rows)
    building = built(tmp_path, release)
    assert [(each, found(building, release, "复议", **each).total) for each, _ in FILTERED] == FILTERED


def test_a_new_release_adds_only_what_is_new(tmp_path: Path) -> None:
    kept, changed = section("2023-110000", "甲乙"), section("2023-120000", "甲乙")
    first = released(tmp_path, [kept, changed, section("2023-130000", "甲乙")])
    built(tmp_path, first)
    again = [kept, changed | {"text": "甲丙"}, section("2024-140000", "甲乙")]
    second = released(tmp_path, again, "2026-04-22-next")
    building = built(tmp_path, second)
    assert documents_found(building, second, "甲乙") == ["government:140000:2024", "government:110000:2023"]
    assert documents_found(building, second, "甲丙") == ["government:120000:2023"]
    assert documents_found(building, first, "甲乙")[-1] == "government:130000:2023"
    held = [each.document_id for each in building.indexes["text"].catalogue().documents]
    assert sorted(held) == ["2023-110000", "2023-120000", "2023-120000", "2023-130000", "2024-140000"]


def test_an_index_of_mostly_gone_documents_is_made_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search_build, "FEW", 1)
    built(tmp_path, released(tmp_path, [section(f"2023-{code}", "甲乙") for code in (110000, 120000, 130000)]))
    release = released(tmp_path, [section("2024-110000", "甲乙")], "2026-04-22-next")
    building = built(tmp_path, release)
    assert [each.document_id for each in building.indexes["text"].catalogue().documents] == ["2024-110000"]
    assert documents_found(building, release, "甲") == ["government:110000:2024"]


def test_what_was_interrupted_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search_build, "BATCH", 1)
    release = released(tmp_path, [section(f"{year}-110000", "甲乙") for year in (2021, 2022, 2023)])
    add = Index.add
    added: list[str] = []

    def add_some(index: Index, documents: Any) -> None:
        if index.path.name == "text.sqlite" and len(added) == 2:
            raise sqlite3.OperationalError("disk is full")
        add(index, documents)
        added.append(index.path.name)

    monkeypatch.setattr(Index, "add", add_some)
    building = Builder(tmp_path / "explorer")
    building.ensure(release)
    assert building.wait(PATIENCE_SECONDS)
    assert building.failure == "OperationalError: disk is full"
    assert building.progress(release, TEXT) == Progress(2, 3)
    assert found(building, release, "甲乙").total == 2
    monkeypatch.setattr(Index, "add", add)
    building.ensure(release)
    assert building.wait(PATIENCE_SECONDS)
    assert building.progress(release, TEXT) is None
    assert [hit.unit.report_year for hit in found(building, release, "甲乙").hits] == [2023, 2022, 2021]


@pytest.mark.parametrize("content", [b"no database at all, but long enough to be read as one" * 100, b"SQLite"])
def test_a_damaged_index_is_made_anew(tmp_path: Path, content: bytes) -> None:
    folder = tmp_path / "explorer"
    folder.mkdir()
    (folder / "text.sqlite").write_bytes(content)
    release = released(tmp_path, [section("2023-110000", "甲乙")])
    assert found(built(tmp_path, release), release, "甲").total == 1


def test_only_one_process_adds_at_a_time(tmp_path: Path) -> None:
    folder = tmp_path / "explorer"
    folder.mkdir()
    release = released(tmp_path, [section("2023-110000", "甲乙")])
    building = Builder(folder)
    with (folder / "building.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        building.ensure(release)
        assert building.wait(PATIENCE_SECONDS)
        assert building.progress(release, TEXT) == Progress(0, 1)
        assert found(building, release, "甲").total == 0
    building.ensure(release)
    assert building.wait(PATIENCE_SECONDS)
    assert found(building, release, "甲").total == 1


def test_pages_and_totals(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search_hits, "MOST_ROWS", 60)
    monkeypatch.setattr(search_hits, "CHECKED_FOR_TOTAL", 30)
    monkeypatch.setattr(search_hits, "CHECKED_AT_ONCE", 10)
    rows = [section("2023-110000", f"第{number}条复议诉讼", section_id=f"s{number:05}") for number in range(65)]
    rows += [section("2022-110000", f"仲裁{number}", section_id=f"s{number:05}") for number in range(25)]
    release = released(tmp_path, rows)
    building = built(tmp_path, release)
    many = found(building, release, "复议")
    assert (many.total, many.is_more, len(many.hits), many.has_next) == (60, True, PAGE_SIZE, True)
    checked = found(building, release, "复议诉讼", page=2)
    assert (checked.total, checked.is_more, len(checked.hits), checked.has_next) == (50, True, PAGE_SIZE, True)
    for words in ("仲裁", "仲裁1"):
        pages = [found(building, release, words, page=page) for page in (1, 2)]
        total = pages[0].total
        assert not pages[0].is_more
        assert total == sum(len(page.hits) for page in pages) == (25 if words == "仲裁" else 11)
        assert not pages[1].has_next
