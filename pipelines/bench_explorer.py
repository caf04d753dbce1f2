"""``fazhi bench explorer``: how long the pages of the explorer take with the reports of a national decade.

A release is made of synthetic reports in a temporary data home (as ``bench_warehouse`` makes it) or taken from a home
that is there; the explorer serves it in a process of its own, and a client on this machine asks one page after another
and takes the time from the request to the last byte. Every address is asked once: nothing is answered from memory that
another reader would not find there too. What the pages cost the browser is not seen here.
"""

from __future__ import annotations

import os
import re
import signal
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

import duckdb

from warehouse.paths import HOME_VARIABLE, LEDGER_URL_VARIABLE, PROJECT_ROOT, Home, ScratchHome
from warehouse.publish import DATABASE
from warehouse.shelf import ASKING_CONFIG

FIRST_VIEW = "/coverage"
FIRST_VIEW_SECONDS = 2.0
INTERACTION_MILLISECONDS = 300.0
"""What is wanted: at most so much for the first view, and for the median of all others."""

# "fazhi explorer: http://127.0.0.1:8765/  (Ctrl+C ends it)"
ADDRESS = re.compile(r"http://127\.0\.0\.1:\d+")
WORDS = (
    "行政复议",
    "规范性文件",
    "法律顾问",
    "执法证",
    "应诉",
    "重大行政决策",
    "普法",
    "证明事项",
    "人民调解",
    "双随机",
)
PINYIN = ("lz", "luzhou", "cd", "shijiazhuang", "nj", "guangzhou", "xa", "haidian", "hz", "changsha")

SEARCHED = ("text", "items", "cited", "reports")
BEING_MADE = "data-indexing"
INDEX_PATIENCE_SECONDS = 3600

Say = Callable[[str], None]
Figures = dict[str, Any]


@dataclass(frozen=True)
class Kind:
    """A kind of page.

    Attributes:
        name: as the table of figures calls it.
        path: its address, with places for the columns of ``sql``.
        sql: gives the values for addresses to choose from; asked of the release.
    """

    name: str
    path: str
    sql: str


_REGIONS = "select distinct region_code from fct_report where issuer_type = 'government'"
_SPREAD = (
    "select indicator_code, report_year from fct_region_year_indicator where dimension = 'total' "
    "group by indicator_code, report_year having count(*) > 20"
)
KINDS = (
    Kind("coverage of a province", "/coverage?region={code}", "select distinct province_code as code from fct_report"),
    Kind(
        "coverage of a prefecture",
        "/coverage?region={code}",
        "select region_code as code from dim_region where region_level = 'prefecture' and is_in_force",
    ),
    Kind("coverage as a table", "/coverage?view=table&page={page}", "select range as page from range(2, 60)"),
    Kind("one government and year", "/cell/{region_code}/{report_year}", "select * from fct_coverage"),
    Kind("finding a region", "/regions?q={word}", f"select unnest({list(PINYIN)}) as word"),
    Kind("a region", "/region/{region_code}", _REGIONS),
    Kind("finding an indicator", "/indicators?q={word}", f"select unnest({list(WORDS)}) as word"),
    Kind(
        "a series of three regions",
        "/indicator/{indicator_code}?region={a}&region={b}&region={c}",
        "select indicator_code, min(region_code) as a, max(region_code) as b, any_value(region_code) as c "
        "from fct_region_year_indicator where dimension = 'total' group by indicator_code, report_year",
    ),
    Kind("a ranking", "/indicator/{indicator_code}?view=ranking&year={report_year}", _SPREAD),
    Kind("a distribution", "/indicator/{indicator_code}?view=distribution&year={report_year}", _SPREAD),
    Kind("provinces side by side", "/indicator/{indicator_code}?view=provinces", _SPREAD),
    Kind("the list of reports", "/reports?year={report_year}&page={page}",
         "select distinct report_year, page from fct_report, (select unnest([1, 2, 9]) as page)"),
    Kind("a report", "/report/{report_id}", "select report_id from fct_report"),
    Kind(
        "the sentence of a number",
        "/evidence/{document_id}/{observation_id}",
        "select document_id, observation_id from fct_observation where is_current and report_year = 2019",
    ),
    Kind("a search", "/search?q={word}&year={year}",
         f"select unnest({list(WORDS)}) as word, unnest(range(2015, 2025)) as year"),
    Kind("the review list", "/health/review?page={page}", "select range as page from range(2, 60)"),
)  # fmt: skip


class ExplorerBenchError(Exception):
    """The explorer did not start, or a page failed; the message names the address."""


def run_explorer_bench(home: Home | None, reports: int, rounds: int, seed: int, say: Say) -> Figures:
    """Measure and return the figures by name; times in milliseconds.

    Args:
        home: a data home with a release; None makes one of synthetic reports.
        reports: how many synthetic reports.
        rounds: addresses of each kind.
        seed: another seed asks for other pages.
        say: told what is being done.

    Raises:
        ExplorerBenchError: the explorer or one of its pages failed.
    """
    if home is not None:
        return _measure(home, rounds, seed, say)
    from pipelines.bench_warehouse import make_released

    with tempfile.TemporaryDirectory(prefix="fazhi-bench-") as folder:
        made = ScratchHome(Path(folder) / "home")
        say(f"filling, building and releasing a home of {reports} reports")
        make_released(made, reports, seed)
        return _measure(made, rounds, seed, say)


