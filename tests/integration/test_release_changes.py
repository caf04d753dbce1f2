"""What a release says of itself beside its tables: changes with their causes, promise, Excel files, papers."""

# ruff: noqa: S608 - SQL of constants

from __future__ import annotations

import csv
import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest
import yaml

from pipelines.release import ReleaseBlockedError, ReleaseResult, build_release
from pipelines.release_history import roll_back
from warehouse import publish, shelf
from warehouse.duck import Warehouse
from warehouse.paths import Home

HOSTILE = "=HYPERLINK(1)|<b>`x`\nsecond line\x07"


def seal(home: Home, fingerprint: str, *changes: str) -> None:
    """Change the marts by SQL, then seal them."""
    with Warehouse(home.warehouse) as warehouse:
        for change in changes:
            warehouse.connection.exec_driver_sql(change)
        warehouse.connection.commit()
        warehouse.record_build(fingerprint)


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory, sample_warehouse: Path, dbt_target: Path) -> Home:
    """A data home with one release; copied for each test."""
    home = Home(tmp_path_factory.mktemp("first") / "home")
    home.path.mkdir()
    shutil.copy(sample_warehouse, home.warehouse)
    seal(home, "one")
    build_release(home, dbt_target / "manifest.json", "one")
    return home


@pytest.fixture
def home(tmp_path: Path, first: Home) -> Iterator[Home]:
    copied = Home(tmp_path / "home")
    shutil.copytree(first.path, copied.path, symlinks=True)
    yield copied
    for path in copied.path.rglob("*"):
        if not path.is_symlink():
            path.chmod(0o755)


@pytest.fixture
def manifest(dbt_target: Path) -> Path:
    return dbt_target / "manifest.json"


def changes_of(release: ReleaseResult) -> list[dict[str, Any]]:
    relation = duckdb.read_parquet(str(release.path / "changes.parquet"))
    return [dict(zip(relation.columns, row, strict=True)) for row in relation.fetchall()]


def causes(release: ReleaseResult) -> set[tuple[str, str, str | None, str]]:
    """Kind, mart, column and cause of all changes that have a cause."""
    names = ("kind", "mart", "column_name", "cause")
    found = [each for each in changes_of(release) if each["cause"]]
    return {(each[names[0]], each[names[1]], each[names[2]], each[names[3]]) for each in found}


