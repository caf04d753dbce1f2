"""``fazhi bench warehouse``: what building, releasing and a quiet night cost with the reports of a national decade.

Made in temporary data homes, never in the user's. Three figures are wanted: dbt's build with the release against the
same SQL in DuckDB alone, a night that finds nothing new with many reports against one with few, and peak memory. How
the data are made is in ``bench_warehouse_data``, what each step does in ``bench_warehouse_steps``.
"""

from __future__ import annotations

import shutil
import statistics
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from pipelines import bench_warehouse_steps as steps
from pipelines.bench_warehouse_memory import watched
from pipelines.bench_warehouse_steps import alone
from warehouse.paths import ScratchHome

FEW_REPORTS = 350
QUIET_NIGHTS = 3
# What is wanted: at most so much.
BUILD_RATIO = 1.6
QUIET_RATIO = 1.3
MEMORY_GIB = 4.0

Say = Callable[[str], None]


def run_warehouse_bench(reports: int, seed: int, say: Say) -> dict[str, Any]:
    """Measure and return the figures by name.

    Args:
        reports: how many synthetic reports.
        seed: another seed gives other versions and statements.
        say: told what is being done.

    Raises:
        BenchError: a step failed.
        NoPagesError: the project's texts are not there.
        ValueError: there are not so many governments.
    """
    with tempfile.TemporaryDirectory(prefix="fazhi-bench-") as folder:
        large, small = ScratchHome(Path(folder) / "large"), ScratchHome(Path(folder) / "small")
        figures = _build_and_release(large, reports, seed, say)
        say(f"filling, building and releasing a home of {FEW_REPORTS} reports")
        _made(small, FEW_REPORTS, seed)
        alone(steps.build, small)
        alone(steps.release, small)
        say(f"{QUIET_NIGHTS} quiet nights in each home")
        return figures | _quiet_nights(large, small)


def _made(home: ScratchHome, reports: int, seed: int) -> dict[str, int]:
    home.path.mkdir()
    return alone(steps.fill, home, reports, seed)


def _build_and_release(home: ScratchHome, reports: int, seed: int, say: Say) -> dict[str, Any]:
    say(f"filling a home with {reports:,} reports")
    rows = _made(home, reports, seed)
    raw = home.path / "raw.duckdb"
    shutil.copy(home.warehouse, raw)
    with watched() as peak:
        say("dbt build")
        built = alone(steps.build, home)
        say("gate and release")
        released = alone(steps.release, home)
    say("the same SQL in DuckDB alone")
    direct = alone(steps.directly, home, raw)
    raw.unlink()
    ours, theirs = built["work"] + released["gate"] + released["release"], direct["models"] + direct["release"]
    return {
        "reports": reports,
        "seed": seed,
        "documents": rows["document"],
        "observations": rows["observation"],
        "dbt_start_up_seconds": round(built["start_up"], 1),
        "dbt_build_seconds": round(built["work"], 1),
        "dbt_seconds_by_kind": built["by_kind"],
        "dbt_slowest": built["slowest"],
        "gate_seconds": round(released["gate"], 1),
        "release_seconds": round(released["release"], 1),
        "direct_models_seconds": round(direct["models"], 1),
        "direct_release_seconds": round(direct["release"], 1),
        "build_ratio": round(ours / theirs, 2),
        "peak_memory_gib": peak.gib,
    }


def _quiet_nights(large: ScratchHome, small: ScratchHome) -> dict[str, Any]:
    """Nights of both homes in turns; medians of the steps are compared."""
    nights = [(alone(steps.quiet_night, large), alone(steps.quiet_night, small)) for _ in range(QUIET_NIGHTS)]
    many, few = (_median([pair[side] for pair in nights]) for side in (0, 1))
    start_ups = many.pop("start_up"), few.pop("start_up")
    return {
        "quiet_start_up_seconds": round(statistics.mean(start_ups), 2),
        "quiet_seconds": round(sum(many.values()), 2),
        "quiet_seconds_of_few": round(sum(few.values()), 2),
        "quiet_steps": {name: round(seconds, 3) for name, seconds in many.items()},
        "quiet_steps_of_few": {name: round(seconds, 3) for name, seconds in few.items()},
        "quiet_ratio": round(sum(many.values()) / sum(few.values()), 2),
    }


def _median(nights: Sequence[steps.Seconds]) -> steps.Seconds:
    return {name: statistics.median(night[name] for night in nights) for name in nights[0]}


def wanted(figures: dict[str, Any]) -> list[tuple[str, float, float]]:
    """The figures that are wanted small: name, what was measured, what is allowed."""
    return [
        ("build_ratio", figures["build_ratio"], BUILD_RATIO),
        ("quiet_ratio", figures["quiet_ratio"], QUIET_RATIO),
        ("peak_memory_gib", figures["peak_memory_gib"], MEMORY_GIB),
    ]
