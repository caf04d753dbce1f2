"""Keeping the indexes for searching complete: what a release holds and an index lacks is added in the background.

One thread of one process at a time adds (a file lock says who), in small batches that are whole or not there: ended at
any moment, it goes on where it stopped. Searching works meanwhile on what is there.
"""

from __future__ import annotations

import fcntl
import os
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import duckdb

from explorer.releases import Release
from explorer.search_index import Index, NoFullTextError
from explorer.search_kinds import KINDS, Kind

BATCH = 200
"""Documents added at once: a second or two of work that a kill can undo."""
PAUSE_SECONDS = 0.01
"""Between batches, so that pages are answered meanwhile."""
MOST_GONE = 1.0
"""Documents that no release asked for any more, as a share of those wanted, beyond which an index is made anew."""
FEW = 1_000
"""So few documents gone are no reason to make an index anew."""


@dataclass(frozen=True)
class Progress:
    """How far an index is.

    Attributes:
        done: documents in the index.
        total: documents of the release.
    """

    done: int
    total: int


class BusyElsewhereError(RuntimeError):
    """Another process adds to the indexes."""


class Builder:
    """Keeps the indexes of a folder complete."""

    def __init__(self, folder: Path) -> None:
        self.indexes = {name: Index(folder / f"{name}.sqlite") for name in KINDS}
        self.failure: str | None = None
        self._folder = folder
        self._complete: set[tuple[str, str]] = set()
        self._progress: dict[tuple[str, str], Progress] = {}
        self._thread: threading.Thread | None = None
        self._lock = threading.Lock()

    def ensure(self, release: Release) -> None:
        """Begin to add what the indexes lack of a release, unless that is done or under way."""
        with self._lock:
            is_busy = self._thread is not None and self._thread.is_alive()
            if is_busy or all((release.name, kind) in self._complete for kind in KINDS):
                return
            self._thread = threading.Thread(target=self._build, args=(release,), name="search index", daemon=True)
            self._thread.start()

    def progress(self, release: Release, kind: Kind) -> Progress | None:
        """Return how far an index is with a release; None when it holds all of it."""
        key = (release.name, kind.name)
        if key in self._complete:
            return None
        known = self._progress.get(key)
        if known is None:
            wanted = kind.documents(release)
            held = {(each.document_id, each.digest) for each in self.indexes[kind.name].catalogue().documents}
            known = Progress(sum((name, each.digest) in held for name, each in wanted.items()), len(wanted))
        return known

    def wait(self, seconds: float) -> bool:
        """Wait until what is under way is done; return whether it is."""
        thread = self._thread
        if thread is not None:
            thread.join(seconds)
        return thread is None or not thread.is_alive()

    def _build(self, release: Release) -> None:
        self.failure = None
        try:
            with _only_one(self._folder):
                for kind in KINDS.values():
                    self._complete_one(release, kind)
        except BusyElsewhereError:
            self._progress.clear()  # what the other has done is counted when it is asked for
        except (NoFullTextError, sqlite3.Error, duckdb.Error, OSError) as error:
            self.failure = f"{type(error).__name__}: {error}"

    def _complete_one(self, release: Release, kind: Kind) -> None:
        index, key = self.indexes[kind.name], (release.name, kind.name)
        index.prepare()
        wanted = kind.documents(release)
        held = {(each.document_id, each.digest) for each in index.catalogue().documents}
        gone = len(held - {(name, each.digest) for name, each in wanted.items()})
        if gone > max(FEW, MOST_GONE * len(wanted)):
            self._throw_away(kind)
            held = set()
        # In the order in which a release is written, so that a batch is read without the rest.
        missing = sorted(name for name, each in wanted.items() if (name, each.digest) not in held)
        for start in range(0, len(missing), BATCH):
            self._progress[key] = Progress(len(wanted) - len(missing) + start, len(wanted))
            found = kind.units_of(release, missing[start : start + BATCH])
            try:
                index.add((name, wanted[name], units) for name, units in found)
            except sqlite3.OperationalError:
                raise
            except sqlite3.DatabaseError:
                self._throw_away(kind)  # damaged: the next visit finds a new one
                raise
            time.sleep(PAUSE_SECONDS)
        self._complete.add(key)
        self._progress.pop(key, None)

    def _throw_away(self, kind: Kind) -> None:
        self._complete = {key for key in self._complete if key[1] != kind.name}
        self.indexes[kind.name].remove()
        self.indexes[kind.name].prepare()


@cache
def builder(folder: Path) -> Builder:
    """Return the builder of a folder; one for each process."""
    return Builder(folder)


@contextmanager
def _only_one(folder: Path) -> Iterator[None]:
    """Hold the lock of the folder.

    Raises:
        BusyElsewhereError: another process holds it.
    """
    folder.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(folder / "building.lock", os.O_RDWR | os.O_CREAT, 0o644)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise BusyElsewhereError(str(folder)) from error
        yield
    finally:
        os.close(descriptor)
