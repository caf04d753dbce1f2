"""The whole night on the sample portals, from an empty data home, as an operator runs it: processes and files.

One night, then warehouse and release made again from archive and ledger alone, then a second night without news;
every test below looks at what these runs left.
"""

from __future__ import annotations

import csv
import hashlib
import shutil
import sqlite3
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pytest
from sample_night import PORTALS, free_port_row, guarded_home, run_fazhi

# region code, year, level, issuer, date of publication or none
REPORTS = {
    ("510500", "2017", "prefecture", "泸州市人民政府", "2018-02-28"),
    ("421202", "2017", "county", "咸宁市咸安区人民政府", ""),
    ("350123", "2023", "county", "罗源县人民政府", "2024-01-09"),
    ("220581", "2019", "county", "梅河口市人民政府", "2020-03-13"),
}
REFUSED_SOURCE = "sample-suining-wiki"
CONTENT_TABLES = ("capture", "document", "section", "observation", "item", "citation", "issue", "read_state")


@dataclass(frozen=True)
class Stand:
    """What lies in a data home at one moment."""

    captures: list[tuple[Any, ...]]
    rows: dict[str, list[tuple[Any, ...]]]
    release: dict[str, str]
    inodes: dict[str, int]
    releases: list[str]


@dataclass(frozen=True)
class Nights:
    """What the runs said and left."""

    home: Path
    first: dict[str, Any]
    again: dict[str, Any]
    second: dict[str, Any]
    after_first: Stand
    after_again: Stand
    after_second: Stand


def red_checks(report: dict[str, Any]) -> list[dict[str, Any]]:
    """The checks of a run that held the release back."""
    return [check for check in report["checks"] if check["status"] == "failed"]


def stand(home: Path) -> Stand:
    with sqlite3.connect(home / "ledger.sqlite") as ledger:
        captures = ledger.execute("select * from capture order by capture_id").fetchall()
    with duckdb.connect(str(home / "warehouse.duckdb"), read_only=True) as warehouse:
        rows = {
            name: sorted(warehouse.execute(f"select * from raw.{name}").fetchall(), key=repr)  # noqa: S608
            for name in CONTENT_TABLES
        }
    latest = home / "exports" / "latest"
    files = sorted(path for path in latest.rglob("*") if path.is_file())
    return Stand(
        captures=captures,
        rows=rows,
        release={str(path.relative_to(latest)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files},
        inodes={str(path.relative_to(latest)): path.stat().st_ino for path in files},
        releases=sorted(path.name for path in (home / "exports").iterdir()),
    )


@pytest.fixture(scope="module")
def nights(tmp_path_factory: pytest.TempPathFactory) -> Nights:
    root = tmp_path_factory.mktemp("night")
    home = root / "home"
    with guarded_home(root, free_port_row(PORTALS)[0]) as environment:

        def fazhi(*arguments: str) -> dict[str, Any]:
            code, report, _ = run_fazhi(environment, *arguments)
            assert code == 0, (arguments, report["failures"], red_checks(report))
            return report

        first = fazhi("run")
        after_first = stand(home)
        (home / "warehouse.duckdb").unlink()
        shutil.rmtree(home / "exports")
        fazhi("run", "--only", "read")
        fazhi("run", "--only", "build")
        again = fazhi("run", "--only", "publish")
        after_again = stand(home)
        second = fazhi("run")
    return Nights(home, first, again, second, after_first, after_again, stand(home))


def table(nights: Nights, name: str) -> list[dict[str, str]]:
    path = nights.home / "exports" / "latest" / f"{name}.csv"
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def test_the_first_night_publishes(nights: Nights) -> None:
    assert nights.first["status"] == "published"
    assert nights.first["failures"] == []
    summary = nights.first["summary"]
    assert (summary["sources"], summary["reports"], summary["checks failed"]) == (5, 4, 0)
    assert summary["observations"] > 0
    assert nights.first["release"]["path"] == str(nights.home / "exports" / "latest")


def test_the_release_has_the_four_reports(nights: Nights) -> None:
    found = {
        (row["region_code"], row["report_year"], row["region_level"], row["issuer"], row["published_on"])
        for row in table(nights, "fct_report")
    }
    assert found == REPORTS


def test_the_third_party_page_is_refused_with_a_reason(nights: Nights) -> None:
    assert REFUSED_SOURCE not in {row["source_id"] for row in table(nights, "fct_report")}
    reasons = [
        row["message"]
        for row in table(nights, "fct_data_issue")
        if row["source_id"] == REFUSED_SOURCE and row["kind"] == "not_an_annual_report"
    ]
    assert len(reasons) == 1
    assert reasons[0]


def test_every_observation_quotes_a_report_of_the_release(nights: Nights) -> None:
    documents = {row["document_id"] for row in table(nights, "fct_report")}
    observations = table(nights, "fct_observation")
    assert {row["document_id"] for row in observations} == documents
    assert all(row["sentence"] and row["value_text"] in row["sentence"] for row in observations)


def test_the_ledger_knows_every_source_and_run(nights: Nights) -> None:
    with sqlite3.connect(nights.home / "ledger.sqlite") as ledger:
        assert ledger.execute("select count(*) from source").fetchone() == (5,)
        assert ledger.execute("select status, trigger from crawl_run").fetchall() == [("done", "command line")] * 2
        unarchived = ledger.execute(
            "select url from attempt where outcome = 'fetched' and capture_id is null"
        ).fetchall()
        assert unarchived == []


def test_archive_and_code_alone_give_the_same_release(nights: Nights) -> None:
    assert nights.again["release"]["id"] == nights.first["release"]["id"]
    tables = {name: digest for name, digest in nights.after_first.release.items() if name.endswith(".csv")}
    again = nights.after_again.release
    assert len(tables) > 10
    assert {name: again[name] for name in tables} == tables


def test_the_second_night_finds_nothing_new(nights: Nights) -> None:
    assert nights.second["status"] == "unchanged"
    assert nights.second["summary"]["new captures"] == 0
    assert {"dbt_models", "gate", "release"} <= set(nights.second["skipped"])
    assert nights.second["assets"]["documents"]["pages_read"] == 0


def test_the_second_night_leaves_everything_as_it_was(nights: Nights) -> None:
    before, after = nights.after_again, nights.after_second
    ids = [(row[0], row[2]) for row in before.captures]
    assert [(row[0], row[2]) for row in after.captures] == ids
    for name in CONTENT_TABLES[1:]:
        assert after.rows[name] == before.rows[name], name
    assert after.release == before.release
    assert after.inodes == before.inodes
    assert after.releases == before.releases


def test_checksums_hold(nights: Nights) -> None:
    lines = (nights.home / "exports" / "latest" / "SHA256SUMS").read_text(encoding="utf-8").splitlines()
    sums = {line.split()[1].lstrip("*"): line.split()[0] for line in lines}
    assert sums == {name: digest for name, digest in nights.after_second.release.items() if name != "SHA256SUMS"}


def test_the_published_database_answers(nights: Nights) -> None:
    with duckdb.connect(str(nights.home / "exports" / "latest" / "fazhi.duckdb"), read_only=True) as release:
        assert release.execute("select count(*) from fct_report").fetchone() == (4,)
