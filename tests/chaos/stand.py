"""A stand for disturbed nights: one data home, nights begun in it as processes, what they said, who their children are.

What is disturbed is in ``kills.py`` and ``faults.py``; what must come of it in ``releases.py``.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

from chaos_hooks import CALLS, CLOCK, STAGES
from sample_night import PORTALS, free_port_row

from warehouse.paths import PROJECT_ROOT

HERE = Path(__file__).parent
STARTER = HERE / "start_nights.py"
ISOLATED_PORT = 41731
NIGHT_SECONDS = 1800
POLL_SECONDS = 0.01
# The clock stands still, so that two nights note down the same moments; the evening before is that of the last release.
TONIGHT = "2026-11-20T18:00:00+00:00"
LAST_NIGHT = "2026-11-19T18:00:00+00:00"
# dbt's tests read and write nothing: only nights that are to die in a test, or that no other looks after, make them.
WITHOUT_TESTS = {"DBT_EXCLUDE_RESOURCE_TYPES": "test unit_test"}
# dbt's own log of every statement takes a third of its time, and nobody reads it here.
QUICK = {"DBT_LOG_LEVEL_FILE": "none", "PYTHONDONTWRITEBYTECODE": "1"}


@dataclass(frozen=True)
class Ended:
    """How a command ended: negative code for a signal; the report is None unless it printed one."""

    code: int
    report: dict[str, Any] | None
    errors: str

    @property
    def words(self) -> str:
        """All that it said of what went wrong."""
        report = self.report or {}
        red = [check for check in report.get("checks", []) if check["status"] == "failed"]
        return "\n".join([self.errors, *map(str, report.get("failures", [])), *map(str, red)]).strip()


@dataclass
class Stand:
    """A data home and the process that begins its nights.

    Attributes:
        folder: where all of it lies; the home is ``home`` below it unless another is named.
        is_isolated: whether its nights have a network of their own.
    """

    folder: Path
    starter: subprocess.Popen[str]
    port: int
    is_isolated: bool
    home: Path
    _count: int = field(default=0)

    def begin(self, *command: str, **environment: str) -> Night:
        """Begin a command of the command line, and do not wait."""
        self._count += 1
        output = self.folder / f"output-{self._count:03}"
        stages = Path(f"{output}.stages")
        request = {
            "command": [*command, "--json"],
            "output": str(output),
            "environment": self.environment() | {STAGES: str(stages)} | environment,
        }
        return Night(self, int(self.ask(request) or 0), output, stages)

    def run(self, *command: str, **environment: str) -> Ended:
        """Run a command to its end."""
        return self.begin(*command, **environment).wait()

    def environment(self) -> dict[str, str]:
        """What every process of a night gets."""
        kept = {key: value for key, value in os.environ.items() if not key.startswith(("FAZHI_", "DAGSTER_", "DBT_"))}
        return (
            kept
            | QUICK
            | {
                "FAZHI_HOME": str(self.home),
                "FAZHI_SAMPLE_PORT": str(self.port),
                "PYTHONPATH": os.pathsep.join([str(HERE / "hooks"), str(PROJECT_ROOT)]),
                CLOCK: TONIGHT,
            }
        )

    def ask(self, request: Mapping[str, Any]) -> int | None:
        """Hand a request to the starter and return its answer."""
        assert self.starter.stdin is not None
        assert self.starter.stdout is not None
        self.starter.stdin.write(json.dumps(request) + "\n")
        self.starter.stdin.flush()
        answer: int | None = json.loads(self.starter.stdout.readline())
        return answer

    def put(self, snapshot: Path | None) -> None:
        """Make the home what it was at a moment; empty without one."""
        shutil.rmtree(self.home, ignore_errors=True)
        if snapshot is None:
            self.home.mkdir()
        else:
            shutil.copytree(snapshot, self.home, symlinks=True)

    def keep(self, name: str) -> Path:
        """Put a copy of the home aside and return its place."""
        return Path(shutil.copytree(self.home, self.folder / name, symlinks=True))


@dataclass
class Night:
    """A command that was begun."""

    stand: Stand
    pid: int
    output: Path
    stages_file: Path
    _code: int | None = None

    def poll(self) -> int | None:
        """How it ended; None while it runs."""
        if self._code is None:
            self._code = self.stand.ask({"poll": self.pid})
        return self._code

    def wait(self) -> Ended:
        """Wait for its end.

        Raises:
            TimeoutError: it did not end; it is killed then.
        """
        deadline = time.monotonic() + NIGHT_SECONDS
        while self.poll() is None:
            if time.monotonic() > deadline:
                self.kill_group()
                raise TimeoutError(f"a night did not end within {NIGHT_SECONDS} s; see {self.output}.err")
            time.sleep(POLL_SECONDS * 5)
        out = Path(f"{self.output}.out").read_text(encoding="utf-8")
        report = json.loads(out) if out.startswith("{") and out.rstrip().endswith("}") else None
        return Ended(self._code or 0, report, Path(f"{self.output}.err").read_text(encoding="utf-8"))

    def stages(self) -> list[tuple[str, float]]:
        """The stages it has come to, each with the moment on this machine's clock that never jumps."""
        if not self.stages_file.exists():
            return []
        lines = (line.split() for line in self.stages_file.read_text(encoding="utf-8").splitlines())
        return [(line[0], float(line[1])) for line in lines if len(line) == 2]

    def kill_group(self) -> None:
        """Kill the night and all its children."""
        try:
            os.killpg(self.pid, signal.SIGKILL)
        except ProcessLookupError:
            return

    def children(self, *words: str) -> list[int]:
        """The living processes of the night whose command has these words."""
        found = []
        for entry in Path("/proc").iterdir():
            if not entry.name.isdigit() or int(entry.name) == self.pid:
                continue
            try:
                command = (entry / "cmdline").read_bytes().decode(errors="replace").split("\0")
                group = int((entry / "stat").read_text(encoding="utf-8").rpartition(")")[2].split()[2])
            except (OSError, IndexError):
                continue
            if group == self.pid and set(words) <= set(command):
                found.append(int(entry.name))
        return found


