"""How a government stands in a year, in the terms that the pages show: one word, one sign and one colour for each.

The marts keep status, timeliness, withdrawal and reason apart; here they become what a reader tells at a glance. Which
words a state has in which language is in ``labels.csv``; asking the release does not belong here.
"""

from __future__ import annotations

from bisect import bisect_left
from enum import StrEnum

from explorer.releases import Row
from warehouse.outcomes import Outcome


class Standing(StrEnum):
    """How a government stands in a year; the values end label keys and CSS classes."""

    ON_TIME = "on_time"
    NO_DEADLINE = "no_deadline"
    LATE = "late"
    UNDATED = "undated"
    WITHDRAWN = "withdrawn"
    ABSENT = "absent"
    UNREAD = "unread"
    UNTRACKED = "untracked"
    NOT_DUE = "not_due"
    EXEMPT = "exempt"
    NONE = "none"


GLYPHS = {
    Standing.ON_TIME: "●",
    Standing.NO_DEADLINE: "◉",
    Standing.LATE: "◐",
    Standing.UNDATED: "○",
    Standing.WITHDRAWN: "⊗",
    Standing.ABSENT: "×",
    Standing.UNREAD: "?",
    Standing.UNTRACKED: "·",
    Standing.NOT_DUE: "…",
    Standing.EXEMPT: "∅",
    Standing.NONE: "—",
}
REPORTED = (Standing.ON_TIME, Standing.NO_DEADLINE, Standing.LATE, Standing.UNDATED, Standing.WITHDRAWN)
MISSING = (Standing.ABSENT, Standing.UNREAD, Standing.UNTRACKED)
STEP_ENDS = (0.0, 0.25, 0.5, 0.75)
"""Upper ends of the first colours of a share: none, up to a quarter, a half, three quarters; then not all, and all."""

NO_SOURCE = "no_source"
NOT_LISTED = "not_listed"
OWN_REASONS = (NOT_LISTED, NO_SOURCE, "not_attempted", "article_not_read", "report_without_year")
"""Reasons for a blank that are no outcomes of an attempt; see ``blank_reason`` in the models."""
REASONS = frozenset(OWN_REASONS) | {outcome.value for outcome in Outcome}

_BY_STATUS = {
    "late": Standing.LATE,
    "undated": Standing.UNDATED,
    "not_due": Standing.NOT_DUE,
    "exempt": Standing.EXEMPT,
}
_BY_REASON = {NOT_LISTED: Standing.ABSENT, NO_SOURCE: Standing.UNTRACKED}


def standing_of(row: Row) -> Standing:
    """Return the state of a row of fct_coverage.

    Args:
        row: with status, reason, timeliness and is_withdrawn.

    Raises:
        ValueError: status or reason is none of the closed lists.
    """
    status, reason = row["status"], row["reason"]
    if row["is_withdrawn"]:
        return Standing.WITHDRAWN
    if status == "published":
        return Standing.ON_TIME if row["timeliness"] == "on_time" else Standing.NO_DEADLINE
    if status == "missing" and reason in REASONS:
        return _BY_REASON.get(reason, Standing.UNREAD)
    if status not in _BY_STATUS:
        raise ValueError(f"fct_coverage: status {status!r} with reason {reason!r} is not known")
    return _BY_STATUS[status]


def share_step(reported: int, expected: int) -> int:
    """Return the colour step of a share, 0 (none) to 5 (all).

    Raises:
        ZeroDivisionError: nobody was expected, so that there is no share.
    """
    share = reported / expected
    return len(STEP_ENDS) + 1 if share >= 1 else bisect_left(STEP_ENDS, share)
