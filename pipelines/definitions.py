"""The only wiring file: assets, checks, job, schedule and resources put together for Dagster."""

from __future__ import annotations

from dagster import Definitions

from pipelines.assets import captures, crawl, dbt_models, reading, release
from pipelines.checks import gate
from pipelines.resources import NightHome, quiet_dbt
from pipelines.schedules import nightly, nightly_schedule, stage_jobs
from pipelines.settings import apply_environment
from warehouse.paths import get_home

# dbt and the crawl are processes of their own and learn from the environment where the data lie.
apply_environment(get_home())

defs = Definitions(
    assets=[crawl, captures, reading, dbt_models, release],
    asset_checks=[gate],
    jobs=[nightly, *stage_jobs],
    schedules=[nightly_schedule],
    resources={"night": NightHome(), "dbt": quiet_dbt()},
)
