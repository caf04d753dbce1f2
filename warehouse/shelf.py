"""The folder that releases lie in: building aside, the one switch of ``latest``, its history, and taking away.

A release is built in a folder of its own beside the others, whose name begins with a dot; it becomes visible by
one rename, and ``latest`` (a symbolic link) by one replacement of that link. A reader sees the old release or the
new one, never a part of one. Nothing in a published folder is changed again, and all its files are read-only.

``.history`` has one line of JSON per switch, oldest first, and is replaced as a whole: a release that was rolled
back from is known by it. ``.published`` holds what the latest release was made from.

Not here: what stands in a release (``publish.py``), and which of them are kept (``pipelines.release_history``).
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

LATEST = "latest"
BUILDING_PREFIX = ".building-"
LEAVING_PREFIX = ".leaving-"
PUBLISHED_MARK = ".published"
HISTORY = ".history"
READ_ONLY = 0o444
# Whoever asks the database of a release: no look-ups of extensions on the network, no way to another file from SQL.
# One for all, because DuckDB opens a file in one process with one configuration only.
ASKING_CONFIG: dict[str, str | bool | int | float | list[str]] = {
    "autoinstall_known_extensions": False,
    "autoload_known_extensions": False,
    "enable_external_access": False,
}

Action = Literal["published", "rolled_back"]


class HistoryError(ValueError):
    """The history of releases cannot be read; names file and line."""


@dataclass(frozen=True)
class Switch:
    """One change of ``latest``.

    Attributes:
        at: moment, ISO text in UTC.
        action: whether a release was published, or an earlier one put back.
        release_id: what ``latest`` has pointed to since.
        before: what it had pointed to; None for the first.
    """

    at: str
    action: Action
    release_id: str
    before: str | None


@contextmanager
def building_folder(exports: Path) -> Iterator[Path]:
    """An empty folder to build a release in; what is left of it afterwards, or of a killed process, is removed."""
    exports.mkdir(parents=True, exist_ok=True)
    for prefix in (BUILDING_PREFIX, LEAVING_PREFIX):
        for left in exports.glob(f"{prefix}*"):
            shutil.rmtree(left)
    for name in (f".{LATEST}", PUBLISHED_MARK, HISTORY):
        for left in exports.glob(f"{name}-*"):
            left.unlink()
    folder = exports / f"{BUILDING_PREFIX}{os.getpid()}"
    folder.mkdir()
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def settle(folder: Path, exports: Path, release_id: str) -> Path:
    """Make a built folder a release under its name: files read-only and on disk, then one rename."""
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            path.chmod(READ_ONLY)
        _sync(path)
    _sync(folder)
    target = exports / release_id
    folder.rename(target)
    _sync(exports)
    return target


def switch_latest(exports: Path, release_id: str) -> None:
    """Let ``latest`` point to a release, by one atomic replacement of the link."""
    link = exports / f".{LATEST}-{os.getpid()}"
    link.unlink(missing_ok=True)
    link.symlink_to(release_id, target_is_directory=True)
    link.replace(exports / LATEST)
    _sync(exports)


def latest_id(exports: Path) -> str | None:
    """Name of the release that ``latest`` points to; None before the first."""
    link = exports / LATEST
    return link.resolve().name if link.is_dir() else None


def release_folders(exports: Path) -> list[Path]:
    """The folders of all releases, by name."""
    if not exports.is_dir():
        return []
    return sorted(
        path for path in exports.iterdir() if path.is_dir() and not path.is_symlink() and not path.name.startswith(".")
    )


def record_switch(exports: Path, action: Action, release_id: str, before: str | None) -> None:
    """Add a line to the history, unless its last one says the same release already."""
    switches = read_history(exports)
    if switches and switches[-1].release_id == release_id:
        return
    now = f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}"
    lines = [json.dumps(asdict(each)) + "\n" for each in (*switches, Switch(now, action, release_id, before))]
    _replace(exports / HISTORY, "".join(lines))


def read_history(exports: Path) -> list[Switch]:
    """All switches of ``latest``, oldest first; empty before the first.

    Raises:
        HistoryError: a line is not one that was written here.
    """
    path = exports / HISTORY
    if not path.is_file():
        return []
    switches = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        try:
            switches.append(Switch(**json.loads(line)))
        except (ValueError, TypeError) as error:
            raise HistoryError(f"{path}, line {number}: {error}") from error
    return switches


def rolled_back_ids(switches: Sequence[Switch]) -> set[str]:
    """The releases that a person has gone back from, and not returned to."""
    found: set[str] = set()
    for switch in switches:
        if switch.action == "rolled_back" and switch.before is not None:
            found.add(switch.before)
        found.discard(switch.release_id)
    return found


def remove_release(exports: Path, release_id: str) -> None:
    """Take a release away: out of sight by one rename, then file by file.

    Raises:
        ValueError: it is the latest.
    """
    if release_id == latest_id(exports):
        raise ValueError(f"{release_id} is the latest release")
    leaving = exports / f"{LEAVING_PREFIX}{release_id}"
    (exports / release_id).rename(leaving)
    shutil.rmtree(leaving)


def mark_published(exports: Path, release_id: str, fingerprint: str) -> None:
    """Remember that what has this fingerprint is published as this release, even when it was made from another."""
    _replace(exports / PUBLISHED_MARK, f"{release_id}\n{fingerprint}\n")


def published_fingerprint(exports: Path) -> str | None:
    """The fingerprint last published, while ``latest`` still is the release it was published as."""
    mark = exports / PUBLISHED_MARK
    if not mark.is_file():
        return None
    release_id, fingerprint = mark.read_text(encoding="utf-8").split()
    return fingerprint if release_id == latest_id(exports) else None


def _replace(path: Path, text: str) -> None:
    """Put a small text in the place of another: whole or not at all."""
    written = path.with_name(f"{path.name}-{os.getpid()}")
    written.write_text(text, encoding="utf-8")
    _sync(written)
    written.replace(path)
    _sync(path.parent)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
