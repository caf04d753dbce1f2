"""Runs the nightly job in this process, the very job that the schedule runs, and says plainly what came of it.

No wiring (see ``definitions.py``) and no printing (see ``cli_show.py``).
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import redirect_stdout
from dataclasses import dataclass
from typing import Any, Literal

from dagster import AssetKey, DagsterEvent, DagsterInstance, ExecuteInProcessResult

from pipelines.definitions import defs
from pipelines.schedules import job_name
from pipelines.settings import TRIGGER_TAG, Stage
from warehouse.paths import Home

Status = Literal["published", "unchanged", "done", "withheld", "failed", "bad_input", "locked"]
CheckStatus = Literal["passed", "warned", "failed"]

PLAN_LOGGER = "dagster._core.execution.plan.active"
# What stands before the part of a message of dagster-dbt that says what went wrong.
DBT_ERRORS_MARK = "Errors parsed from dbt logs:"
# Where dagster-dbt says how many rows a test of the dbt project found.
DBT_FAILED_ROWS = "dagster_dbt/failed_row_count"
ERROR_CLASS = re.compile(r"^[\w.]+Error: ")  # pipelines.release.ReleaseBlockedError: the marts have not …
# The class names that errors carry through Dagster, and what they mean for the night.
STATUS_OF_ERROR: Mapping[str, Status] = {
    "WarehouseLockedError": "locked",
    "BadSourcesError": "bad_input",
    "DagsterAssetCheckFailedError": "withheld",
    "ReleaseBlockedError": "withheld",
}


@dataclass(frozen=True)
class StepFailure:
    """A step that failed, and why."""

    step: str
    reason: str
    error: str


@dataclass(frozen=True)
class CheckResult:
    """The result of one asset check."""

    asset: str
    name: str
    status: CheckStatus
    message: str | None


@dataclass(frozen=True)
class Night:
    """What came of a night.

    Attributes:
        run_id: the run's name in Dagster.
        status: how it ended.
        metadata: what the assets said of themselves, by asset and key.
        skipped: steps that had nothing to do.
        checks: all checks that were made.
        failures: steps that failed.
    """

    run_id: str
    status: Status
    metadata: Mapping[str, Mapping[str, Any]]
    skipped: tuple[str, ...]
    checks: tuple[CheckResult, ...]
    failures: tuple[StepFailure, ...]


def run_night(
    home: Home, *, stage: Stage | None, sources: Sequence[str], accept_drop: bool, full: bool = False
) -> Night:
    """Run the whole night or one stage of it; the environment of ``settings.apply_environment`` must be set.

    Args:
        home: the data home; must be the one that the environment names.
        stage: the one stage to run; None for all.
        sources: folders, globs or files of sources; empty for the default.
        full: crawl every source to the end of its lists, whatever the night's plan says.
        accept_drop: publish although there are far fewer rows than in the last release.
    """
    job = defs.resolve_job_def(job_name(stage))
    config: dict[str, Any] = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}, "ops": {}}
    if stage in (None, Stage.CRAWL):
        config["ops"]["crawl"] = {"config": {"sources": list(sources), "full": full}}
    if stage in (None, Stage.BUILD):
        config["ops"]["gate"] = {"config": {"accept_drop": accept_drop}}
    # Dagster warns of every check of a step that was skipped; a skipped step is told in the result.
    logging.getLogger(PLAN_LOGGER).setLevel(logging.ERROR)
    # dbt's own lines are for the log; what came of them is in the events.
    log = home.path / "logs" / "night.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    with DagsterInstance.get() as instance, log.open("w", encoding="utf-8") as stream, redirect_stdout(stream):
        result = job.execute_in_process(
            run_config=config, instance=instance, raise_on_error=False, tags={TRIGGER_TAG: "command line"}
        )
    return outcome_of(result, stage)


def outcome_of(result: ExecuteInProcessResult, stage: Stage | None) -> Night:
    """Condense Dagster's events of a run."""
    events = list(result.all_events)
    failures = tuple(step_failures(events)) or tuple(run_failures(events))
    metadata = _metadata(events)
    checks = tuple(_checks(result))
    return Night(
        run_id=result.run_id,
        status=_good_status(metadata, stage) if result.success else _bad_status(failures, checks),
        metadata=metadata,
        skipped=tuple(event.step_key or "" for event in events if event.is_step_skipped),
        checks=checks,
        failures=failures,
    )


def _good_status(metadata: Mapping[str, Mapping[str, Any]], stage: Stage | None) -> Status:
    if "release" in metadata:
        return "published" if metadata["release"]["new"] else "unchanged"
    return "unchanged" if stage is None else "done"


def _bad_status(failures: Sequence[StepFailure], checks: Sequence[CheckResult]) -> Status:
    known = [STATUS_OF_ERROR[failure.error] for failure in failures if failure.error in STATUS_OF_ERROR]
    if known:
        return known[0]
    # A red test of the dbt project ends its step with dbt's own error.
    return "withheld" if any(check.status == "failed" for check in checks) else "failed"


def _metadata(events: Iterable[DagsterEvent]) -> dict[str, dict[str, Any]]:
    """Return the metadata of materializations and observations of assets, as plain values."""
    found: dict[str, dict[str, Any]] = {}
    for event in events:
        if event.is_step_materialization:
            data: Any = event.step_materialization_data.materialization
        elif event.is_asset_observation:
            data = event.asset_observation_data.asset_observation
        else:
            continue
        key: AssetKey = data.asset_key
        found[key.path[-1]] = {name: value.value for name, value in data.metadata.items()}
    return found


def step_failures(events: Iterable[DagsterEvent]) -> Iterator[StepFailure]:
    """Yield the steps that failed, with the reason that they gave or the error that ended them."""
    for event in events:
        if event.is_step_failure:
            data = event.step_failure_data
            described = data.user_failure_data.description if data.user_failure_data else None
            errors = list(_chain(data.error))
            reason = shortened(described or (errors[-1].message if errors else "no reason given"))
            yield StepFailure(event.step_key or "", reason, _telling(errors))


def run_failures(events: Iterable[DagsterEvent]) -> Iterator[StepFailure]:
    """Yield why the run as a whole failed, for a run that came to no step."""
    for event in events:
        if event.is_run_failure:
            errors = list(_chain(event.job_failure_data.error))
            reason = shortened(errors[-1].message if errors else event.message or "no reason given")
            yield StepFailure("run", reason, _telling(errors))


def shortened(message: str) -> str:
    """Return a message without the name of its class and without the lines that only say where else to look."""
    kept = message.partition(DBT_ERRORS_MARK)[2] or message
    return ERROR_CLASS.sub("", kept.strip(), count=1)


def _chain(error: Any) -> Iterator[Any]:
    """Yield an error and its causes, the first cause last."""
    while error is not None:
        yield error
        error = error.cause


def _telling(errors: Sequence[Any]) -> str:
    """Return the class name of the error that the night knows a meaning for, else that of the first cause."""
    names = [error.cls_name or "" for error in errors]
    return next((name for name in names if name in STATUS_OF_ERROR), names[-1] if names else "")


def _checks(result: ExecuteInProcessResult) -> Iterator[CheckResult]:
    for evaluation in result.get_asset_check_evaluations():
        status: CheckStatus = "passed"
        if not evaluation.passed:
            status = "failed" if evaluation.severity.value == "ERROR" else "warned"
        rows = evaluation.metadata.get(DBT_FAILED_ROWS)
        message = evaluation.description or (f"{rows.value} rows" if rows else None)
        yield CheckResult(evaluation.asset_key.path[-1], evaluation.check_name, status, message)
