"""Starts the crawl as a process of its own, with the sample portals beside it when sample sources are crawled.

The crawl cannot run inside this process: a Twisted reactor cannot be started twice. The two sides meet in the
ledger; all that comes back here is the exit code and the summary on the last line. No HTTP and no reading of
source files beyond their ``sample`` mark.
"""

from __future__ import annotations

import glob
import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from warehouse.parent import as_parent
from warehouse.paths import PROJECT_ROOT

SAMPLE_PORT_VARIABLE = "FAZHI_SAMPLE_PORT"
READY_PREFIX = "ready"
STOP_SECONDS = 10
LOG_LINES_SHOWN = 15
EXIT_BAD_SOURCES = 2


class CrawlError(RuntimeError):
    """The crawl process died, or the sample portals could not be started."""


class BadSourcesError(ValueError):
    """The crawl refused the source files; the message names file and key, or the name that means no file."""


@dataclass(frozen=True)
class CrawlSummary:
    """What the crawl process says of itself on its last line."""

    run_id: str
    sources: int
    pages: int
    captures_new: int
    not_modified: int
    unchanged: int
    outcomes: Mapping[str, int]
    failed_sources: tuple[str, ...]

    @classmethod
    def from_json(cls, line: str) -> CrawlSummary:
        """Read the summary line.

        Raises:
            CrawlError: the line is not the JSON object that was agreed on.
        """
        try:
            values: dict[str, Any] = json.loads(line)
            return cls(**{**values, "failed_sources": tuple(values["failed_sources"])})
        except (ValueError, TypeError, KeyError) as error:
            raise CrawlError(f"the crawl ended without a summary; its last line was {line!r}") from error


def source_files(sources: Sequence[str]) -> list[Path]:
    """Return the source files that the names mean: folders stand for their ``*.yml``, the rest may be globs.

    A name that means nothing gives nothing: it is the crawl that refuses it, by name.
    """
    found: list[Path] = []
    for name in sources:
        folder = Path(name)
        found += folder.glob("*.yml") if folder.is_dir() else map(Path, glob.glob(name))  # noqa: PTH207 - may be absolute
    return sorted(found)


def source_content(path: Path) -> dict[str, Any]:
    """Return what a source file says; nothing for an unreadable one, which is the crawl's to name."""
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, yaml.YAMLError):
        return {}
    return content if isinstance(content, dict) else {}


def any_sample(files: Sequence[Path]) -> bool:
    """Return whether one of the source files is marked ``sample: true``."""
    return any(source_content(path).get("sample") is True for path in files)


@contextmanager
def sample_portals() -> Iterator[None]:
    """Serve the sample portals for the length of a ``with`` block; they end with this process, however it ends.

    Raises:
        CrawlError: they did not come up, for example because their ports are taken.
    """
    command = [sys.executable, "-m", "scrapers", "sample-portals", "--until-eof"]
    port = os.environ.get(SAMPLE_PORT_VARIABLE)
    portals = subprocess.Popen(
        [*command, "--base-port", port] if port else command,
        cwd=PROJECT_ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    with portals:
        try:
            _await_ready(portals)
            yield
        finally:
            _stop(portals)


def _await_ready(portals: subprocess.Popen[str]) -> None:
    assert portals.stdout is not None  # noqa: S101 - opened with PIPE
    assert portals.stderr is not None  # noqa: S101
    if not portals.stdout.readline().startswith(READY_PREFIX):
        portals.wait(STOP_SECONDS)
        raise CrawlError(f"the sample portals did not start:\n{portals.stderr.read().strip()}")


def _stop(portals: subprocess.Popen[str]) -> None:
    assert portals.stdin is not None  # noqa: S101 - opened with PIPE
    portals.stdin.close()
    try:
        portals.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        portals.kill()


def crawl(sources: Sequence[str], run_id: str, trigger: str, log: Path, *, full: bool = False) -> CrawlSummary:
    """Crawl the sources into archive and ledger, serving the sample portals when sample sources are among them.

    Args:
        sources: folders, globs or files of sources.
        run_id: the name of the run in the ledger.
        trigger: what started the run, for the ledger.
        log: the file that the crawl's own messages go to.
        full: read every source to the end of its lists, whatever the night's plan says.

    Raises:
        BadSourcesError: a source file is missing or wrong.
        CrawlError: the crawl died; the message ends with its last words.
    """
    with sample_portals() if any_sample(source_files(sources)) else nullcontext():
        return _run(sources, run_id, trigger, log, full=full)


def show_plan(sources: Sequence[str], *, as_json: bool) -> int:
    """Print what a night would ask of the sources, and why; return the exit code. Nothing is asked of anyone."""
    named = [os.path.abspath(source) for source in sources]  # noqa: PTH100 - may be globs
    command = [sys.executable, "-m", "scrapers", "plan", *["--json"] * as_json, "--sources", *named]
    return subprocess.run(command, cwd=PROJECT_ROOT, check=False).returncode


def _run(sources: Sequence[str], run_id: str, trigger: str, log: Path, *, full: bool) -> CrawlSummary:
    command = [sys.executable, "-m", "scrapers", "crawl", "--run-id", run_id, "--trigger", trigger, "--json"]
    command += [] if full else ["--planned"]
    # The crawl runs in the project's folder, so names must not depend on the folder this process was started in.
    command += ["--sources", *(os.path.abspath(source) for source in sources)]  # noqa: PTH100 - may be a glob
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("w", encoding="utf-8") as stream:
        result = subprocess.run(
            command,
            cwd=PROJECT_ROOT,
            env={**os.environ, **as_parent()},
            stdout=subprocess.PIPE,
            stderr=stream,
            text=True,
            check=False,
        )
    if result.returncode == EXIT_BAD_SOURCES:
        raise BadSourcesError(_last_words(log))
    if result.returncode != 0:
        raise CrawlError(f"the crawl ended with exit code {result.returncode} (log: {log}):\n{_last_words(log)}")
    lines = result.stdout.strip().splitlines()
    return CrawlSummary.from_json(lines[-1] if lines else "")


def _last_words(log: Path) -> str:
    lines = log.read_text(encoding="utf-8", errors="replace").strip().splitlines()
    return "\n".join(lines[-LOG_LINES_SHOWN:])
