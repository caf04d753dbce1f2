"""Releases: whole or not at all, the same for the same content, described by the contracts."""

from __future__ import annotations

import csv
import json
import shutil
from pathlib import Path

import duckdb
import pytest
from frictionless import validate

from pipelines.release import ReleaseBlockedError, ReleaseResult, build_release
from pipelines.settings import DBT_PROJECT
from warehouse import publish, shelf
from warehouse.duck import Warehouse
from warehouse.paths import Home

MARTS = len(list((DBT_PROJECT / "models" / "marts").glob("*.sql")))


@pytest.fixture
def home(tmp_path: Path, sample_warehouse: Path) -> Home:
    """A data home of its own with the built sample, sealed."""
    return copy_home(tmp_path / "home", sample_warehouse)


def copy_home(path: Path, warehouse: Path) -> Home:
    home = Home(path)
    path.mkdir()
    shutil.copy(warehouse, home.warehouse)
    seal(home, "one")
    return home


def seal(home: Home, fingerprint: str, *changes: str) -> None:
    """Change the marts by SQL, then seal them."""
    with Warehouse(home.warehouse) as warehouse:
        for change in changes:
            warehouse.connection.exec_driver_sql(change)
        warehouse.connection.commit()
        warehouse.record_build(fingerprint)


@pytest.fixture(scope="session")
def manifest(dbt_target: Path) -> Path:
    return dbt_target / "manifest.json"


@pytest.fixture(scope="session")
def published(tmp_path_factory: pytest.TempPathFactory, sample_warehouse: Path, manifest: Path) -> ReleaseResult:
    """A release to look at; not to be changed."""
    home = copy_home(tmp_path_factory.mktemp("published") / "home", sample_warehouse)
    return build_release(home, manifest, "one")


@pytest.fixture
def release(home: Home, manifest: Path) -> ReleaseResult:
    return build_release(home, manifest, "one")


def test_latest_is_the_release(home: Home, release: ReleaseResult) -> None:
    assert release.is_new
    assert (home.exports / "latest").resolve() == release.path.resolve()
    assert release.release_id.startswith("2026-04-20-")
    assert shelf.published_fingerprint(home.exports) == "one"
    visible = {path.name for path in home.exports.iterdir() if not path.name.startswith(".")}
    assert visible == {"latest", release.release_id}


def test_folder_holds_every_mart_and_its_papers(published: ReleaseResult) -> None:
    assert len(published.tables) == MARTS
    assert set(publish.files_of(published.path)) == {
        *(f"{mart}.csv" for mart in published.tables),
        *(f"{mart}.parquet" for mart in published.tables),
        *(f"excel/{mart}.csv" for mart in published.tables),
        "fazhi.duckdb",
        "datapackage.json",
        "data_dictionary.csv",
        "data_dictionary.html",
        "CHANGES.md",
        "changes.parquet",
        "CITATION.cff",
        "SHA256SUMS",
    }


def test_checksums_hold_and_find_a_changed_file(release: ReleaseResult) -> None:
    assert publish.wrong_files(release.path) == []
    path = release.path / "fct_report.csv"
    path.chmod(0o644)
    path.write_text("changed", encoding="utf-8")
    (release.path / "fct_section.csv").unlink()
    assert publish.wrong_files(release.path) == ["fct_report.csv", "fct_section.csv"]


def test_data_package_is_valid(published: ReleaseResult) -> None:
    report = validate(str(published.path / "datapackage.json"), type="package")
    assert report.flatten(["name", "rowNumber", "fieldName", "message"]) == []
    assert report.stats["tasks"] == MARTS


def test_csv_is_rfc_4180_with_the_columns_of_the_contract(published: ReleaseResult) -> None:
    package = json.loads((published.path / "datapackage.json").read_text(encoding="utf-8"))
    for resource in package["resources"]:
        with (published.path / resource["path"]).open(encoding="utf-8", newline="") as file:
            rows = list(csv.reader(file, strict=True))
        fields = [field["name"] for field in resource["schema"]["fields"]]
        assert rows[0] == fields
        assert {len(row) for row in rows} == {len(fields)}
        assert len(rows) - 1 == resource["rows"] == published.tables[resource["name"]]


def test_rows_are_ordered_by_the_key(published: ReleaseResult) -> None:
    with (published.path / "fct_coverage.csv").open(encoding="utf-8", newline="") as file:
        keys = [(row["region_code"], row["report_year"]) for row in csv.DictReader(file)]
    assert keys == sorted(keys)


