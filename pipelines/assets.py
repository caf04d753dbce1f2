"""The assets of a night as Dagster sees them: crawl → captures → documents → observations → dbt models → release.

Thin wiring: each asset calls a function that lives elsewhere and says in metadata what came of it. Whether there is
news is asked in ``reading``: without news it yields nothing, and Dagster skips (not fails) everything after it.
"""

import json
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import Any

import pandas as pd
from dagster import (
    AssetCheckResult,
    AssetExecutionContext,
    AssetKey,
    AssetMaterialization,
    AssetObservation,
    AssetSpec,
    BackfillPolicy,
    Backoff,
    Config,
    Failure,
    FreshnessPolicy,
    MaterializeResult,
    MetadataValue,
    RetryPolicy,
    StaticPartitionsDefinition,
    asset,
    multi_asset,
)
from dagster_dbt import DagsterDbtTranslator, DagsterDbtTranslatorSettings, dbt_assets
from pydantic import Field

from pipelines import progress
from pipelines.checks import FOUND, TO_DO
from pipelines.crawling import BadSourcesError, source_files
from pipelines.crawling import crawl as crawl_sources
from pipelines.dbt_failures import RESULTS, FailedTest, failed_tests
from pipelines.gate import break_seal
from pipelines.loading import last_crawl_loaded, load_ledger
from pipelines.manifest import MANIFEST, prepare
from pipelines.news import find_news
from pipelines.provinces import ProvinceCrawl, crawled_provinces, files_of, provinces
from pipelines.release import build_release
from pipelines.rereading import reread
from pipelines.resources import NightHome, QuietDbt
from pipelines.settings import CRAWL_READ, NEWS_TAG, RELEASE_TAG, TRIGGER_TAG, default_sources

NO_NEWS = "nothing new: content and code are those of the latest release"
# A crawl that died is tried again after 20 and 40 seconds; a withheld release is not.
CRAWL_RETRIES = RetryPolicy(max_retries=2, delay=20, backoff=Backoff.EXPONENTIAL)

PROVINCES = StaticPartitionsDefinition(list(provinces().values()))
# A night that did not come by noon is late, one that did not come at all is missed. Without news nothing after the
# crawl is made again, so only the release has a limit beyond that: a new quarter always makes one.
EVERY_NIGHT = FreshnessPolicy.time_window(fail_window=timedelta(hours=48), warn_window=timedelta(hours=34))
EVERY_QUARTER = FreshnessPolicy.time_window(fail_window=timedelta(days=100), warn_window=timedelta(days=95))

# What a person looks at first after a release.
PREVIEWED_MART = "fct_report"
PREVIEW_ROWS = 10
# The dbt source tables by the asset that fills them.
RAW_ASSETS = {
    "source": "captures",
    "crawl_run": "captures",
    "capture": "captures",
    "attempt": "captures",
    "document": "documents",
    "section": "documents",
    "issue": "documents",
    "read_state": "documents",
    "observation": "observations",
    "item": "observations",
    "citation": "observations",
}


def markdown(head: Sequence[str], lines: Iterable[Sequence[object]]) -> MetadataValue[Any]:
    """Return a table for Dagster's web view."""
    rows = [head, ["---"] * len(head), *lines]
    return MetadataValue.md("\n".join(f"| {' | '.join(map(str, row))} |" for row in rows))


class CrawlConfig(Config):
    """What a run may say about its crawl.

    Attributes:
        sources: folders, globs or files of sources; empty for the sources that the environment names.
        full: read every source to the end of its lists, whatever the night's plan says.
    """

    sources: list[str] = Field(default_factory=list)
    full: bool = False


