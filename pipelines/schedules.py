"""When the night runs by itself. Only the job's name, its assets and the hour belong here."""

from __future__ import annotations

from dagster import (
    AssetSelection,
    DefaultScheduleStatus,
    ScheduleDefinition,
    define_asset_job,
    in_process_executor,
)

JOB_NAME = "nightly"
# Two in the morning in China: portals are idle, and the day's publications are out.
CRON = "0 2 * * *"
TIMEZONE = "Asia/Shanghai"

# In process: crawl and dbt are processes of their own already, and the lock lives as long as the run's process.
nightly = define_asset_job(
    JOB_NAME,
    selection=AssetSelection.all(),
    executor_def=in_process_executor,
    description="Crawl, read, build, check and publish; nothing is built or published without news.",
)
nightly_schedule = ScheduleDefinition(
    name="nightly_schedule",
    job=nightly,
    cron_schedule=CRON,
    execution_timezone=TIMEZONE,
    default_status=DefaultScheduleStatus.RUNNING,
)
