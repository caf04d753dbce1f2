"""The night on the sample portals as tests run it: a process of its own, guarded, in a data home of its own.

Not a test; what a night should leave is said where it is looked at.
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import loopback_only

from warehouse.paths import PROJECT_ROOT

PORTALS = 5
# Below the ports that the system hands out by itself.
LOWEST_PORT, HIGHEST_PORT = 12_001, 32_000
PORTS_OF_A_PROCESS = 40
OWN_VARIABLES = ("FAZHI_", "DAGSTER_", "DBT_")


def free_port_row(count: int) -> list[int]:
    """So many consecutive loopback ports that nobody listens on.

    Each process begins to look elsewhere: two tests that look at the same time would find the same ports free.

    Raises:
        RuntimeError: there is no such row.
    """
    steps = (HIGHEST_PORT - LOWEST_PORT) // PORTS_OF_A_PROCESS
    for step in range(steps):
        base = LOWEST_PORT + (os.getpid() + step) % steps * PORTS_OF_A_PROCESS
        ports = range(base, base + count)
        with ExitStack() as stack:
            try:
                for port in ports:
                    stack.enter_context(socket.socket()).bind(("127.0.0.1", port))
            except OSError:
                continue
            return list(ports)
    raise RuntimeError(f"no {count} free ports in a row")


@contextmanager
def guarded_home(root: Path, first_port: int) -> Iterator[dict[str, str]]:
    """Give the environment of a data home below a folder; an error when a process in it reached beyond loopback."""
    refused = root / "refused-hosts.log"
    yield {
        **{key: value for key, value in os.environ.items() if not key.startswith(OWN_VARIABLES)},
        "FAZHI_HOME": str(root / "home"),
        "FAZHI_SAMPLE_PORT": str(first_port),
        "PYTHONPATH": os.pathsep.join([str(Path(loopback_only.__file__).parent), str(PROJECT_ROOT)]),
        loopback_only.LOG_VARIABLE: str(refused),
    }
    if refused.exists():
        raise AssertionError(f"reached for hosts beyond loopback: {refused.read_text(encoding='utf-8')}")


def run_fazhi(environment: dict[str, str], *arguments: str) -> tuple[int, dict[str, Any], str]:
    """Run a command of the project with --json; return its exit code, its report, and what it said besides."""
    command = [sys.executable, "-m", "pipelines", *arguments, "--json"]
    result = subprocess.run(command, cwd=PROJECT_ROOT, env=environment, capture_output=True, text=True, check=False)
    assert result.stdout, result.stderr
    return result.returncode, json.loads(result.stdout), result.stderr
