"""What is copied night by night is what a copy of the whole ledger would be, and so is its fingerprint."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from pipelines.loading import load_ledger
from warehouse.duck import Changes, Warehouse
from warehouse.ledger import CaptureRow, Ledger, NewAttempt, SourceRow, capture_id_for
from warehouse.outcomes import Outcome
from warehouse.paths import Home

FIRST = datetime(2026, 1, 9, 18, 0, tzinfo=UTC)
SOURCE = SourceRow("s1", "某县", "某县人民政府", "510521", "generic", ["http://a.test/"], "0" * 64, FIRST, FIRST, False)


def page(ledger: Ledger, night: int, name: str, outcome: Outcome = Outcome.FETCHED, *, days: int | None = None) -> None:
    """Record an attempt on a page in a night; one that gave the page makes its capture, or sees it again."""
    url, sha256 = f"http://a.test/{name}", name.ljust(64, "0")
    moment = FIRST + timedelta(days=night if days is None else days)
    known = ledger.capture(capture_id_for(url, sha256))
    capture = None
    if outcome in (Outcome.FETCHED, Outcome.NOT_MODIFIED):
        capture = replace(known, last_seen_at=moment) if known else capture_of(url, sha256, f"night-{night}", moment)
    attempt = NewAttempt(
        run_id=f"night-{night}",
        source_id="s1",
        url=url,
        kind="list" if name == "list" else "article",
        outcome=outcome,
        started_at=moment,
        host="a.test",
        capture_id=capture.capture_id if capture else None,
    )
    ledger.record(attempt, capture=capture)


def capture_of(url: str, sha256: str, run_id: str, moment: datetime) -> CaptureRow:
    """A new capture."""
    return CaptureRow(
        capture_id=capture_id_for(url, sha256),
        source_id="s1",
        url=url,
        kind="list" if url.endswith("list") else "article",
        payload_sha256=sha256,
        content_type="text/html",
        http_status=200,
        etag=None,
        last_modified=None,
        fetched_at=moment,
        run_id=run_id,
        warc_file="a.warc.gz",
        warc_offset=0,
        warc_length=1,
        payload_bytes=1,
        list_url=None,
        list_title=None,
        list_date=None,
        first_seen_at=moment,
        last_seen_at=moment,
    )


def night(home: Home, number: int, *visits: tuple[Any, ...], **options: Any) -> None:
    """Record a run with its attempts."""
    with Ledger(home.ledger_url) as ledger:
        moment = FIRST + timedelta(days=number)
        ledger.start_run(f"night-{number}", fazhi_version="1", trigger="test", started_at=moment)
        ledger.put_source(replace(SOURCE, last_seen_at=moment))
        for visit in visits:
            page(ledger, number, *visit, **options)
        ledger.finish_run(f"night-{number}", "done", moment)


def quiet(home: Home) -> None:
    night(home, 1, ("list", Outcome.NOT_MODIFIED), ("a", Outcome.NOT_MODIFIED))


def new_page(home: Home) -> None:
    night(home, 1, ("list", Outcome.NOT_MODIFIED), ("c",))


def new_list_page(home: Home) -> None:
    night(home, 1, ("list2",))


def blocked(home: Home) -> None:
    night(home, 1, ("a", Outcome.BLOCKED_FORBIDDEN))


def clock_behind(home: Home) -> None:
    night(home, 1, ("a", Outcome.TIMEOUT), ("b", Outcome.NOT_MODIFIED), days=-400)


def other_ledger(home: Home) -> None:
    """A ledger from before the last night takes its place, and another night follows: as many rows, other ones."""
    shutil.rmtree(home.path / "ledger", ignore_errors=True)
    for file in home.path.glob("ledger.sqlite*"):
        file.unlink()
    night(home, 7, ("list",), ("a",), ("z",))


def attempts_only_counted(home: Home) -> None:
    """Rows of an old run come to the ledger behind the last one that was loaded."""
    with Ledger(home.ledger_url) as ledger:
        page(ledger, 0, "late")


CASES: Mapping[str, tuple[Callable[[Home], None], bool]] = {
    "quiet": (quiet, False),
    "a new page": (new_page, True),
    "a new list page": (new_list_page, True),
    "a portal blocks": (blocked, True),
    "a clock that went back": (clock_behind, False),
    "another ledger": (other_ledger, True),
    "late rows": (attempts_only_counted, True),
}


def rows_of(home: Home) -> dict[str, list[tuple[Any, ...]]]:
    with Warehouse(home.warehouse) as warehouse:
        return {
            name: [tuple(row) for row in warehouse.connection.exec_driver_sql(f"from raw.{name} order by all").all()]
            for name in ("source", "crawl_run", "capture", "attempt")
        }


@pytest.mark.parametrize("name", list(CASES))
def test_a_night_adds_what_a_whole_copy_would_hold(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("FAZHI_LEDGER_URL", raising=False)
    change, is_news = CASES[name]
    home = Home(tmp_path / "home")
    home.path.mkdir()
    night(home, 0, ("list",), ("a",), ("b",))
    load_ledger(home)
    with Warehouse(home.warehouse) as warehouse:
        before = warehouse.content_fingerprint()
    change(home)
    load_ledger(home)
    with Warehouse(home.warehouse) as warehouse:
        after = warehouse.content_fingerprint()
    fresh = Home(tmp_path / "fresh")
    shutil.copytree(home.path, fresh.path, ignore=shutil.ignore_patterns("warehouse*"))
    load_ledger(fresh)
    with Warehouse(fresh.warehouse) as warehouse:
        assert warehouse.content_fingerprint() == after
    assert rows_of(home) == rows_of(fresh)
    assert (after != before) == is_news


def test_a_quiet_night_says_what_it_added(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("FAZHI_LEDGER_URL", raising=False)
    home = Home(tmp_path)
    night(home, 0, ("list",), ("a",), ("b",))
    load_ledger(home)
    quiet(home)
    changes = load_ledger(home)
    assert changes["attempt"] == Changes(new=2, unchanged=3)
    assert changes["capture"] == Changes(changed=2, unchanged=1)


def test_what_was_read_is_known_by_its_versions(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("FAZHI_LEDGER_URL", raising=False)
    home = Home(tmp_path)
    night(home, 0, ("list",), ("a",))
    load_ledger(home)
    capture_id = capture_id_for("http://a.test/a", "a".ljust(64, "0"))
    state = {"capture_id": capture_id, "document_id": None, "cleaner_version": "1", "extractor_version": "2"}
    with Warehouse(home.warehouse) as warehouse:
        assert not warehouse.is_read("1", "2")
        warehouse.replace_documents({"read_state": [state]})
        assert warehouse.is_read("1", "2")
        assert not warehouse.is_read("1", "3")
