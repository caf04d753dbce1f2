"""Runs Python as a user with no more rights than the files give, and with files that may not grow past a limit.

Root may write everywhere; a child of root is started without that capability, so that a closed folder is closed.
"""

from __future__ import annotations

import ctypes
import os
import resource
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from warehouse.paths import PROJECT_ROOT

PR_CAPBSET_DROP = 24
RIGHTS_OF_ROOT = (1, 2)  # CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH


def run_python(
    *arguments: str, environment: Mapping[str, str], file_bytes: int | None = None
) -> subprocess.CompletedProcess[str]:
    """Run the interpreter with these arguments in the project's folder.

    Args:
        arguments: what follows the interpreter.
        environment: added to this process's own.
        file_bytes: how large a file may grow.
    """

    def give_up_rights() -> None:
        if os.geteuid() == 0:
            for capability in RIGHTS_OF_ROOT:
                ctypes.CDLL(None).prctl(PR_CAPBSET_DROP, capability, 0, 0, 0)
        if file_bytes is not None:
            resource.setrlimit(resource.RLIMIT_FSIZE, (file_bytes, file_bytes))

    path = os.pathsep.join(filter(None, [str(PROJECT_ROOT), str(Path(__file__).parent), os.environ.get("PYTHONPATH")]))
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=PROJECT_ROOT,
        env={**os.environ, "PYTHONPATH": path, "PYTHONDONTWRITEBYTECODE": "1", **environment},
        preexec_fn=give_up_rights,
        capture_output=True,
        text=True,
        check=False,
    )