@multi_asset(
    name="crawl",
    partitions_def=PROVINCES,
    specs=[
        AssetSpec(
            "crawl",
            group_name="raw",
            skippable=True,
            partitions_def=PROVINCES,
            freshness_policy=EVERY_NIGHT,
            description="Every source asked once; archive and ledger grow by what is new. A night asks all provinces "
            "and notes down each; a run of one partition asks the sources of that province alone, and at once.",
        )
    ],
    retry_policy=CRAWL_RETRIES,
    backfill_policy=BackfillPolicy.multi_run(max_partitions_per_run=1),
)
def crawl(context: AssetExecutionContext, config: CrawlConfig, night: NightHome) -> Iterator[MaterializeResult[Any]]:
    """Run the crawl process and report its summary, by province; wrong source files are not tried again."""
    progress.stage("crawl")
    started = datetime.now(UTC)
    run_id = f"{started:%Y%m%dT%H%M%SZ}-{context.run_id[:8]}"
    sources = config.sources or default_sources()
    province = context.partition_key if context.has_partition_key else None
    if province is not None:
        sources = [str(path) for path in files_of(source_files(sources), province)]
        if not sources:
            context.log.info(f"no source lies in {province}")
            return
    log = night.home.path / "logs" / f"crawl-{run_id}.log"
    try:
        trigger = context.run.tags.get(TRIGGER_TAG, "dagster")
        # Whoever names a province wants it asked now, not when the plan has it due.
        summary = crawl_sources(sources, run_id, trigger, log, full=config.full or province is not None)
    except BadSourcesError as error:
        raise Failure(str(error), allow_retries=False) from error
    found = crawled_provinces(night.home, run_id)
    if province is None:
        note_provinces(context, found)
    elif found and not found[0].is_reached:
        raise Failure(f"no source of {province} gave a page\n{found[0].reasons()}", allow_retries=False)
    yield MaterializeResult(
        asset_key="crawl",
        metadata={
            **{key: value for key, value in asdict(summary).items() if isinstance(value, int | str)},
            "failed_sources": list(summary.failed_sources),
            "outcomes": markdown(("outcome", "attempts"), sorted(summary.outcomes.items())),
            "provinces": markdown(
                ("province", "sources", "gave nothing", "new captures"),
                [(each.key, each.asked, len(each.failed), each.new_captures) for each in found],
            ),
            "seconds": (datetime.now(UTC) - started).total_seconds(),
            "log": MetadataValue.path(str(log)),
        },
    )


def note_provinces(context: AssetExecutionContext, found: Iterable[ProvinceCrawl]) -> None:
    """Tell Dagster what a night's crawl gave of each province: reached ones are made, the others only seen to fail."""
    for each in found:
        metadata: dict[str, Any] = {
            "sources": each.asked,
            "new_captures": each.new_captures,
            "failed_sources": list(each.failed),
            "outcomes": markdown(("outcome", "attempts"), sorted(each.outcomes.items())),
        }
        if each.is_reached:
            context.log_event(AssetMaterialization("crawl", partition=each.key, metadata=metadata))
        else:
            observed = {**metadata, "reasons": each.reasons()}
            context.log_event(AssetObservation("crawl", partition=each.key, metadata=observed))


@asset(
    deps=["crawl"],
    group_name="raw",
    freshness_policy=EVERY_NIGHT,
    description="The ledger's tables in the warehouse.",
)
def captures(night: NightHome) -> MaterializeResult[Any]:
    """Load sources, runs, captures and attempts."""
    progress.stage("load")
    changes = load_ledger(night.home)
    lines = [(name, change.new, change.changed, change.removed, change.unchanged) for name, change in changes.items()]
    return MaterializeResult(
        metadata={
            "new_captures": changes["capture"].new,
            "tables": markdown(("table", "new", "changed", "removed", "unchanged"), lines),
        },
    )


@multi_asset(
    name="reading",
    specs=[
        AssetSpec(
            "documents",
            deps=[captures],
            group_name="raw",
            skippable=True,
            description="Pages read as documents with their sections: title, dates, issuer, region, year, kind.",
        ),
        AssetSpec(
            "observations",
            deps=["documents"],
            group_name="raw",
            skippable=True,
            description="Numbers, problems, plans and cited documents that the reports state, each with its place.",
        ),
    ],
)
def reading(context: AssetExecutionContext, night: NightHome) -> Iterator[MaterializeResult[Any] | AssetObservation]:
    """Read what was not read with the present versions; without news, say so and let the rest be skipped."""
    started = time.monotonic()
    pages = reread(night.home)
    news = find_news(night.home)
    summary: dict[str, Any] = {
        "pages_read": pages.pages,
        "pages_failed": pages.failed,
        "news": news.reason or NO_NEWS,
        CRAWL_READ: last_crawl_loaded(night.home) or "",
        "seconds": round(time.monotonic() - started, 3),
    }
    context.log.info(str(summary["news"]))
    context.instance.add_run_tags(context.run_id, {NEWS_TAG: "no" if news.reason is None else "yes"})
    if news.reason is None:
        yield AssetObservation("documents", metadata=summary)
        return
    rows = news.rows
    yield MaterializeResult(
        asset_key="documents",
        metadata={**summary, "documents": rows["document"], "sections": rows["section"]},
    )
    yield MaterializeResult(
        asset_key="observations",
        metadata={
            "observations": rows["observation"],
            "items": rows["item"],
            "citations": rows["citation"],
            "issues": rows["issue"],
        },
    )