@contextmanager
def stand(folder: Path) -> Iterator[Stand]:
    """A stand in an empty folder; what runs of it ends with the block."""
    folder.mkdir(parents=True, exist_ok=True)
    environment = {
        key: value for key, value in os.environ.items() if not key.startswith(("FAZHI_", "DAGSTER_", "DBT_"))
    }
    environment |= {
        "PYTHONPATH": os.pathsep.join([str(HERE / "hooks"), str(PROJECT_ROOT)]),
        "FAZHI_HOME": str(folder / "home"),
    }
    with (
        (folder / "starter.err").open("w", encoding="utf-8") as errors,
        subprocess.Popen(
            [sys.executable, str(STARTER)],
            cwd=PROJECT_ROOT,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
        ) as starter,
    ):
        assert starter.stdout is not None
        try:
            is_isolated = json.loads(starter.stdout.readline())
            port = ISOLATED_PORT if is_isolated else free_port_row(PORTALS)[0]
            yield Stand(folder, starter, port, is_isolated, folder / "home")
        finally:
            starter.kill()


@dataclass(frozen=True)
class Base:
    """What an undisturbed night was, for the disturbed ones to be measured by.

    Attributes:
        name: what the home held before it.
        moments: copies of the home, by the stage that they are the beginning of.
        release: the folder of the release that it made.
        seconds: how long its stages took.
        calls: the calls that made files final, of its publishing.
    """

    name: str
    moments: Mapping[str, Path | None]
    release: Path
    seconds: Mapping[str, float]
    calls: Sequence[str]


def require_good(ended: Ended, wanted: Sequence[str]) -> Ended:
    """Refuse to measure by a night that did not go well.

    Raises:
        RuntimeError: it ended otherwise than wanted.
    """
    if ended.code != 0 or ended.report is None or ended.report["status"] not in wanted:
        raise RuntimeError(f"an undisturbed night failed: exit code {ended.code}\n{ended.words}")
    return ended


def undisturbed(stand: Stand, name: str, start: Path | None) -> Base:
    """Run an undisturbed night, stage by stage, and keep the home as it was at the beginning of each."""
    moments: dict[str, Path | None] = {"crawl": start}
    seconds: dict[str, float] = {}
    calls = Path(f"{stand.folder / name}.calls")
    stand.put(start)
    for stage, following in (("crawl", "read"), ("read", "build"), ("build", "publish"), ("publish", "")):
        night = stand.begin("run", "--only", stage, **{CALLS: str(calls)}, **WITHOUT_TESTS)
        require_good(night.wait(), ("done", "published"))
        ended = time.monotonic()
        stages = [*night.stages(), ("", ended)]
        for (began, at), (_, until) in pairwise(stages):
            seconds[began] = seconds.get(began, 0.0) + until - at
        if following:
            moments[following] = stand.keep(f"{name}-{following}")
    done = stand.keep(f"{name}-done")
    return Base(
        name,
        moments,
        done / "exports" / (done / "exports" / "latest").readlink(),
        seconds,
        calls.read_text(encoding="utf-8").splitlines(),
    )
