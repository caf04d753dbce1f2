"""What would make a night fail half-way is told before it starts; what fails all the same leaves no damage."""

from __future__ import annotations

import json
import os
import resource
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from homes import NOW, crawl_pages, publish_release
from limited import run_python
from postgres_server import PostgresServer

from warehouse import storage_check
from warehouse.archive import archive_lock, mend_unfinished_files, read_payload
from warehouse.backup import backups_in, make_backup
from warehouse.ledger import Ledger
from warehouse.paths import Home, ScratchHome
from warehouse.storage_check import NIGHT_BYTES, StorageError, clock_faults, disk_faults, ledger_faults, require_storage

LOOK = """
import json, sys
from pathlib import Path
from warehouse.paths import get_home
from warehouse.storage_check import StorageError, require_storage
try:
    require_storage(get_home(), [Path(sys.argv[1])])
except StorageError as error:
    print(json.dumps([[fault.kind, fault.message] for fault in error.faults]))
"""
CRAWL = """
from homes import crawl_pages
from warehouse.paths import get_home
for number in range(30):
    crawl_pages(get_home(), f"full-{number}", 20)
"""


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    """A home that was used."""
    monkeypatch.delenv("FAZHI_LEDGER_URL", raising=False)
    found = Home(tmp_path / "home")
    crawl_pages(found, "one", 2)
    publish_release(found, "2026-03-01-b")
    found.warehouse.write_bytes(b"tables")
    found.warehouse_lock.touch()
    (found.path / "dagster").mkdir()
    return found


@pytest.mark.parametrize(
    "closed",
    ["", "archive", "exports", "dagster", "target", "ledger.sqlite", "warehouse.duckdb", "warehouse.duckdb.lock"],
)
def test_what_is_closed_is_named(tmp_path: Path, home: Home, closed: str) -> None:
    target = tmp_path / "target"
    target.mkdir()
    place = target if closed == "target" else home.path / closed
    place.chmod(0o555 if place.is_dir() else 0o444)
    try:
        done = run_python("-c", LOOK, str(target), environment={"FAZHI_HOME": str(home.path)})
    finally:
        place.chmod(0o755)
    assert done.returncode == 0, done.stderr
    faults = json.loads(done.stdout)
    assert {kind for kind, _ in faults} == {"directories"}
    assert any(message.startswith(f"{place} is not writable for ") for _, message in faults)


def test_a_used_home_and_one_that_is_not_there_are_well(tmp_path: Path, home: Home) -> None:
    require_storage(home)
    require_storage(ScratchHome(tmp_path / "new" / "home"))
    assert not (tmp_path / "new").exists(), "looking must not write"


def test_a_file_in_the_place_of_a_folder_is_named(tmp_path: Path) -> None:
    (tmp_path / "home").write_text("no folder", encoding="utf-8")
    with pytest.raises(StorageError, match="home is no folder"):
        require_storage(Home(tmp_path / "home"))


@pytest.mark.parametrize(
    ("statvfs", "message"),
    [
        ({"f_flag": os.ST_RDONLY}, None),
        ({"f_files": 1000, "f_favail": 3}, "room for 3 more files"),
        ({"f_files": 0, "f_favail": 0}, None),
    ],
)
def test_room_for_files(
    home: Home, monkeypatch: pytest.MonkeyPatch, statvfs: dict[str, int], message: str | None
) -> None:
    names = [name for name in dir(os.statvfs(home.path)) if name.startswith("f_")]
    real = {name: getattr(os.statvfs(home.path), name) for name in names}
    monkeypatch.setattr(os, "statvfs", lambda _place: type("Disk", (), real | statvfs))
    found = [fault.message for fault in disk_faults(home)]
    assert found == [] if message is None else message in found[0]


def test_room_for_bytes_grows_with_the_warehouse(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = shutil.disk_usage(home.path)
    monkeypatch.setattr(shutil, "disk_usage", lambda _place: usage._replace(free=NIGHT_BYTES + 1000))
    assert list(disk_faults(home)) == []
    home.warehouse.write_bytes(b"t" * 2000)
    assert [fault.kind for fault in disk_faults(home)] == ["disk"]


def test_a_limit_on_the_size_of_files_is_told(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resource, "getrlimit", lambda _which: (1 << 20, resource.RLIM_INFINITY))
    (fault,) = disk_faults(home)
    assert "past 1 MiB" in fault.message
    assert "ulimit -f" in fault.remedy


def closed_folder(home: Home) -> dict[str, object]:
    home.path.chmod(0o555)
    return {}


def small_files(_home: Home) -> dict[str, object]:
    return {"file_bytes": 1 << 20}


def dead_server(_home: Home) -> dict[str, object]:
    return {"ledger": "postgresql://fazhi@127.0.0.1:1/none"}


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (closed_folder, "is not writable for"),
        (small_files, "may not grow past 1 MiB"),
        (dead_server, "the ledger cannot be opened"),
    ],
)
def test_a_night_does_not_begin_where_it_would_not_end(
    home: Home, spoil: Callable[[Home], dict[str, object]], message: str
) -> None:
    before = sorted(home.path.rglob("*"))
    options = spoil(home)
    environment = {"FAZHI_HOME": str(home.path)} | (
        {"FAZHI_LEDGER_URL": str(options.pop("ledger"))} if "ledger" in options else {}
    )
    try:
        done = run_python("-m", "pipelines", "run", environment=environment, **options)  # type: ignore[arg-type]
    finally:
        home.path.chmod(0o755)
    assert (done.returncode, done.stdout) == (1, "")
    assert message in " ".join(done.stderr.split())
    assert "Traceback" not in done.stderr
    assert sorted(home.path.rglob("*")) == before, "nothing was begun"


