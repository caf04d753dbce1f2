"""The latest release as its small files describe it: name, age, rows by mart.

Light on purpose (no DuckDB, no pandas): ``fazhi status`` asks here. Making releases belongs to ``release.py``.
"""

from __future__ import annotations

import csv
import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from warehouse.paths import Home

DESCRIPTION = "datapackage.json"


class ReleaseDamagedError(ValueError):
    """A release folder lacks a file or a field that every release has."""


@dataclass(frozen=True)
class Released:
    """A release as published.

    Attributes:
        name: id of the release.
        folder: where it lies.
        created: when it was made, ISO text.
        rows: rows by mart.
    """

    name: str
    folder: Path
    created: str
    rows: Mapping[str, int]


def latest_release(home: Home) -> Released | None:
    """Return the latest release of a data home; None before the first.

    Raises:
        ReleaseDamagedError: the folder is not a whole release.
    """
    folder = home.exports / "latest"
    if not folder.exists():
        return None
    package = read_package(folder)
    try:
        return Released(
            name=package["id"],
            folder=folder,
            created=package["created"],
            rows={resource["name"]: resource["rows"] for resource in package["resources"]},
        )
    except KeyError as error:
        raise ReleaseDamagedError(f"{folder / DESCRIPTION} is not the description of a release: {error!r}") from error


def read_package(folder: Path) -> dict[str, Any]:
    """Return the data package of a release.

    Raises:
        ReleaseDamagedError: it is missing or no JSON object.
    """
    path = folder / DESCRIPTION
    try:
        package = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ReleaseDamagedError(f"{path} is not the description of a release: {error!r}") from error
    if not isinstance(package, dict):
        raise ReleaseDamagedError(f"{path} is not the description of a release: no object")
    return package


def released_rows(home: Home) -> Mapping[str, int]:
    """Return the rows by mart of the latest release; empty before the first."""
    release = latest_release(home)
    return release.rows if release else {}


def coverage_counts(release: Released) -> Mapping[str, int]:
    """Return how many region-years stand at each status of ``fct_coverage``, of governments that are looked at."""
    with (release.folder / "fct_coverage.csv").open(encoding="utf-8", newline="") as stream:
        return Counter(row["status"] for row in csv.DictReader(stream) if row["is_tracked"] == "true")
