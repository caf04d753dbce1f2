"""The only wiring file: assets, checks, jobs, schedule, sensors and resources put together for Dagster."""

from __future__ import annotations

from dagster import Definitions, in_process_executor

from pipelines.assets import captures, crawl, dbt_models, reading, release
from pipelines.checks import gate, watch
from pipelines.resources import NightHome, quiet_dbt
from pipelines.schedules import after_crawl, nightly, nightly_schedule, stage_jobs
from pipelines.sensors import SENSORS
from pipelines.settings import apply_environment
from warehouse.paths import get_home

# dbt and the crawl are processes of their own and learn from the environment where the data lie.
apply_environment(get_home())

defs = Definitions(
    assets=[crawl, captures, reading, dbt_models, release],
    asset_checks=[watch, gate],
    jobs=[nightly, after_crawl, *stage_jobs],
    schedules=[nightly_schedule],
    sensors=SENSORS,
    resources={"night": NightHome(), "dbt": quiet_dbt()},
    # Also for runs that the web view starts asset by asset: a process for each step would each want the writer lock.
    executor=in_process_executor,
)