@pytest.mark.parametrize("file_bytes", [20_000, 90_000, 150_000, 400_000])
def test_a_disk_that_fills_up_under_a_crawl_loses_nothing_that_was_said(tmp_path: Path, file_bytes: int) -> None:
    home = ScratchHome(tmp_path / "home")
    crawl_pages(home, "before", 2)
    done = run_python("-c", CRAWL, environment={"FAZHI_HOME": str(home.path)}, file_bytes=file_bytes)
    assert done.returncode == 1, "the disk was not full"
    with archive_lock(home.archive):
        mend_unfinished_files(home.archive)
    crawl_pages(home, "after", 2)
    with Ledger(home.ledger_url) as ledger:
        captures = ledger.captures()
        assert all(read_payload(home, capture) for capture in captures)
        assert {"before", "after"} <= {capture.run_id for capture in captures}


@pytest.mark.parametrize("file_bytes", [1_000, 60_000])
def test_a_disk_that_fills_up_under_a_backup_leaves_no_half_of_it(tmp_path: Path, home: Home, file_bytes: int) -> None:
    done = run_python(
        *("-m", "pipelines", "backup", str(tmp_path / "backups")),
        environment={"FAZHI_HOME": str(home.path)},
        file_bytes=file_bytes,
    )
    assert done.returncode == 1, done.stderr
    assert "no half of it is left" in done.stderr
    assert list((tmp_path / "backups").iterdir()) == []


@pytest.mark.parametrize("file_bytes", [1_000, 60_000])
def test_a_disk_that_fills_up_under_a_restore_changes_nothing(tmp_path: Path, home: Home, file_bytes: int) -> None:
    decisions = tmp_path / "corrections.csv"
    decisions.write_text("correction_id\n", encoding="utf-8")
    folder = make_backup(home, tmp_path / "backups", decisions, version="1")
    crawl_pages(home, "later", 1)
    with Ledger(home.ledger_url) as ledger:
        known = ledger.captures()
    done = run_python(
        *("-m", "pipelines", "restore", str(folder), "--replace"),
        environment={"FAZHI_HOME": str(home.path)},
        file_bytes=file_bytes,
    )
    assert done.returncode == 1, done.stderr
    with Ledger(home.ledger_url) as ledger:
        assert ledger.captures() == known
    assert (home.exports / "latest" / "fct_report.csv").is_file()
    assert [path for path in home.path.iterdir() if path.name.startswith("replaced")] == []


def test_a_backup_into_a_closed_folder_says_so(tmp_path: Path, home: Home) -> None:
    root = tmp_path / "backups"
    root.mkdir(mode=0o555)
    done = run_python("-m", "pipelines", "backup", str(root), environment={"FAZHI_HOME": str(home.path)})
    root.chmod(0o755)
    assert (done.returncode, "Permission denied" in done.stderr, "Traceback" in done.stderr) == (1, True, False)
    assert backups_in(root) == []


def read_only(server: PostgresServer) -> str:
    url = server.new_database()
    server.execute(f"alter database {name_of(url)} set default_transaction_read_only = on")
    return url


def without_the_right_to_make_tables(server: PostgresServer) -> str:
    return as_guest(server, server.new_database())


def with_tables_of_another(server: PostgresServer) -> str:
    url = server.new_database()
    Ledger(url).close()
    server.execute_in(url, "grant create on schema public to public")
    return as_guest(server, url)


def in_latin_letters(server: PostgresServer) -> str:
    return server.new_database("encoding 'LATIN1' locale 'C' locale_provider libc template template0")


def without_a_database(server: PostgresServer) -> str:
    return server.url("nowhere")


def in_order(server: PostgresServer) -> str:
    return server.new_database()


def name_of(url: str) -> str:
    return url.partition("?")[0].rpartition("/")[2]


def as_guest(server: PostgresServer, url: str) -> str:
    server.execute("do $$ begin create role guest login; exception when duplicate_object then end $$")
    return url.replace("fazhi@", "guest@")


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (in_order, None),
        (read_only, "is read-only"),
        (without_the_right_to_make_tables, "lets this user make no tables"),
        (with_tables_of_another, "does not let this user write: "),
        (in_latin_letters, "keeps text as LATIN1"),
        (without_a_database, 'database "nowhere" does not exist'),
    ],
)
def test_what_is_wrong_with_a_server_is_told(
    postgres_server: PostgresServer, make: Callable[[PostgresServer], str], message: str | None
) -> None:
    found = [fault.message for fault in ledger_faults(make(postgres_server))]
    assert (len(found), message is None or message in found[0]) == (0 if message is None else 1, True)


def test_a_ledger_that_another_process_holds_is_named(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(storage_check, "BUSY_SECONDS", 0)
    file = home.path / "ledger.sqlite"
    with closing(sqlite3.connect(file)) as other:
        other.execute("begin exclusive")
        found = [fault.message for fault in ledger_faults(home.ledger_url)]
    assert found == [f"the ledger {file} is being written by another process"]
    assert list(ledger_faults(home.ledger_url)) == []


@pytest.mark.parametrize(
    ("after", "message"),
    [
        (timedelta(), None),
        (timedelta(hours=-23), None),
        (timedelta(days=400), None),
        (timedelta(days=-2), "the clock shows 2026-02-27 02:00 UTC, but the last crawl began at 2026-03-01 02:00 UTC"),
    ],
)
def test_a_clock_before_the_last_crawl_is_told(home: Home, after: timedelta, message: str | None) -> None:
    assert [fault.message for fault in clock_faults(home.ledger_url, NOW + after)] == ([message] if message else [])


def test_no_clock_is_wrong_before_the_first_crawl(tmp_path: Path) -> None:
    assert list(clock_faults(ScratchHome(tmp_path / "new").ledger_url, NOW)) == []
