"""Backup and restore: what comes back is what was there, from either database into either, or nothing changes."""

from __future__ import annotations

import csv
import json
import shutil
import stat
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from homes import crawl_pages, publish_release
from sqlalchemy import create_engine, text
from typer.testing import CliRunner

from pipelines.cli import app
from warehouse import backup as backup_module
from warehouse.archive import ArchiveError, archive_lock, read_payload
from warehouse.backup import BackupError, backups_in, make_backup, read_backup, read_index, require_whole
from warehouse.ledger import Ledger
from warehouse.ledger_schema import HEAD_REVISION, LedgerUnusableError, downgrade, make_engine
from warehouse.locks import WarehouseLockedError, writer_lock
from warehouse.paths import Home
from warehouse.restore import restore

NOW = datetime(2026, 3, 1, 2, 0, 0, 123456, tzinfo=UTC)
HEAD = "correction_id,url,action\n"
DECISION = "1,http://127.0.0.1/0,drop\n"


@pytest.fixture
def decisions(tmp_path: Path) -> Path:
    path = tmp_path / "corrections.csv"
    path.write_text(HEAD + DECISION, encoding="utf-8")
    return path


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "backups"


def use_ledger(monkeypatch: pytest.MonkeyPatch, url: str | None) -> None:
    """Let the environment name a ledger; None for the file in the home."""
    if url is None:
        monkeypatch.delenv("FAZHI_LEDGER_URL", raising=False)
    else:
        monkeypatch.setenv("FAZHI_LEDGER_URL", url)


def ledger_content(url: str) -> list[object]:
    with Ledger(url) as ledger:
        rows = [*ledger.sources(), *ledger.runs(), *ledger.captures(), *ledger.attempts(), *ledger.list_fingerprints()]
        return [*rows, *(ledger.validator(row.url) for row in ledger.captures())]


def tree(folder: Path) -> dict[str, object]:
    """Every file below a folder with bytes and mode, every link with its target."""
    return {
        str(path.relative_to(folder)): path.readlink()
        if path.is_symlink()
        else (path.read_bytes(), stat.S_IMODE(path.stat().st_mode))
        for path in sorted(folder.rglob("*"))
        if path.is_symlink() or path.is_file()
    }


@pytest.fixture
def filled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    """A home with two crawls and two releases, its ledger a file."""
    use_ledger(monkeypatch, None)
    home = Home(tmp_path / "home")
    crawl_pages(home, "one", 3)
    crawl_pages(home, "two", 4)
    publish_release(home, "2026-02-28-a")
    publish_release(home, "2026-03-01-b")
    return home


@pytest.mark.parametrize("before", [None, "postgres_url"])
@pytest.mark.parametrize("after", [None, "postgres_url"])
def test_a_restored_home_is_equal(
    tmp_path: Path,
    root: Path,
    decisions: Path,
    monkeypatch: pytest.MonkeyPatch,
    request: pytest.FixtureRequest,
    before: str | None,
    after: str | None,
) -> None:
    use_ledger(monkeypatch, before and request.getfixturevalue(before))
    home = Home(tmp_path / "home")
    crawl_pages(home, "one", 3)
    publish_release(home, "2026-03-01-b")
    known, released = ledger_content(home.ledger_url), tree(home.exports)

    folder = make_backup(home, root, decisions, version="1", with_archive=True)
    require_whole(folder)
    assert {path.name for path in folder.iterdir()} == {
        *("SHA256SUMS", "archive.csv", "backup.json", "corrections.csv", "exports", "ledger.sqlite")
    }
    assert read_backup(folder).ledger_rows["capture"] == 3

    new_ledger = after and request.getfixturevalue("postgres_server").new_database()
    use_ledger(monkeypatch, new_ledger)
    fresh, seeds = Home(tmp_path / "fresh"), tmp_path / "seeds.csv"
    seeds.write_text(HEAD, encoding="utf-8")
    restored = restore(fresh, folder, seeds)

    assert (restored.replaced, restored.archive_missing, restored.archive_wrong) == (None, (), ())
    assert ledger_content(fresh.ledger_url) == known
    assert tree(fresh.exports) == released
    assert seeds.read_text(encoding="utf-8") == HEAD + DECISION
    with Ledger(fresh.ledger_url) as ledger:
        assert [read_payload(fresh, capture).decode() for capture in ledger.captures()]
    crawl_pages(fresh, "two", 2)  # counters of the database go on where they were
    with Ledger(fresh.ledger_url) as ledger:
        assert [row.attempt_id for row in ledger.attempts()] == [1, 2, 3, 4, 5]


