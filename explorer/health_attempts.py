"""Attempts of the crawl as a release has them: counted by host or kind and class of outcome, and one by one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from starlette.responses import Response

from explorer.paging import paging
from explorer.releases import Release
from explorer.web import View, page_route

CLASSES = ("seen", "nothing_there", "refused", "blocked", "unreachable", "unreadable", "other")
"""Of outcomes; "other" is an outcome that has no class."""
GOOD = frozenset({"seen", "nothing_there"})
PERIODS = {"1": 1, "7": 7, "30": 30, "90": 90, "365": 365, "all": None}
"""Days before the newest attempt, as they stand in addresses."""
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
"""Since when there are attempts where there are none."""
HOSTS_SHOWN = 50
ATTEMPTS_SHOWN = 50

_FROM = """
from fct_crawl_outcome
where started_at >= $since
    and ($kind is null or kind = $kind)
    and ($host is null or host = $host)
    and ($class is null or coalesce(outcome_class, 'other') = $class)
    and ($outcome is null or outcome = $outcome)
"""
_COUNTED = """
select {by} as name, coalesce(outcome_class, 'other') as class, count(*) as count
{where}
group by all
"""
_ATTEMPTS = """
select
    started_at, source_id, region_code, url, kind, outcome, coalesce(outcome_class, 'other') as outcome_class,
    reading_outcome, http_status, payload_bytes, duration_ms, detail, stop_reason
{where}
order by started_at desc, attempt_id desc
limit $limit offset $offset
"""


@dataclass(frozen=True)
class Asked:
    """Which attempts an address asks for; None for all.

    Attributes:
        period: days before the newest attempt, as in the address.
        since: the moment that means.
        kind: what was asked for: list, article, attachment, robots.
        host: the host.
        outcome_class: class of the outcome.
        outcome: the outcome.
        kinds: those there are.
        outcomes: those there are.
    """

    period: str
    since: datetime
    kind: str | None
    host: str | None
    outcome_class: str | None
    outcome: str | None
    kinds: Sequence[str]
    outcomes: Sequence[str]

    @property
    def parameters(self) -> dict[str, Any]:
        """What the queries need."""
        return {
            "since": self.since,
            "kind": self.kind,
            "host": self.host,
            "class": self.outcome_class,
            "outcome": self.outcome,
        }


@dataclass(frozen=True)
class Line:
    """Attempts of one host or kind.

    Attributes:
        name: of the host or kind; empty when it is unknown.
        counts: by class of outcome.
    """

    name: str
    counts: dict[str, int]

    @property
    def total(self) -> int:
        """All attempts."""
        return sum(self.counts.values())

    @property
    def bad(self) -> int:
        """Attempts that brought neither a page nor the word that there is none."""
        return sum(count for name, count in self.counts.items() if name not in GOOD)


def asked(view: View) -> Asked:
    """Return what the address asks for.

    Raises:
        BadParameterError: a value that the release does not have.
    """
    known = view.release.remember("health.attempts", lambda: _known(view.release))
    period = view.choice("days", tuple(PERIODS), "30")
    days = PERIODS[period]
    return Asked(
        period=period,
        since=known["newest"] - timedelta(days=days) if days else known["oldest"],
        kind=view.choice("kind", ("", *known["kinds"]), "") or None,
        host=view.text("host") or None,
        outcome_class=view.choice("class", ("", *CLASSES), "") or None,
        outcome=view.choice("outcome", ("", *known["outcomes"]), "") or None,
        kinds=known["kinds"],
        outcomes=known["outcomes"],
    )


def matrix(release: Release, by: Literal["host", "kind"], wanted: Asked) -> list[Line]:
    """Return the attempts by host or kind and class of outcome: those with most trouble first."""

    def ask() -> list[Line]:
        counts: dict[str, dict[str, int]] = {}
        for row in release.rows(_COUNTED.format(by=by, where=_FROM), wanted.parameters):
            counts.setdefault(row["name"] or "", {})[row["class"]] = row["count"]
        lines = [Line(name, of_name) for name, of_name in counts.items()]
        return sorted(lines, key=lambda line: (-line.bad, -line.total, line.name))

    return release.remember(("health.matrix", by, *wanted.parameters.values()), ask)


def attempts_page(view: View) -> Response:
    """Return the attempts themselves, newest first."""
    wanted = asked(view)
    counted = view.release.row(f"select count(*) as count {_FROM}", wanted.parameters) or {"count": 0}
    page = paging(view, counted["count"], ATTEMPTS_SHOWN)
    limits = {"limit": page.size, "offset": page.offset}
    return view.page(
        "health_attempts.html",
        attempts=wanted,
        rows=view.release.rows(_ATTEMPTS.format(where=_FROM), wanted.parameters | limits),
        classes=CLASSES,
        periods=PERIODS,
        paging=page,
    )


def _known(release: Release) -> dict[str, Any]:
    row = release.row(
        """
        select
            max(started_at) as newest, min(started_at) as oldest,
            list_sort(list(distinct kind)) as kinds, list_sort(list(distinct outcome)) as outcomes
        from fct_crawl_outcome
        """
    )
    never = {"newest": EPOCH, "oldest": EPOCH, "kinds": [], "outcomes": []}
    return dict(row) if row and row["newest"] else never


ROUTES = (page_route("/health/attempts", attempts_page),)
