"""What runs by itself beside the night: its schedule, the sensors, the end of runs that died, the end of old ones."""

import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from dagster import (
    AssetMaterialization,
    AssetObservation,
    DagsterEvent,
    DagsterEventType,
    DagsterInstance,
    DagsterRunStatus,
    OpExecutionContext,
    RunRequest,
    SkipReason,
    build_run_status_sensor_context,
    build_schedule_context,
    build_sensor_context,
    job,
    op,
)

from pipelines import night_record, sensors
from pipelines.abandoned import claim, fail_abandoned, process_mark, was_abandoned
from pipelines.aftermath import conclude
from pipelines.night import night_of
from pipelines.night_record import Night
from pipelines.retention import forget_old_runs
from pipelines.schedules import JOB_NAME, nightly_schedule
from pipelines.settings import CRAWL_READ, PROCESS_TAG
from warehouse.ledger import Ledger
from warehouse.paths import Home

NO_TELEMETRY = {"telemetry": {"enabled": False}}
NOW = datetime.now(UTC)
NIGHT_ID = "2f5c7234-80f8-462c-bb91-be20853d2fc7"
ENDS = (DagsterEventType.RUN_SUCCESS, DagsterEventType.RUN_FAILURE)
CRAWL_ID = f"20261121T180000Z-{NIGHT_ID[:8]}"


@pytest.fixture
def instance(tmp_path: Path) -> Iterator[DagsterInstance]:
    with DagsterInstance.ephemeral(str(tmp_path), settings=NO_TELEMETRY) as instance:
        yield instance


@pytest.fixture
def stored(tmp_path: Path) -> Iterator[DagsterInstance]:
    """An instance with the storage of a real one."""
    folder = tmp_path / "dagster"
    folder.mkdir()
    with DagsterInstance.local_temp(str(folder), overrides=NO_TELEMETRY) as instance:
        yield instance


@pytest.fixture
def home(fazhi_home: Path) -> Home:
    return Home(fazhi_home)


def add_crawl(home: Home, run_id: str, status: Any = "done") -> None:
    with Ledger(home.ledger_url) as ledger:
        ledger.start_run(run_id, fazhi_version="1", trigger="by hand", started_at=datetime.now(UTC))
        if status != "running":
            ledger.finish_run(run_id, status, datetime.now(UTC))


def add_run(
    instance: DagsterInstance, status: DagsterRunStatus, name: str = JOB_NAME, run_id: str = NIGHT_ID, **tags: str
) -> None:
    @job(name=name)
    def empty() -> None:
        pass

    run = instance.create_run_for_job(empty, run_id=run_id, tags=tags)
    if status is not DagsterRunStatus.NOT_STARTED:
        instance.report_run_failed(run) if status is DagsterRunStatus.FAILURE else start(instance, run_id)


def start(instance: DagsterInstance, run_id: str) -> None:
    event = DagsterEvent(DagsterEventType.RUN_START.value, JOB_NAME)
    instance.report_dagster_event(event, run_id)


def say_read(instance: DagsterInstance, crawl: str, *, news: bool = True) -> None:
    kind = AssetMaterialization if news else AssetObservation
    instance.report_runless_asset_event(kind("documents", metadata={CRAWL_READ: crawl}))


# -- the schedule ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "starts"),
    [
        (None, True),
        (DagsterRunStatus.FAILURE, True),
        (DagsterRunStatus.NOT_STARTED, False),
        (DagsterRunStatus.STARTED, False),
    ],
)
def test_nights_do_not_pile_up(stored: DagsterInstance, status: DagsterRunStatus | None, starts: bool) -> None:
    if status is not None:
        add_run(stored, status)
    with build_schedule_context(stored) as context:
        answer: Any = nightly_schedule(context)
    assert isinstance(answer, RunRequest if starts else SkipReason)


