"""Backups: what cannot be made again, copied while nobody writes, into a folder that says whether it is whole.

``ROOT/<moment>/`` holds ``ledger.sqlite`` (whichever database the ledger runs on), ``archive.csv`` (name, size and
SHA-256 of every WARC file), ``corrections.csv`` (the decisions of people), ``exports/`` (the releases),
``backup.json`` and ``SHA256SUMS``. ``ROOT/archive/`` holds the WARC files themselves where that was asked for, one
copy for all backups, since they never change. A release that an earlier backup of the same root holds already is
linked, not copied. The warehouse is left out: it is made again from archive and ledger.

A backup becomes visible by one rename, when all of it is on the disk. Putting it back belongs to ``restore``.
"""

from __future__ import annotations

import csv
import filecmp
import hashlib
import json
import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from warehouse.archive import OPEN_SUFFIX, WARC_SUFFIX, archive_lock, mend_unfinished_files
from warehouse.ledger_copy import copy_to_file
from warehouse.ledger_schema import sqlite_file
from warehouse.locks import writer_lock
from warehouse.paths import Home
from warehouse.shelf import BUILDING_PREFIX, LEAVING_PREFIX, latest_id

FORMAT = 1
DESCRIPTION = "backup.json"
CHECKSUMS = "SHA256SUMS"
LEDGER = "ledger.sqlite"
INDEX = "archive.csv"
DECISIONS = "corrections.csv"
EXPORTS = "exports"
ARCHIVE = "archive"
UNFINISHED = (BUILDING_PREFIX, LEAVING_PREFIX, ".latest-")
ROOM_TO_SPARE = 16 * 1024**2
NAMES_SHOWN = 5


class BackupError(RuntimeError):
    """No backup can be made here, or what is named is none, or not a whole one; the message says why."""


@dataclass(frozen=True)
class ArchivedFile:
    """A WARC file as the index of a backup has it; the time of change tells whether it must be read again."""

    file: str
    bytes: int
    modified_ns: int
    sha256: str


@dataclass(frozen=True)
class Backup:
    """What a backup says of itself.

    Attributes:
        created: ISO text in UTC.
        fazhi_version: what made it.
        schema_version: of the ledger.
        ledger_rows: rows by table.
        archive_files: how many WARC files the index names.
        archive_bytes: their size together.
        releases: their names.
        latest: the one that ``latest`` pointed to; None before the first.
        format: of the backup itself.
    """

    created: str
    fazhi_version: str
    schema_version: str
    ledger_rows: Mapping[str, int]
    archive_files: int
    archive_bytes: int
    releases: Sequence[str]
    latest: str | None
    format: int = FORMAT


def make_backup(home: Home, root: Path, decisions: Path, *, version: str, with_archive: bool = False) -> Path:
    """Make a backup of a data home; the warehouse and the archive are locked meanwhile.

    Args:
        home: the data home.
        root: the folder that backups lie in; it is made when missing.
        decisions: the table of corrections.
        version: of fazhi.
        with_archive: whether the WARC files are copied too, those that ``root`` does not hold yet.

    Returns:
        The folder of the backup.

    Raises:
        WarehouseLockedError: a night is running.
        ArchiveError: a crawl is running.
        BackupError: there is nothing to back up, or no room, or the place is no good one.
        LedgerUnusableError: the ledger cannot be opened, or was made by a newer fazhi.
        OSError: the copy could not be written; nothing is left of it.
    """
    if not home.path.is_dir():
        raise BackupError(f"there is no data home at {home.path}")
    if root.resolve().is_relative_to(home.path):
        raise BackupError(f"{root} lies in the data home and would be lost with it; name a folder elsewhere")
    root.mkdir(parents=True, exist_ok=True)
    with writer_lock(home), archive_lock(home.archive):
        mend_unfinished_files(home.archive)
        earlier = next(reversed(backups_in(root)), None)
        _require_room(home, root, earlier, with_archive=with_archive)
        with _building(root) as folder:
            schema_version, rows = copy_to_file(home.ledger_url, folder / LEDGER)
            index = index_archive(home.archive, read_index(earlier) if earlier else ())
            write_index(index, folder / INDEX)
            shutil.copyfile(decisions, folder / DECISIONS)
            releases = _copy_exports(home.exports, folder / EXPORTS, earlier and earlier / EXPORTS)
            if with_archive:
                _copy_archive(home.archive, root / ARCHIVE, index)
            moment = datetime.now(UTC)
            backup = Backup(
                created=f"{moment:%Y-%m-%dT%H:%M:%SZ}",
                fazhi_version=version,
                schema_version=schema_version,
                ledger_rows=rows,
                archive_files=len(index),
                archive_bytes=sum(each.bytes for each in index),
                releases=releases,
                latest=latest_id(home.exports),
            )
            text = json.dumps(asdict(backup), ensure_ascii=False, indent=2) + "\n"
            (folder / DESCRIPTION).write_text(text, encoding="utf-8")
            _write_checksums(folder)
            return _settle(folder, root, f"{moment:%Y%m%dT%H%M%SZ}")


