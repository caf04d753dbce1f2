"""What came of a run, as a plain record that is kept in the data home: status, reasons, checks.

Light on purpose: ``fazhi status --morning`` reads the record without Dagster. Making one from a run's events is in
``night.py``; putting it into words is in ``morning.py``.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from warehouse.paths import Home

Status = Literal["published", "unchanged", "done", "withheld", "failed", "bad_input", "locked"]
CheckStatus = Literal["passed", "warned", "failed"]

FOLDER = "nights"
DRAFT_SUFFIX = ".new"
BAD_STATUSES = frozenset({"withheld", "failed", "bad_input", "locked"})


class NightRecordError(ValueError):
    """A file is not the record of a night."""


@dataclass(frozen=True)
class StepFailure:
    """A step that failed, and why."""

    step: str
    reason: str
    error: str


@dataclass(frozen=True)
class CheckResult:
    """The result of one asset check.

    Attributes:
        asset: the asset it is about.
        name: its name.
        status: passed, warned or failed.
        message: what was found, in a sentence.
        found: the offending items, the first of them.
        to_do: what to do about it, where the check itself says so.
    """

    asset: str
    name: str
    status: CheckStatus
    message: str | None
    found: tuple[str, ...] = ()
    to_do: str | None = None


@dataclass(frozen=True)
class Night:
    """What came of a night, or of a part of one.

    Attributes:
        run_id: the run's name in Dagster.
        status: how it ended.
        metadata: what the assets said of themselves, by asset and key.
        skipped: steps that had nothing to do.
        checks: all checks that were made.
        failures: steps that failed.
        job: the job that ran.
        ended_at: when what came of it was noted down.
    """

    run_id: str
    status: Status
    metadata: Mapping[str, Mapping[str, Any]]
    skipped: tuple[str, ...]
    checks: tuple[CheckResult, ...]
    failures: tuple[StepFailure, ...]
    job: str = "nightly"
    ended_at: datetime = field(default_factory=lambda: datetime.now(UTC))

    @property
    def red_checks(self) -> tuple[CheckResult, ...]:
        """The checks that failed."""
        return tuple(check for check in self.checks if check.status == "failed")

    @property
    def needs_attention(self) -> bool:
        """Whether it failed, was withheld, or has a red check."""
        return self.status in BAD_STATUSES or bool(self.red_checks)


def folder(home: Home) -> Path:
    """Return where the records of a data home lie."""
    return home.path / FOLDER


def save(home: Home, night: Night) -> Path:
    """Keep the record of a run; return its file, which holds the whole record or does not change."""
    path = folder(home) / f"{night.ended_at:%Y%m%dT%H%M%SZ}-{night.run_id[:8]}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    for left in path.parent.glob(f"*{DRAFT_SUFFIX}"):  # by a process that was killed while it wrote
        left.unlink(missing_ok=True)
    draft = path.with_suffix(DRAFT_SUFFIX)
    values = {**asdict(night), "ended_at": night.ended_at.isoformat()}
    draft.write_text(json.dumps(values, ensure_ascii=False, indent=1, default=str) + "\n", encoding="utf-8")
    draft.replace(path)
    return path


def load(path: Path) -> Night:
    """Read a record.

    Raises:
        NightRecordError: the file is not a record.
    """
    try:
        values: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        values["checks"] = tuple(CheckResult(**{**each, "found": tuple(each["found"])}) for each in values["checks"])
        values["failures"] = tuple(StepFailure(**each) for each in values["failures"])
        values["skipped"] = tuple(values["skipped"])
        values["ended_at"] = datetime.fromisoformat(values["ended_at"])
        return Night(**values)
    except (KeyError, TypeError, ValueError) as error:
        raise NightRecordError(f"{path} is not the record of a night: {error!r}; remove it") from error


def records(home: Home) -> list[Path]:
    """Return the files of the kept records, oldest first."""
    return sorted(folder(home).glob("*.json"))


def last_night(home: Home) -> Night | None:
    """Return the newest record of a whole night; without one the newest of anything, None when there is none.

    Raises:
        NightRecordError: a file is not a record.
    """
    newest = None
    for path in reversed(records(home)):
        night = load(path)
        if night.job == "nightly":
            return night
        newest = newest or night
    return newest
