"""Forgets old runs: their events, logs and records, never what was archived, loaded or published.

A run that made the latest state of an asset or of one of its partitions is kept however old it is, so that the graph
goes on telling when everything was made.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

from dagster import AssetKey, AssetRecordsFilter, DagsterInstance, DagsterRunStatus, RunsFilter

from pipelines.night_record import records
from pipelines.provinces import provinces
from warehouse.paths import Home

FINISHED = (DagsterRunStatus.SUCCESS, DagsterRunStatus.FAILURE, DagsterRunStatus.CANCELED)
PARTITIONED = AssetKey("crawl")


def forget_old_runs(home: Home, instance: DagsterInstance, now: datetime, days: int) -> int:
    """Delete the finished runs older than so many days, with their logs and records; return how many runs."""
    before = now - timedelta(days=days)
    old = RunsFilter(statuses=list(FINISHED), created_before=before)
    kept = set(_latest_runs(instance))
    forgotten = [record.dagster_run.run_id for record in instance.get_run_records(old)]
    forgotten = [run_id for run_id in forgotten if run_id not in kept]
    for run_id in forgotten:
        instance.delete_run(run_id)
        for folder in (home.dagster / run_id, home.dagster / "storage" / run_id):
            shutil.rmtree(folder, ignore_errors=True)
    for path in _old_files(home, before):
        path.unlink(missing_ok=True)
    return len(forgotten)


def _latest_runs(instance: DagsterInstance) -> Iterator[str]:
    """Yield the runs that the latest state of assets and provinces stands on."""
    for key in instance.all_asset_keys():
        latest = instance.get_latest_materialization_event(key)
        if latest is not None:
            yield latest.run_id
    for province in provinces().values():
        wanted = AssetRecordsFilter(PARTITIONED, asset_partitions=[province])
        yield from (record.run_id for record in instance.fetch_materializations(wanted, limit=1).records)


def _old_files(home: Home, before: datetime) -> Iterator[Path]:
    """Yield logs of crawls and records of nights that were last written before a moment; the newest record is kept."""
    for path in [*(home.path / "logs").glob("crawl-*.log"), *records(home)[:-1]]:
        if path.stat().st_mtime < before.timestamp():
            yield path
