"""A process around each reader: a file that eats time or memory, or kills its reader, costs one failure.

Starting one costs some tenths of a second, which is little beside reading; the libraries are then not loaded into
the night's own process at all.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from dataclasses import asdict
from typing import Any

from pipelines.cleaning.attachments.limits import Limits
from pipelines.cleaning.attachments.results import Extracted, Failure, FileType, Note
from pipelines.cleaning.grids import RawCell, RawTable

WORKER = "pipelines.cleaning.attachments.worker"
START_SECONDS = 30
"""Time for starting the process, on top of the time for reading."""


def read_apart(file_type: FileType, content: bytes, limits: Limits) -> Extracted | Failure:
    """Read a file in a process of its own; never raises because of the file."""
    command = [sys.executable, "-m", WORKER, file_type.value, json.dumps(asdict(limits))]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    try:
        done = subprocess.run(
            command,
            input=content,
            capture_output=True,
            env=environment,
            timeout=limits.seconds + START_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return Failure(file_type, "attachment_unparsed", "limit", f"seconds: more than {limits.seconds} needed")
    if done.returncode != 0:
        return _died(file_type, done.returncode, done.stderr, limits)
    return _result(json.loads(done.stdout))


def _died(file_type: FileType, code: int, errors: bytes, limits: Limits) -> Failure:
    if code in (-signal.SIGXCPU, -signal.SIGKILL):
        return Failure(file_type, "attachment_unparsed", "limit", f"seconds: more than {limits.seconds} needed")
    said = errors.decode("utf-8", "replace").strip().splitlines()
    last = said[-1][:300] if said else "nothing said"
    if "MemoryError" in last:
        allowed = limits.memory_bytes >> 20
        return Failure(file_type, "attachment_unparsed", "limit", f"memory: more than {allowed} MB needed")
    return Failure(file_type, "parse_failed", "reader_failed", f"the reader ended with {code}: {last}")


def _result(answer: dict[str, Any]) -> Extracted | Failure:
    is_text = answer.pop("is_text")
    answer["file_type"] = FileType(answer["file_type"])
    if not is_text:
        return Failure(**answer)
    answer["notes"] = tuple(Note(**note) for note in answer["notes"])
    answer["tables"] = tuple(_table(table) for table in answer["tables"])
    return Extracted(**answer)


def _table(answer: dict[str, Any]) -> RawTable:
    """A table as it was before it travelled as JSON."""
    return RawTable(
        tuple(
            tuple(RawCell(**{**cell, "paragraphs": tuple(cell["paragraphs"])}) for cell in row)
            for row in answer["rows"]
        )
    )