def test_dictionary_describes_every_column(published: ReleaseResult) -> None:
    with (published.path / "data_dictionary.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert {row["mart"] for row in rows} == set(published.tables)
    assert all(row["description"] and row["type"] for row in rows)
    wide = {row["column"]: row for row in rows if row["mart"] == "region_year_wide"}
    assert wide["rr_closed__cases"]["unit"] == "件"
    assert wide["region_code"]["is_key"] == "true"


def test_database_is_read_only_with_tables_and_comments(published: ReleaseResult) -> None:
    path = published.path / publish.DATABASE
    assert {each.stat().st_mode & 0o222 for each in published.path.rglob("*") if each.is_file()} == {0}
    with duckdb.connect(str(path), read_only=True) as connection:
        tables = connection.execute(
            "select table_name, estimated_size, comment is not null from duckdb_tables() order by 1",
        ).fetchall()
        assert tables == [(mart, rows, True) for mart, rows in sorted(published.tables.items())]
        assert connection.execute("select count(*) from duckdb_views() where not internal").fetchall() == [(0,)]
        comments = connection.execute(
            "select count(*) from duckdb_columns() where comment is null and not internal"
        ).fetchall()
        assert comments == [(0,)]


def test_parquet_equals_the_database(published: ReleaseResult) -> None:
    with duckdb.connect(str(published.path / publish.DATABASE), read_only=True) as connection:
        for mart in published.tables:
            parquet = f"read_parquet('{published.path / f'{mart}.parquet'}')"
            query = f"from {mart} except all from {parquet}"
            assert connection.execute(query).fetchall() == [], mart


def test_same_content_elsewhere_gives_the_same_bytes(
    tmp_path: Path,
    sample_warehouse: Path,
    manifest: Path,
    published: ReleaseResult,
) -> None:
    other = build_release(copy_home(tmp_path / "other", sample_warehouse), manifest, "one")
    assert other.release_id == published.release_id
    names = publish.files_of(published.path)
    assert publish.files_of(other.path) == names
    for name in names:
        if name not in (publish.DATABASE, publish.CHECKSUMS):
            assert (other.path / name).read_bytes() == (published.path / name).read_bytes(), name


def test_nothing_new_makes_no_release(home: Home, manifest: Path, release: ReleaseResult) -> None:
    before = {path: path.stat().st_mtime_ns for path in release.path.iterdir()}
    again = build_release(home, manifest, "one")
    assert not again.is_new
    assert again.path == release.path
    assert {path: path.stat().st_mtime_ns for path in release.path.iterdir()} == before


ONE_MORE_ATTEMPT = """
insert into marts.fct_crawl_outcome
select * replace (99 as attempt_id) from marts.fct_crawl_outcome where attempt_id = 1
"""


@pytest.mark.parametrize(
    ("change", "is_new"),
    [
        (ONE_MORE_ATTEMPT, False),
        ("update marts.fct_coverage set staleness_days = 7", False),
        ("update marts.fct_report_version set last_seen_at = last_seen_at + interval 1 day", False),
        ("update marts.fct_report set title = 'another' where region_code = '510500'", True),
        ("update marts.fct_coverage set reason = 'timeout' where status = 'missing'", True),
    ],
    ids=["attempt", "staleness", "last seen", "title", "reason"],
)
def test_only_content_makes_a_release(
    home: Home,
    manifest: Path,
    release: ReleaseResult,
    change: str,
    is_new: bool,
) -> None:
    seal(home, "two", change)
    result = build_release(home, manifest, "two")
    assert result.is_new == is_new
    assert (result.release_id != release.release_id) == is_new
    assert (home.exports / "latest").resolve() == result.path.resolve()
    assert shelf.published_fingerprint(home.exports) == "two"
    assert publish.wrong_files(release.path) == []


def test_content_that_comes_back_is_the_old_release(home: Home, manifest: Path, release: ReleaseResult) -> None:
    seal(home, "two", "update marts.fct_report set document_number = 'x' where document_number is null")
    assert build_release(home, manifest, "two").is_new
    seal(home, "one", "update marts.fct_report set document_number = null where document_number = 'x'")
    back = build_release(home, manifest, "one")
    assert back.is_new
    assert back.release_id == release.release_id


def test_unsealed_marts_leave_latest_alone(home: Home, manifest: Path, release: ReleaseResult) -> None:
    with pytest.raises(ReleaseBlockedError, match="not passed the checks"):
        build_release(home, manifest, "two")
    assert (home.exports / "latest").resolve() == release.path.resolve()


def test_a_build_that_breaks_leaves_latest_alone(
    home: Home,
    manifest: Path,
    release: ReleaseResult,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def disk_full(*_arguments: object) -> None:
        raise OSError("no space left on device")

    seal(home, "two", "update marts.fct_report set title = 'another'")
    with monkeypatch.context() as patched:
        patched.setattr(publish, "write_checksums", disk_full)
        with pytest.raises(OSError, match="no space"):
            build_release(home, manifest, "two")
    names = {path.name for path in home.exports.iterdir()}
    assert names == {"latest", release.release_id, shelf.PUBLISHED_MARK, shelf.HISTORY}
    assert (home.exports / "latest").resolve() == release.path.resolve()
    assert build_release(home, manifest, "two").is_new


def test_what_a_killed_build_left_is_removed(home: Home, manifest: Path) -> None:
    left = home.exports / f"{shelf.BUILDING_PREFIX}1"
    left.mkdir(parents=True)
    (left / "half.csv").write_text("half", encoding="utf-8")
    build_release(home, manifest, "one")
    assert not left.exists()


def test_a_damaged_release_of_the_same_content_is_not_promoted(
    home: Home,
    manifest: Path,
    release: ReleaseResult,
) -> None:
    (release.path / "fct_report.parquet").unlink()
    with pytest.raises(ReleaseBlockedError, match=r"damaged .*fct_report\.parquet"):
        build_release(home, manifest, "one")


def test_without_a_report_there_is_no_release(home: Home, manifest: Path) -> None:
    seal(home, "one", "delete from marts.fct_report_version")
    with pytest.raises(ReleaseBlockedError, match="not a single annual report"):
        build_release(home, manifest, "one")
    assert not (home.exports / "latest").exists()
