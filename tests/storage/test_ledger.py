"""The ledger: its rows come back typed, its times are aware UTC; on SQLite and on PostgreSQL alike."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import fields, replace
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from warehouse import ledger_schema
from warehouse.ledger import (
    AttemptRow,
    CaptureRow,
    Ledger,
    ListFingerprintRow,
    NewAttempt,
    RunRow,
    SourceRow,
    ValidatorRow,
    capture_id_for,
)
from warehouse.ledger_tables import LONGEST_URL, Base
from warehouse.outcomes import RULES, Outcome
from warehouse.paths import PROJECT_ROOT, get_home

NOW = datetime(2026, 3, 1, 2, 0, tzinfo=timezone(timedelta(hours=8)))
SOURCE = SourceRow("s", "名称", "某县人民政府", "350123", "trs", ["http://127.0.0.1/"], "0" * 64, NOW, NOW, True)
CAPTURE = CaptureRow(
    capture_id=capture_id_for("http://127.0.0.1/a", "f" * 64),
    source_id="s",
    url="http://127.0.0.1/a",
    kind="article",
    payload_sha256="f" * 64,
    content_type=None,
    http_status=200,
    etag='"1"',
    last_modified=None,
    fetched_at=NOW,
    run_id="r",
    warc_file="r-00001.warc.gz",
    warc_offset=1 << 40,
    warc_length=9,
    payload_bytes=3,
    list_url="http://127.0.0.1/",
    list_title="法治政府建设报告",
    list_date=date(2026, 2, 28),
    first_seen_at=NOW,
    last_seen_at=NOW,
)
ATTEMPT = NewAttempt("r", "s", CAPTURE.url, "article", Outcome.FETCHED, NOW, "127.0.0.1", capture_id=CAPTURE.capture_id)


@pytest.fixture
def ledger(ledger_url: str) -> Iterator[Ledger]:
    with Ledger(ledger_url) as opened:
        opened.start_run("r", fazhi_version="0", trigger="test", started_at=NOW)
        opened.put_source(SOURCE)
        yield opened


def test_sqlite_is_set_up_for_a_writer_and_readers(sqlite_url: str) -> None:
    with Ledger(sqlite_url) as ledger, ledger._engine.connect() as connection:
        assert connection.scalar(text("pragma journal_mode")) == "wal"
        assert connection.scalar(text("pragma busy_timeout")) == 30_000
        assert connection.scalar(text("pragma foreign_keys")) == 1


@pytest.mark.parametrize(
    ("row", "table"),
    [
        (SourceRow, "source"),
        (RunRow, "crawl_run"),
        (CaptureRow, "capture"),
        (AttemptRow, "attempt"),
        (ValidatorRow, "validator"),
        (ListFingerprintRow, "list_fingerprint"),
    ],
)
def test_rows_have_the_columns_of_their_table(row: type, table: str) -> None:
    assert [field.name for field in fields(row)] == list(Base.metadata.tables[table].columns.keys())


def test_what_is_recorded_comes_back(ledger: Ledger) -> None:
    fingerprint = ListFingerprintRow("s", "http://127.0.0.1/", "0" * 64, 20, 52, NOW)
    ledger.record(ATTEMPT, capture=CAPTURE, validators={"etag": '"1"', "last_modified": None}, fingerprint=fingerprint)
    ledger.record(replace(ATTEMPT, kind="list", capture_id=None, outcome=Outcome.BLOCKED_RS_412))

    assert ledger.captures() == ledger.captures("article") == [CAPTURE]
    assert ledger.captures("list") == []
    assert ledger.capture(CAPTURE.capture_id) == CAPTURE
    assert [attempt.outcome for attempt in ledger.attempts("r")] == ["fetched", "blocked:rs_412"]
    assert ledger.attempts("other") == []
    assert ledger.validator(CAPTURE.url) == ValidatorRow(CAPTURE.url, '"1"', None, CAPTURE.capture_id, NOW)
    assert ledger.validator("http://127.0.0.1/b") is None
    assert ledger.list_fingerprints() == [fingerprint]


def test_times_come_back_in_utc(ledger: Ledger) -> None:
    started = ledger.runs()[0].started_at
    assert (started, started.tzinfo) == (NOW, UTC)


def test_a_naive_time_is_refused(ledger: Ledger) -> None:
    with pytest.raises(Exception, match="naive datetime"):
        ledger.finish_run("r", "done", datetime(2026, 1, 1))  # noqa: DTZ001


def test_an_attempt_needs_its_run_and_source(ledger: Ledger) -> None:
    with pytest.raises(IntegrityError):
        ledger.record(replace(ATTEMPT, run_id="unknown", capture_id=None))


def test_a_source_seen_again_keeps_its_first_day(ledger: Ledger) -> None:
    later = NOW + timedelta(days=1)
    ledger.put_source(replace(SOURCE, first_seen_at=later, last_seen_at=later))
    assert ledger.sources() == [replace(SOURCE, last_seen_at=later)]


def test_runs_are_opened_once_and_closed(ledger: Ledger) -> None:
    assert not ledger.start_run("r", fazhi_version="1", trigger="again", started_at=NOW)
    ledger.start_run("next", fazhi_version="1", trigger="test", started_at=NOW + timedelta(hours=1))
    assert ledger.fail_abandoned_runs("next", NOW) == ["r"]
    ledger.finish_run("next", "done", NOW)
    assert [(run.run_id, run.status, run.trigger) for run in ledger.runs()] == [
        ("r", "failed", "test"),
        ("next", "done", "test"),
    ]
    with pytest.raises(KeyError, match="unknown"):
        ledger.finish_run("unknown", "done", NOW)


def test_opening_an_up_to_date_ledger_runs_no_migration(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(ledger_schema, "_migrate")
    Ledger(ledger.url).close()


@pytest.mark.parametrize("outcome", list(Outcome))
def test_every_outcome_has_its_rule_and_next_step(outcome: Outcome) -> None:
    assert RULES[outcome].rule.endswith(".")
    assert RULES[outcome].next_step.endswith(".")
    assert outcome.is_block == outcome.name.startswith("BLOCKED_")


def test_no_rule_is_left_without_an_outcome() -> None:
    assert set(RULES) == set(Outcome)


def test_the_home_and_the_ledger_follow_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("FAZHI_LEDGER_URL", raising=False)
    monkeypatch.delenv("FAZHI_HOME", raising=False)
    assert get_home().path == PROJECT_ROOT / "data"
    monkeypatch.setenv("FAZHI_HOME", str(tmp_path))
    home = get_home()
    assert (home.archive, home.warehouse_lock) == (tmp_path / "archive", tmp_path / "warehouse.duckdb.lock")
    assert home.ledger_url == f"sqlite:///{tmp_path}/ledger.sqlite"
    monkeypatch.setenv("FAZHI_LEDGER_URL", "postgresql+psycopg2://h/db")
    assert home.ledger_url == "postgresql+psycopg2://h/db"


def test_a_group_of_attempts_is_seen_at_once_and_written_after_the_archive(ledger: Ledger) -> None:
    steps: list[str] = []
    with Ledger(ledger.url) as other, ledger.grouped(lambda: steps.append("synced")):
        ledger.record(ATTEMPT, capture=CAPTURE, validators={"etag": '"1"', "last_modified": None})
        assert (ledger.pending, steps, other.attempts()) == (1, [], [])
        assert ledger.capture(CAPTURE.capture_id) == CAPTURE
        assert ledger.validator(CAPTURE.url) is not None
        ledger.commit()
        assert (ledger.pending, steps, len(other.attempts())) == (0, ["synced"], 1)
        ledger.record(replace(ATTEMPT, url="http://127.0.0.1/b"))
        ledger.finish_run("r", "done", NOW)
        assert (steps, len(other.attempts())) == (["synced", "synced"], 2)
        ledger.commit()
        assert len(steps) == 2, "nothing is written twice"


def test_an_error_undoes_its_group_and_the_next_one_is_written(ledger: Ledger) -> None:
    with ledger.grouped(lambda: None):
        ledger.record(ATTEMPT, capture=CAPTURE)
        ledger.record(replace(ATTEMPT, capture_id="unknown"))
        with pytest.raises(IntegrityError):
            ledger.commit()
        assert ledger.pending == 0
        ledger.record(ATTEMPT, capture=CAPTURE)
    assert len(ledger.attempts()) == 1


def test_what_the_archive_cannot_keep_the_ledger_does_not_say(ledger: Ledger) -> None:
    def full_disk() -> None:
        raise OSError("no space left")

    with pytest.raises(OSError, match="no space"), ledger.grouped(full_disk):
        ledger.record(ATTEMPT, capture=CAPTURE)
    assert ledger.attempts() == []


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("法治政府建设年度报告", "法治政府建设年度报告"),
        ("报告\x00", "报告\ufffd"),
        ("报\ud842告", "报\ufffd告"),
        ("\x01\x7f😀", "\x01\x7f😀"),
    ],
)
def test_text_of_portals_is_kept_alike_everywhere(ledger: Ledger, said: str, kept: str) -> None:
    ledger.record(replace(ATTEMPT, detail=said), capture=replace(CAPTURE, list_title=said, etag=said))
    found = ledger.captures()[0]
    assert (found.list_title, found.etag, ledger.attempts()[0].detail) == (kept, kept, kept)


@pytest.mark.parametrize(("said", "kept"), [(3_000_000_000, 3_000_000_000), (10**30, (1 << 63) - 1), (None, None)])
def test_no_number_of_entries_is_too_great(ledger: Ledger, said: int | None, kept: int | None) -> None:
    ledger.record(ATTEMPT, capture=CAPTURE, fingerprint=ListFingerprintRow("s", CAPTURE.url, "0" * 64, 20, said, NOW))
    assert [row.entries_declared for row in ledger.list_fingerprints()] == [kept]


def test_the_longest_address_that_is_asked_can_be_written(ledger: Ledger) -> None:
    letters = "".join(hashlib.sha256(str(number).encode()).hexdigest() for number in range(LONGEST_URL))
    url = f"http://127.0.0.1/{letters}"[:LONGEST_URL]
    capture = replace(CAPTURE, url=url, capture_id=capture_id_for(url, CAPTURE.payload_sha256))
    ledger.record(
        replace(ATTEMPT, url=url, capture_id=capture.capture_id),
        capture=capture,
        validators={"etag": '"1"', "last_modified": None},
        fingerprint=ListFingerprintRow("s", url, "0" * 64, 1, 1, NOW),
    )
    assert ledger.validator(url) is not None


def test_rows_come_in_the_order_of_their_letters_whatever_the_locale(ledger: Ledger) -> None:
    names = ["a_1", "B", "a-2", "Z", "é", "州", "a"]
    for name in names:
        ledger.put_source(replace(SOURCE, source_id=name))
        ledger.start_run(name, fazhi_version="0", trigger="test", started_at=NOW)
        ledger.record(
            replace(ATTEMPT, capture_id=None), fingerprint=ListFingerprintRow(name, "http://h/", "0", 1, 1, NOW)
        )
    assert [row.source_id for row in ledger.sources()] == sorted([*names, "s"])
    assert [row.run_id for row in ledger.runs()] == sorted([*names, "r"])
    assert [row.source_id for row in ledger.list_fingerprints()] == sorted(names)
