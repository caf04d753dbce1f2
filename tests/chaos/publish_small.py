"""Publishes a release of a few small files by the very steps of ``pipelines.release``, in a process that may be killed.

Takes the folder of the exports and the name of the release. Light, so that it can be killed at every single call.
"""

from __future__ import annotations

import hashlib
import sys
from pathlib import Path

import chaos_hooks

from warehouse import shelf

NAMES = ("excel/fct_report.csv", "fct_report.csv", "fct_report.parquet")


def publish(exports: Path, release_id: str) -> None:
    """Build aside, settle, switch, and remember."""
    last = shelf.latest_id(exports)
    with shelf.building_folder(exports) as folder:
        if not (exports / release_id).exists():
            write(folder, release_id)
            shelf.settle(folder, exports, release_id)
    if last != release_id:
        shelf.switch_latest(exports, release_id)
    shelf.record_switch(exports, "published", release_id, last)
    shelf.mark_published(exports, release_id, f"of-{release_id}")


def write(folder: Path, release_id: str) -> None:
    """Write the files and their checksums."""
    sums = []
    (folder / "excel").mkdir()
    for name in NAMES:
        content = f"{name} of {release_id}\n".encode() * 1000
        (folder / name).write_bytes(content)
        sums.append(f"{hashlib.sha256(content).hexdigest()}  {name}\n")
    (folder / "SHA256SUMS").write_text("".join(sums), encoding="utf-8")


if __name__ == "__main__":
    chaos_hooks.watch_calls()
    publish(Path(sys.argv[1]), sys.argv[2])
