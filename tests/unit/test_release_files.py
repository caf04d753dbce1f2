"""Files of a table: Parquet with sorted row groups, CSV cells that a spreadsheet leaves alone."""

from __future__ import annotations

import csv
import itertools
from pathlib import Path

import duckdb
import pyarrow.parquet as pq
import pytest

from warehouse import publish
from warehouse.publish import Mart, MartColumn

TEXT = MartColumn("code", "varchar", "Code.", is_required=True)
MART = Mart(
    "fct_x",
    "Things.",
    ("code",),
    (TEXT, MartColumn("region_code", "varchar", "Region."), MartColumn("report_year", "bigint", "Year.", unit="year")),
)


def write(folder: Path, mart: Mart, select: str) -> Path:
    """Write the files of one table that holds what a query gives."""
    warehouse, database = folder / "warehouse.duckdb", folder / publish.DATABASE
    with duckdb.connect(str(warehouse)) as connection:
        connection.execute("create schema marts")
        connection.execute(f"create table marts.{mart.name} as {select}")
    publish.write_database(warehouse, [mart], database)
    with publish.open_tables(database) as connection:
        publish.write_csv_files(connection, [mart], folder)
        publish.write_other_files(connection, [mart], folder)
    return folder


def test_row_groups_are_sorted_by_region_and_year(tmp_path: Path) -> None:
    rows = publish.ROW_GROUP_ROWS * 2 + 10
    select = (
        "select cast(hash(i) as varchar) as code, cast(i % 97 as varchar) as region_code, i % 11 as report_year "  # noqa: S608
        f"from range({rows}) as t (i)"
    )
    write(tmp_path, MART, select)
    file = pq.ParquetFile(tmp_path / "fct_x.parquet")
    groups = [file.metadata.row_group(number) for number in range(file.metadata.num_row_groups)]
    assert [group.num_rows for group in groups] == [publish.ROW_GROUP_ROWS, publish.ROW_GROUP_ROWS, 10]
    bounds = [group.column(1).statistics for group in groups]
    assert all(before.max <= now.min for before, now in itertools.pairwise(bounds))
    assert file.metadata.metadata[b"sorted_by"] == b"region_code, report_year, code"


@pytest.mark.parametrize(
    ("cell", "shown"),
    [
        ("69", "69"),
        ("350123", "350123"),
        ("罗源县", "罗源县"),
        ("2023-12-28", "2023-12-28"),
        ("a=b", "a=b"),
        ("", ""),
        ("=1+1", "'=1+1"),
        ("+1", "'+1"),
        ("-5%", "'-5%"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("＝1", "'＝1"),
        ("－1", "'－1"),
        ("　=1", "'　=1"),
        ("\u00a0=1", "'\u00a0=1"),
        ("\ufeff=1", "'\ufeff=1"),
        ("\t1", "'\t1"),
        ("\r1", "'\r1"),
        ("\n1", "'\n1"),
        ("\x00=1", "'\x00=1"),
        ("\x07=1", "'\x07=1"),
        ("12e345", "'12e345"),
        ("1234567890123456", "'1234567890123456"),
        ('=cmd|" /C calc"!A0', '\'=cmd|" /C calc"!A0'),
    ],
)
def test_cells_that_a_spreadsheet_would_run_are_marked_as_text(cell: str, shown: str) -> None:
    with duckdb.connect() as connection:
        sql = f"select {publish.excel_text(TEXT)} from (select $1 as code)"  # noqa: S608
        assert connection.execute(sql, [cell]).fetchone() == (shown,)


def test_the_excel_file_has_a_mark_and_the_same_rows(tmp_path: Path) -> None:
    select = "select '=1, \"2\"' as code, null::varchar as region_code, 2023::bigint as report_year"
    folder = write(tmp_path, MART, select)
    path = folder / publish.EXCEL_FOLDER / "fct_x.csv"
    assert path.read_bytes().startswith(b"\xef\xbb\xbfcode,")
    with path.open(encoding="utf-8-sig", newline="") as file:
        assert list(csv.reader(file, strict=True)) == [
            ["code", "region_code", "report_year"],
            ['\'=1, "2"', "", "2023"],
        ]
    with (folder / "fct_x.csv").open(encoding="utf-8", newline="") as file:
        assert next(csv.DictReader(file, strict=True))["code"] == '=1, "2"'