def _measure(home: Home, rounds: int, seed: int, say: Say) -> Figures:
    chance = Random(seed)  # noqa: S311 - chooses pages to ask for
    addresses = {kind.name: _addresses(home, kind, rounds, chance) for kind in KINDS}
    figures: Figures = {"release": _contents(home), "rounds": rounds}
    with served(home) as (address, process):
        say("the first view")
        figures["first_view_ms"] = _timed(address, FIRST_VIEW)
        say("waiting for the index of the search")
        figures["search_index_seconds"] = _await_index(address)
        times: dict[str, list[float]] = {}
        for name, paths in addresses.items():
            say(name)
            times[name] = [_timed(address, path) for path in paths]
        figures["memory_mib"] = _resident(process.pid)
    every = [each for kind in times.values() for each in kind]
    figures["interaction_median_ms"] = round(statistics.median(every), 1)
    figures["by_kind_ms"] = {name: _summary(kind) for name, kind in times.items()}
    return figures


def wanted(figures: Mapping[str, Any]) -> list[tuple[str, float, float]]:
    """Return (figure, seen, at most) of what was asked for."""
    return [
        ("first_view_ms", figures["first_view_ms"], FIRST_VIEW_SECONDS * 1000),
        ("interaction_median_ms", figures["interaction_median_ms"], INTERACTION_MILLISECONDS),
    ]


@contextmanager
def served(home: Home) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """Serve a data home by ``fazhi explore`` on a free port; give its address.

    Raises:
        ExplorerBenchError: it ended before it was ready.
    """
    command = [sys.executable, "-m", "pipelines", "explore", "--port", "0"]
    process = subprocess.Popen(
        command,
        cwd=PROJECT_ROOT,
        env={**os.environ, HOME_VARIABLE: str(home.path), LEDGER_URL_VARIABLE: home.ledger_url},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        assert process.stdout is not None  # noqa: S101 - asked for above
        said: list[str] = []
        for line in process.stdout:
            said.append(line)
            if found := ADDRESS.search(line):
                yield found.group(), process
                return
        raise ExplorerBenchError(f"fazhi explore did not start: {''.join(said[-5:])}")
    finally:
        process.send_signal(signal.SIGINT)
        process.wait()


def _asked(home: Home) -> duckdb.DuckDBPyConnection:
    return duckdb.connect(str(home.exports / "latest" / DATABASE), read_only=True, config=ASKING_CONFIG)


def _addresses(home: Home, kind: Kind, count: int, chance: Random) -> list[str]:
    """So many addresses of a kind.

    Raises:
        ExplorerBenchError: the release has nothing of that kind.
    """
    with _asked(home) as connection:
        answer = connection.execute(f"select distinct * from ({kind.sql}) order by all")  # noqa: S608 - from KINDS
        names = [column[0] for column in answer.description or ()]
        rows = answer.fetchall()
    if not rows:
        raise ExplorerBenchError(f"the release has nothing to ask for: {kind.name}")
    chosen = chance.sample(rows, min(count, len(rows)))
    quoted = [{name: urllib.parse.quote(str(value), safe=":") for name, value in zip(names, row, strict=True)}
              for row in chosen]  # fmt: skip
    return [kind.path.format(**values) for values in quoted]


def _contents(home: Home) -> dict[str, int]:
    tables = ("fct_report", "fct_observation", "fct_coverage", "fct_section")
    with _asked(home) as connection:
        return {
            table: int((connection.execute(f"select count(*) from {table}").fetchone() or (0,))[0])  # noqa: S608
            for table in tables
        }


def _timed(address: str, path: str) -> float:
    """Milliseconds from the request to the last byte of its answer, redirections followed."""
    started = time.perf_counter()
    _text(address + path)
    return round((time.perf_counter() - started) * 1000, 1)


def _await_index(address: str) -> float:
    """Seconds until a search no longer says that its index is being made.

    Raises:
        ExplorerBenchError: the page failed, or the index is not done in an hour.
    """
    started = time.monotonic()
    while time.monotonic() - started < INDEX_PATIENCE_SECONDS:
        pages = (f"/search?q=%E5%A4%8D%E8%AE%AE&in={kind}" for kind in SEARCHED)
        if not any(BEING_MADE in _text(address + page) for page in pages):
            return round(time.monotonic() - started, 1)
        time.sleep(1)
    raise ExplorerBenchError(f"the index of the search is not done after {INDEX_PATIENCE_SECONDS} s")


def _text(url: str) -> str:
    try:
        with urllib.request.urlopen(url) as answer:  # noqa: S310 - loopback
            return str(answer.read().decode("utf-8"))
    except OSError as error:
        raise ExplorerBenchError(f"{url}: {error}") from error


def _resident(process: int) -> int:
    """MiB of memory that a process holds."""
    pages = int(Path(f"/proc/{process}/statm").read_text(encoding="ascii").split()[1])
    return round(pages * os.sysconf("SC_PAGE_SIZE") / 2**20)


def _summary(times: list[float]) -> dict[str, float]:
    ordered = sorted(times)
    return {
        "pages": len(ordered),
        "median": round(statistics.median(ordered), 1),
        "p95": ordered[min(len(ordered) - 1, int(len(ordered) * 0.95))],
        "slowest": ordered[-1],
    }
