"""Putting a backup back: ledger, releases and decisions as they were, and the archive's files where they are held.

Nothing is deleted: what stood in the place of something restored is moved into ``replaced-<moment>`` in the data
home. The warehouse goes there too, since it tells of another ledger; it is made again from archive and ledger.
Everything that can fail is done aside before the first move, and a restore that was cut short is simply repeated.
"""

from __future__ import annotations

import csv
import os
import shutil
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import create_engine

from warehouse.archive import archive_lock
from warehouse.backup import (
    ARCHIVE,
    DECISIONS,
    EXPORTS,
    LEDGER,
    Backup,
    BackupError,
    copied_tree_bytes,
    copy_checked,
    file_sha256,
    read_backup,
    read_index,
    require_room,
    require_whole,
    sync_tree,
)
from warehouse.ledger_copy import copy_from_file, copy_to_file, ledger_rows
from warehouse.ledger_schema import sqlite_file, upgrade
from warehouse.locks import writer_lock
from warehouse.paths import Home
from warehouse.shelf import BUILDING_PREFIX, LATEST, switch_latest

SQLITE_SUFFIXES = ("", "-wal", "-shm")
STAGING = f"{BUILDING_PREFIX}restore"
STAGED_LEDGER_SUFFIX = ".restoring"


class OccupiedError(BackupError):
    """What would be replaced is not empty; the message names it."""


@dataclass(frozen=True)
class Restored:
    """What came of a restore.

    Attributes:
        backup: what the backup says of itself.
        replaced: where what stood there before was moved; None when nothing did.
        archive_missing: WARC files that the ledger speaks of and that are in neither archive nor backup.
        archive_wrong: WARC files of the archive whose bytes are not those of the index.
    """

    backup: Backup
    replaced: Path | None
    archive_missing: tuple[str, ...]
    archive_wrong: tuple[str, ...]


def restore(home: Home, folder: Path, decisions: Path, *, replace: bool = False) -> Restored:
    """Put a backup back into a data home; warehouse and archive are locked meanwhile.

    Args:
        home: the data home; its ledger may run on another database than the one that was backed up.
        folder: a folder of ``backup.make_backup``.
        decisions: the table of corrections. One whose every line stands in the backup is simply brought up to it.
        replace: whether a home that holds something is to be replaced.

    Raises:
        BackupError: it is no whole backup, or there is no room for it.
        OccupiedError: the home holds something, and ``replace`` was not given.
        WarehouseLockedError: a night is running.
        ArchiveError: a crawl is running.
        LedgerUnusableError: the ledger cannot be opened, or the backup is of a newer fazhi.
        OSError: the files could not be written.
    """
    backup = read_backup(folder)
    require_whole(folder)
    home.path.mkdir(parents=True, exist_ok=True)
    with writer_lock(home), archive_lock(home.archive):
        occupied = _occupied(home, folder, decisions)
        if occupied and not replace:
            raise OccupiedError(f"not empty: {', '.join(occupied)}; --replace moves it aside, and loses nothing")
        require_room(home.path, copied_tree_bytes(folder) + (folder / LEDGER).stat().st_size)
        staged_ledger = _stage_ledger(home, folder)
        try:
            staging = _stage_exports(home, folder)
            aside = _free_name(home.path / f"replaced-{datetime.now(UTC):%Y%m%dT%H%M%SZ}")
            if occupied:
                _set_aside(home, decisions, aside)
            _place_ledger(home, staged_ledger)
        finally:
            staged_ledger.unlink(missing_ok=True)
        for path in sorted(staging.iterdir()):
            path.rename(home.exports / path.name)
        staging.rmdir()
        if backup.latest is not None:
            switch_latest(home.exports, backup.latest)
        _place_decisions(folder / DECISIONS, decisions)
        missing, wrong = _restore_archive(home, folder)
    return Restored(backup, aside if occupied else None, missing, wrong)