OF_LUZHOU = "where region_code = '510500'"
OF_LUOYUAN = "where region_code = '350123'"
CLOSED = f"{OF_LUZHOU} and indicator_code = 'RR_CLOSED'"
CHOSEN = f"select chosen_observation_id from marts.fct_region_year_indicator {CLOSED} and dimension = 'total'"
NEW = "'r-new' as report_id, 'd-new' as document_id"
LUOYUAN_VERSIONS = f"where report_id in (select report_id from marts.fct_report {OF_LUOYUAN})"
NEW_REPORT = tuple(
    f"insert into marts.{mart} select * replace ({NEW}, {new}) from marts.{mart} {place}"
    for mart, new, place in (
        ("fct_report_version", "first_seen_at + interval 1 day as first_seen_at", LUOYUAN_VERSIONS),
        ("fct_report", "2024 as report_year", OF_LUOYUAN),
        ("fct_region_year_indicator", "2024 as report_year", OF_LUOYUAN),
    )
)
OTHER = (f"update marts.fct_region_year_indicator set value = 70 {CLOSED} and dimension = 'total'",)
CORRECTION = "value = 70, value_stated = 69, correction_id = 'c1'"
CORRECTED = (
    f"update marts.fct_observation set {CORRECTION} {CLOSED} and observation_id in ({CHOSEN})",
    f"update marts.region_year_wide set rr_closed__cases = 70 {OF_LUZHOU}",
    "update marts.sum_over_regions set sum_of_stated = 1 where report_year = 2017 and indicator_code = 'RR_CLOSED'",
    "update marts.rate_over_regions set numerator = 1 where report_year = 2017",
    *OTHER,
)
NEW_VERSION = (f"update marts.fct_report set content_sha256 = 'other' {OF_LUZHOU}", *OTHER)
NEW_EXTRACTOR = ("update marts.fct_observation set extractor_version = '2'", *OTHER)
PORTALS = (
    f"update marts.fct_report set is_withdrawn = true {OF_LUZHOU}",
    "update marts.fct_coverage set reason = 'timeout' where status = 'missing'",
    f"delete from marts.fct_section {OF_LUZHOU}",
    *OTHER,
)
Found = set[tuple[str, str, str | None, str]]


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        (
            NEW_REPORT,
            {
                ("row_added", "fct_report", None, "new_report"),
                ("row_added", "fct_report_version", None, "new_report"),
                ("row_added", "fct_region_year_indicator", None, "new_report"),
            },
        ),
        (
            CORRECTED,
            {
                ("cell_changed", "fct_observation", "value", "correction"),
                ("cell_changed", "fct_observation", "correction_id", "correction"),
                ("cell_changed", "fct_region_year_indicator", "value", "correction"),
                ("cell_changed", "region_year_wide", "rr_closed__cases", "correction"),
                ("cell_changed", "sum_over_regions", "sum_of_stated", "correction"),
                ("cell_changed", "rate_over_regions", "numerator", "correction"),
            },
        ),
        (
            NEW_VERSION,
            {
                ("cell_changed", "fct_report", "content_sha256", "new_version"),
                ("cell_changed", "fct_region_year_indicator", "value", "new_version"),
            },
        ),
        (
            NEW_EXTRACTOR,
            {
                ("cell_changed", "fct_observation", "extractor_version", "new_extractor"),
                ("cell_changed", "fct_region_year_indicator", "value", "new_extractor"),
            },
        ),
        (
            PORTALS,
            {
                ("cell_changed", "fct_report", "is_withdrawn", "crawl"),
                ("cell_changed", "fct_coverage", "reason", "crawl"),
                ("row_removed", "fct_section", None, "crawl"),
                ("cell_changed", "fct_region_year_indicator", "value", "crawl"),
            },
        ),
    ],
    ids=["new report", "correction", "new version", "new extractor", "portals"],
)
def test_each_change_has_its_cause(home: Home, manifest: Path, changes: tuple[str, ...], found: Found) -> None:
    seal(home, "two", *changes)
    assert causes(build_release(home, manifest, "two")) == found


