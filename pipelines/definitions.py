"""The only wiring file: assets, checks, job, schedule and resources put together for Dagster."""

from __future__ import annotations

from dagster import Definitions

from pipelines.assets import captures, crawl, dbt_models, reading, release
from pipelines.checks import gate
from pipelines.resources import NightHome, quiet_dbt
from pipelines.schedules import nightly, nightly_schedule

defs = Definitions(
    assets=[crawl, captures, reading, dbt_models, release],
    asset_checks=[gate],
    jobs=[nightly],
    schedules=[nightly_schedule],
    resources={"night": NightHome(), "dbt": quiet_dbt()},
)
