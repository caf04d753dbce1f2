"""The gate as Dagster asset checks: red ones stop the release, green ones set the seal that publishing asks for.

Thin wiring over ``gate.py``; the tests of the dbt project become checks by themselves in ``assets.py``.
"""

from collections.abc import Iterator

from dagster import (
    AssetCheckExecutionContext,
    AssetCheckResult,
    AssetCheckSeverity,
    AssetCheckSpec,
    Config,
    multi_asset_check,
)

from pipelines import progress
from pipelines.gate import CHECKS, seal, verdicts
from pipelines.resources import NightHome

SEVERITIES = {"error": AssetCheckSeverity.ERROR, "warn": AssetCheckSeverity.WARN}


class GateConfig(Config):
    """What a run may say about its gate.

    Attributes:
        accept_drop: publish although there are far fewer rows than in the last release, because somebody knows why.
    """

    accept_drop: bool = False


@multi_asset_check(
    name="gate",
    specs=[
        AssetCheckSpec(check.name, asset=check.mart, blocking=True, description=check.description) for check in CHECKS
    ],
)
def gate(context: AssetCheckExecutionContext, config: GateConfig, night: NightHome) -> Iterator[AssetCheckResult]:
    """Ask every question of the gate; when none is red, seal the build as fit to be published."""
    progress.stage("check", len(CHECKS))
    found = verdicts(night.home, accept_drop=config.accept_drop)
    if not any(verdict.blocks for verdict in found.values()):
        seal(night.home)
    for check in CHECKS:
        verdict = found[check.name]
        context.log.info(f"{check.name}: {verdict.message}")
        yield AssetCheckResult(
            check_name=check.name,
            asset_key=check.mart,
            passed=verdict.passed,
            severity=SEVERITIES[verdict.severity],
            description=verdict.message,
            metadata={"found": list(verdict.found)},
        )
        progress.advance()