def test_with_other_code_what_has_no_other_cause_comes_from_the_rules(
    home: Home, manifest: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pipelines.release.code_digest", lambda: "other")
    seal(home, "two", *OTHER)
    release = build_release(home, manifest, "two")
    assert causes(release) == {("cell_changed", "fct_region_year_indicator", "value", "new_rules")}


def test_a_changed_cell_is_told_with_old_and_new(home: Home, manifest: Path) -> None:
    seal(home, "two", *CORRECTED, f"update marts.fct_report set title = '{HOSTILE}' {OF_LUZHOU}")
    release = build_release(home, manifest, "two")
    found = [each for each in changes_of(release) if each["mart"] == "fct_region_year_indicator" and each["cause"]]
    assert [(each["report_year"], each["old_value"], each["new_value"]) for each in found] == [(2017, "69.0", "70.0")]
    key = json.loads(found[0]["row_key"])
    assert list(key) == ["region_code", "report_year", "indicator_code", "dimension", "status"]
    assert key["indicator_code"] == "RR_CLOSED"
    text = (release.path / "CHANGES.md").read_text(encoding="utf-8")
    assert "| 510500 2017 RR\\_CLOSED total done | value | 69.0 | 70.0 | correction |" in text
    assert "| correction | a person's decision on that number |" in text
    assert "=HYPERLINK(1)\\|\\<b\\>\\`x\\` second line |" in text
    assert "## Schema\n\nNo change." in text


def test_rows_are_counted_by_table_and_year(home: Home, manifest: Path) -> None:
    seal(home, "two", *NEW_REPORT)
    release = build_release(home, manifest, "two")
    counts = {
        each["report_year"]: (each["old_value"], each["new_value"])
        for each in changes_of(release)
        if each["kind"] == "row_count" and each["mart"] == "fct_report"
    }
    assert counts[2024] == ("0", "1")
    assert "| fct\\_report | 2,024 |" not in (text := (release.path / "CHANGES.md").read_text(encoding="utf-8"))
    assert "| fct\\_report | 2024 | 0 | 1 |" in text


def test_what_changes_every_night_is_no_change(home: Home, manifest: Path) -> None:
    seal(home, "two", *OTHER, "update marts.fct_coverage set staleness_days = 7", "delete from marts.fct_crawl_outcome")
    assert {each["mart"] for each in changes_of(build_release(home, manifest, "two")) if each["cause"]} == {
        "fct_region_year_indicator"
    }


def with_other_column(manifest: Path, path: Path, instead_of: str | None = None) -> Path:
    """A manifest in which fct_report has one column more at its end, or another one in the place of one it had."""
    found = json.loads(manifest.read_text(encoding="utf-8"))
    node = next(node for node in found["nodes"].values() if node["name"] == "fct_report")
    other = node["columns"]["script"] | {"name": "other"}
    node["columns"] = {"other" if name == instead_of else name: column for name, column in node["columns"].items()}
    node["columns"]["other"] = other
    path.write_text(json.dumps(found), encoding="utf-8")
    return path


def test_a_new_column_is_told_as_a_change_of_the_schema(home: Home, manifest: Path, tmp_path: Path) -> None:
    seal(home, "two", "alter table marts.fct_report add column other varchar")
    release = build_release(home, with_other_column(manifest, tmp_path / "manifest.json"), "two")
    schema = [each for each in changes_of(release) if each["kind"] == "schema"]
    assert [(each["mart"], each["row_key"], each["column_name"]) for each in schema] == [
        ("fct_report", "column_added", "other")
    ]
    assert "| fct\\_report | other | new column |" in (release.path / "CHANGES.md").read_text(encoding="utf-8")


def test_a_broken_promise_blocks_until_the_major_version_moves(
    home: Home, manifest: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = shelf.latest_id(home.exports)
    broken = with_other_column(manifest, tmp_path / "manifest.json", "cleaner_version")
    seal(home, "two", "alter table marts.fct_report rename column cleaner_version to other")
    with pytest.raises(ReleaseBlockedError, match=r"fct_report\.cleaner_version: column removed"):
        build_release(home, broken, "two")
    assert shelf.latest_id(home.exports) == before
    contract = json.loads((home.exports / "latest" / "datapackage.json").read_text(encoding="utf-8"))
    major = int(contract["contract_version"].split(".")[0]) + 1
    moved = type("Moved", (), {"version": f"{major}.0"})
    monkeypatch.setattr("pipelines.release.read_contract", lambda: moved)
    assert build_release(home, broken, "two").is_new


def test_what_was_rolled_back_is_not_published_again(home: Home, manifest: Path) -> None:
    good = shelf.latest_id(home.exports)
    seal(home, "two", *OTHER)
    bad = build_release(home, manifest, "two")
    assert roll_back(home).name == good
    assert shelf.published_fingerprint(home.exports) == "two"
    seal(home, "three")
    again = build_release(home, manifest, "three")
    assert (again.release_id, again.is_new) == (good, False)
    assert shelf.published_fingerprint(home.exports) == "three"
    seal(home, "four", *NEW_VERSION, f"update marts.fct_report set title = 'mended' {OF_LUZHOU}")
    mended = build_release(home, manifest, "four")
    assert mended.is_new
    assert mended.release_id != bad.release_id
    assert good is not None
    assert f"Against release {good}." in (mended.path / "CHANGES.md").read_text(encoding="utf-8")


def test_a_switch_that_died_halfway_is_finished(home: Home, manifest: Path) -> None:
    seal(home, "two", *OTHER)
    release = build_release(home, manifest, "two")
    (home.exports / shelf.PUBLISHED_MARK).unlink()
    history = home.exports / shelf.HISTORY
    history.write_text("".join(history.read_text(encoding="utf-8").splitlines(keepends=True)[:1]), encoding="utf-8")
    assert not build_release(home, manifest, "two").is_new
    assert [each.release_id for each in shelf.read_history(home.exports)][1:] == [release.release_id]
    assert shelf.published_fingerprint(home.exports) == "two"


def test_a_damaged_last_release_does_not_hold_the_next_one_back(home: Home, manifest: Path) -> None:
    last = shelf.latest_id(home.exports)
    (home.exports / "latest" / "fct_report.parquet").unlink()
    seal(home, "two", *OTHER)
    release = build_release(home, manifest, "two")
    text = (release.path / "CHANGES.md").read_text(encoding="utf-8")
    assert f"The last release, {last}, is damaged" in text
    assert changes_of(release) == []


def test_excel_files_are_harmless(home: Home, manifest: Path) -> None:
    long = "长" * 40_000
    seal(
        home,
        "two",
        f"update marts.fct_report set title = '{HOSTILE}', issuer = '＝1', addressee = ' \t+1', url = '12e345' "
        f"{OF_LUZHOU}",
        f"update marts.fct_section set text = '{long}', heading = '-1', label = '一、=' where section_id = 's001'",
    )
    release = build_release(home, manifest, "two")
    path = release.path / "excel" / "fct_report.csv"
    assert path.read_bytes().startswith(b"\xef\xbb\xbfreport_id,")
    with path.open(encoding="utf-8-sig", newline="") as file:
        row = next(row for row in csv.DictReader(file, strict=True) if row["region_code"] == "510500")
    assert [row[name] for name in ("title", "issuer", "addressee", "url")] == [
        f"'{HOSTILE}",
        "'＝1",
        "' \t+1",
        "'12e345",
    ]
    csv.field_size_limit(100_000)
    with (release.path / "excel" / "fct_section.csv").open(encoding="utf-8-sig", newline="") as file:
        sections = [row for row in csv.DictReader(file, strict=True) if row["section_id"] == "s001"]
    assert {(len(row["text"]), row["text"][-1], row["heading"], row["label"]) for row in sections} == {
        (publish.EXCEL_CELL_CHARACTERS + 1, "…", "'-1", "一、=")
    }
    with (release.path / "fct_report.csv").open(encoding="utf-8", newline="") as file:
        assert HOSTILE in {row["title"] for row in csv.DictReader(file)}


def test_the_papers_describe_the_release(first: Home) -> None:
    folder = first.exports / "latest"
    release_id = folder.resolve().name
    package = json.loads((folder / "datapackage.json").read_text(encoding="utf-8"))
    page = (folder / "data_dictionary.html").read_text(encoding="utf-8")
    assert release_id in page
    assert all(word not in page for word in ("http://", "https://", "src=", "@import"))
    for resource in package["resources"]:
        assert f'id="{resource["name"]}"' in page
        for field in resource["schema"]["fields"]:
            assert f"<code>{field['name']}</code>" in page
    citation = yaml.safe_load((folder / "CITATION.cff").read_text(encoding="utf-8"))
    assert citation["cff-version"] == "1.2.0"
    assert citation["type"] == "dataset"
    assert citation["version"] == release_id
    assert citation["date-released"].isoformat() == release_id[:10]
    assert citation["authors"] == [{"name": "The fazhi project"}]
    assert citation["identifiers"][0]["value"] == f"sha256:{package['content_sha256']}"
    assert (folder / "CHANGES.md").read_text(encoding="utf-8").startswith(f"# Changes in release {release_id}\n")
