"""The command line: help that teaches, exit codes that scripts can trust, output for persons and for programs."""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest
from typer.testing import CliRunner

from pipelines.cli import EXIT_OF_STATUS, app
from pipelines.model import Page
from warehouse.locks import writer_lock
from warehouse.paths import PROJECT_ROOT, Home

GOLD = PROJECT_ROOT / "tests" / "gold"
COMMANDS = ("run", "crawl", "extract", "evaluate", "status", "query", "sample-portals", "doctor")
runner = CliRunner()


@pytest.fixture
def release(fazhi_home: Path) -> Path:
    """A data home with a release that holds one small table."""
    folder = fazhi_home / "exports" / "latest"
    folder.mkdir(parents=True)
    with duckdb.connect(str(folder / "fazhi.duckdb")) as connection:
        connection.execute("create table fct_report as select '泸州市' as region_name, 2017 as report_year")
        connection.execute("insert into fct_report values ('咸安区', null)")
    return folder


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself(command: str) -> None:
    result = runner.invoke(app, [command, "--help"])
    assert result.exit_code == 0
    assert "Usage" in result.output


def test_help_names_commands_and_exit_codes() -> None:
    output = runner.invoke(app, ["--help"]).output
    assert all(command in output for command in COMMANDS)
    assert "Exit codes" in output


def test_every_status_of_a_night_has_an_exit_code() -> None:
    assert {status: int(code) for status, code in EXIT_OF_STATUS.items()} == {
        "published": 0,
        "unchanged": 0,
        "done": 0,
        "failed": 1,
        "bad_input": 2,
        "withheld": 3,
        "locked": 4,
    }


@pytest.mark.parametrize(
    "arguments",
    [
        ["run", "--only", "dance"],
        ["run", "--only", "build", "--sources", "anywhere"],
        ["extract", "no-such-file.html"],
        ["extract", str(GOLD), "--url", "http://127.0.0.1/1.html"],
        ["evaluate", "no-such-folder"],
        ["query"],
        ["query", "select 1", "--json", "--csv"],
        ["no-such-command"],
    ],
)
def test_wrong_usage_is_exit_code_2(fazhi_home: Path, arguments: list[str]) -> None:
    assert runner.invoke(app, arguments).exit_code == 2


