"""The project's jobs and sensors over a reading that waits for as long as a file is there: nights that can be killed.

Loaded by Dagster's daemon, in processes of its own; see ``test_orphaned_run.py``.
"""

import time
from typing import Any

from dagster import AssetExecutionContext, Definitions, MaterializeResult, asset, in_process_executor

from pipelines.resources import NightHome
from pipelines.schedules import after_crawl, nightly
from pipelines.sensors import SENSORS
from pipelines.settings import CRAWL_READ
from pipelines.status import last_ended_crawl

WAIT_FILE = "wait"


@asset
def crawl() -> None:
    """Stands for the crawl, which the test has made in the ledger."""


@asset(deps=[crawl])
def documents(context: AssetExecutionContext, night: NightHome) -> MaterializeResult[Any]:
    """Say that the reading has begun, wait, and read what the last crawl brought."""
    (night.home.path / f"reading-{context.run_id}").touch()
    while (night.home.path / WAIT_FILE).exists():
        time.sleep(0.1)
    return MaterializeResult(metadata={CRAWL_READ: last_ended_crawl(night.home) or ""})


defs = Definitions(
    assets=[crawl, documents],
    jobs=[nightly, after_crawl],
    sensors=SENSORS,
    resources={"night": NightHome()},
    executor=in_process_executor,
)
