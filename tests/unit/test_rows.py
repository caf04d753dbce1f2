"""Readings as rows of the raw tables: every column of the table, nothing else."""

from __future__ import annotations

from dataclasses import fields
from datetime import UTC, date, datetime
from typing import Any, get_type_hints

import pytest

from pipelines.model import Citation, Document, Issue, Item, Observation, Page, Reading, Region, Section
from pipelines.rows import Versions, failure_rows, reading_rows
from warehouse.duck import READING_TABLES, metadata

VERSIONS = Versions(cleaner="1.0+c", extractor="1.0+e")
TEXT = "一、复议\n办结69件。"


def filled(kind: type[Any], **given: Any) -> Any:
    """An instance of a model class with None wherever nothing is given and that is allowed."""
    hints = get_type_hints(kind)
    plain: dict[Any, Any] = {str: "x", int: 0, float: 1.0, bool: False, tuple[str, ...]: ("a", "b")}
    return kind(
        **{each.name: given.get(each.name, plain.get(hints[each.name])) for each in fields(kind)},
    )


@pytest.fixture
def reading() -> Reading:
    region = Region("510500", "泸州市", "prefecture", "地级市", "四川省", "510000", "510000", "四川省", "registry")
    page = Page(
        name="c1",
        content=TEXT.encode(),
        url="http://127.0.0.1/1.html",
        capture_id="c1",
        source_id="s1",
        fetched_at=datetime(2026, 11, 22, tzinfo=UTC),
    )
    document = filled(Document, document_id="d1", text=TEXT, region=region, publication_date=date(2018, 2, 28))
    return Reading(
        page=page,
        document=document,
        sections=(filled(Section, section_id="s1", char_start=0, body_start=5, char_end=11),),
        observations=(filled(Observation, id="o1", sentence="办结69件。"),),
        items=(filled(Item, item_id="i1", text="办结69件。"),),
        citations=(filled(Citation, citation_id="c1", title="条例"),),
        issues=(Issue("read", "warn", "odd", "twice the same"), Issue("read", "warn", "odd", "twice the same")),
    )


@pytest.mark.parametrize("table", READING_TABLES)
def test_a_reading_fills_every_column(reading: Reading, table: str) -> None:
    columns = {column.name for column in metadata.tables[f"raw.{table}"].columns}
    rows = reading_rows(reading, VERSIONS).by_table()[table]
    assert rows
    assert all(set(row) == columns for row in rows)


def test_what_is_flattened(reading: Reading) -> None:
    rows = reading_rows(reading, VERSIONS)
    assert rows.document[0]["region_code"] == "510500"
    assert rows.document[0]["region_province_code"] == "510000"
    assert rows.document[0]["char_count"] == len(TEXT)
    assert rows.section[0]["path"] == "a › b"
    assert rows.section[0]["text"] == TEXT[5:]
    assert rows.observation[0]["observation_id"] == "o1"
    assert (rows.item[0]["item_id"], rows.item[0]["document_id"]) == ("i1", "d1")
    assert (rows.citation[0]["citation_id"], rows.citation[0]["document_id"]) == ("c1", "d1")
    assert rows.read_state == [
        {"capture_id": "c1", "document_id": "d1", "cleaner_version": "1.0+c", "extractor_version": "1.0+e"}
    ]


def test_issues_that_say_the_same_stay_apart(reading: Reading) -> None:
    assert len({row["issue_id"] for row in reading_rows(reading, VERSIONS).issue}) == 2


def test_rows_are_the_same_each_time(reading: Reading) -> None:
    assert reading_rows(reading, VERSIONS).by_table() == reading_rows(reading, VERSIONS).by_table()


def test_a_page_that_failed_leaves_its_reason_and_its_state() -> None:
    issue = Issue("read", "error", "reading_failed", "ValueError: x")
    rows = failure_rows(issue, capture_id="c", source_id="s", url="u", versions=VERSIONS).by_table()
    assert [row["message"] for row in rows["issue"]] == ["ValueError: x"]
    assert rows["read_state"][0]["document_id"] is None
    assert not rows["document"]
    for table in ("issue", "read_state"):
        assert set(rows[table][0]) == {column.name for column in metadata.tables[f"raw.{table}"].columns}