def test_a_held_lock_is_exit_code_4(fazhi_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DAGSTER_HOME", "FAZHI_DAGSTER", "FAZHI_WAREHOUSE"):
        monkeypatch.setenv(name, "")
    with writer_lock(Home(fazhi_home)):
        result = runner.invoke(app, ["run"])
    assert result.exit_code == 4
    assert "lock" in result.output


@pytest.mark.parametrize("form", ["--json", "--csv", None])
def test_query_prints_what_the_release_says(release: Path, form: str | None) -> None:
    sql = "select region_name, report_year from fct_report order by region_name desc"
    result = runner.invoke(app, ["query", sql, *([form] if form else [])])
    assert result.exit_code == 0
    if form == "--json":
        assert json.loads(result.output) == [
            {"region_name": "泸州市", "report_year": 2017},
            {"region_name": "咸安区", "report_year": None},
        ]
    elif form == "--csv":
        rows = list(csv.reader(io.StringIO(result.output)))
        assert rows == [["region_name", "report_year"], ["泸州市", "2017"], ["咸安区", ""]]
    else:
        assert "泸州市" in result.output


@pytest.mark.parametrize(
    "sql",
    [
        "select nothing from fct_report",
        "drop table fct_report",
        "create table other as select 1",
        "copy fct_report to 'stolen.csv'",
        "select * from read_csv('/etc/passwd')",
        "from 'https://example.invalid/x.parquet'",
        "attach 'other.duckdb'",
        "set enable_external_access = true",
    ],
)
def test_query_changes_and_reaches_nothing(release: Path, sql: str) -> None:
    before = (release / "fazhi.duckdb").read_bytes()
    assert runner.invoke(app, ["query", sql]).exit_code == 2
    assert (release / "fazhi.duckdb").read_bytes() == before


def test_query_without_a_release_says_how_to_get_one(fazhi_home: Path) -> None:
    result = runner.invoke(app, ["query", "select 1"])
    assert result.exit_code == 1
    assert "fazhi run" in result.output


def test_status_of_an_unused_home(fazhi_home: Path) -> None:
    result = runner.invoke(app, ["status", "--json"])
    assert result.exit_code == 0
    report = json.loads(result.output)
    assert (report["release"], report["runs"], report["captures"]) == (None, [], 0)
    assert list(fazhi_home.iterdir()) == [], "looking must not write"


def test_doctor_reports_as_json(fazhi_home: Path) -> None:
    result = runner.invoke(app, ["doctor", "--json"])
    assert result.exit_code == 0, result.output
    assert {"python", "packages", "lock", "ledger"} <= {finding["name"] for finding in json.loads(result.output)}


def test_doctor_fails_when_something_is_broken(fazhi_home: Path) -> None:
    (fazhi_home / "exports" / "latest").mkdir(parents=True)
    assert runner.invoke(app, ["doctor"]).exit_code == 1


def test_extract_prints_one_object_a_line(fazhi_home: Path) -> None:
    result = runner.invoke(app, ["extract", str(GOLD), "--json"])
    assert result.exit_code == 0, result.output
    documents = [json.loads(line) for line in result.output.splitlines()]
    assert [document["file"] for document in documents] == sorted(
        path.name for path in GOLD.iterdir() if path.suffix in {".txt", ".html"}
    )
    for document in documents:
        assert list(document) == ["file", "document", "sections", "observations", "items", "citations", "issues"]
    assert [each["file"] for each in documents if not each["document"]["is_annual_report"]] == [
        "003_63a6ea9ca2a25ba2.txt"
    ]
    assert list(fazhi_home.iterdir()) == [], "extract needs no warehouse"


def test_extract_shows_a_page_to_a_person() -> None:
    name = next(iter(sorted(GOLD.glob("000*.txt"))))
    result = runner.invoke(app, ["extract", str(name)])
    assert result.exit_code == 0
    assert "泸州市" in result.output


def test_one_bad_page_does_not_hide_the_others(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from pipelines import extracting

    for name in ("a.txt", "b.txt"):
        (tmp_path / name).write_text("某市2020年法治政府建设年度报告", encoding="utf-8")
    whole = extracting.read

    def read(page: Page, reference: object, trace: object) -> object:
        if page.name == "a.txt":
            raise ValueError("made to fail")
        return whole(page, reference, trace)  # type: ignore[arg-type]

    monkeypatch.setattr(extracting, "read", read)
    result = runner.invoke(app, ["extract", str(tmp_path), "--json"])
    assert result.exit_code == 1
    assert [json.loads(line)["file"] for line in result.stdout.splitlines()] == ["b.txt"]
    assert "made to fail" in result.stderr


HEAVY = ("dagster", "dbt", "duckdb", "pandas", "scrapy", "sqlalchemy", "pyarrow", "lxml")


@pytest.mark.parametrize(
    ("arguments", "allowed"), [(["--help"], set[str]()), (["run", "--help"], set()), (["status"], {"sqlalchemy"})]
)
def test_quick_commands_load_nothing_heavy(fazhi_home: Path, arguments: list[str], allowed: set[str]) -> None:
    program = (
        "import sys\n"
        "from pipelines.cli import app\n"
        "try:\n"
        f"    app({arguments!r})\n"
        "except SystemExit:\n"
        "    pass\n"
        f"print(sorted(name for name in {HEAVY!r} if name in sys.modules), file=sys.stderr)\n"
    )
    result = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=PROJECT_ROOT
    )
    assert set(eval(result.stderr.splitlines()[-1])) <= allowed  # noqa: S307 - a list of our own names