# -- crawls that ended -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("crawls", "read", "run", "expected"),
    [
        ([], None, None, "no crawl has ended"),
        ([("a", "running")], None, None, "no crawl has ended"),
        ([("a", "failed")], None, None, "no crawl has ended"),
        ([("a", "done")], None, None, None),
        ([("a", "done"), ("b", "done")], "a", None, None),
        ([("a", "done"), ("b", "done")], "b", None, "was read"),
        ([("a", "done"), ("b", "running")], "a", None, "was read"),
        ([("a", "done")], None, DagsterRunStatus.STARTED, "is not over yet"),
        ([("a", "done")], None, DagsterRunStatus.NOT_STARTED, "is not over yet"),
        ([("a", "done")], None, DagsterRunStatus.FAILURE, None),
        ([(CRAWL_ID, "done")], None, DagsterRunStatus.FAILURE, "waits for a person"),
    ],
)
@pytest.mark.parametrize("news", [True, False])
def test_a_crawl_by_hand_is_followed_by_the_rest_of_the_night(
    instance: DagsterInstance,
    home: Home,
    crawls: list[tuple[str, str]],
    read: str | None,
    run: DagsterRunStatus | None,
    expected: str | None,
    news: bool,
) -> None:
    for run_id, status in crawls:
        add_crawl(home, run_id, status)
    if read is not None:
        say_read(instance, "long ago", news=not news)
        say_read(instance, read, news=news)
    if run is not None:
        add_run(instance, run)
    answer: Any = sensors.crawl_ended(build_sensor_context(instance))
    if expected is None:
        assert isinstance(answer, RunRequest)
        assert answer.run_key == crawls[-1][0]
    else:
        assert isinstance(answer, SkipReason)
        assert expected in (answer.skip_message or "")


def test_a_night_that_died_is_gone_on_with(instance: DagsterInstance, home: Home) -> None:
    add_crawl(home, CRAWL_ID)
    add_run(instance, DagsterRunStatus.STARTED, **{PROCESS_TAG: f"{NIGHT_ID} {dead_mark()}"})
    sensors.run_abandoned(build_sensor_context(instance))
    assert isinstance(sensors.crawl_ended(build_sensor_context(instance)), RunRequest)
    (record,) = night_record.records(home)
    assert night_record.load(record).status == "failed"


# -- runs whose process is gone ----------------------------------------------------------------------


def dead_mark() -> str:
    """The mark of a process that was killed."""
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as process:
        mark = process_mark(process.pid)
        process.kill()
    assert mark is not None
    return mark


def earlier_mark() -> str:
    """The mark of a process that had the number of this one."""
    mark = process_mark(os.getpid())
    assert mark is not None
    return f"{mark.rpartition(' ')[0]} 1"


MARKS: dict[str, Any] = {
    "dead": lambda: f"{NIGHT_ID} {dead_mark()}",
    "number used again": lambda: f"{NIGHT_ID} {earlier_mark()}",
    "alive": lambda: f"{NIGHT_ID} {process_mark(os.getpid())}",
    "on another machine": lambda: f"{NIGHT_ID} elsewhere 1 boot 1",
    "inherited from the run it retries": lambda: f"another-run {dead_mark()}",
    "not yet made": lambda: "",
}


@pytest.mark.parametrize(
    ("mark", "later", "gone"),
    [
        ("dead", 0, True),
        ("number used again", 0, True),
        ("alive", 3600, False),
        ("on another machine", 3600, False),
        ("inherited from the run it retries", 0, False),
        ("inherited from the run it retries", 3600, True),
        ("not yet made", 0, False),
        ("not yet made", 3600, True),
    ],
)
def test_a_run_without_its_process_is_failed(instance: DagsterInstance, mark: str, later: int, gone: bool) -> None:
    add_run(instance, DagsterRunStatus.STARTED, **{PROCESS_TAG: MARKS[mark]()})
    failed = list(fail_abandoned(instance, datetime.now(UTC) + timedelta(seconds=later)))
    run = instance.get_run_by_id(NIGHT_ID)
    assert run is not None
    assert [each.run_id for each in failed] == [NIGHT_ID] * gone
    assert (run.status is DagsterRunStatus.FAILURE, was_abandoned(run)) == (gone, gone)


def test_a_run_that_works_is_claimed_by_its_process(instance: DagsterInstance) -> None:
    add_run(instance, DagsterRunStatus.STARTED)
    claim(instance, NIGHT_ID)
    assert list(fail_abandoned(instance, datetime.now(UTC) + timedelta(days=1))) == []


