"""The decisions of people on single numbers: ``dbt_project/seeds/corrections.csv``, kept under version control.

A decision says what to do with a number and by what it is known again: the address of its report, its indicator, and
the number and sentence as printed. dbt applies it while the report states just that, and reports it when it no longer
does. Here the file is read and written; what waits for a decision is looked up in ``review.py``.
"""

from __future__ import annotations

import csv
import fcntl
import hashlib
import math
import os
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, fields
from io import StringIO
from pathlib import Path
from typing import Literal, get_args

from pipelines.settings import DBT_PROJECT

DECISIONS = DBT_PROJECT / "seeds" / "corrections.csv"

Action = Literal["confirm", "override", "scale", "drop", "flag"]
ACTIONS: tuple[Action, ...] = get_args(Action)
ACTIONS_WITH_VALUE: frozenset[Action] = frozenset({"override", "scale"})
# A cell beyond this could not be read back by Python's csv, and no sentence of a report is as long.
LONGEST_CELL = 100_000
ID_LENGTH = 12
# "\x07": control characters but for the tab and the ends of lines, which a printed sentence may hold
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
# "https://www.example.gov.cn/art/1.html"
WEB_ADDRESS = re.compile(r"https?://[^\s/]+\S*")


class DecisionError(ValueError):
    """A decision cannot be taken, or the file of decisions cannot be used; the message says why."""


@dataclass(frozen=True)
class Guard:
    """By what a number is known again.

    Attributes:
        url: address of the report.
        indicator_code: indicator as read.
        dimension: dimension as read; empty for none.
        expect_value_text: the number as printed.
        expect_sentence: the sentence as printed.
    """

    url: str
    indicator_code: str
    dimension: str
    expect_value_text: str
    expect_sentence: str

    @property
    def correction_id(self) -> str:
        """The name of a decision on this number."""
        return hashlib.sha256("\x1f".join(asdict(self).values()).encode()).hexdigest()[:ID_LENGTH]


@dataclass(frozen=True)
class Decision:
    """A row of the file.

    Attributes:
        correction_id: its name.
        guard: the number it is about.
        action: what to do with it.
        value: the number for ``override``, the factor for ``scale``; None otherwise.
        reason: why.
        evidence_url: where it can be seen.
    """

    correction_id: str
    guard: Guard
    action: str
    value: float | None
    reason: str
    evidence_url: str

    def cells(self) -> dict[str, str]:
        """The row as it is written."""
        value = "" if self.value is None else f"{self.value:.15g}"
        more = {"action": self.action, "value": value, "reason": self.reason, "evidence_url": self.evidence_url}
        return {"correction_id": self.correction_id, **asdict(self.guard), **more}


COLUMNS = ("correction_id", *(each.name for each in fields(Guard)), "action", "value", "reason", "evidence_url")


def decide(guard: Guard, action: Action, value: float | None, reason: str, evidence_url: str) -> Decision:
    """Make a decision that dbt will accept.

    Raises:
        DecisionError: action and value do not go together, a text is missing or cannot be kept.
    """
    if (action in ACTIONS_WITH_VALUE) != (value is not None):
        wants = "needs --value" if value is None else "takes no --value"
        raise DecisionError(f"{action} {wants}")
    if value is not None and not (math.isfinite(value) and (value > 0 or (value == 0 and action == "override"))):
        raise DecisionError(f"--value {value:g}: not a number that {action} can use")
    if not reason.strip():
        raise DecisionError("a decision needs a reason")
    if not WEB_ADDRESS.fullmatch(evidence_url):
        raise DecisionError(f"the evidence must be the address of a page, not {evidence_url!r}")
    decision = Decision(guard.correction_id, guard, action, value, " ".join(reason.split()), evidence_url)
    for name, cell in decision.cells().items():
        if len(cell) > LONGEST_CELL:
            raise DecisionError(f"{name} is {len(cell):,} characters long; mend what reads it so instead of deciding")
        if CONTROL.search(cell):
            raise DecisionError(f"{name} holds a control character; mend what reads it so instead of deciding")
    return decision


def load_decisions(path: Path = DECISIONS) -> list[Decision]:
    """Read the decisions in the order in which they were taken.

    Raises:
        DecisionError: the file cannot be read, or a row is none; names the line.
    """
    try:
        # dbt refuses a byte order mark; here it would only hide the first column.
        with path.open(encoding="utf-8", newline="") as stream:
            rows = csv.DictReader(stream, strict=True)
            if tuple(rows.fieldnames or ()) != COLUMNS:
                raise DecisionError(f"{path}: the columns must be {','.join(COLUMNS)}")
            return [_decision(path, rows.line_num, row) for row in rows]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise DecisionError(f"{path}: {error}") from error


def _decision(path: Path, line: int, row: dict[str, str]) -> Decision:
    if None in row or None in row.values():
        raise DecisionError(f"{path}, line {line}: a row has {len(COLUMNS)} cells")
    try:
        value = float(row["value"]) if row["value"] else None
    except ValueError as error:
        raise DecisionError(f"{path}, line {line}: the value {row['value']!r} is no number") from error
    guard = Guard(**{each.name: row[each.name] for each in fields(Guard)})
    return Decision(row["correction_id"], guard, row["action"], value, row["reason"], row["evidence_url"])


def record(decision: Decision, path: Path = DECISIONS, *, replacing: str | None = None) -> None:
    """Add a decision to the file, wholly or not at all; others may write at the same time.

    Args:
        decision: the new one.
        path: the file.
        replacing: the name of an earlier decision that it takes the place of.

    Raises:
        DecisionError: there is no earlier decision of that name, or one on this number that is not to be replaced.
    """
    with _only_one(path.parent):
        decisions = load_decisions(path)
        names = {each.correction_id for each in decisions}
        if replacing is not None and replacing not in names:
            raise DecisionError(f"there is no decision {replacing} to replace")
        kept = [each for each in decisions if each.correction_id != replacing]
        for each in kept:
            if each.correction_id == decision.correction_id or each.guard == decision.guard:
                raise DecisionError(
                    f"decided already: {each.action} ({each.reason}); to decide anew: --replace {each.correction_id}"
                )
        _write(path, [*kept, decision])


@contextmanager
def _only_one(folder: Path) -> Iterator[None]:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _write(path: Path, decisions: Sequence[Decision]) -> None:
    stream = StringIO()
    writer = csv.DictWriter(stream, COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(each.cells() for each in decisions)
    scratch = path.with_name(f".{path.name}.new")
    try:
        scratch.write_text(stream.getvalue(), encoding="utf-8", newline="")
        scratch.replace(path)
    finally:
        scratch.unlink(missing_ok=True)
