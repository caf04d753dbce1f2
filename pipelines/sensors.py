"""What Dagster's daemon watches for: crawls that ended by hand, runs whose process died, runs that are over.

Thin wiring: each sensor asks functions that live elsewhere. The daemon must run for them; without it ``fazhi run``
does the same at its beginning and end.
"""

from __future__ import annotations

from datetime import UTC, datetime

from dagster import (
    AssetKey,
    DagsterInstance,
    DagsterRunStatus,
    DefaultSensorStatus,
    EventLogRecord,
    RunRequest,
    RunsFilter,
    RunStatusSensorContext,
    SensorEvaluationContext,
    SkipReason,
    run_status_sensor,
    sensor,
)

from pipelines.abandoned import fail_abandoned, was_abandoned
from pipelines.aftermath import conclude
from pipelines.night import night_of
from pipelines.schedules import JOB_NAME, UNFINISHED, after_crawl
from pipelines.settings import CRAWL_READ, TRIGGER_TAG
from pipelines.status import last_ended_crawl
from warehouse.paths import get_home

POLL_SECONDS = 60
RUN_ID_DIGITS = 8


def crawl_last_read(instance: DagsterInstance) -> str | None:
    """Return the newest crawl that the last reading of pages had before it; None when nothing was ever read."""
    key = AssetKey("documents")
    found: list[EventLogRecord] = [
        *instance.fetch_materializations(key, limit=1).records,
        *instance.fetch_observations(key, limit=1).records,
    ]
    for record in sorted(found, key=lambda each: each.storage_id, reverse=True):
        said = record.asset_materialization or record.asset_observation
        if said is not None and CRAWL_READ in said.metadata:
            return str(said.metadata[CRAWL_READ].value)
    return None


def failed_night_of(instance: DagsterInstance, crawl: str) -> str | None:
    """Return the night that made a crawl and then failed for a reason of its own; None when there is none."""
    for run in instance.get_runs(RunsFilter(job_name=JOB_NAME, statuses=[DagsterRunStatus.FAILURE]), limit=20):
        if crawl.endswith(f"-{run.run_id[:RUN_ID_DIGITS]}") and not was_abandoned(run):
            return run.run_id
    return None


@sensor(
    job=after_crawl,
    minimum_interval_seconds=POLL_SECONDS,
    default_status=DefaultSensorStatus.RUNNING,
    description="Starts the rest of the night when a crawl ended that no night goes on with: one that was started by "
    "hand, from the web view, a shell or a backfill, or one whose night died.",
)
def crawl_ended(context: SensorEvaluationContext) -> RunRequest | SkipReason:
    """Ask for the rest of the night, once for each crawl."""
    crawl = last_ended_crawl(get_home())
    if crawl is None:
        return SkipReason("no crawl has ended yet")
    for run in context.instance.get_runs(RunsFilter(statuses=list(UNFINISHED)), limit=1):
        return SkipReason(f"the run {run.run_id} ({run.job_name}) is not over yet")
    if crawl == crawl_last_read(context.instance):
        return SkipReason(f"what the crawl {crawl} brought was read")
    failed = failed_night_of(context.instance, crawl)
    if failed is not None:
        return SkipReason(f"the night {failed} of the crawl {crawl} failed; it waits for a person")
    return RunRequest(run_key=crawl, tags={TRIGGER_TAG: f"crawl {crawl}"})


@sensor(
    minimum_interval_seconds=POLL_SECONDS,
    default_status=DefaultSensorStatus.RUNNING,
    description="Fails the runs whose process is gone, so that they are retried and keep no night waiting.",
)
def run_abandoned(context: SensorEvaluationContext) -> SkipReason:
    """Fail what died; runs of the command line, which no other sensor sees, are concluded here."""
    now = datetime.now(UTC)
    failed = list(fail_abandoned(context.instance, now))
    for run in failed:
        if run.remote_job_origin is None:
            conclude(get_home(), context.instance, night_of(context.instance, run.run_id), now)
    names = ", ".join(run.run_id for run in failed)
    return SkipReason(f"failed {names}: process gone" if failed else "every run has its process")


def _conclude(context: RunStatusSensorContext) -> None:
    night = night_of(context.instance, context.dagster_run.run_id)
    for delivery in conclude(get_home(), context.instance, night, datetime.now(UTC)):
        context.log.info(f"notice to {delivery.target}: {delivery.error or 'delivered'}")


@run_status_sensor(
    run_status=DagsterRunStatus.SUCCESS,
    default_status=DefaultSensorStatus.RUNNING,
    description="Keeps the record of a run that succeeded, and sends the summary of a night.",
)
def run_succeeded(context: RunStatusSensorContext) -> None:
    """Conclude a run that succeeded; red checks that stop nothing are told too."""
    _conclude(context)


@run_status_sensor(
    run_status=DagsterRunStatus.FAILURE,
    default_status=DefaultSensorStatus.RUNNING,
    description="Keeps the record of a run that failed or was withheld, and tells the operator.",
)
def run_failed(context: RunStatusSensorContext) -> None:
    """Conclude a run that failed."""
    _conclude(context)


SENSORS = [crawl_ended, run_abandoned, run_succeeded, run_failed]