def test_no_process_has_no_mark() -> None:
    assert process_mark(2**22 + 1) is None


# -- runs that are over ------------------------------------------------------------------------------


def nightly_run(instance: DagsterInstance, *, fails: bool = False, name: str = JOB_NAME, asset: str = "x") -> str:
    """Run a small job of that name; return its run."""

    @op
    def work(context: OpExecutionContext) -> None:
        context.log_event(AssetMaterialization(asset, partition="51-四川省" if asset == "crawl" else None))
        if fails:
            raise OSError("disk full")

    @job(name=name)
    def small() -> None:
        work()

    return small.execute_in_process(instance=instance, raise_on_error=False).run_id


@pytest.mark.parametrize(
    ("name", "fails", "told"),
    [(JOB_NAME, False, "ok"), (JOB_NAME, True, "red"), ("only_build", True, "red"), ("only_build", False, None)],
)
def test_the_operator_hears_of_nights_and_of_what_is_red(
    instance: DagsterInstance, home: Home, monkeypatch: pytest.MonkeyPatch, name: str, fails: bool, told: str | None
) -> None:
    notices = home.path / "notices.jsonl"
    monkeypatch.setenv("FAZHI_NOTIFY", f"file://{notices}")
    run = instance.get_run_by_id(nightly_run(instance, fails=fails, name=name))
    assert run is not None
    wanted = sensors.run_failed if fails else sensors.run_succeeded
    entries = instance.all_logs(run.run_id)
    event = next(
        entry.dagster_event for entry in entries if entry.dagster_event and entry.dagster_event.event_type in ENDS
    )
    wanted(build_run_status_sensor_context("s", dagster_event=event, dagster_instance=instance, dagster_run=run))
    sent = notices.read_text(encoding="utf-8") if notices.exists() else ""
    assert sent.count("\n") == (1 if told else 0)
    assert (f'"level": "{told}"' in sent) or told is None
    assert ("disk full" in sent) is (fails and told is not None)
    (record,) = night_record.records(home)
    assert night_record.load(record).run_id == run.run_id


def test_a_target_that_is_away_fails_no_night(
    instance: DagsterInstance, home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FAZHI_NOTIFY", f"file://{home.path}")  # a folder takes no text
    monkeypatch.setattr("pipelines.notify.time.sleep", lambda _seconds: None)
    night = night_of(instance, nightly_run(instance))
    (delivery,) = conclude(home, instance, night, NOW)
    assert "IsADirectoryError" in (delivery.error or "")


def test_an_unknown_run_is_an_error(instance: DagsterInstance) -> None:
    with pytest.raises(KeyError, match="no run nothing"):
        night_of(instance, "nothing")


# -- old runs ----------------------------------------------------------------------------------------


def test_old_runs_go_and_what_the_graph_stands_on_stays(stored: DagsterInstance, home: Home) -> None:
    instance = stored
    old = [nightly_run(instance, asset=asset) for asset in ("a", "a", "crawl", "b")]
    failed = nightly_run(instance, fails=True)
    add_run(instance, DagsterRunStatus.STARTED)
    logs = home.path / "logs"
    logs.mkdir()
    (logs / "crawl-old.log").write_text("", encoding="utf-8")
    (logs / "night.log").write_text("", encoding="utf-8")
    output = home.dagster / old[0] / "compute_logs"
    output.mkdir(parents=True)
    for days in (1, 0):
        ended = NOW - timedelta(days=days)
        night_record.save(home, Night(old[days], "done", {}, (), (), (), ended_at=ended))
    assert forget_old_runs(home, instance, NOW, 90) == 0
    later = datetime.now(UTC) + timedelta(days=91)
    assert forget_old_runs(home, instance, later, 90) == 1
    assert {run.run_id for run in instance.get_runs()} == {*old[1:], failed, NIGHT_ID}
    assert not output.exists()
    assert [path.name for path in logs.iterdir()] == ["night.log"]
    assert len(night_record.records(home)) == 1
