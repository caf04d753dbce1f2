"""Children of a night end with it; the processes are real and the killing is too."""

from __future__ import annotations

import os
import subprocess
import sys
import time

import pytest

from pipelines.abandoned import process_mark
from pipelines.settings import DBT_PROCESS, PYTHON_VARIABLE
from warehouse.parent import PARENT_VARIABLE, as_parent
from warehouse.paths import PROJECT_ROOT

CHILD = """
import time
from warehouse.parent import end_with_parent
end_with_parent()
print("up", flush=True)
time.sleep(600)
"""
# Starts the child with or without the watch, says that it is up, and waits to be killed.
NIGHT = """
import os, subprocess, sys
from warehouse.parent import as_parent
env = {**os.environ, **as_parent()}
child = subprocess.Popen([sys.executable, "-c", sys.argv[1]], env=env, stdout=subprocess.PIPE, text=True)
print(child.pid, child.stdout.readline().strip(), flush=True)
sys.stdin.read()
"""


def test_a_child_ends_when_its_night_is_killed() -> None:
    with subprocess.Popen(
        [sys.executable, "-c", NIGHT, CHILD],
        cwd=PROJECT_ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as night:
        assert night.stdout is not None
        pid, said = night.stdout.readline().split()
        assert said == "up"
        mark = process_mark(int(pid))
        assert mark is not None
        night.kill()
    while process_mark(int(pid)) == mark:
        time.sleep(0.05)


@pytest.mark.parametrize("env", [{}, as_parent()])
def test_a_child_works_while_its_parent_lives_or_none_is_named(env: dict[str, str]) -> None:
    code = CHILD.replace("time.sleep(600)", "time.sleep(0.5); print('done')")
    inherited = {name: value for name, value in os.environ.items() if name != PARENT_VARIABLE}
    result = subprocess.run(
        [sys.executable, "-c", code], cwd=PROJECT_ROOT, env=inherited | env, capture_output=True, text=True, check=True
    )
    assert result.stdout.split() == ["up", "done"]


def test_dbt_answers_as_a_child_of_a_night() -> None:
    env = {**os.environ, **as_parent(), PYTHON_VARIABLE: sys.executable, "PYTHONPATH": str(PROJECT_ROOT)}
    result = subprocess.run([str(DBT_PROCESS), "--help"], env=env, capture_output=True, text=True, check=True)
    assert result.stdout.startswith("Usage: dbt")
