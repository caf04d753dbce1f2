"""Which captures need reading, and reading them: from the archive's bytes to rows, one bad page at a time.

A document is read again when one of its captures has not been read with the present versions of cleaner and
extractor. Whatever goes wrong on one capture becomes an issue of that capture, and the others go on. How a page is
read is ``reading.py``'s business, what belongs to one document is decided in ``dossiers.py``, how one is read in
``parts.py``; where rows go is the warehouse's.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import get_context

from pipelines import progress
from pipelines.dossiers import Dossier, gather_dossiers
from pipelines.parts import FAILURE_KIND, read_dossier
from pipelines.reading import cleaner_version, extractor_version
from pipelines.rows import Rows, Versions
from warehouse.archive import read_response
from warehouse.duck import Warehouse
from warehouse.ledger import CaptureRow, Ledger, SourceRow
from warehouse.paths import Home

# Below this many captures a pool costs more (each worker loads tables and libraries) than it saves.
PAGES_WORTH_A_POOL = 40
DOSSIERS_PER_TASK = 8
# Dossiers whose rows are written in one transaction: a night that dies loses no more readings than these.
DOSSIERS_PER_LOAD = 400


@dataclass(frozen=True)
class Reread:
    """How many pages were read, and how many of them could not be."""

    pages: int
    failed: int


def present_versions() -> Versions:
    """Return the versions of the code and tables as they are now."""
    return Versions(cleaner=cleaner_version(), extractor=extractor_version())


def dossiers_to_read(
    captures: Iterable[CaptureRow], state: Mapping[str, tuple[str, str]], versions: Versions
) -> list[Dossier]:
    """Return the dossiers of which a capture was never read, or was read with other versions, in their given order.

    Args:
        captures: captures of any kind.
        state: (cleaner, extractor) versions by id of the captures that were read.
        versions: the present ones.
    """
    present = (versions.cleaner, versions.extractor)
    return [
        dossier
        for dossier in gather_dossiers(captures)
        if any(state.get(capture.capture_id) != present for capture in dossier.captures)
    ]


@dataclass(frozen=True)
class Job:
    """A dossier to be read, with all that reading it needs; travels to another process."""

    home: Home
    dossier: Dossier
    source: SourceRow
    versions: Versions

    def run(self) -> Rows:
        """Load and read the dossier; never raises because of what it holds."""
        return read_dossier(self.dossier, self.source, self.versions, lambda capture: read_response(self.home, capture))


def _run_all(jobs: Sequence[Job]) -> list[Rows]:
    return [job.run() for job in jobs]


@contextmanager
def reader_pool(pages: int) -> Iterator[ProcessPoolExecutor | None]:
    """Start workers for so many pages, one per core; None when there are too few pages or cores to gain by it."""
    workers = os.cpu_count() or 1
    if pages < PAGES_WORTH_A_POOL or workers < 2:
        yield None
        return
    # "spawn": the parent holds threads and open databases, which a forked child would share.
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        yield pool


def run_jobs(jobs: Sequence[Job], pool: ProcessPoolExecutor | None) -> Iterator[Rows]:
    """Read dossiers in their order, in a pool where there is one."""
    if pool is None:
        for job in jobs:
            yield job.run()
        return
    tasks = [jobs[start : start + DOSSIERS_PER_TASK] for start in range(0, len(jobs), DOSSIERS_PER_TASK)]
    for result in pool.map(_run_all, tasks):
        yield from result


def reread(home: Home) -> Reread:
    """Read every dossier that needs it from the archive into the warehouse, to which the ledger was loaded before."""
    versions = present_versions()
    with Warehouse(home.warehouse) as warehouse:
        if warehouse.is_read(versions.cleaner, versions.extractor):
            progress.stage("read", 0)
            return Reread(0, 0)
    with Ledger(home.ledger_url) as ledger:
        sources = {source.source_id: source for source in ledger.sources()}
        captures = ledger.captures()
    with Warehouse(home.warehouse) as warehouse:
        waiting = dossiers_to_read(captures, warehouse.read_state(), versions)
        pages = sum(len(dossier.captures) for dossier in waiting)
        progress.stage("read", pages)
        failed = 0
        with reader_pool(pages) as pool:
            for start in range(0, len(waiting), DOSSIERS_PER_LOAD):
                batch = waiting[start : start + DOSSIERS_PER_LOAD]
                jobs = [Job(home, dossier, sources[dossier.captures[0].source_id], versions) for dossier in batch]
                rows = Rows()
                for job, part in zip(jobs, run_jobs(jobs, pool), strict=True):
                    rows.add(part)
                    progress.advance(len(job.dossier.captures))
                failed += sum(issue["kind"] == FAILURE_KIND for issue in rows.issue)
                warehouse.replace_documents(rows.by_table())
    return Reread(pages, failed)
