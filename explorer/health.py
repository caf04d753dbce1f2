"""Health: how the nights went, what fails and why, and what waits for a person.

The overview only; attempts are in ``health_attempts.py``, the review list and decisions in ``health_review.py``.
What cannot be told now (no ledger, a damaged record) is said in its place, and everything else is shown.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Generic, TypeVar

from starlette.responses import Response

from explorer import health_attempts, health_review
from explorer.desk import Desk, DeskError, Source
from explorer.paging import paging
from explorer.web import View, page_route

NIGHTS_SHOWN = 14
SOURCES_SHOWN = 50
STALE = timedelta(days=30)
"""The plan lets a source rest for so long at most; one that gave nothing for longer has been asked in vain."""

Answer = TypeVar("Answer")


@dataclass(frozen=True)
class Told(Generic[Answer]):
    """An answer of the desk, or why there is none.

    Attributes:
        answer: what was told; None when it could not be.
        problem: why it could not be told; None when nobody was there to ask, or it was told.
    """

    answer: Answer | None
    problem: str | None = None


def health_page(view: View) -> Response:
    """Return the overview."""
    desk = view.site.desk
    attempts = health_attempts.asked(view)
    hosts = health_attempts.matrix(view.release, "host", attempts)
    page = paging(view, len(hosts), health_attempts.HOSTS_SHOWN)
    sources = told(desk, lambda each: [one for one in each.sources() if is_late(one)])
    return view.page(
        "health.html",
        has_desk=desk is not None,
        morning=told(desk, lambda each: each.morning()),
        nights=told(desk, lambda each: each.nights(NIGHTS_SHOWN)),
        sources=sources,
        sources_shown=SOURCES_SHOWN,
        attempts=attempts,
        kinds=health_attempts.matrix(view.release, "kind", attempts),
        hosts=hosts[page.offset : page.offset + page.size],
        classes=health_attempts.CLASSES,
        periods=health_attempts.PERIODS,
        paging=page,
        reasons=health_review.counts(view.release),
    )


def told(desk: Desk | None, ask: Callable[[Desk], Answer]) -> Told[Answer]:
    """Ask the desk; what it cannot tell becomes a sentence."""
    if desk is None:
        return Told(None)
    try:
        return Told(ask(desk))
    except DeskError as error:
        return Told(None, str(error))


def is_late(source: Source) -> bool:
    """Whether a source was asked in vain last time, or gave nothing for long."""
    is_stale = source.last_good_at is None or datetime.now(UTC) - source.last_good_at > STALE
    return source.is_failing or is_stale


ROUTES: Sequence[object] = (
    page_route("/health", health_page),
    *health_attempts.ROUTES,
    *health_review.ROUTES,
)
