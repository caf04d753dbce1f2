"""``fazhi bench extract``: what reading a page costs, against the extraction of main text alone by trafilatura.

Both sides take the same pages in turns on one core, and computing time is compared, so that what else the machine does
matters little. Further parts: two processes against one, memory over many documents, and time by length of text.
"""

from __future__ import annotations

import os
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from typing import Any

from pipelines.bench_pages import bench_pages, own_texts, varied
from pipelines.model import Page
from pipelines.reading import read
from pipelines.reference import load_reference
from warehouse.paths import PROJECT_ROOT

LENGTHS = (10_000, 100_000, 1_000_000)
"""Characters of the texts whose reading times are compared."""
SHARED_PAGES = 200
"""Pages that one process, or two, read; enough to outlast their start."""
LEAST_PARAGRAPH = 30
"""Characters below which a line is a heading or belongs to the page around a report."""
MARK = 1000
"""Documents after which memory is noted for the first time; all tables are loaded by then."""


class BenchError(Exception):
    """A part of the benchmark cannot run; the message says why."""


def read_whole(page: Page) -> int:
    """Read a page: bytes to document, sections, observations, items and citations; returns how many observations."""
    return len(read(page, load_reference()).observations)


def main_text_extractor() -> Callable[[Page], object]:
    """Return trafilatura's extraction of the main text of a page, with its own defaults.

    Raises:
        BenchError: trafilatura is not installed.
    """
    try:
        from trafilatura import extract
    except ImportError as error:
        raise BenchError("trafilatura is not installed: pip install -e .[bench]") from error
    return lambda page: extract(page.content)


def one_core() -> None:
    """Keep this process on one core, where the system allows it."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})


def computing_time(task: Callable[[Page], object], page: Page) -> float:
    """Seconds of computing that a task takes on a page."""
    started = time.process_time()
    task(page)
    return time.process_time() - started


def compare(pages: Sequence[Page], rounds: int) -> dict[str, Any]:
    """Read all pages with both sides in turns, round after round; medians of the rounds are compared.

    Raises:
        BenchError: see :func:`main_text_extractor`.
    """
    extract = main_text_extractor()
    sides: tuple[Callable[[Page], object], ...] = (read_whole, extract)
    for page in pages:
        for side in sides:
            side(page)
    seconds: list[list[float]] = []
    for _ in range(rounds):
        times = [[computing_time(side, page) for side in sides] for page in pages]
        seconds.append([sum(side) for side in zip(*times, strict=True)])
    ours, theirs = (statistics.median(side) for side in zip(*seconds, strict=True))
    return {
        "pages": len(pages),
        "mean_page_bytes": round(statistics.mean(len(page.content) for page in pages)),
        "mean_observations": round(statistics.mean(map(read_whole, pages)), 1),
        "rounds": rounds,
        "fazhi_pages_per_second": round(len(pages) / ours, 1),
        "trafilatura_pages_per_second": round(len(pages) / theirs, 1),
        "ratio": round(theirs / ours, 3),
        "ratio_by_round": [round(side[1] / side[0], 3) for side in seconds],
    }


def _read_part(part: tuple[int, int]) -> int:
    """Read every so-manieth of the shared pages, in a process of its own."""
    first, step = part
    pages = bench_pages()
    return sum(read_whole(pages[number % len(pages)]) for number in range(first, SHARED_PAGES, step))


def seconds_with(processes: int) -> float:
    """Seconds on the clock in which so many processes read the shared pages; their start is not counted."""
    with ProcessPoolExecutor(processes) as pool:
        parts = [(first, processes) for first in range(processes)]
        list(pool.map(_read_part, [(SHARED_PAGES - 1, SHARED_PAGES)] * processes))
        started = time.perf_counter()
        list(pool.map(_read_part, parts))
        return time.perf_counter() - started


def scaling() -> dict[str, Any]:
    """Two processes against one, on the clock."""
    one, two = seconds_with(1), seconds_with(2)
    return {"two_processes_to_one": round(one / two, 2)}


def page_of_length(characters: int, *, full_stops: bool) -> Page:
    """A report of so many characters, made of the project's texts; without full stops it is one sentence."""
    lines = [line.strip() for place, (_, text) in enumerate(own_texts()) for line in varied(text, place).split("\n")]
    text = "\n".join(line for line in lines if len(line) > LEAST_PARAGRAPH)
    if not full_stops:
        text = text.translate(str.maketrans("。；\n", "，，，"))
    head = "青山县人民政府关于2022年法治政府建设情况的报告\n\n市政府：\n2022年，青山县推进法治政府建设。\n"
    body = (text * (characters // len(text) + 1))[: characters - len(head)]
    return Page(name=f"{characters}", content=(head + body).encode("utf-8"), content_type="text/plain")


def growth() -> dict[str, Any]:
    """Computing time for a million characters, from texts of several lengths: the same for all when it is linear."""
    figures: dict[str, Any] = {}
    for name, full_stops in (("sentences", True), ("one_sentence", False)):
        costs = []
        for characters in LENGTHS:
            page = page_of_length(characters, full_stops=full_stops)
            costs.append(min(computing_time(read_whole, page) for _ in range(3 if characters < LENGTHS[-1] else 1)))
        million = [round(cost * 1_000_000 / characters, 2) for cost, characters in zip(costs, LENGTHS, strict=True)]
        figures[f"seconds_a_million_characters_{name}"] = dict(zip(map(str, LENGTHS), million, strict=True))
        figures[f"longest_to_shortest_{name}"] = round(million[-1] / million[0], 2)
    return figures


def peak_mib() -> float:
    """Peak memory of this process."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def read_many(documents: int) -> tuple[float, float]:
    """Read so many documents; return peak memory after the first thousand and after the last, in MiB."""
    pages = bench_pages()
    early = 0.0
    for number in range(documents):
        read_whole(pages[number % len(pages)])
        if number == min(MARK, documents) - 1:
            early = peak_mib()
    return early, peak_mib()


def memory(documents: int) -> dict[str, Any]:
    """Peak memory over many documents, in a process of its own.

    Raises:
        BenchError: the process failed.
    """
    code = f"from pipelines.bench_extract import read_many; print(*read_many({documents}))"
    done = subprocess.run([sys.executable, "-c", code], cwd=PROJECT_ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        raise BenchError(done.stderr.strip()[-2000:])
    early, late = map(float, done.stdout.split())
    return {
        "documents": documents,
        f"peak_mib_after_{min(MARK, documents)}": round(early, 1),
        "peak_mib_at_end": round(late, 1),
        "memory_ratio": round(late / early, 3),
    }


def run_bench(rounds: int, documents: int) -> dict[str, Any]:
    """Measure and return the figures by name.

    Args:
        rounds: times that both sides read all pages.
        documents: how many to read for memory; 0 leaves this part out.

    Raises:
        BenchError: a part cannot run.
        NoPagesError: the project's texts are not there.
    """
    pages = bench_pages()
    figures = scaling()
    if documents:
        figures |= memory(documents)
    one_core()
    return compare(pages, rounds) | figures | growth()