def backups_in(root: Path) -> list[Path]:
    """The backups of a root, oldest first."""
    return sorted(path.parent for path in root.glob(f"[!.]*/{DESCRIPTION}"))


def read_backup(folder: Path) -> Backup:
    """Read what a backup says of itself.

    Raises:
        BackupError: the folder is no backup, or one that this code does not know how to read.
    """
    path = folder / DESCRIPTION
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        if found["format"] != FORMAT:
            raise BackupError(f"{folder} is a backup of format {found['format']}, this code reads {FORMAT}")
        return Backup(**found)
    except FileNotFoundError as error:
        known = ", ".join(each.name for each in backups_in(folder)) if folder.is_dir() else ""
        inside = f"; it holds the backups {known}" if known else ""
        raise BackupError(f"{folder} is no backup: it has no {DESCRIPTION}{inside}") from error
    except (ValueError, KeyError, TypeError) as error:
        raise BackupError(f"{path} is not the description of a backup: {error!r}") from error


def require_whole(folder: Path) -> None:
    """Check every file of a backup against its checksum.

    Raises:
        BackupError: files are missing, changed or added.
    """
    sums = folder / CHECKSUMS
    if not sums.is_file():
        raise BackupError(f"{folder} has no {CHECKSUMS}: it is not whole")
    expected = {}
    for line in sums.read_text(encoding="utf-8").splitlines():
        digest, _, name = line.partition("  ")
        expected[name] = digest
    found = {str(path.relative_to(folder)) for path in _files_below(folder)} - {CHECKSUMS}
    wrong = sorted(found ^ expected.keys())
    wrong += [name for name in sorted(found & expected.keys()) if file_sha256(folder / name) != expected[name]]
    if wrong:
        shown = ", ".join(wrong[:NAMES_SHOWN]) + (" …" if len(wrong) > NAMES_SHOWN else "")
        raise BackupError(f"{folder} is damaged: {len(wrong)} files are missing, changed or added: {shown}")


def index_archive(archive: Path, known: Sequence[ArchivedFile]) -> list[ArchivedFile]:
    """Name, size and digest of every finished WARC file; what an earlier index knows and is unchanged is not read."""
    digests = {(each.file, each.bytes, each.modified_ns): each.sha256 for each in known}
    index = []
    for path in sorted(archive.glob(f"*{WARC_SUFFIX}")):
        stat = path.stat()
        sha256 = digests.get((path.name, stat.st_size, stat.st_mtime_ns)) or file_sha256(path)
        index.append(ArchivedFile(path.name, stat.st_size, stat.st_mtime_ns, sha256))
    return index


def write_index(index: Sequence[ArchivedFile], path: Path) -> None:
    """Write an index of WARC files."""
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(("file", "bytes", "modified_ns", "sha256"))
        writer.writerows((each.file, each.bytes, each.modified_ns, each.sha256) for each in index)


def read_index(folder: Path) -> list[ArchivedFile]:
    """Read the index of WARC files of a backup."""
    with (folder / INDEX).open(encoding="utf-8", newline="") as stream:
        return [
            ArchivedFile(row["file"], int(row["bytes"]), int(row["modified_ns"]), row["sha256"])
            for row in csv.DictReader(stream)
        ]


