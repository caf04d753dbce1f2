"""The jobs and when the night runs by itself. Only names, selections and the hour belong here."""

from __future__ import annotations

from dagster import (
    AssetSelection,
    DefaultScheduleStatus,
    ScheduleDefinition,
    define_asset_job,
    in_process_executor,
)

from pipelines.settings import TIMEZONE, TRIGGER_TAG, Stage

JOB_NAME = "nightly"
# Two in the morning in China: portals are idle, and the day's publications are out.
CRON = "0 2 * * *"

READING = ("documents", "observations")
EVERYTHING = AssetSelection.all()
STAGES = {
    Stage.CRAWL: AssetSelection.assets("crawl", "captures"),
    Stage.READ: AssetSelection.assets("captures", *READING),
    Stage.BUILD: EVERYTHING - AssetSelection.assets("crawl", "captures", *READING, "release"),
    Stage.PUBLISH: AssetSelection.assets("release"),
}


def job_name(stage: Stage | None) -> str:
    """Return the name of the job that runs one stage, or of the whole night."""
    return JOB_NAME if stage is None else f"only_{stage.value}"


# In process: crawl and dbt are processes of their own already, and the lock lives as long as the run's process.
nightly = define_asset_job(
    JOB_NAME,
    selection=EVERYTHING,
    executor_def=in_process_executor,
    description="Crawl, read, build, check and publish; nothing is built or published without news.",
)
stage_jobs = [
    define_asset_job(
        job_name(stage),
        selection=selection,
        executor_def=in_process_executor,
        description=f"The stage {stage.value} of the night, alone.",
    )
    for stage, selection in STAGES.items()
]
nightly_schedule = ScheduleDefinition(
    name="nightly_schedule",
    job=nightly,
    cron_schedule=CRON,
    execution_timezone=TIMEZONE,
    tags={TRIGGER_TAG: "schedule"},
    default_status=DefaultScheduleStatus.RUNNING,
)
