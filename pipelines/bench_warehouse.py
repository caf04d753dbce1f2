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
from pipelines.bench_warehouse_steps import Cost, Costs, alone
from warehouse.paths import ScratchHome

FEW_REPORTS = 350
QUIET_NIGHTS = 3
KINDS = ("clock", "computing")
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
        make_released(small, FEW_REPORTS, seed)
        say(f"{QUIET_NIGHTS} quiet nights in each home")
        return figures | _quiet_nights(large, small)


def make_released(home: ScratchHome, reports: int, seed: int) -> dict[str, int]:
    """Fill a home with synthetic reports, build and release it; return what it was filled with.

    Raises:
        BenchError: a step failed.
    """
    made = _made(home, reports, seed)
    alone(steps.build, home)
    alone(steps.release, home)
    return made


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
    ours, theirs = (
        built.work + released["gate"] + released["release"],
        direct["models"] + direct["tests"] + direct["release"],
    )
    return {
        "reports": reports,
        "seed": seed,
        "documents": rows["document"],
        "observations": rows["observation"],
        "dbt_parse_seconds": round(built.parse.clock, 1),
        "dbt_start_up_seconds": round(built.start_up.clock, 1),
        "dbt_seconds_by_kind": built.by_kind,
        "dbt_slowest": built.slowest,
        **_both("dbt_build", built.work),
        **_both("gate", released["gate"]),
        **_both("release", released["release"]),
        **_both("direct_models", direct["models"]),
        **_both("direct_tests", direct["tests"]),
        **_both("direct_release", direct["release"]),
        **_ratios("build_ratio", ours, theirs),
        "peak_memory_gib": peak.gib,
    }


def _quiet_nights(large: ScratchHome, small: ScratchHome) -> dict[str, Any]:
    """Nights of both homes in turns; medians of the steps are compared."""
    nights = [(alone(steps.quiet_night, large), alone(steps.quiet_night, small)) for _ in range(QUIET_NIGHTS)]
    many, few = (_median([pair[side] for pair in nights]) for side in (0, 1))
    start_up = many.pop("start_up")
    few.pop("start_up")
    whole, whole_of_few = sum(many.values(), Cost()), sum(few.values(), Cost())
    return {
        **_both("quiet_start_up", start_up),
        **_both("quiet", whole),
        **_both("quiet_with_few", whole_of_few),
        "quiet_steps": {name: round(cost.computing, 3) for name, cost in many.items()},
        "quiet_steps_with_few": {name: round(cost.computing, 3) for name, cost in few.items()},
        **_ratios("quiet_ratio", whole, whole_of_few),
    }


def _both(name: str, cost: Cost) -> dict[str, float]:
    return {f"{name}_seconds": round(cost.clock, 2), f"{name}_computing": round(cost.computing, 2)}


def _ratios(name: str, ours: Cost, theirs: Cost) -> dict[str, float]:
    return {
        name: round(ours.clock / theirs.clock, 2),
        f"{name}_of_computing": round(ours.computing / theirs.computing, 2),
    }


def _median(nights: Sequence[Costs]) -> Costs:
    return {
        name: Cost(*(statistics.median(getattr(night[name], kind) for night in nights) for kind in KINDS))
        for name in nights[0]
    }


def wanted(figures: dict[str, Any]) -> list[tuple[str, float, float]]:
    """The figures that are wanted small: name, what was measured, what is allowed."""
    return [
        ("build_ratio", figures["build_ratio"], BUILD_RATIO),
        ("build_ratio_of_computing", figures["build_ratio_of_computing"], BUILD_RATIO),
        ("quiet_ratio", figures["quiet_ratio"], QUIET_RATIO),
        ("quiet_ratio_of_computing", figures["quiet_ratio_of_computing"], QUIET_RATIO),
        ("peak_memory_gib", figures["peak_memory_gib"], MEMORY_GIB),
    ]