def test_a_release_that_an_earlier_backup_holds_is_linked(filled: Home, root: Path, decisions: Path) -> None:
    name = "exports/2026-03-01-b/fct_report.csv"
    first = make_backup(filled, root, decisions, version="1")
    second = make_backup(filled, root, decisions, version="1")
    assert (first / name).stat().st_ino == (second / name).stat().st_ino != (filled.path / name).stat().st_ino
    assert backups_in(root) == sorted([first, second])
    require_whole(first)
    require_whole(second)


def test_a_file_that_an_earlier_backup_has_lost_is_copied_again(filled: Home, root: Path, decisions: Path) -> None:
    name = "exports/2026-03-01-b/fct_report.csv"
    first = make_backup(filled, root, decisions, version="1")
    (first / name).chmod(0o644)
    (first / name).write_text("2026-03-01-x\n", encoding="utf-8")
    second = make_backup(filled, root, decisions, version="1")
    assert (second / name).read_bytes() == (filled.path / name).read_bytes()
    with pytest.raises(BackupError, match="damaged: 1 files"):
        require_whole(first)


def test_only_new_archive_files_are_read_and_copied(
    filled: Home, root: Path, decisions: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_backup(filled, root, decisions, version="1", with_archive=True)
    crawl_pages(filled, "three", 1)
    read: list[str] = []
    digest = backup_module.file_sha256

    def noted(path: Path) -> str:
        read.append(path.name)
        return digest(path)

    monkeypatch.setattr(backup_module, "file_sha256", noted)
    folder = make_backup(filled, root, decisions, version="1", with_archive=True)
    assert [name for name in read if "warc" in name and name.startswith(("one", "two"))] == []
    assert (
        [each.file for each in read_index(folder)]
        == [f"{run}-00001.warc.gz" for run in ("one", "three", "two")]
        == sorted(path.name for path in (root / "archive").iterdir())
    )


def test_a_crawl_that_was_killed_is_mended_first(filled: Home, root: Path, decisions: Path) -> None:
    torn = filled.archive / "killed-00001.warc.gz.open"
    torn.write_bytes((filled.archive / "one-00001.warc.gz").read_bytes() + b"\x1f\x8b torn")
    folder = make_backup(filled, root, decisions, version="1")
    assert "killed-00001.warc.gz" in {each.file for each in read_index(folder)}
    assert not torn.exists()


@pytest.mark.parametrize(
    ("lock", "error"),
    [(lambda home: writer_lock(home), WarehouseLockedError), (lambda home: archive_lock(home.archive), ArchiveError)],
    ids=["night", "crawl"],
)
def test_while_somebody_writes_there_is_no_copy(
    filled: Home, root: Path, decisions: Path, lock: Callable[[Home], object], error: type[Exception]
) -> None:
    folder = make_backup(filled, root, decisions, version="1")
    with lock(filled):  # type: ignore[attr-defined]
        with pytest.raises(error):
            make_backup(filled, root, decisions, version="1")
        with pytest.raises(error):
            restore(filled, folder, decisions, replace=True)
    assert backups_in(root) == [folder]


def spoil_nothing(_folder: Path) -> None:
    """Leave the backup as it is."""


def change_ledger(folder: Path) -> None:
    with (folder / "ledger.sqlite").open("r+b") as stream:
        stream.seek(8192)
        stream.write(b"\xff")


def remove_release(folder: Path) -> None:
    (folder / "exports" / "2026-03-01-b" / "fct_report.csv").unlink()


def add_file(folder: Path) -> None:
    (folder / "exports" / "2026-03-01-b" / "more.csv").write_text("a", encoding="utf-8")


def remove_sums(folder: Path) -> None:
    (folder / "SHA256SUMS").unlink()


def remove_description(folder: Path) -> None:
    (folder / "backup.json").unlink()


def from_the_future(folder: Path) -> None:
    found = json.loads((folder / "backup.json").read_text(encoding="utf-8"))
    (folder / "backup.json").write_text(json.dumps(found | {"format": 2}), encoding="utf-8")


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (change_ledger, r"damaged: 1 files .*ledger\.sqlite"),
        (remove_release, "damaged: 1 files"),
        (add_file, r"damaged: 1 files .*more\.csv"),
        (remove_sums, "has no SHA256SUMS"),
        (remove_description, "is no backup"),
        (from_the_future, "format 2, this code reads 1"),
        (spoil_nothing, r"not empty: the ledger, releases in .*--replace"),
    ],
)
def test_what_cannot_be_restored_changes_nothing(
    filled: Home, root: Path, decisions: Path, spoil: Callable[[Path], None], message: str
) -> None:
    folder = make_backup(filled, root, decisions, version="1")
    crawl_pages(filled, "later", 1)
    spoil(folder)
    known, released = ledger_content(filled.ledger_url), tree(filled.exports)
    with pytest.raises(BackupError, match=message):
        restore(filled, folder, decisions)
    assert (ledger_content(filled.ledger_url), tree(filled.exports)) == (known, released)
    assert [path.name for path in filled.path.iterdir() if "replaced" in path.name] == []


