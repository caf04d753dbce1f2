"""The morning summary: what came, what failed and why, what to do, as text and as JSON."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from pipelines import night_record, notify
from pipelines.cli import app
from pipelines.morning import DBT_ADVICE, HEADLINES, NO_NIGHT_ADVICE, STATUS_ADVICE, morning
from pipelines.night_record import CheckResult, Night, NightRecordError, StepFailure
from warehouse.ledger import Ledger, NewAttempt, SourceRow
from warehouse.outcomes import RULES, Outcome
from warehouse.paths import Home

MOMENT = datetime(2026, 11, 21, 18, 40, tzinfo=UTC)
runner = CliRunner()


def night(status: Any = "unchanged", **changes: Any) -> Night:
    values: dict[str, Any] = {
        "run_id": "2f5c7234-80f8",
        "status": status,
        "metadata": {"crawl": {"sources": 5, "pages": 26, "captures_new": 3}, "documents": {"pages_read": 3}},
        "skipped": (),
        "checks": (),
        "failures": (),
        "ended_at": MOMENT,
    }
    return Night(**{**values, **changes})


def check(name: str, status: Any, found: tuple[str, ...] = ()) -> CheckResult:
    return CheckResult("fct_report", name, status, "80 rows against 100", found)


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """A data home whose ledger knows two sources: one gave a page, one is refused."""
    home = Home(tmp_path)
    with Ledger(home.ledger_url) as ledger:
        ledger.start_run("r1", fazhi_version="1", trigger="test", started_at=MOMENT)
        for source, outcome in (("good", Outcome.FETCHED), ("refused", Outcome.BLOCKED_RS_412)):
            row = SourceRow(source, source, "某市人民政府", "510500", "trs", [], "0", MOMENT, MOMENT, is_sample=False)
            ledger.put_source(row)
            ledger.record(NewAttempt("r1", source, f"http://{source}.test/", "list", outcome, MOMENT, f"{source}.test"))
        ledger.finish_run("r1", "done", MOMENT)
    return home


@pytest.mark.parametrize(
    ("told", "level", "failed", "advice"),
    [
        (night(), "ok", [], []),
        (night("published"), "ok", [], []),
        (
            night(checks=(check("reports_kept", "warned", ("泸州市",)), check("good", "passed"))),
            "ok",
            [("warning fct_report.reports_kept", "80 rows against 100\n泸州市")],
            ["fazhi run --accept-drop"],
        ),
        (
            night(checks=(check("sources_fresh", "failed"),)),
            "red",
            [("red check fct_report.sources_fresh", "80 rows against 100")],
            ["See the sources below"],
        ),
        (
            night(
                "withheld",
                checks=(check("unique_x", "failed"),),
                failures=(StepFailure("gate", "stopped", "DagsterAssetCheckFailedError"),),
            ),
            "red",
            [("red check fct_report.unique_x", "80 rows against 100")],
            [DBT_ADVICE],
        ),
        (
            night("failed", failures=(StepFailure("release", "disk full", "OSError"),)),
            "red",
            [("step release", "disk full")],
            [STATUS_ADVICE["failed"]],
        ),
        (
            night("locked", failures=(StepFailure("run", "process 7 holds it", "WarehouseLockedError"),)),
            "red",
            [("step run", "process 7 holds it")],
            [STATUS_ADVICE["locked"]],
        ),
    ],
)
def test_what_failed_and_what_to_do(
    home: Home, told: Night, level: str, failed: list[tuple[str, str]], advice: list[str]
) -> None:
    summary = morning(home, told)
    refused = [("source refused", "blocked:rs_412")]
    assert (summary.level, [(each.what, each.why) for each in summary.failed]) == (level, failed + refused)
    expected = [*advice, f"refused: {RULES[Outcome.BLOCKED_RS_412].next_step}"]
    assert len(summary.to_do) == len(expected)
    assert all(part in line for part, line in zip(expected, summary.to_do, strict=True))
    assert summary.headline.startswith(
        "[RED] fazhi 2026-11-22 02:40: " if level == "red" else "fazhi 2026-11-22 02:40: "
    )
    assert summary.headline.endswith(HEADLINES[told.status])


def test_text_and_values_say_the_same(home: Home) -> None:
    summary = morning(home, night(checks=(check("reports_kept", "failed", ("泸州市", "咸安区")),)))
    text, values = summary.as_text(), summary.as_json()
    assert json.loads(json.dumps(values)) == values
    assert values["came"] == {"sources asked": 5, "pages": 26, "new captures": 3, "pages read": 3}
    assert all(f"{name}: {count}" in text for name, count in values["came"].items())
    assert all(line.strip() in text for each in values["failed"] for line in each["why"].splitlines())
    assert all(step in text for step in values["to_do"])
    assert "Release: none yet" in text


@pytest.mark.parametrize(
    ("told", "age", "level", "headline"),
    [
        (None, timedelta(0), "red", "fazhi: no night has ended yet"),
        (night(), timedelta(hours=6), "ok", "fazhi 2026-11-22 02:40: nothing new"),
        (night(), timedelta(hours=35), "red", "[RED] fazhi 2026-11-22 02:40: nothing new"),
    ],
)
def test_a_night_that_did_not_come_is_missed(
    home: Home, told: Night | None, age: timedelta, level: str, headline: str
) -> None:
    if told is not None:
        night_record.save(home, told)
    summary = morning(home, now=MOMENT + age)
    assert summary.level == level
    assert summary.headline.startswith(headline)
    assert (NO_NIGHT_ADVICE in summary.to_do) is (level == "red")


def test_a_notice_that_did_not_arrive_is_told(home: Home) -> None:
    notify.remember(home, [notify.Delivery("https://chat.example.org", "timed out")])
    assert ("notice to https://chat.example.org", "timed out") in {
        (each.what, each.why) for each in morning(home, night()).failed
    }


def test_records_come_back_and_the_last_night_goes_before_a_part_of_one(tmp_path: Path) -> None:
    home = Home(tmp_path)
    assert night_record.last_night(home) is None
    part = night(job="only_crawl", run_id="part", ended_at=MOMENT + timedelta(hours=2))
    night_record.save(home, part)
    assert night_record.last_night(home) == part
    whole = night("withheld", checks=(check("x", "failed", ("a",)),), failures=(StepFailure("a", "b", "c"),))
    night_record.save(home, whole)
    assert night_record.last_night(home) == whole


def test_a_record_that_was_half_written_goes_with_the_next(tmp_path: Path) -> None:
    home = Home(tmp_path)
    left = night_record.save(home, night()).with_name("20261101T180000Z-dead.new")
    left.write_text("{", encoding="utf-8")
    night_record.save(home, night())
    assert not left.exists()


@pytest.mark.parametrize("content", ["", "{}", "[]", '{"checks": [{}]}'])
def test_a_damaged_record_is_named(tmp_path: Path, content: str) -> None:
    path = tmp_path / "record.json"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(NightRecordError, match=r"record\.json"):
        night_record.load(path)


def test_the_command_shows_and_sends(home: Home, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("FAZHI_HOME", str(home.path))
    night_record.save(home, night(ended_at=datetime.now(UTC)))
    sent = tmp_path / "sent.jsonl"
    monkeypatch.setenv("FAZHI_NOTIFY", f"file://{sent}")
    result = runner.invoke(app, ["status", "--morning", "--json", "--send"])
    assert result.exit_code == 0, result.output
    assert json.loads(sent.read_text(encoding="utf-8"))["came"]["pages"] == 26
    assert "What to do" in runner.invoke(app, ["status", "--morning"]).output


@pytest.mark.parametrize(
    ("variable", "value", "arguments", "code"),
    [
        ("FAZHI_NOTIFY", "", ["status", "--morning", "--send"], 1),
        ("FAZHI_NOTIFY", "", ["status", "--send"], 2),
        ("FAZHI_NOTIFY", "pigeon://loft", ["run"], 2),
        ("FAZHI_KEEP_DAYS", "soon", ["run"], 2),
        ("FAZHI_KEEP_DAYS", "0", ["run"], 2),
    ],
)
def test_settings_that_cannot_be_used_are_named_before_work_starts(
    home: Home, monkeypatch: pytest.MonkeyPatch, variable: str, value: str, arguments: list[str], code: int
) -> None:
    monkeypatch.setenv("FAZHI_HOME", str(home.path))
    monkeypatch.setenv(variable, value)
    result = runner.invoke(app, arguments)
    assert result.exit_code == code
    assert variable in result.output or "pigeon" in result.output or "--morning" in result.output
