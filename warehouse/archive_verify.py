"""Checking the archive: every record readable, every digest right, ledger and files in agreement both ways.

Reads only, save that files which a killed process left open are closed and their torn tails set aside, as the next
crawl would do. Mending anything else is not done here: a damaged capture is fetched anew by the next crawl.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal

from warehouse.archive import (
    OPEN_SUFFIX,
    TORN_SUFFIX,
    WARC_SUFFIX,
    ArchiveError,
    archive_lock,
    mend_unfinished_files,
)
from warehouse.ledger import CaptureRow, Ledger
from warehouse.paths import Home
from warehouse.warc_records import Damage, Record, read_records

ProblemKind = Literal[
    "damaged_record", "wrong_digest", "torn_tail", "missing_file", "missing_record", "wrong_record", "unclaimed_record"
]


@dataclass(frozen=True)
class Problem:
    """Something that is not as it should be.

    Attributes:
        kind: what is wrong.
        file: name of the WARC file.
        offset: where in it; None when the whole file is meant.
        detail: in words.
    """

    kind: ProblemKind
    file: str
    offset: int | None
    detail: str

    @property
    def text(self) -> str:
        """One line for a person."""
        place = self.file if self.offset is None else f"{self.file}:{self.offset}"
        return f"{self.kind}: {place}: {self.detail}"


@dataclass
class VerifyReport:
    """What checking found.

    Attributes:
        counts: files, records by kind, captures, and what was left out.
        problems: in the order of the files.
    """

    counts: Counter[str] = field(default_factory=Counter)
    problems: list[Problem] = field(default_factory=list)

    def to_json(self) -> dict[str, Any]:
        """Plain values."""
        return {"counts": dict(self.counts), "problems": [asdict(problem) for problem in self.problems]}


class _Verification:
    """The ledger's side of the comparison, and what was found so far."""

    def __init__(self, home: Home, report: VerifyReport) -> None:
        self._home = home
        self._report = report
        with Ledger(home.ledger_url) as ledger:
            captures, attempts, runs = ledger.captures(), ledger.attempts(), ledger.runs()
        self._killed = {run.run_id for run in runs if run.status == "failed"}
        self._captures: dict[tuple[str, int], CaptureRow] = {
            (capture.warc_file, capture.warc_offset): capture for capture in captures
        }
        self._attempted = {(attempt.run_id, attempt.url) for attempt in attempts}
        self._seen: set[tuple[str, int]] = set()
        report.counts["captures in the ledger"] = len(captures)

    def check_file(self, path: Path) -> None:
        """Read one file from end to end."""
        self._report.counts["files"] += 1
        for record in read_records(path):
            if isinstance(record, Damage):
                self._add("damaged_record", path, record.offset, record.reason)
                continue
            self._report.counts[f"{record.kind} records"] += 1
            if record.kind in {"response", "revisit"}:
                self._check_record(path, record)

    def _check_record(self, path: Path, record: Record) -> None:
        if record.digest_holds is False:
            self._add("wrong_digest", path, record.offset, f"{record.url}: not {record.declared_digest}")
        capture = self._captures.get((path.name, record.offset))
        if capture is not None:
            self._seen.add((path.name, record.offset))
            wrong = self._disagreement(capture, record)
            if wrong:
                self._add("wrong_record", path, record.offset, f"capture {capture.capture_id}: {wrong}")
        elif (_run_of(path.name), record.url) in self._attempted:
            return
        elif _run_of(path.name) in self._killed:
            # Bytes come first and rows later, so a killed crawl may leave bytes; the next one asks for them again.
            self._report.counts["records that killed runs left without a row"] += 1
        else:
            self._add("unclaimed_record", path, record.offset, f"the ledger knows nothing of {record.url}")

    @staticmethod
    def _disagreement(capture: CaptureRow, record: Record) -> str | None:
        if record.kind != "response":
            return f"a {record.kind} record lies there"
        if record.url != capture.url:
            return f"{record.url} lies there, the ledger says {capture.url}"
        if hashlib.sha256(record.payload).hexdigest() != capture.payload_sha256:
            return "other bytes lie there than the ledger says"
        if record.length != capture.warc_length:
            return f"the record is {record.length} bytes long, the ledger says {capture.warc_length}"
        return None

    def check_ledger(self, left_out: frozenset[str]) -> None:
        """Name captures whose bytes were not met in any file."""
        names = {path.name for path in self._home.archive.glob(f"*{WARC_SUFFIX}")} | left_out
        for (file, offset), capture in sorted(self._captures.items()):
            if file not in names:
                self._add("missing_file", Path(file), None, f"capture {capture.capture_id} of {capture.url}")
            elif (file, offset) not in self._seen and file not in left_out:
                self._add("missing_record", Path(file), offset, f"capture {capture.capture_id} of {capture.url}")

    def _add(self, kind: ProblemKind, path: Path, offset: int | None, detail: str) -> None:
        self._report.problems.append(Problem(kind, path.name, offset, detail))


def _run_of(warc_file: str) -> str:
    """The run that a file's name begins with: ``night-1-00002.warc.gz`` is of ``night-1``."""
    return warc_file.removesuffix(WARC_SUFFIX).rpartition("-")[0]


def verify_archive(home: Home) -> VerifyReport:
    """Check the archive of a data home against its ledger.

    Files that a running crawl is still writing are left out and counted. When no crawl runs, files left open by a
    killed one are closed first, and torn tails, set aside, are reported.
    """
    report = VerifyReport()
    if not home.archive.is_dir():
        report.counts["files"] = 0
        return report
    try:
        with archive_lock(home.archive):
            torn = mend_unfinished_files(home.archive)
    except ArchiveError:
        torn = []
    left_out = frozenset(
        path.name.removesuffix(OPEN_SUFFIX) for path in home.archive.glob(f"*{WARC_SUFFIX}{OPEN_SUFFIX}")
    )
    if left_out:
        report.counts["files being written, left out"] = len(left_out)
    for path in torn:
        detail = f"{path.stat().st_size} bytes after the last whole record, set aside in {path.name}"
        report.problems.append(Problem("torn_tail", path.name.removesuffix(TORN_SUFFIX), None, detail))
    verification = _Verification(home, report)
    for path in sorted(home.archive.glob(f"*{WARC_SUFFIX}")):
        verification.check_file(path)
    verification.check_ledger(left_out)
    return report