def _occupied(home: Home, folder: Path, decisions: Path) -> list[str]:
    """What the home holds that a restore would replace, in words."""
    found = []
    if any(ledger_rows(home.ledger_url).values()):
        found.append("the ledger")
    if home.exports.is_dir() and any(path.name != STAGING for path in home.exports.iterdir()):
        found.append(f"releases in {home.exports}")
    if home.warehouse.exists():
        found.append(str(home.warehouse))
    if not set(_decided(decisions)) <= set(_decided(folder / DECISIONS)):
        found.append(f"decisions in {decisions} that the backup does not have")
    return found


def _decided(path: Path) -> list[tuple[str, ...]]:
    """The lines of a table of decisions, without its head."""
    if not path.exists():
        return []
    with path.open(encoding="utf-8", newline="") as stream:
        return [tuple(row) for row in csv.reader(stream)][1:]


def _stage_ledger(home: Home, folder: Path) -> Path:
    """Copy the ledger beside its place and bring it to this code's schema."""
    file = sqlite_file(home.ledger_url) or home.path / LEDGER
    file.parent.mkdir(parents=True, exist_ok=True)
    staged = file.with_name(file.name + STAGED_LEDGER_SUFFIX)
    shutil.copyfile(folder / LEDGER, staged)
    engine = create_engine(f"sqlite:///{staged}")
    try:
        upgrade(engine)
    except BaseException:
        staged.unlink()
        raise
    finally:
        engine.dispose()
    return staged


def _stage_exports(home: Home, folder: Path) -> Path:
    staging = home.exports / STAGING
    if staging.exists():
        shutil.rmtree(staging)
    shutil.copytree(folder / EXPORTS, staging)
    sync_tree(staging)
    return staging


def _set_aside(home: Home, decisions: Path, aside: Path) -> None:
    aside.mkdir()
    file = sqlite_file(home.ledger_url)
    if file is None:
        copy_to_file(home.ledger_url, aside / LEDGER)
    for path in (file, home.warehouse):
        for suffix in (*SQLITE_SUFFIXES, ".wal"):
            beside = path and path.with_name(path.name + suffix)
            if beside is not None and beside.exists():
                shutil.move(beside, aside / beside.name)
    (aside / EXPORTS).mkdir()
    (home.exports / LATEST).unlink(missing_ok=True)
    for path in sorted(home.exports.iterdir()):
        if path.name != STAGING:
            shutil.move(path, aside / EXPORTS / path.name)
    if decisions.exists():
        shutil.copyfile(decisions, aside / DECISIONS)


def _place_ledger(home: Home, staged: Path) -> None:
    file = sqlite_file(home.ledger_url)
    if file is None:
        copy_from_file(staged, home.ledger_url)
        return
    for suffix in SQLITE_SUFFIXES[1:]:  # of an empty ledger; a log of another file must never meet this one
        file.with_name(file.name + suffix).unlink(missing_ok=True)
    _sync(staged)
    staged.rename(file)
    _sync(file.parent)


def _place_decisions(kept: Path, decisions: Path) -> None:
    """Put the decisions in their place by one rename; a table that decides the same is not touched."""
    if decisions.exists() and _decided(decisions) == _decided(kept):
        return
    written = decisions.with_name(f".{decisions.name}-{os.getpid()}")
    shutil.copyfile(kept, written)
    _sync(written)
    written.rename(decisions)


def _restore_archive(home: Home, folder: Path) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Bring back WARC files that the root of backups holds; say which are missing, and which are others."""
    missing, wrong = [], []
    for each in read_index(folder):
        path, copy = home.archive / each.file, folder.parent / ARCHIVE / each.file
        if not path.exists() and copy.exists():
            copy_checked(copy, path, each.sha256)
        if not path.exists():
            missing.append(each.file)
        elif (path.stat().st_size, path.stat().st_mtime_ns) != (each.bytes, each.modified_ns) and (
            file_sha256(path) != each.sha256
        ):
            wrong.append(each.file)
    _sync(home.archive)
    return tuple(missing), tuple(wrong)


def _free_name(path: Path) -> Path:
    number, free = 1, path
    while free.exists():
        number += 1
        free = path.with_name(f"{path.name}-{number}")
    return free


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
