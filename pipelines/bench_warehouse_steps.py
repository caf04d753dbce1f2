"""The steps that ``fazhi bench warehouse`` times: the night's own, and the same SQL run by DuckDB alone.

Each runs in a process of its own (:func:`alone`), so that none profits from what another has loaded or left in memory,
and gives back costs by name. What they are compared with is decided in ``bench_warehouse``.
"""

from __future__ import annotations

import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from graphlib import TopologicalSorter
from multiprocessing import get_context
from pathlib import Path
from typing import Any, TypeVar

from pipelines.settings import DBT_PROJECT, SAMPLE_SOURCES, dbt_executable, process_environment
from warehouse.paths import LEDGER_URL_VARIABLE, PROJECT_ROOT, Home

Result = TypeVar("Result")
SLOWEST_SHOWN = 10
# What a crawl process loads before it does anything.
CRAWL_IMPORTS = "import scrapers.__main__, scrapers.crawl, scrapers.recorder, scrapers.spider, scrapy.crawler"


class BenchError(Exception):
    """A step failed; the message says which and why."""


def alone(function: Callable[..., Result], *arguments: Any) -> Result:
    """Run a function in a fresh process and return what it gives."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        return pool.submit(function, *arguments).result()


def use(home: Home) -> None:
    """Make this process and its children work in a data home, whatever the environment said before."""
    os.environ.pop(LEDGER_URL_VARIABLE, None)
    os.environ.update(process_environment(home))


@dataclass(frozen=True)
class Cost:
    """What a step took: seconds on the clock, and seconds of computing of this process and its children.

    Other work of the machine lengthens the first; the second stays nearly the same.
    """

    clock: float = 0.0
    computing: float = 0.0

    def __add__(self, other: Cost) -> Cost:
        return Cost(self.clock + other.clock, self.computing + other.computing)

    def __sub__(self, other: Cost) -> Cost:
        """The difference, but no less than nothing."""
        return Cost(max(self.clock - other.clock, 0.0), max(self.computing - other.computing, 0.0))


Costs = dict[str, Cost]


def _now() -> Cost:
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return Cost(time.perf_counter(), time.process_time() + children.ru_utime + children.ru_stime)


class Clock:
    """Costs by name, of steps that follow one another."""

    def __init__(self) -> None:
        self.costs: Costs = {}

    @contextmanager
    def __call__(self, name: str) -> Iterator[None]:
        """Note what a ``with`` block costs."""
        started = _now()
        yield
        self.costs[name] = _now() - started


def fill(home: Home, reports: int, seed: int) -> dict[str, int]:
    """Fill a home with synthetic reports and what the sample portals show; return the rows by raw table."""
    use(home)
    from pipelines.bench_warehouse_data import fill as fill_with
    from pipelines.rereading import reread
    from warehouse.duck import Warehouse

    fill_with(home, reports, seed)
    _crawl(home)
    _load(home)
    reread(home)
    with Warehouse(home.warehouse) as warehouse:
        return warehouse.row_counts()


def _crawl(home: Home) -> None:
    from pipelines.crawling import crawl

    run_id = f"{datetime.now(UTC):%Y%m%dT%H%M%S.%fZ}"
    crawl([str(SAMPLE_SOURCES)], run_id, "bench", home.path / "logs" / f"{run_id}.log", full=True)


def _load(home: Home) -> None:
    from pipelines.loading import load_ledger

    load_ledger(home)


@dataclass(frozen=True)
class Built:
    """What ``dbt build`` cost.

    Attributes:
        work: of its nodes.
        start_up: of dbt's own start with a project that it has parsed.
        parse: of parsing the project, start included.
        by_kind: seconds on the clock by kind of node, nodes that ran beside each other counted singly.
        slowest: the same of the slowest nodes, by name.
    """

    work: Cost
    start_up: Cost
    parse: Cost
    by_kind: Mapping[str, float]
    slowest: Mapping[str, float]


def build(home: Home) -> Built:
    """Run ``dbt build``.

    Raises:
        BenchError: a node failed.
    """
    use(home)
    clock = Clock()
    with clock("parse"):
        _dbt(home, "parse")
    with clock("start_up"):
        _dbt(home, "list", "--select", "stg_source")
    with clock("build"):
        _dbt(home, "build")
    results = json.loads((home.path / "dbt" / "run_results.json").read_text(encoding="utf-8"))["results"]
    by_kind: dict[str, float] = {}
    for result in results:
        kind = result["unique_id"].split(".")[0]
        by_kind[kind] = by_kind.get(kind, 0.0) + result["execution_time"]
    slowest = sorted(results, key=lambda result: -result["execution_time"])[:SLOWEST_SHOWN]
    return Built(
        work=clock.costs["build"] - clock.costs["start_up"],
        start_up=clock.costs["start_up"],
        parse=clock.costs["parse"],
        by_kind={kind: round(seconds, 1) for kind, seconds in sorted(by_kind.items())},
        slowest={result["unique_id"].split(".")[2]: round(result["execution_time"], 1) for result in slowest},
    )


def _dbt(home: Home, *arguments: str) -> None:
    project, target = str(DBT_PROJECT), str(home.path / "dbt")
    places = ["--project-dir", project, "--profiles-dir", project, "--target-path", target, "--log-path", target]
    command = [str(dbt_executable()), *arguments, *places]
    done = subprocess.run(command, cwd=DBT_PROJECT, capture_output=True, text=True, check=False)
    if done.returncode:
        raise BenchError(f"dbt {arguments[0]} failed:\n{done.stdout[-3000:]}")


def release(home: Home) -> Costs:
    """Ask the gate and make the release, as a night does.

    Raises:
        BenchError: the gate found a fault.
    """
    use(home)
    from pipelines.gate import seal, verdicts
    from pipelines.gate_checks import CHECKS
    from pipelines.manifest import prepare
    from pipelines.news import find_news
    from pipelines.release import build_release

    manifest = prepare()
    clock = Clock()
    with clock("gate"):
        red = [f"{name}: {verdict.message}" for name, verdict in verdicts(home, CHECKS).items() if verdict.blocks]
        if red:
            raise BenchError(f"the gate found: {'; '.join(red)}")
        seal(home)
    with clock("release"):
        build_release(home, manifest, find_news(home).fingerprint)
    return clock.costs


def directly(home: Home, raw: Path) -> Costs:
    """Run the SQL of the models, of their tests and of the release, one statement after another, in DuckDB alone.

    Args:
        home: where dbt has built; its compiled SQL and its seeds are taken.
        raw: the warehouse file as it was before the build.
    """
    import duckdb

    from pipelines.release_marts import read_marts
    from warehouse import publish
    from warehouse.duck import DUCKDB_CONFIG

    manifest = json.loads((home.path / "dbt" / "manifest.json").read_text(encoding="utf-8"))
    clock = Clock()
    with tempfile.TemporaryDirectory(dir=home.path) as scratch:
        # The same file name: it is the name of the database in compiled SQL.
        copy = Path(scratch) / home.warehouse.name
        shutil.copy(raw, copy)
        with duckdb.connect(str(copy), config=DUCKDB_CONFIG) as connection:
            connection.execute("set TimeZone = 'UTC'")
            connection.execute(f"attach {publish.literal(str(home.warehouse))} as built (read_only)")
            for statement in _seeds(manifest):
                connection.execute(statement)
            connection.execute("detach built")
            with clock("models"):
                for statement in models_in_order(manifest):
                    connection.execute(statement)
                connection.execute("checkpoint")
            with clock("tests"):
                for statement in statements_of_tests(manifest):
                    connection.execute(statement)
        with duckdb.connect(str(Path(scratch) / publish.DATABASE), config=DUCKDB_CONFIG) as connection:
            connection.execute("set TimeZone = 'UTC'")
            connection.execute(f"attach {publish.literal(str(copy))} as warehouse (read_only)")
            with clock("release"):
                for mart in read_marts(manifest):
                    connection.execute(publish.table_statement(mart))
                    connection.execute(publish.csv_statement(mart, mart.columns, Path(scratch) / "mart.csv"))
                    connection.execute(publish.parquet_statement(mart, Path(scratch) / "mart.parquet"))
                    connection.execute(publish.excel_statement(mart, Path(scratch) / "excel.csv"))
                connection.execute("checkpoint")
    return clock.costs


def _seeds(manifest: Mapping[str, Any]) -> Iterator[str]:
    """SQL that takes the seeds from the database ``built``, and makes the schemas of the models."""
    for schema in ("seeds", "staging", "intermediate", "marts"):
        yield f"create schema {schema}"
    for node in manifest["nodes"].values():
        if node["resource_type"] == "seed":
            yield f"create table seeds.{node['name']} as from built.seeds.{node['name']}"


def models_in_order(manifest: Mapping[str, Any]) -> list[str]:
    """The compiled SQL of the models, each after those it reads, as statements that make them.

    Raises:
        BenchError: a model has not been compiled, because dbt did not come to it.
    """
    models = {name: node for name, node in manifest["nodes"].items() if node["resource_type"] == "model"}
    order = TopologicalSorter(
        {name: [other for other in node["depends_on"]["nodes"] if other in models] for name, node in models.items()}
    )
    statements = []
    for name in order.static_order():
        node = models[name]
        if not node.get("compiled_code"):
            raise BenchError(f"{name} has not been compiled")
        kind = node["config"]["materialized"]
        statements.append(f"create {kind} {node['relation_name']} as {node['compiled_code']}")
    return statements


def statements_of_tests(manifest: Mapping[str, Any]) -> list[str]:
    """The compiled SQL of the tests of data, as statements that count what fails, which is what dbt runs.

    Raises:
        BenchError: a test has not been compiled, because dbt did not come to it.
    """
    tests = [node for node in manifest["nodes"].values() if node["resource_type"] == "test"]
    missing = [node["name"] for node in tests if not node.get("compiled_code")]
    if missing:
        raise BenchError(f"{missing[0]} has not been compiled")
    return [f"select count(*) from (\n{node['compiled_code']}\n)" for node in tests]  # noqa: S608 - dbt's own SQL


def quiet_night(home: Home) -> Costs:
    """Run the steps of a night that finds nothing new; return the cost of each, start-up of tools apart.

    Raises:
        BenchError: there was something new.
    """
    use(home)
    from pipelines.crawling import sample_portals
    from pipelines.gate import verdicts
    from pipelines.gate_checks import NIGHT_CHECKS
    from pipelines.morning import morning
    from pipelines.news import find_news
    from pipelines.rereading import present_versions, reread

    present_versions()
    clock = Clock()
    with clock("start_up_portals"), sample_portals():
        pass
    with clock("start_up_crawl"):
        subprocess.run([sys.executable, "-c", CRAWL_IMPORTS], cwd=PROJECT_ROOT, check=True)
    with clock("crawl_whole"):
        _crawl(home)
    with clock("load"):
        _load(home)
    with clock("checks"):
        verdicts(home, NIGHT_CHECKS)
    with clock("read"):
        reread(home)
    with clock("news"):
        news = find_news(home)
    with clock("summary"):
        morning(home)
    if news.reason is not None:
        raise BenchError(f"the quiet night found news: {news.reason}")
    costs = clock.costs
    start_up = costs.pop("start_up_portals") + costs.pop("start_up_crawl")
    return {"start_up": start_up, "crawl": costs.pop("crawl_whole") - start_up, **costs}
