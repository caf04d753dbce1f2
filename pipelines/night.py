"""Runs the nightly job in this process, the very job that the schedule runs, and says plainly what came of a run.

No wiring (see ``definitions.py``), no printing (see ``cli_show.py``) and no notices (see ``aftermath.py``).
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import redirect_stdout
from datetime import UTC, datetime
from typing import Any

from dagster import (
    AssetKey,
    DagsterEvent,
    DagsterEventType,
    DagsterInstance,
    DagsterRun,
    DagsterRunStatus,
    ExecuteInProcessResult,
)
from sqlalchemy.exc import SQLAlchemyError

from pipelines.abandoned import MESSAGE as PROCESS_GONE
from pipelines.abandoned import fail_abandoned
from pipelines.aftermath import conclude
from pipelines.checks import FOUND, TO_DO
from pipelines.night_record import CheckResult, CheckStatus, Night, Status, StepFailure
from pipelines.schedules import AFTER_CRAWL, JOB_NAME, job_name
from pipelines.settings import TRIGGER_TAG, Stage
from warehouse.paths import Home
from warehouse.storage_check import disk_faults

PLAN_LOGGER = "dagster._core.execution.plan.active"
# What stands before the part of a message of dagster-dbt that says what went wrong.
DBT_ERRORS_MARK = "Errors parsed from dbt logs:"
# Where dagster-dbt says how many rows a test of the dbt project found.
DBT_FAILED_ROWS = "dagster_dbt/failed_row_count"
# What Dagster says of a run whose process its code server found gone.
FAILED_FROM_OUTSIDE = "This run has been marked as failed from outside the execution context."
ERROR_CLASS = re.compile(r"^[\w.]+Error: ")  # pipelines.release.ReleaseBlockedError: the marts have not …
# The class names that errors carry through Dagster, and what they mean for the night.
STATUS_OF_ERROR: Mapping[str, Status] = {
    "WarehouseLockedError": "locked",
    "BadSourcesError": "bad_input",
    "DagsterAssetCheckFailedError": "withheld",
    "ReleaseBlockedError": "withheld",
}


class NightBrokenOffError(RuntimeError):
    """What a night did could not be written down, so that it ended where it was; the message says why."""


def run_night(
    home: Home,
    *,
    stage: Stage | None,
    sources: Sequence[str],
    accept_drop: bool,
    full: bool = False,
    province: str | None = None,
) -> Night:
    """Run the whole night or one stage of it; the environment of ``settings.apply_environment`` must be set.

    Its record is kept and the notices that the operator wants are sent, as after a night of the schedule.

    Args:
        home: the data home; must be the one that the environment names.
        stage: the one stage to run; None for all.
        sources: folders, globs or files of sources; empty for the default.
        full: crawl every source to the end of its lists, whatever the night's plan says.
        accept_drop: publish although there are far fewer rows than in the last release.
        province: the one province (partition key) to crawl, with the stage crawl; None for all.

    Raises:
        NightBrokenOffError: the disk is full, or Dagster's storage went away; nothing that was kept is lost.
    """
    # The definitions belong to the daemon too, whose sensors come here for what a run became.
    from pipelines.definitions import defs

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
    try:
        with DagsterInstance.get() as instance, log.open("w", encoding="utf-8") as stream, redirect_stdout(stream):
            now = datetime.now(UTC)
            for run in list(fail_abandoned(instance, now)):
                conclude(home, instance, night_of(instance, run.run_id), now)
            result = job.execute_in_process(
                run_config=config,
                instance=instance,
                raise_on_error=False,
                tags={TRIGGER_TAG: "command line"},
                partition_key=province,
            )
            night = outcome_of(result, stage)
            conclude(home, instance, night, datetime.now(UTC))
    except (OSError, SQLAlchemyError) as error:
        # Steps that fail are events of the run; what comes out here failed to become one.
        raise NightBrokenOffError(_why_broken_off(home, error)) from error
    return night


def _why_broken_off(home: Home, error: OSError | SQLAlchemyError) -> str:
    """Return the reason of an error, and what is wrong with the disks: SQLite calls a full one many names."""
    reason = str(getattr(error, "orig", None) or error).partition("\n")[0]
    lines = [
        f"The night broke off: what it did could not be written to {home.path} or to Dagster's storage: {reason}.",
        *(f"{fault.message}: {fault.remedy}." for fault in disk_faults(home)),
        "What was archived, loaded and published is kept; mend the cause (fazhi doctor looks) and run it again.",
    ]
    return "\n".join(lines)


def outcome_of(result: ExecuteInProcessResult, stage: Stage | None) -> Night:
    """Condense the events of a run of this process."""
    return condense(result.run_id, list(result.all_events), job_name(stage), is_good=result.success)


def night_of(instance: DagsterInstance, run_id: str) -> Night:
    """Condense a run that Dagster's storage knows, whoever ran it.

    Raises:
        KeyError: there is no such run.
    """
    run: DagsterRun | None = instance.get_run_by_id(run_id)
    if run is None:
        raise KeyError(f"no run {run_id} in Dagster's storage")
    events = [entry.dagster_event for entry in instance.all_logs(run_id) if entry.dagster_event is not None]
    return condense(run_id, events, run.job_name, is_good=run.status is DagsterRunStatus.SUCCESS)


def condense(run_id: str, events: Sequence[DagsterEvent], job: str, *, is_good: bool) -> Night:
    """Return what the events of a run come to."""
    failures = tuple(step_failures(events)) or tuple(run_failures(events))
    metadata = _metadata(events)
    checks = tuple(_checks(events))
    return Night(
        run_id=run_id,
        status=_good_status(metadata, job) if is_good else _bad_status(failures, checks),
        metadata=metadata,
        skipped=tuple(event.step_key or "" for event in events if event.is_step_skipped),
        checks=checks,
        failures=failures,
        job=job,
    )


def _good_status(metadata: Mapping[str, Mapping[str, Any]], job: str) -> Status:
    if "release" in metadata:
        return "published" if metadata["release"]["new"] else "unchanged"
    return "unchanged" if job in (JOB_NAME, AFTER_CRAWL) else "done"


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
            # A run that was reported as failed from outside, because its process is gone, has no error of its own.
            errors = list(_chain(event.job_failure_data.error)) if event.event_specific_data else []
            reason = shortened(errors[-1].message if errors else event.message or "no reason given")
            yield StepFailure("run", PROCESS_GONE if reason == FAILED_FROM_OUTSIDE else reason, _telling(errors))


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


def _checks(events: Iterable[DagsterEvent]) -> Iterator[CheckResult]:
    for event in events:
        if event.event_type is not DagsterEventType.ASSET_CHECK_EVALUATION:
            continue
        evaluation = event.asset_check_evaluation_data
        status: CheckStatus = "passed"
        if not evaluation.passed:
            status = "failed" if evaluation.severity.value == "ERROR" else "warned"
        rows = evaluation.metadata.get(DBT_FAILED_ROWS)
        message = evaluation.description or (f"{rows.value} rows" if rows else None)
        found: Any = evaluation.metadata[FOUND].value if FOUND in evaluation.metadata else ()
        yield CheckResult(
            asset=evaluation.asset_key.path[-1],
            name=evaluation.check_name,
            status=status,
            message=message,
            found=tuple(map(str, found)),
            to_do=str(evaluation.metadata[TO_DO].value) if TO_DO in evaluation.metadata else None,
        )
