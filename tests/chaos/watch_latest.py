"""A reader that opens the latest release again and again, as analysts do, and notes down whatever was not whole.

Takes the folder of the exports; ends when standard input does, with a JSON object: how often it looked, which
releases it saw, and its complaints.
"""

from __future__ import annotations

import json
import select
import sys
import time
from pathlib import Path

import duckdb

from warehouse.publish import CHECKSUMS, DATABASE, wrong_files

BETWEEN_LOOKS = 0.01
BETWEEN_CLOSE_LOOKS = 2.0
COUNT = "select count(*) from fct_report"


def glance(folder: Path) -> str | None:
    """Say what is wrong at first sight: a file of the list is not there."""
    try:
        named = {line.split("  ", 1)[1] for line in (folder / CHECKSUMS).read_text(encoding="utf-8").splitlines()}
    except (OSError, IndexError) as error:
        return f"{CHECKSUMS}: {error!r}"
    there = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    return None if there == named | {CHECKSUMS} else f"files {sorted(there ^ (named | {CHECKSUMS}))}"


def close_look(folder: Path) -> str | None:
    """Say what is wrong with a release: a checksum, or a database that does not answer."""
    wrong = wrong_files(folder)
    if wrong:
        return f"wrong files {wrong}"
    try:
        with duckdb.connect(str(folder / DATABASE), read_only=True) as connection:
            connection.execute(COUNT).fetchone()
    except duckdb.Error as error:
        return f"{DATABASE}: {error}"
    return None


def watch(exports: Path) -> dict[str, object]:
    """Look until standard input ends: at the link all the time, at what it names when it is new and now and then."""
    looks, complaints = 0, []
    seen: dict[str, float] = {}
    while not select.select([sys.stdin], [], [], BETWEEN_LOOKS)[0]:
        looks += 1
        try:
            name = str((exports / "latest").readlink())
        except FileNotFoundError:
            if seen:
                complaints.append("latest was gone")
            continue
        if time.monotonic() - seen.get(name, -BETWEEN_CLOSE_LOOKS) >= BETWEEN_CLOSE_LOOKS:
            fault = glance(exports / name) or close_look(exports / name)
            seen[name] = time.monotonic()
            if fault:
                complaints.append(f"{name}: {fault}")
    return {"looks": looks, "seen": list(seen), "complaints": complaints}


if __name__ == "__main__":
    print(json.dumps(watch(Path(sys.argv[1]))))