def test_the_folder_of_backups_is_not_taken_for_one(filled: Home, root: Path, decisions: Path) -> None:
    folder = make_backup(filled, root, decisions, version="1")
    with pytest.raises(BackupError, match=f"it holds the backups {folder.name}"):
        restore(filled, root, decisions)


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_what_is_replaced_is_moved_aside(
    tmp_path: Path,
    filled: Home,
    root: Path,
    decisions: Path,
    database: str,
    monkeypatch: pytest.MonkeyPatch,
    request: pytest.FixtureRequest,
) -> None:
    folder = make_backup(filled, root, decisions, version="1", with_archive=True)
    known = ledger_content(filled.ledger_url)
    home = filled if database == "sqlite" else Home(tmp_path / "other")
    if database == "postgresql":
        use_ledger(monkeypatch, request.getfixturevalue("postgres_url"))
    crawl_pages(home, "later", 2)
    publish_release(home, "2026-03-02-c")
    home.warehouse.write_bytes(b"tables of the later ledger")
    decisions.write_text(HEAD + "2,http://127.0.0.1/1,flag\n", encoding="utf-8")
    later = ledger_content(home.ledger_url)

    restored = restore(home, folder, decisions, replace=True)

    assert restored.replaced is not None
    assert ledger_content(home.ledger_url) == known
    assert (home.exports / "latest").readlink() == Path("2026-03-01-b")
    assert not (home.exports / "2026-03-02-c").exists()
    assert decisions.read_text(encoding="utf-8") == HEAD + DECISION
    assert not home.warehouse.exists()
    aside = restored.replaced
    assert (aside / "warehouse.duckdb").read_bytes() == b"tables of the later ledger"
    assert (aside / "exports" / "2026-03-02-c" / "fct_report.csv").is_file()
    assert "2,http" in (aside / "corrections.csv").read_text(encoding="utf-8")
    assert ledger_content(f"sqlite:///{aside / 'ledger.sqlite'}") == later


def comes_to_its_end(work: Callable[[], object], renames: int, monkeypatch: pytest.MonkeyPatch) -> bool:
    """Do something on a disk that fails after a number of renames; return whether it was done before that."""
    rename, left = Path.rename, renames

    def fall(self: Path, target: Path) -> Path:
        nonlocal left
        left -= 1
        if left < 0:
            raise OSError("input/output error")
        return rename(self, target)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "rename", fall)
        try:
            work()
        except OSError:
            return False
    return True