class Translator(DagsterDbtTranslator):
    """Names dbt's nodes in the asset graph: raw tables are the assets that fill them, models keep their name."""

    def get_asset_key(self, dbt_resource_props: Mapping[str, Any]) -> AssetKey:
        """Return the asset of a dbt node.

        Raises:
            KeyError: a dbt source that no asset fills.
        """
        if dbt_resource_props["resource_type"] == "source":
            return AssetKey(RAW_ASSETS[dbt_resource_props["name"]])
        return AssetKey(dbt_resource_props["name"])

    def get_group_name(self, dbt_resource_props: Mapping[str, Any]) -> str:
        """Return the folder of a model (staging, intermediate, marts), or ``seeds``."""
        if dbt_resource_props["resource_type"] == "seed":
            return "seeds"
        return str(dbt_resource_props["fqn"][1])


@dbt_assets(
    manifest=prepare(),
    name="dbt_models",
    dagster_dbt_translator=Translator(
        DagsterDbtTranslatorSettings(
            enable_duplicate_source_asset_keys=True,
            enable_asset_checks=True,
        )
    ),
)
def dbt_models(context: AssetExecutionContext, dbt: QuietDbt, night: NightHome) -> Iterator[Any]:
    """Build and test seeds, models and marts; a failed test of severity error fails the step."""
    progress.stage("build", len(context.selected_asset_keys))
    break_seal(night.home)
    target = night.home.path / "dbt"
    (target / RESULTS).unlink(missing_ok=True)
    building = dbt.cli(["build"], context=context, target_path=target, raise_on_error=False)
    not_green: list[AssetCheckResult] = []
    for event in building.stream():
        if isinstance(event, AssetCheckResult) and not event.passed:
            # Its rows can be looked at when dbt has let go of the warehouse.
            not_green.append(event)
            continue
        if isinstance(event, MaterializeResult):
            progress.advance()
        yield event
    error = building.get_error()
    if not_green:
        found = failed_tests(night.home.warehouse, target, json.loads(MANIFEST.read_text(encoding="utf-8")))
        for result in not_green:
            yield told(result, found.get(str(result.metadata["unique_id"].value)))
    if error is not None:
        raise error


def told(result: AssetCheckResult, found: FailedTest | None) -> AssetCheckResult:
    """Return the result of a test that is not green with what it found; dbt itself only counts."""
    if found is None:
        return result
    return AssetCheckResult(
        asset_key=result.asset_key,
        check_name=result.check_name,
        passed=False,
        severity=result.severity,
        description=found.message,
        metadata={
            **result.metadata,
            "table": found.table,
            "columns": found.columns,
            FOUND: list(found.rows),
            TO_DO: found.to_do,
        },
    )


MARTS = [spec.key for spec in dbt_models.specs if spec.group_name == "marts"]


@asset(
    deps=MARTS,
    group_name="release",
    freshness_policy=EVERY_QUARTER,
    description="The folder that analysts open, switched in one step.",
)
def release(context: AssetExecutionContext, night: NightHome) -> MaterializeResult[Any]:
    """Publish the sealed marts; what is the latest release already is left as it is."""
    progress.stage("publish")
    made = build_release(night.home, MANIFEST, find_news(night.home).fingerprint)
    context.instance.add_run_tags(context.run_id, {RELEASE_TAG: made.release_id})
    preview = pd.read_csv(made.path / f"{PREVIEWED_MART}.csv", nrows=PREVIEW_ROWS, dtype=str, keep_default_na=False)
    return MaterializeResult(
        metadata={
            "new": made.is_new,
            "id": made.release_id,
            "folder": MetadataValue.path(str(made.path)),
            "content_sha256": made.content_sha256,
            "tables": markdown(("mart", "rows"), sorted(made.tables.items())),
            PREVIEWED_MART: markdown(list(preview.columns), preview.itertuples(index=False)),
        },
    )
