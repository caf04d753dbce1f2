"""What a run's events become: status, reasons, checks. Tried on small jobs, not on the night itself."""

import errno
import shutil
from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from dagster import (
    AssetCheckResult,
    AssetCheckSeverity,
    AssetCheckSpec,
    AssetSpec,
    DagsterInstance,
    Definitions,
    Failure,
    MaterializeResult,
    asset,
    define_asset_job,
    multi_asset,
    multi_asset_check,
)
from rich.console import Console
from sqlalchemy.exc import OperationalError

from pipelines import definitions
from pipelines.checks import FOUND, TO_DO
from pipelines.cli_show import show_night
from pipelines.crawling import BadSourcesError
from pipelines.morning import morning
from pipelines.night import NightBrokenOffError, outcome_of, run_night, shortened
from pipelines.night_record import Night
from pipelines.release import ReleaseBlockedError
from warehouse.paths import Home


def run(*, news: bool = True, crawl: Exception | None = None, check: str = "passed", publish: Any = True) -> Night:
    """Run a small night: crawl → documents → mart, a check on it → release."""

    @asset(name="crawl")
    def crawl_asset() -> MaterializeResult[Any]:
        if crawl is not None:
            try:
                raise crawl
            except BadSourcesError as error:
                raise Failure(str(error), allow_retries=False) from error
        return MaterializeResult(metadata={"sources": 5, "outcomes": {"fetched": 3}})

    @multi_asset(specs=[AssetSpec("documents", deps=["crawl"], skippable=True)])
    def reading() -> Iterator[MaterializeResult[Any]]:
        if news:
            yield MaterializeResult(asset_key="documents")

    @asset(deps=["documents"])
    def mart() -> MaterializeResult[Any]:
        return MaterializeResult()

    @multi_asset_check(specs=[AssetCheckSpec("good", asset="mart", blocking=True)])
    def gate() -> Iterator[AssetCheckResult]:
        severity = AssetCheckSeverity.WARN if check == "warned" else AssetCheckSeverity.ERROR
        yield AssetCheckResult(
            check_name="good",
            asset_key="mart",
            passed=check == "passed",
            severity=severity,
            description="4 of 5",
            metadata={FOUND: ["code=1", "code=2"], TO_DO: "mend mart.csv"},
        )

    @asset(deps=["mart"])
    def release() -> MaterializeResult[Any]:
        if isinstance(publish, Exception):
            raise publish
        return MaterializeResult(metadata={"new": publish})

    definitions = Definitions(
        assets=[crawl_asset, reading, mart, release], asset_checks=[gate], jobs=[define_asset_job("all")]
    )
    with DagsterInstance.ephemeral(settings={"telemetry": {"enabled": False}}) as instance:
        result = definitions.resolve_job_def("all").execute_in_process(instance=instance, raise_on_error=False)
    return outcome_of(result, None)


@pytest.mark.parametrize(
    ("night", "status"),
    [
        ({}, "published"),
        ({"check": "warned"}, "published"),
        ({"publish": False}, "unchanged"),
        ({"news": False}, "unchanged"),
        ({"check": "failed"}, "withheld"),
        ({"publish": ReleaseBlockedError("not sealed")}, "withheld"),
        ({"publish": OSError("disk full")}, "failed"),
        ({"crawl": BadSourcesError("a.yml: region: missing")}, "bad_input"),
        ({"crawl": RuntimeError("killed")}, "failed"),
    ],
)
def test_status(night: dict[str, Any], status: str) -> None:
    assert run(**night).status == status


def test_without_news_the_rest_is_skipped_not_failed() -> None:
    night = run(news=False)
    assert night.failures == ()
    assert {"mart", "release"} <= set(night.skipped)


@pytest.mark.parametrize(("check", "message"), [("failed", "4 of 5"), ("warned", "4 of 5")])
def test_checks_are_told_with_their_message(check: str, message: str) -> None:
    (found,) = run(check=check).checks
    assert (found.asset, found.name, found.status, found.message) == ("mart", "good", check, message)
    assert (found.found, found.to_do) == (("code=1", "code=2"), "mend mart.csv")


@pytest.mark.parametrize("check", ["failed", "warned"])
def test_what_a_check_found_is_told_in_the_morning_and_on_the_terminal(fazhi_home: Path, check: str) -> None:
    night, home = run(check=check), Home(fazhi_home)
    summary = morning(home, night)
    assert "mart: mend mart.csv" in summary.to_do
    assert any(each.why == "4 of 5\ncode=1\ncode=2" for each in summary.failed)
    console = Console(file=StringIO(), width=40)
    show_night(console, night, home)
    assert isinstance(console.file, StringIO)
    assert f"{check}: mart.good: 4 of 5\n    code=1\n    code=2\n    mend mart.csv\n" in console.file.getvalue()


@pytest.mark.parametrize(
    ("night", "step", "reason"),
    [
        ({"crawl": BadSourcesError("a.yml: region: missing")}, "crawl", "a.yml: region: missing"),
        ({"crawl": RuntimeError("killed")}, "crawl", "killed"),
        ({"publish": OSError("disk full")}, "release", "disk full"),
    ],
)
def test_failures_tell_step_and_reason(night: dict[str, Any], step: str, reason: str) -> None:
    (failure,) = run(**night).failures
    assert failure.step == step
    assert failure.reason == reason


def test_metadata_comes_back_plain() -> None:
    assert run().metadata["crawl"] == {"sources": 5, "outcomes": {"fetched": 3}}


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        ("pipelines.release.ReleaseBlockedError: not sealed\n", "not sealed"),
        ("run dbt\nErrors parsed from dbt logs:\n\nFAIL 1 unique_x\n", "FAIL 1 unique_x"),
        ("nothing to take away", "nothing to take away"),
    ],
)
def test_reasons_are_shortened(message: str, expected: str) -> None:
    assert shortened(message) == expected


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (OSError(errno.ENOSPC, "No space left on device"), "No space left on device"),
        (OperationalError("commit", {}, Exception("database or disk is full")), "database or disk is full"),
    ],
)
def test_a_night_that_cannot_be_written_down_says_why(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: Exception, reason: str
) -> None:
    def fail(**_settings: object) -> None:
        raise error

    job = SimpleNamespace(execute_in_process=fail)
    monkeypatch.setattr(definitions, "defs", SimpleNamespace(resolve_job_def=lambda _name: job))
    monkeypatch.setattr(DagsterInstance, "get", DagsterInstance.ephemeral)
    usage = shutil.disk_usage(tmp_path)
    monkeypatch.setattr(shutil, "disk_usage", lambda _place: usage._replace(free=2 << 20))
    with pytest.raises(NightBrokenOffError, match=rf"{reason}\.\n.* has 2 MiB free"):
        run_night(Home(tmp_path), stage=None, sources=[], accept_drop=False)
