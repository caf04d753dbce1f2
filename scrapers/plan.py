"""The plan of a night: which sources to ask, how deep into their lists, and which known pages to look at again.

Pure decisions over source files, histories and the hour; reading the ledger and crawling do not belong here.

Reports on a year are due by the end of March of the next one, so they appear from January to April. A source whose
report is missing is asked every night of that season; the others rest longer the less can be expected of them. A
source that fails is asked ever more rarely. Once a quarter every list is followed to its end, and everything known
is asked for again. Between the sweeps a known page is looked at after a quarter of its age, so that edits and
withdrawals, which mostly happen early, are seen early.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, timezone
from typing import Any, Literal

from scrapers.sources import SourceConfig
from warehouse.history import KnownPage, SourceHistory

Action = Literal["sweep", "check", "rest"]

BEIJING = timezone(timedelta(hours=8))
SEASON_MONTHS = range(1, 5)
SWEEP_DAYS = 91
SWEEP_SPREAD_DAYS = 14
"""Sources are swept up to this many days before the quarter is over, each on its own day, not all in one night."""
CHECK_DAYS: dict[tuple[bool, bool], int] = {
    # (in season, last year's report is held): days between two checks
    (True, False): 1,
    (True, True): 7,
    (False, False): 14,
    (False, True): 30,
}
REFUSED_DAYS = 7
"""A host that refuses us is left alone for a week before it is asked again, however early the season."""
LONGEST_REST_DAYS = 30
RECHECK_SHARE = 0.25
RECHECK_DAYS = (7.0, 180.0)
"""A known page rests for a quarter of its age, at least and at most so many days."""
GRACE = timedelta(hours=6)
"""Nights do not begin at the same minute; what is due within this time is due now."""

YEAR = re.compile(r"(?<!\d)(20\d{2})\s*年")  # 泸州市2023年度法治政府建设工作报告


@dataclass(frozen=True)
class SourcePlan:
    """What to do with one source tonight.

    Attributes:
        source_id: the source.
        action: follow its lists to the end (sweep), read their first pages (check), or leave it alone (rest).
        reason: why, for people.
        list_pages: pages of each list to read; 0 when it rests.
        recheck: known pages to ask for again though no list need name them.
        resting: addresses of known pages that are not to be asked for, even if a list names them.
    """

    source_id: str
    action: Action
    reason: str
    list_pages: int
    recheck: tuple[KnownPage, ...] = ()
    resting: frozenset[str] = frozenset()

    @property
    def is_partial(self) -> bool:
        """Whether a list is left early on purpose, so that its counts say nothing."""
        return self.action == "check"


def full_plan(source: SourceConfig, reason: str = "read in full, as asked for") -> SourcePlan:
    """Read everything of a source."""
    return SourcePlan(source.source_id, "sweep", reason, source.max_pages)


def plan_night(
    sources: Iterable[SourceConfig], histories: Mapping[str, SourceHistory], now: datetime
) -> list[SourcePlan]:
    """Plan a night.

    Args:
        sources: the sources that could be asked.
        histories: what is known of those that were asked before.
        now: an aware time.

    Returns:
        One plan for each source, in their order.
    """
    return [plan_source(source, histories.get(source.source_id, SourceHistory()), now) for source in sources]


def plan_source(source: SourceConfig, history: SourceHistory, now: datetime) -> SourcePlan:
    """Plan one source's night."""
    if source.status == "retired":
        return SourcePlan(source.source_id, "rest", "retired", 0)
    if source.is_sample:
        return full_plan(source, "bundled sample, always read in full")
    wait, why = _waiting(source, history, now)
    if wait is not None:
        return SourcePlan(source.source_id, "rest", f"{why}; again in {_days(wait)}", 0)
    due = [page for page in history.pages if is_recheck_due(page, now)]
    resting = frozenset(page.url for page in history.pages) - {page.url for page in due}
    if history.is_unfinished:
        return replace(full_plan(source, "goes on: the last night's budget was spent"), resting=resting)
    if _is_sweep_due(source, history, now):
        when = "never swept" if history.swept_at is None else f"last swept {_days(now - history.swept_at)} ago"
        return replace(full_plan(source, f"full sweep: {when}"), recheck=history.pages)
    return SourcePlan(
        source.source_id,
        "check",
        why + (f"; {len(due)} known pages to look at again" if due else ""),
        min(source.max_pages, history.newest_on + 1),
        recheck=tuple(due),
        resting=resting,
    )


def _waiting(source: SourceConfig, history: SourceHistory, now: datetime) -> tuple[timedelta | None, str]:
    """How long the source still rests (None when it is its turn), and what its rhythm follows from."""
    if history.asked_at is None:
        return None, "never asked"
    interval, why = _interval(source, history, now)
    left = history.asked_at + interval - now
    return (left if left > GRACE else None), why


def _interval(source: SourceConfig, history: SourceHistory, now: datetime) -> tuple[timedelta, str]:
    """Days between two visits, and why."""
    if history.failures:
        days = min(2 ** (history.failures - 1), LONGEST_REST_DAYS)
        if history.is_refused:
            return timedelta(days=max(days, REFUSED_DAYS)), f"refused {history.failures} times in a row"
        return timedelta(days=days), f"failed {history.failures} times in a row"
    local = now.astimezone(BEIJING)
    in_season, expected = local.month in SEASON_MONTHS, local.year - 1
    held = expected in years_held(history.pages)
    days = CHECK_DAYS[in_season, held]
    if history.is_unfinished or _is_sweep_due(source, history, now):
        days = 1
    season = "in season" if in_season else "out of season"
    return timedelta(days=days), f"{season}, {expected} {'held' if held else 'missing'}"


def _is_sweep_due(source: SourceConfig, history: SourceHistory, now: datetime) -> bool:
    if history.swept_at is None:
        return True
    spread = int.from_bytes(hashlib.sha256(source.source_id.encode()).digest()[:4], "big") % SWEEP_SPREAD_DAYS
    return now - history.swept_at + GRACE >= timedelta(days=SWEEP_DAYS - spread)


def plan_json(plan: SourcePlan) -> dict[str, Any]:
    """A plan as plain values."""
    return {
        "source_id": plan.source_id,
        "action": plan.action,
        "reason": plan.reason,
        "list_pages": plan.list_pages,
        "recheck": [page.url for page in plan.recheck],
        "resting": len(plan.resting),
    }


def years_held(pages: Sequence[KnownPage]) -> frozenset[int]:
    """The years that titles of known pages name; a title without one counts for the year before it was dated."""
    years: set[int] = set()
    for page in pages:
        named = YEAR.findall(page.list_title or "")
        years.update(map(int, named))
        if not named and page.list_date is not None:
            years.add(page.list_date.year - 1)
    return frozenset(years)


def is_recheck_due(page: KnownPage, now: datetime) -> bool:
    """Whether a known page has rested for a quarter of its age, within bounds."""
    shortest, longest = RECHECK_DAYS
    age = (page.asked_at - page.changed_at).total_seconds() / 86_400
    rest = timedelta(days=min(max(age * RECHECK_SHARE, shortest), longest))
    return now + GRACE >= page.asked_at + rest


def _days(span: timedelta) -> str:
    days = max(1, round(span.total_seconds() / 86_400))
    return f"{days} day{'' if days == 1 else 's'}"