def file_sha256(path: Path) -> str:
    """Hex SHA-256 of a file."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def require_room(folder: Path, wanted: int) -> None:
    """Stop before anything is written when a disk has too little room.

    Raises:
        BackupError: there is less than ``wanted`` bytes, and a little to spare.
    """
    free = shutil.disk_usage(folder).free
    if free < wanted + ROOM_TO_SPARE:
        raise BackupError(
            f"{folder} has {free / 1024**2:,.0f} MiB free, and {(wanted + ROOM_TO_SPARE) / 1024**2:,.0f} are needed"
        )


def copied_tree_bytes(folder: Path) -> int:
    """Bytes of all files below a folder; none where there is no folder."""
    return sum(path.stat().st_size for path in _files_below(folder))


def sync_tree(folder: Path) -> None:
    """Put a folder and all below it on the disk."""
    for path in (*folder.rglob("*"), folder):
        if not path.is_symlink():
            _sync(path)


def _require_room(home: Home, root: Path, earlier: Path | None, *, with_archive: bool) -> None:
    ledger = sqlite_file(home.ledger_url)
    wanted = ledger.stat().st_size if ledger is not None and ledger.exists() else 0
    for path in _release_files(home.exports):
        held = earlier and earlier / EXPORTS / path.relative_to(home.exports)
        if held is None or not held.is_file() or held.stat().st_size != path.stat().st_size:
            wanted += path.stat().st_size
    if with_archive:
        copied = {path.name for path in (root / ARCHIVE).glob(f"*{WARC_SUFFIX}")}
        wanted += sum(path.stat().st_size for path in home.archive.glob(f"*{WARC_SUFFIX}") if path.name not in copied)
    require_room(root, wanted)


@contextmanager
def _building(root: Path) -> Iterator[Path]:
    """An empty folder to build a backup in; what is left of it afterwards, or of a killed process, is removed."""
    for left in root.glob(f"{BUILDING_PREFIX}*"):
        shutil.rmtree(left)
    folder = root / f"{BUILDING_PREFIX}{os.getpid()}"
    folder.mkdir()
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _settle(folder: Path, root: Path, name: str) -> Path:
    sync_tree(folder)
    target, number = root / name, 1
    while target.exists():
        number += 1
        target = root / f"{name}-{number}"
    folder.rename(target)
    _sync(root)
    return target


def _copy_exports(exports: Path, target: Path, earlier: Path | None) -> list[str]:
    """Copy the releases and what is remembered of them; return the names of the releases."""
    target.mkdir()
    for path in _release_files(exports):
        name = path.relative_to(exports)
        copy = target / name
        copy.parent.mkdir(parents=True, exist_ok=True)
        if earlier is None or not _has_bytes_of(path, earlier / name) or not _linked(earlier / name, copy):
            shutil.copy2(path, copy)
    return sorted(path.name for path in target.iterdir() if path.is_dir())


def _release_files(exports: Path) -> Iterator[Path]:
    """The files of all releases and the files beside them, but nothing of a release that is being built."""
    for path in _files_below(exports):
        if not path.relative_to(exports).parts[0].startswith(UNFINISHED):
            yield path


def _files_below(folder: Path) -> Iterator[Path]:
    for parent, names, files in os.walk(folder):  # which does not follow links, such as ``latest``
        names.sort()
        yield from (Path(parent, name) for name in sorted(files) if not Path(parent, name).is_symlink())


def _has_bytes_of(path: Path, other: Path) -> bool:
    """Whether an earlier backup still holds exactly this file."""
    return other.is_file() and filecmp.cmp(path, other, shallow=False)


def _linked(original: Path, copy: Path) -> bool:
    try:
        os.link(original, copy)
    except OSError:  # a file system without links
        return False
    return True


def _copy_archive(archive: Path, target: Path, index: Sequence[ArchivedFile]) -> None:
    """Copy the WARC files that are not held yet, each whole or not at all."""
    target.mkdir(exist_ok=True)
    for each in index:
        copy = target / each.file
        if not copy.exists():
            copy_checked(archive / each.file, copy, each.sha256)
    _sync(target)


def copy_checked(original: Path, copy: Path, sha256: str) -> None:
    """Copy a WARC file under its name when its bytes are those expected.

    Raises:
        BackupError: they are not.
    """
    unfinished = copy.with_name(copy.name + OPEN_SUFFIX + "-copy")
    try:
        shutil.copy2(original, unfinished)
        if file_sha256(unfinished) != sha256:
            raise BackupError(f"{original} has other bytes than the index says")
        _sync(unfinished)
        unfinished.rename(copy)
    finally:
        unfinished.unlink(missing_ok=True)


def _write_checksums(folder: Path) -> None:
    paths = [path for path in _files_below(folder) if path != folder / CHECKSUMS]
    lines = [f"{file_sha256(path)}  {path.relative_to(folder)}\n" for path in paths]
    (folder / CHECKSUMS).write_text("".join(lines), encoding="utf-8")


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
