"""The checks of ``gate_checks.py`` as Dagster asset checks: on the crawl every night, on the marts before a release.

Thin wiring: red ones that block stop what comes after them, green ones of the gate set the seal that publishing asks
for. The tests of the dbt project become checks by themselves in ``assets.py``.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from dagster import (
    AssetCheckExecutionContext,
    AssetCheckResult,
    AssetCheckSeverity,
    AssetCheckSpec,
    Config,
    MetadataValue,
    multi_asset_check,
)

from pipelines import progress
from pipelines.gate import seal, verdicts
from pipelines.gate_checks import CHECKS, NIGHT_CHECKS, Check, Verdict
from pipelines.resources import NightHome

SEVERITIES = {"error": AssetCheckSeverity.ERROR, "warn": AssetCheckSeverity.WARN}
# The offending items in a result's metadata; the numbers stand beside it under their own names.
FOUND = "found"
# What to do about it, where the result says so itself.
TO_DO = "to_do"


class GateConfig(Config):
    """What a run may say about its gate.

    Attributes:
        accept_drop: publish although there are far fewer rows than in the last release, because somebody knows why.
    """

    accept_drop: bool = False


def specs(checks: Sequence[Check]) -> list[AssetCheckSpec]:
    """Return the checks as Dagster is told of them."""
    return [
        AssetCheckSpec(check.name, asset=check.asset, blocking=check.stops, description=check.description)
        for check in checks
    ]


def results(
    context: AssetCheckExecutionContext, checks: Sequence[Check], found: Mapping[str, Verdict]
) -> Iterator[AssetCheckResult]:
    """Yield the verdicts as results, with what was counted and what was found in their metadata."""
    for check in checks:
        verdict = found[check.name]
        context.log.info(f"{check.name}: {verdict.message}")
        numbers: dict[str, Any] = {
            name: MetadataValue.float(value) if isinstance(value, float) else MetadataValue.int(value)
            for name, value in verdict.numbers.items()
        }
        yield AssetCheckResult(
            check_name=check.name,
            asset_key=check.asset,
            passed=verdict.passed,
            severity=SEVERITIES[verdict.severity],
            description=verdict.message,
            metadata={**numbers, FOUND: list(verdict.found)},
        )
        progress.advance()


@multi_asset_check(name="watch", specs=specs(NIGHT_CHECKS))
def watch(context: AssetCheckExecutionContext, night: NightHome) -> Iterator[AssetCheckResult]:
    """Ask what must be asked every night, whether or not there is news."""
    yield from results(context, NIGHT_CHECKS, verdicts(night.home, NIGHT_CHECKS))


@multi_asset_check(name="gate", specs=specs(CHECKS))
def gate(context: AssetCheckExecutionContext, config: GateConfig, night: NightHome) -> Iterator[AssetCheckResult]:
    """Ask every question of the gate; when none is red, seal the build as fit to be published."""
    progress.stage("check", len(CHECKS))
    found = verdicts(night.home, CHECKS, accept_drop=config.accept_drop)
    if not any(verdict.blocks for verdict in found.values()):
        seal(night.home)
    yield from results(context, CHECKS, found)
