"""Looks at the installation and the data home and says what is wrong and how to mend it.

Each check answers with a finding and never raises: a broken installation is what this is for. Nothing is changed;
reading a database is done without creating it.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import re
import shutil
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Literal

from pipelines import manifest
from pipelines.notify import NotifyConfigError, file_fault, parse_targets
from pipelines.settings import CONSTRAINTS, NOTIFY_VARIABLE, SAMPLE_SOURCES, notify_targets
from warehouse.ledger_schema import HEAD_REVISION
from warehouse.paths import PROJECT_ROOT, Home
from warehouse.storage_check import (
    Fault,
    dagster_faults,
    disk_faults,
    existing_above,
    ledger_faults,
    ledger_revision,
    place_faults,
)

State = Literal["ok", "warn", "bad"]

OLDEST_PYTHON = (3, 11)
NEWEST_PYTHON = (3, 13)
# A year of a few hundred portals takes a few hundred megabytes; below this a night may die half-way.
BYTES_WANTED = 2 * 1024**3
NAME_SEPARATORS = re.compile(r"[-_.]+")  # backports.zstd, typing_extensions → -
PIN = re.compile(r"^([A-Za-z0-9._-]+)==(\S+)$")  # duckdb==1.5.6
SUM_LINE = re.compile(r"^([0-9a-f]{64})[ ][ *](.+)$")  # 9f86d0…  fct_report.csv
REQUIREMENT_NAME = re.compile(r"^[A-Za-z0-9._-]+")  # dagster-dbt<0.30,>=0.29.10
NAMES_SHOWN = 5


@dataclass(frozen=True)
class Finding:
    """What one check found.

    Attributes:
        name: what was looked at.
        state: ok, warn (works, but) or bad (a night would fail).
        message: what was found.
        remedy: how to mend it; None when there is nothing to mend.
    """

    name: str
    state: State
    message: str
    remedy: str | None = None


def _python(_home: Home) -> Finding:
    found = sys.version_info[:2]
    text = f"Python {sys.version.split()[0]} at {sys.executable}"
    if OLDEST_PYTHON <= found <= NEWEST_PYTHON:
        return Finding("python", "ok", text)
    return Finding("python", "bad", text, "use Python 3.11, 3.12 or 3.13: make PYTHON=/path/to/python3.12 setup")


def _canonical(name: str) -> str:
    return NAME_SEPARATORS.sub("-", name).lower()


def pinned_versions(text: str) -> dict[str, str]:
    """Return the versions of a constraints file by canonical name of the package."""
    matches = (PIN.match(line.strip()) for line in text.splitlines())
    return {_canonical(match[1]): match[2] for match in matches if match}


def _packages(_home: Home) -> Finding:
    pins = pinned_versions(CONSTRAINTS.read_text(encoding="utf-8"))
    installed = {
        _canonical(each.metadata["Name"]): each.version for each in metadata.distributions() if each.metadata["Name"]
    }
    missing = [name for name in required_names() if name not in installed]
    other = [
        f"{name} {version} (pinned: {pins[name]})"
        for name, version in sorted(installed.items())
        if name in pins and pins[name] != version
    ]
    if missing:
        return Finding("packages", "bad", f"missing: {', '.join(missing)}", "make setup")
    if other:
        shown = ", ".join(other[:NAMES_SHOWN]) + (" …" if len(other) > NAMES_SHOWN else "")
        return Finding("packages", "warn", f"{len(other)} not as pinned: {shown}", "rm -rf .venv && make setup")
    return Finding("packages", "ok", f"{len(set(pins) & set(installed))} packages as pinned in constraints.txt")


def required_names() -> list[str]:
    """Return the canonical names of the packages that every night needs; those of extras are left out."""
    requirements = [line for line in metadata.requires("fazhi") or [] if "extra ==" not in line]
    return [_canonical(match[0]) for match in map(REQUIREMENT_NAME.match, requirements) if match]


def _directories(home: Home) -> Finding:
    faults = list(place_faults(home, [manifest.TARGET]))
    if faults:
        return _bad("directories", faults)
    return Finding("directories", "ok", f"{home.path} is writable")


def _bad(name: str, faults: Sequence[Fault]) -> Finding:
    remedies = dict.fromkeys(fault.remedy for fault in faults)
    return Finding(name, "bad", "; ".join(fault.message for fault in faults), "; ".join(remedies))


def _disk(home: Home) -> Finding:
    faults = list(disk_faults(home))
    if faults:
        return _bad("disk", faults)
    place = existing_above(home.path)
    free = shutil.disk_usage(place).free
    text = f"{free / 1024**3:.1f} GiB free at {place}"
    if free < BYTES_WANTED:
        return Finding("disk", "warn", text, "make room, or set FAZHI_HOME to a larger disk")
    return Finding("disk", "ok", text)


def _lock(home: Home) -> Finding:
    path = home.warehouse_lock
    if not path.exists():
        return Finding("lock", "ok", "no run holds the writer lock")
    descriptor = os.open(path, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        holder = path.read_text(encoding="utf-8").strip() or "unknown"
        return Finding(
            "lock",
            "warn",
            f"a run holds the writer lock: {holder}",
            "wait for it; if it hangs, end that process and the kernel frees the lock",
        )
    finally:
        os.close(descriptor)
    return Finding("lock", "ok", "no run holds the writer lock")


def _ledger(home: Home) -> Finding:
    faults = list(ledger_faults(home.ledger_url))
    if faults:
        return _bad("ledger", faults)
    revision = ledger_revision(home.ledger_url)
    if revision is None:
        return Finding("ledger", "ok", "none yet; the first run makes it")
    if revision == HEAD_REVISION:
        return Finding("ledger", "ok", f"schema version {revision}")
    message = f"schema version {revision}, this code has {HEAD_REVISION}"
    return Finding("ledger", "warn", message, "the next run brings it up to date; fazhi backup keeps it as it is")


def _dagster(home: Home) -> Finding:
    faults = list(dagster_faults(home))
    if faults:
        return _bad("dagster", faults)
    place = f"files in {home.dagster}" if home.dagster_url is None else "PostgreSQL"
    return Finding("dagster", "ok", f"runs are kept in {place}")


def _manifest(_home: Home) -> Finding:
    if manifest.is_current():
        return Finding("dbt manifest", "ok", "fits the dbt project")
    return Finding("dbt manifest", "ok", "none for the present dbt project; the next run makes it")


def _sources(_home: Home) -> Finding:
    count = len(list(SAMPLE_SOURCES.glob("*.yml")))
    if count:
        return Finding("sample sources", "ok", f"{count} in {SAMPLE_SOURCES.relative_to(PROJECT_ROOT)}")
    return Finding("sample sources", "bad", f"none in {SAMPLE_SOURCES}", "the installation is not whole: clone again")


def _release(home: Home) -> Finding:
    latest = home.exports / "latest"
    sums = latest / "SHA256SUMS"
    if not latest.exists():
        return Finding("release", "ok", "none yet; the first green run makes it")
    remedy = "do not use it; remove the folder it points to and run: fazhi run --only publish"
    if not sums.is_file():
        return Finding("release", "bad", f"{latest} has no SHA256SUMS", remedy)
    matches = [SUM_LINE.match(line) for line in sums.read_text(encoding="utf-8").splitlines() if line]
    wrong = [match[2] for match in matches if match and _sha256(latest / match[2]) != match[1]]
    if wrong or not all(matches):
        return Finding("release", "bad", f"changed or missing: {', '.join(wrong) or 'lines of SHA256SUMS'}", remedy)
    return Finding("release", "ok", f"{len(matches)} files of {latest.resolve().name} are as published")


def _sha256(path: Path) -> str | None:
    if not path.is_file():
        return None
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _notices(_home: Home) -> Finding:
    """Look at each target without a word to it: a host is named, not asked."""
    named = notify_targets().split()
    if not named:
        remedy = f"{NOTIFY_VARIABLE}=file:///folder/nights.txt, a webhook or a mail box; see README, Notices"
        return Finding("notices", "ok", f"{NOTIFY_VARIABLE} names no target: nobody is told of a night", remedy)
    good: list[str] = []
    faults: list[str] = []
    state: State = "ok"
    for each in named:
        try:
            (target,) = parse_targets(each)
        except NotifyConfigError as error:
            faults, state = [*faults, str(error)], "bad"
            continue
        fault = file_fault(target)
        if fault is None:
            good.append(target.told)
        else:
            faults.append(f"{target.shown}: {fault}")
            state = "warn" if state == "ok" else state
    message = "; ".join([*faults, *good])
    return Finding("notices", state, message, f"mend {NOTIFY_VARIABLE}, or the place it names" if faults else None)


def _doc_programs(_home: Home) -> Finding:
    from pipelines.cleaning.attachments.doc import installed_programs

    found = installed_programs()
    if found:
        return Finding("doc programs", "ok", f"DOC and WPS files are read with {', '.join(found)}")
    message = "neither antiword nor LibreOffice: DOC and WPS files end as attachment_unparsed"
    return Finding("doc programs", "warn", message, "install antiword or libreoffice-writer; then run the night again")


LOOKS: tuple[tuple[str, Callable[[Home], Finding]], ...] = (
    ("python", _python),
    ("packages", _packages),
    ("directories", _directories),
    ("disk", _disk),
    ("lock", _lock),
    ("ledger", _ledger),
    ("dagster", _dagster),
    ("dbt manifest", _manifest),
    ("sample sources", _sources),
    ("doc programs", _doc_programs),
    ("notices", _notices),
    ("release", _release),
)


def examine(home: Home) -> Iterator[Finding]:
    """Look at everything; a look that itself fails is a finding too."""
    for name, look in LOOKS:
        try:
            yield look(home)
        except Exception as error:
            yield Finding(
                name, "bad", f"{type(error).__name__}: {error}", "mend this first; the rest may follow from it"
            )
