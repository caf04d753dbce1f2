"""The morning summary: what the last night brought, what failed and why, and what to do about it.

Made from the record of the night and the small files of the data home, so that it needs neither Dagster nor the
warehouse. Where it is sent is in ``notify.py``, how it looks on a terminal in ``cli_show.py``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from pipelines.night_record import CheckResult, Night, StepFailure, last_night
from pipelines.notify import Delivery, Level, Notice, undelivered
from pipelines.provinces import next_steps
from pipelines.settings import TIMEZONE
from pipelines.status import SourceState, StatusReport, look
from warehouse.paths import Home

# A night is due every day; a summary older than this tells of a night that is over, not of the last one.
LATE = timedelta(hours=34)
NAMES_SHOWN = 5

HEADLINES: Mapping[str, str] = {
    "published": "a new release is published",
    "unchanged": "nothing new, the release stays as it is",
    "done": "done",
    "withheld": "the release was withheld, the last one stands",
    "failed": "the night failed, the release stays as it was",
    "bad_input": "the sources cannot be used, nothing was changed",
    "locked": "another run held the lock, nothing was done",
}
DROP_ADVICE = "If the fall is known and wanted: fazhi run --accept-drop. Else look for what is missing in fazhi status."
# What to do when a check is red or warns; a test of the dbt project says it itself unless dbt broke off.
ADVICE: Mapping[str, str] = {
    "sources_reached": "Is this machine online? fazhi crawl --plan shows what is due; fazhi source check asks one.",
    "sources_fresh": "See the sources below: a portal that moved needs a new address, a refusing one is left alone.",
    "sources_have_reports": "fazhi source check names the column; mend start_urls or the title rule of the source.",
    "evidence_present": "Numbers without their sentence are a fault of reading: fazhi run --only read, then report it.",
    "reports_kept": DROP_ADVICE,
    "observations_kept": DROP_ADVICE,
    "marts_kept": DROP_ADVICE,
    "pages_read": "fazhi query \"from fct_data_issue where kind = 'reading_failed'\" names page and error.",
    "issues_steady": 'fazhi query "select kind, count(*) from fct_data_issue group by all" shows what became more.',
    "regions_resolved": "Add the missing name to region_aliases.csv, or the region to the source.",
    "identities_hold": "Compare the sentences in fct_identity_check: misread numbers go into corrections.csv.",
}
DBT_ADVICE = "make dagster shows the check with the number of rows; its test file in dbt_project says what it demands."
STATUS_ADVICE: Mapping[str, str] = {
    "failed": "fazhi doctor; then fazhi run again: what was archived and loaded is kept.",
    "bad_input": "python -m scrapers sources --sources … checks the source files alone.",
    "locked": "Wait for the run that holds the lock, or end its process: the lock is freed when it dies.",
}
NO_NIGHT_ADVICE = "Is the daemon (or cron) running? fazhi doctor; a night by hand: fazhi run."


@dataclass(frozen=True)
class Failed:
    """Something that failed, and why."""

    what: str
    why: str


@dataclass(frozen=True)
class Morning:
    """The summary of a night.

    Attributes:
        night: the record it tells of; None when no night has ended yet.
        level: whether it needs attention.
        headline: one line.
        came: what came, by name.
        failed: what failed and why.
        to_do: what to do, each advice once.
        release: id of the latest release; None before the first.
    """

    night: Night | None
    level: Level
    headline: str
    came: Mapping[str, int]
    failed: tuple[Failed, ...]
    to_do: tuple[str, ...]
    release: str | None

    def as_json(self) -> dict[str, Any]:
        """Return the summary as plain values."""
        return {
            "headline": self.headline,
            "level": self.level,
            "run_id": self.night.run_id if self.night else None,
            "job": self.night.job if self.night else None,
            "status": self.night.status if self.night else None,
            "ended_at": self.night.ended_at.isoformat() if self.night else None,
            "release": self.release,
            "came": dict(self.came),
            "failed": [{"what": each.what, "why": each.why} for each in self.failed],
            "to_do": list(self.to_do),
        }

    def as_text(self) -> str:
        """Return the summary for a person."""
        lines = ["What came"]
        lines += [f"  {name}: {count:,}" for name, count in self.came.items()] or ["  nothing"]
        lines += ["", "What failed, and why"]
        for each in self.failed:
            first, *rest = each.why.splitlines() or ["no reason given"]
            lines += [f"  {each.what}: {first}", *(f"      {line}" for line in rest)]
        lines += [] if self.failed else ["  nothing"]
        lines += ["", "What to do"]
        lines += [f"  {number}. {step}" for number, step in enumerate(self.to_do, 1)] or ["  nothing"]
        lines += ["", f"Release: {self.release or 'none yet'}"]
        return "\n".join(lines)

    def as_notice(self) -> Notice:
        """Return the summary as it is sent."""
        return Notice(self.headline, self.as_text(), self.level, self.as_json())


def morning(home: Home, night: Night | None = None, now: datetime | None = None) -> Morning:
    """Summarise a night of a data home.

    Args:
        home: the data home.
        night: the night; None for the last one on record, and for what is wrong beside it.
        now: the present moment; None for a night that has just ended.

    Raises:
        NightRecordError: a record is damaged.
        ReleaseDamagedError: the latest release is damaged.
    """
    report = look(home)
    night = night or last_night(home)
    failing = tuple(source for source in report.sources if source.is_failing and source.last_outcomes)
    failures = list(_failed(night, failing, undelivered(home)))
    to_do = list(_to_do(night, failing))
    is_late = now is not None and (night is None or now - night.ended_at > LATE)
    if is_late:
        since = f"since {_local(night.ended_at)}" if night else "yet"
        failures.insert(0, Failed("night", f"no night has ended {since}"))
        to_do.insert(0, NO_NIGHT_ADVICE)
    is_red = is_late or (night is not None and night.needs_attention)
    return Morning(
        night=night,
        level="red" if is_red else "ok",
        headline=_headline(night, is_red=is_red),
        came=_came(night, report),
        failed=tuple(failures),
        to_do=tuple(dict.fromkeys(to_do)),
        release=report.release.name if report.release else None,
    )


def _local(moment: datetime) -> str:
    return f"{moment.astimezone(ZoneInfo(TIMEZONE)):%Y-%m-%d %H:%M}"


def _headline(night: Night | None, *, is_red: bool) -> str:
    if night is None:
        return "fazhi: no night has ended yet"
    mark = "[RED] " if is_red else ""
    job = "" if night.job == "nightly" else f" ({night.job})"
    return f"{mark}fazhi {_local(night.ended_at)}{job}: {HEADLINES[night.status]}"


def _came(night: Night | None, report: StatusReport) -> Mapping[str, int]:
    """Counts of the night and of the release; what a night did not come to is left out."""
    said = night.metadata if night else {}
    counts = [
        ("sources asked", said.get("crawl", {}).get("sources")),
        ("pages", said.get("crawl", {}).get("pages")),
        ("new captures", said.get("crawl", {}).get("captures_new")),
        ("pages read", said.get("documents", {}).get("pages_read")),
        ("pages that could not be read", said.get("documents", {}).get("pages_failed")),
    ]
    if report.release:
        counts += [
            (f"{name} in the release", report.release.rows.get(mart))
            for name, mart in (
                ("reports", "fct_report"),
                ("observations", "fct_observation"),
                ("issues", "fct_data_issue"),
            )
        ]
    return {name: int(count) for name, count in counts if count is not None}


def _failed(
    night: Night | None, failing: Sequence[SourceState], undelivered_to: Sequence[Delivery]
) -> Iterator[Failed]:
    for check in _told_checks(night):
        colour = "red check" if check.status == "failed" else "warning"
        yield Failed(f"{colour} {check.asset}.{check.name}", "\n".join([check.message or "no message", *check.found]))
    for failure in _own_failures(night):
        yield Failed(f"step {failure.step}", failure.reason)
    for source in failing:
        yield Failed(f"source {source.source_id}", ", ".join(source.last_outcomes))
    for delivery in undelivered_to:
        yield Failed(f"notice to {delivery.target}", delivery.error or "")


def _told_checks(night: Night | None) -> list[CheckResult]:
    """The checks that are not green, red ones first."""
    checks = night.checks if night else ()
    return sorted((each for each in checks if each.status != "passed"), key=lambda each: each.status != "failed")


def _own_failures(night: Night | None) -> list[StepFailure]:
    """The steps that failed by themselves; that a red check stops the run is told by the check."""
    failures = night.failures if night else ()
    return [each for each in failures if each.error != "DagsterAssetCheckFailedError"]


def _to_do(night: Night | None, failing: Sequence[SourceState]) -> Iterator[str]:
    if night is not None:
        for check in _told_checks(night):
            yield f"{check.asset}: {check.to_do}" if check.to_do else ADVICE.get(check.name, DBT_ADVICE)
        if night.status in STATUS_ADVICE:
            yield STATUS_ADVICE[night.status]
    by_advice: dict[str, list[str]] = {}
    for source in failing:
        for advice in next_steps(source.last_outcomes):
            by_advice.setdefault(advice, []).append(source.source_id)
    for advice, sources in by_advice.items():
        more = f" and {len(sources) - NAMES_SHOWN} more" if len(sources) > NAMES_SHOWN else ""
        yield f"{', '.join(sources[:NAMES_SHOWN])}{more}: {advice}"
