"""Releases opened for reading: which one is the newest, asking it questions, and remembering answers.

A release never changes, so what it answered once holds as long as it is open. Which folder is the newest is looked up
for every page: a release that is switched underneath shows with the next click. Making, switching or removing
releases does not belong here.
"""

from __future__ import annotations

import json
import re
import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar, cast

import duckdb

from warehouse.publish import DATABASE
from warehouse.shelf import ASKING_CONFIG, latest_id

OPEN_AT_MOST = 3
"""Releases held open: the newest, the one before it for pages opened earlier, and one that a link names."""
ANSWERS_KEPT = 512
"""Answers remembered for each open release."""

# "2026-11-22-19ce32ca93a4"
RELEASE_ID = re.compile(r"[0-9A-Za-z][0-9A-Za-z._-]{0,99}")

Row = dict[str, Any]
Answer = TypeVar("Answer")


class NoReleaseError(LookupError):
    """Nothing has been published yet."""


class ReleaseGoneError(LookupError):
    """The release that a link names is not kept any more, or never was."""


@dataclass(frozen=True, eq=False)
class Release:
    """A release, open for reading.

    Attributes:
        name: its id.
        created: when it was made, ISO text.
        folder: where it lies.
    """

    name: str
    created: str
    folder: Path
    _connection: duckdb.DuckDBPyConnection
    _answers: OrderedDict[object, Any] = field(default_factory=OrderedDict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def rows(self, sql: str, parameters: Mapping[str, Any] | None = None) -> list[Row]:
        """Return the rows that a query gives, as dictionaries by column; parameters stand as ``$name``."""
        with self._connection.cursor() as cursor:
            answer = cursor.execute(sql, dict(parameters) if parameters else None)
            names = [column[0] for column in answer.description or ()]
            return [dict(zip(names, values, strict=True)) for values in answer.fetchall()]

    def row(self, sql: str, parameters: Mapping[str, Any] | None = None) -> Row | None:
        """Return the first row that a query gives; None when it gives none."""
        return next(iter(self.rows(sql, parameters)), None)

    def remember(self, key: object, ask: Callable[[], Answer]) -> Answer:
        """Return the answer kept under a key; ask once when there is none.

        The oldest answers are forgotten. Two pages may ask the same at once: both get the same answer.
        """
        with self._lock:
            if key in self._answers:
                self._answers.move_to_end(key)
                return cast("Answer", self._answers[key])
        answer = ask()
        with self._lock:
            self._answers[key] = answer
            while len(self._answers) > ANSWERS_KEPT:
                self._answers.popitem(last=False)
        return answer


class Releases:
    """The releases of a data home, opened when first asked for."""

    def __init__(self, exports: Path) -> None:
        self._exports = exports
        self._open: OrderedDict[str, Release] = OrderedDict()
        self._lock = threading.Lock()

    def newest(self) -> Release:
        """Return the release that ``latest`` points to now.

        Raises:
            NoReleaseError: there is none.
        """
        name = latest_id(self._exports)
        if name is None:
            raise NoReleaseError(str(self._exports))
        return self._opened(name)

    def named(self, name: str) -> Release:
        """Return a release by its id.

        Raises:
            ReleaseGoneError: there is none of that name.
        """
        if not RELEASE_ID.fullmatch(name):
            raise ReleaseGoneError(name)
        return self._opened(name)

    def _opened(self, name: str) -> Release:
        with self._lock:
            release = self._open.get(name)
            if release is None:
                release = self._open[name] = _open_release(self._exports / name)
            self._open.move_to_end(name)
            while len(self._open) > OPEN_AT_MOST:
                # Pages still at work hold cursors of their own; the database closes with the last of them.
                self._open.popitem(last=False)
            return release


def _open_release(folder: Path) -> Release:
    try:
        package = json.loads((folder / "datapackage.json").read_text(encoding="utf-8"))
        connection = duckdb.connect(str(folder / DATABASE), read_only=True, config=ASKING_CONFIG)
    except (OSError, ValueError, duckdb.Error) as error:
        raise ReleaseGoneError(folder.name) from error
    connection.execute("set TimeZone = 'UTC'")
    return Release(folder.name, str(package["created"]), folder, connection)
