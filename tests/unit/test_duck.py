"""The raw tables: loading is whole, keyed by content, and repeatable."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import sqlalchemy as sa

from warehouse.duck import Changes, Warehouse, WarehouseDamagedError, open_engine
from warehouse.raw_tables import WarehouseSchemaError, metadata

NIGHT = datetime(2024, 1, 9, 18, 0, tzinfo=UTC)


def row(table: str, **values: Any) -> dict[str, Any]:
    """A row of a raw table: given values, the rest filled by type where it may not be null."""
    filled: dict[str, Any] = {}
    for column in metadata.tables[f"raw.{table}"].columns:
        if column.nullable:
            filled[column.name] = None
        elif isinstance(column.type, sa.Boolean):
            filled[column.name] = False
        elif isinstance(column.type, sa.DateTime):
            filled[column.name] = NIGHT
        elif isinstance(column.type, sa.BigInteger | sa.Double):
            filled[column.name] = 0
        else:
            filled[column.name] = "x"
    return filled | values


def reading(document: str, capture: str, value: float = 1.0, facts: int = 2) -> dict[str, list[dict[str, Any]]]:
    return {
        "document": [row("document", document_id=document, capture_id=capture)],
        "observation": [
            row("observation", document_id=document, observation_id=f"o{n}", value=value) for n in range(facts)
        ],
        "issue": [row("issue", issue_id=f"i-{document}", document_id=document, capture_id=capture)],
        "read_state": [row("read_state", capture_id=capture, document_id=document, cleaner_version="1")],
    }


def attempt_frame(*attempts: dict[str, Any]) -> pd.DataFrame:
    return pd.DataFrame([row("attempt", **attempt) for attempt in attempts])


def test_reading_is_loaded_and_found_again(tmp_path: Path) -> None:
    path = tmp_path / "warehouse.duckdb"
    with Warehouse(path) as warehouse:
        changes = warehouse.replace_documents(reading("d1", "c1"))
        assert changes["observation"] == Changes(new=2)
    with Warehouse(path) as warehouse:
        assert warehouse.read_state() == {"c1": ("1", "x")}
        assert warehouse.row_counts()["observation"] == 2
    assert [file.name for file in tmp_path.iterdir()] == ["warehouse.duckdb"]


def test_same_rows_again_change_nothing(tmp_path: Path) -> None:
    with Warehouse(tmp_path / "w.duckdb") as warehouse:
        warehouse.replace_documents(reading("d1", "c1"))
        before = warehouse.content_fingerprint()
        changes = warehouse.replace_documents(reading("d1", "c1"))
        assert not any(change.any for change in changes.values())
        assert changes["observation"].unchanged == 2
        assert warehouse.content_fingerprint() == before


def test_new_reading_replaces_only_its_own_document(tmp_path: Path) -> None:
    with Warehouse(tmp_path / "w.duckdb") as warehouse:
        warehouse.replace_documents(reading("d1", "c1"))
        warehouse.replace_documents(reading("d2", "c2"))
        changes = warehouse.replace_documents(reading("d1", "c1", value=5.0, facts=1))
        assert changes["observation"] == Changes(changed=1, removed=1)
        rows = warehouse.connection.exec_driver_sql(
            "select document_id, value from raw.observation order by all",
        ).all()
        assert [tuple(found) for found in rows] == [("d1", 5.0), ("d2", 1.0), ("d2", 1.0)]


def test_capture_read_as_another_document_takes_the_first_away(tmp_path: Path) -> None:
    with Warehouse(tmp_path / "w.duckdb") as warehouse:
        warehouse.replace_documents(reading("d1", "c1"))
        warehouse.replace_documents(reading("d9", "c1"))
        for table in ("document", "observation", "issue", "read_state"):
            found = warehouse.connection.exec_driver_sql(f"select distinct document_id from raw.{table}")  # noqa: S608
            assert found.scalars().all() == ["d9"], table


def test_failed_load_leaves_everything_as_it_was(tmp_path: Path) -> None:
    with Warehouse(tmp_path / "w.duckdb") as warehouse:
        warehouse.replace_documents(reading("d1", "c1"))
        twice = reading("d1", "c1", value=7.0)
        twice["observation"].append(twice["observation"][0])
        with pytest.raises(sa.exc.IntegrityError):
            warehouse.replace_documents(twice)
        values = warehouse.connection.exec_driver_sql("select distinct value from raw.observation")
        assert values.scalars().all() == [1.0]


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ({"observations": []}, "no such raw table: observations"),
        ({"read_state": [{"capture_id": "c1"}]}, "columns missing: .*cleaner_version"),
        ({"read_state": [row("read_state") | {"colour": "red"}]}, "unknown: .*colour"),
        ({"section": [row("section", ordinal="first")]}, "raw.section.ordinal"),
    ],
)
def test_rows_that_do_not_fit_are_refused_by_name(
    tmp_path: Path,
    rows: dict[str, list[dict[str, Any]]],
    message: str,
) -> None:
    with Warehouse(tmp_path / "w.duckdb") as warehouse, pytest.raises(WarehouseSchemaError, match=message):
        warehouse.replace_documents(rows)


def test_ledger_tables_are_mirrored(tmp_path: Path) -> None:
    source = row("source", source_id="s1", start_urls=["http://127.0.0.1/"])
    frames = {
        "source": pd.DataFrame([source]),
        "attempt": attempt_frame({"attempt_id": 1, "http_status": 200}, {"attempt_id": 2}),
    }
    with Warehouse(tmp_path / "w.duckdb") as warehouse:
        assert warehouse.load_ledger_tables(frames)["attempt"] == Changes(new=2)
        assert warehouse.load_ledger_tables(frames)["attempt"] == Changes(unchanged=2)
        frames["attempt"] = attempt_frame({"attempt_id": 2, "outcome": "timeout"})
        assert warehouse.load_ledger_tables(frames)["attempt"] == Changes(changed=1, removed=1)
        urls: str = warehouse.connection.exec_driver_sql("select start_urls from raw.source").scalar_one()
        assert urls == '["http://127.0.0.1/"]'


def test_ledger_frame_without_a_column_is_refused(tmp_path: Path) -> None:
    frame = attempt_frame({"attempt_id": 1}).drop(columns="outcome")
    with (
        Warehouse(tmp_path / "w.duckdb") as warehouse,
        pytest.raises(WarehouseSchemaError, match=r"raw\.attempt: column missing .* outcome"),
    ):
        warehouse.load_ledger_tables({"attempt": frame})


@pytest.mark.parametrize(
    ("second_outcome", "is_news"),
    [("not_modified", False), ("unchanged", False), ("fetched", False), ("timeout", True)],
)
def test_fingerprint_tells_news_from_a_quiet_night(
    tmp_path: Path,
    second_outcome: str,
    is_news: bool,
) -> None:
    first = {"attempt_id": 1, "url": "u", "outcome": "fetched"}
    second = {"attempt_id": 2, "url": "u", "outcome": second_outcome}
    with Warehouse(tmp_path / "w.duckdb") as warehouse:
        warehouse.load_ledger_tables({"attempt": attempt_frame(first)})
        before = warehouse.content_fingerprint()
        warehouse.load_ledger_tables({"attempt": attempt_frame(first, second)})
        assert (warehouse.content_fingerprint() != before) == is_news


def test_build_is_remembered(tmp_path: Path) -> None:
    with Warehouse(tmp_path / "w.duckdb") as warehouse:
        assert warehouse.last_build() is None
        warehouse.record_build("one")
        warehouse.record_build("two")
        assert warehouse.last_build() == "two"


def test_tables_of_an_older_schema_are_made_anew(tmp_path: Path) -> None:
    path = tmp_path / "w.duckdb"
    with Warehouse(path) as warehouse:
        warehouse.replace_documents(reading("d1", "c1"))
        warehouse.connection.exec_driver_sql("alter table raw.section drop column part")
        warehouse.connection.commit()
    with Warehouse(path) as warehouse:
        assert warehouse.read_state() == {}
        warehouse.replace_documents(reading("d1", "c1"))


def test_closed_warehouse_can_be_opened_read_only(tmp_path: Path) -> None:
    path = tmp_path / "w.duckdb"
    with Warehouse(path) as warehouse:
        warehouse.replace_documents(reading("d1", "c1"))
    engine = open_engine(path, read_only=True)
    with engine.connect() as connection:
        assert connection.exec_driver_sql("select current_setting('TimeZone')").scalar_one() == "UTC"
        with pytest.raises(sa.exc.DBAPIError, match="read-only"):
            connection.exec_driver_sql("delete from raw.document")


def test_warehouse_outside_a_with_block_says_so(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match="with block"):
        Warehouse(tmp_path / "w.duckdb").read_state()


def half_a_log(path: Path) -> None:
    """Leave a log beside the file, as a killed process does, with a byte changed in the middle."""
    left_open = """
import duckdb, os, sys
connection = duckdb.connect(sys.argv[1])
connection.execute("create table t as select i, 'x' || i as name from range(2000) r(i)")
connection.execute("insert into t select i, 'y' || i from range(2000) r(i)")
os._exit(0)
"""
    subprocess.run([sys.executable, "-c", left_open, str(path)], check=True)
    log = path.with_name(f"{path.name}.wal")
    content = bytearray(log.read_bytes())
    content[len(content) * 2 // 3] ^= 0xFF
    log.write_bytes(content)


def no_database(path: Path) -> None:
    path.write_bytes(b"not a database" * 1000)


@pytest.mark.parametrize("damage", [half_a_log, no_database])
def test_a_damaged_file_is_told_with_the_way_out(tmp_path: Path, damage: Callable[[Path], None]) -> None:
    path = tmp_path / "w.duckdb"
    damage(path)
    with pytest.raises(WarehouseDamagedError, match="makes it again from archive and ledger"), Warehouse(path):
        pass
