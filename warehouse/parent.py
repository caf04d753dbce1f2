"""Ends a child process of a night when the night's own process is gone.

The writer lock belongs to the process of the run. Its children, the crawl and dbt, would outlive a run that is killed
and go on writing without the lock, in the way of the run that takes its place. A child that is ended so is in the
state of one that was killed: archive, ledger and warehouse bear that.
"""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from threading import Thread

PARENT_VARIABLE = "FAZHI_PARENT"
POLL_SECONDS = 0.2
EXIT_CODE = 1


def as_parent() -> Mapping[str, str]:
    """Return the variable by which a child of this process knows whose child it is."""
    return {PARENT_VARIABLE: str(os.getpid())}


def end_with_parent() -> None:
    """From now on, end this process at once when its parent is gone; does nothing in a process started by hand."""
    parent = os.environ.pop(PARENT_VARIABLE, None)
    if parent is not None:
        Thread(target=_watch, args=(int(parent),), name="end-with-parent", daemon=True).start()


def _watch(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(POLL_SECONDS)
    os._exit(EXIT_CODE)