def test_a_restore_that_was_cut_short_is_repeated(
    filled: Home, root: Path, decisions: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = make_backup(filled, root, decisions, version="1")
    known, released = ledger_content(filled.ledger_url), tree(filled.exports)
    crawl_pages(filled, "later", 1)
    cut = 0
    while not comes_to_its_end(lambda: restore(filled, folder, decisions, replace=True), cut, monkeypatch):
        cut += 1
    assert cut > 2
    assert (ledger_content(filled.ledger_url), tree(filled.exports)) == (known, released)


def test_missing_and_foreign_archive_files_are_named(tmp_path: Path, filled: Home, root: Path, decisions: Path) -> None:
    folder = make_backup(filled, root, decisions, version="1")
    fresh = Home(tmp_path / "fresh")
    fresh.archive.mkdir(parents=True)
    (fresh.archive / "two-00001.warc.gz").write_bytes(b"other bytes")
    restored = restore(fresh, folder, decisions)
    assert restored.archive_missing == ("one-00001.warc.gz",)
    assert restored.archive_wrong == ("two-00001.warc.gz",)


def test_an_old_schema_is_copied_as_it_is_and_brought_up_to_date_on_the_way_back(
    tmp_path: Path, filled: Home, root: Path, decisions: Path
) -> None:
    engine = make_engine(filled.ledger_url)
    downgrade(engine, "0001")
    engine.dispose()
    folder = make_backup(filled, root, decisions, version="1")
    assert read_backup(folder).schema_version == "0001"
    fresh = Home(tmp_path / "fresh")
    restore(fresh, folder, decisions)
    with Ledger(fresh.ledger_url) as ledger:
        assert [row.status for row in ledger.sources()] == ["unverified"]


def test_the_ledger_of_a_newer_fazhi_is_not_restored(tmp_path: Path, filled: Home, root: Path, decisions: Path) -> None:
    folder = make_backup(filled, root, decisions, version="1")
    engine = create_engine(f"sqlite:///{folder / 'ledger.sqlite'}")
    with engine.begin() as connection:
        connection.execute(text("update alembic_version set version_num = '9999'"))
    engine.dispose()
    backup_module._write_checksums(folder)
    fresh = Home(tmp_path / "fresh")
    with pytest.raises(LedgerUnusableError, match="update fazhi"):
        restore(fresh, folder, decisions)
    assert not (fresh.path / "ledger.sqlite").exists()


def test_a_home_that_was_never_crawled_can_be_backed_up(tmp_path: Path, root: Path, decisions: Path) -> None:
    home = Home(tmp_path / "home")
    home.path.mkdir()
    folder = make_backup(home, root, decisions, version="1")
    found = read_backup(folder)
    assert (found.schema_version, set(found.ledger_rows.values()), found.latest) == (HEAD_REVISION, {0}, None)
    assert not (home.path / "ledger.sqlite").exists()


@pytest.mark.parametrize(("where", "message"), [("home/backups", "lost with it"), ("home", "lost with it")])
def test_a_backup_does_not_lie_in_the_home(
    tmp_path: Path, filled: Home, decisions: Path, where: str, message: str
) -> None:
    with pytest.raises(BackupError, match=message):
        make_backup(filled, tmp_path / where, decisions, version="1")


def test_no_home_no_backup(tmp_path: Path, root: Path, decisions: Path) -> None:
    with pytest.raises(BackupError, match="no data home"):
        make_backup(Home(tmp_path / "nothing"), root, decisions, version="1")
    assert not root.exists()


def test_a_full_disk_is_told_before_work_starts(
    tmp_path: Path, filled: Home, root: Path, decisions: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = make_backup(filled, root, decisions, version="1")
    usage = shutil.disk_usage(tmp_path)
    monkeypatch.setattr(shutil, "disk_usage", lambda _place: usage._replace(free=1024))
    with pytest.raises(BackupError, match="0 MiB free"):
        make_backup(filled, root, decisions, version="1")
    fresh = Home(tmp_path / "fresh")
    with pytest.raises(BackupError, match="0 MiB free"):
        restore(fresh, folder, decisions)
    assert backups_in(root) == [folder]
    assert not (fresh.path / "ledger.sqlite").exists()


def test_a_disk_that_fills_up_meanwhile_leaves_no_half_of_a_backup(
    filled: Home, root: Path, decisions: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_arguments: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(shutil, "copy2", full)
    with pytest.raises(OSError, match="No space"):
        make_backup(filled, root, decisions, version="1")
    assert list(root.iterdir()) == []


def test_the_index_can_be_read_by_anybody(filled: Home, root: Path, decisions: Path) -> None:
    folder = make_backup(filled, root, decisions, version="1")
    with (folder / "archive.csv").open(encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream))
    assert [row["file"] for row in rows] == ["one-00001.warc.gz", "two-00001.warc.gz"]
    index = read_index(folder)
    assert [each.bytes for each in index] == [int(row["bytes"]) for row in rows]


def test_the_commands_back_up_check_and_restore(
    tmp_path: Path, filled: Home, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fazhi(home: Path, *arguments: str) -> tuple[int, dict[str, object]]:
        monkeypatch.setenv("FAZHI_HOME", str(home))
        done = CliRunner().invoke(app, [*arguments, "--json"])
        return done.exit_code, json.loads(done.stdout or "{}")

    fresh = tmp_path / "fresh"
    code, made = fazhi(filled.path, "backup", str(root))
    folder = str(made["path"])
    assert (code, made["latest"]) == (0, "2026-03-01-b")
    assert fazhi(fresh, "restore", folder, "--check")[0] == 0
    assert not fresh.exists()
    code, restored = fazhi(fresh, "restore", folder)
    assert (code, restored["archive_missing"]) == (1, ["one-00001.warc.gz", "two-00001.warc.gz"])
    assert fazhi(fresh, "restore", folder) == (2, {})
    assert fazhi(fresh, "restore", str(tmp_path)) == (2, {})
    with writer_lock(filled):
        assert fazhi(filled.path, "backup", str(root)) == (4, {})
