"""The jobs and when the night runs by itself. Only names, selections, tags and the hour belong here."""

from __future__ import annotations

from dagster import (
    AssetSelection,
    DagsterRunStatus,
    DefaultScheduleStatus,
    RunRequest,
    RunsFilter,
    ScheduleEvaluationContext,
    SkipReason,
    define_asset_job,
    in_process_executor,
    schedule,
)

from pipelines.resources import installed
from pipelines.settings import PART_TAG, TIMEZONE, TRIGGER_TAG, VERSION_TAG, Stage

JOB_NAME = "nightly"
AFTER_CRAWL = "after_crawl"
# Two in the morning in China: portals are idle, and the day's publications are out.
CRON = "0 2 * * *"

READING = ("documents", "observations")
EVERYTHING = AssetSelection.all()
CRAWLED = AssetSelection.assets("crawl", "captures")
STAGES = {
    # What a night asks about its crawl is for nights: who runs one stage looks at what it gave.
    Stage.CRAWL: CRAWLED.without_checks(),
    Stage.READ: AssetSelection.assets("captures", *READING).without_checks(),
    Stage.BUILD: EVERYTHING - CRAWLED - AssetSelection.assets(*READING, "release"),
    Stage.PUBLISH: AssetSelection.assets("release"),
}
UNFINISHED = (
    DagsterRunStatus.QUEUED,
    DagsterRunStatus.NOT_STARTED,
    DagsterRunStatus.STARTING,
    DagsterRunStatus.STARTED,
    DagsterRunStatus.CANCELING,
)


def job_name(stage: Stage | None) -> str:
    """Return the name of the job that runs one stage, or of the whole night."""
    return JOB_NAME if stage is None else f"only_{stage.value}"


def tags_of(part: str) -> dict[str, str]:
    """Return the tags by which the runs of a job are found: which part of the night, and which code."""
    return {PART_TAG: part, VERSION_TAG: installed("fazhi")}


# In process: crawl and dbt are processes of their own already, and the lock lives as long as the run's process.
nightly = define_asset_job(
    JOB_NAME,
    selection=EVERYTHING,
    executor_def=in_process_executor,
    tags=tags_of("night"),
    description="Crawl, read, build, check and publish; nothing is built or published without news.",
)
after_crawl = define_asset_job(
    AFTER_CRAWL,
    selection=EVERYTHING - AssetSelection.assets("crawl"),
    executor_def=in_process_executor,
    tags=tags_of("after crawl"),
    description="The night without its crawl: for a crawl that was started by hand, or whose night died.",
)
stage_jobs = [
    define_asset_job(
        job_name(stage),
        selection=selection,
        executor_def=in_process_executor,
        tags=tags_of(stage.value),
        description=f"The stage {stage.value} of the night, alone.",
    )
    for stage, selection in STAGES.items()
]


@schedule(
    name="nightly_schedule",
    job=nightly,
    cron_schedule=CRON,
    execution_timezone=TIMEZONE,
    default_status=DefaultScheduleStatus.RUNNING,
)
def nightly_schedule(context: ScheduleEvaluationContext) -> RunRequest | SkipReason:
    """Start the night, unless the last one is not over yet: nights neither overlap nor pile up."""
    unfinished = RunsFilter(job_name=JOB_NAME, statuses=list(UNFINISHED))
    for run in context.instance.get_runs(unfinished, limit=1):
        return SkipReason(f"the night {run.run_id} is not over yet ({run.status.value.lower()})")
    return RunRequest(tags={TRIGGER_TAG: "schedule"})
