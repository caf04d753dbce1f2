"""Is there anything new to publish? One fingerprint over all that a release is made from.

Two parts: what the world said (the warehouse's content fingerprint) and the code and tables that turn it into marts
and files. The time of day, the number of attempts and the age of a page are no news; a new quarter is, because coverage
counts reports against deadlines that fall on its first day. What to do about news is the night's business.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import text

from pipelines.digests import dbt_files, digest_of
from pipelines.settings import TIMEZONE
from warehouse.duck import Warehouse
from warehouse.paths import PROJECT_ROOT, Home
from warehouse.shelf import published_fingerprint

# Code outside the dbt project that decides what stands in a release.
RELEASE_CODE = (
    "pipelines/release.py",
    "pipelines/release_changes.py",
    "pipelines/release_contract.py",
    "pipelines/release_marts.py",
    "pipelines/release_papers.py",
    "pipelines/release_report.py",
    "pipelines/rows.py",
    "warehouse/duck.py",
    "warehouse/publish.py",
    "warehouse/raw_tables.py",
)
LAST_ATTEMPT = text("select max(started_at) from raw.attempt")


def code_digest() -> str:
    """Return the digest of everything that turns raw tables into a release."""
    own = (PROJECT_ROOT / name for name in RELEASE_CODE)
    return digest_of([*dbt_files(), *own], PROJECT_ROOT)


def fingerprint(content: str, quarter: str | None, code: str) -> str:
    """Return the fingerprint of a release made from this content, as it stood in that quarter, by this code."""
    return hashlib.sha256(f"{content}\n{quarter}\n{code}".encode()).hexdigest()


def quarter_of(moment: datetime | None) -> str | None:
    """Return the quarter of a moment in China, where the deadlines are; None when nothing was ever attempted."""
    if moment is None:
        return None
    local = moment.astimezone(ZoneInfo(TIMEZONE))
    return f"{local.year}Q{(local.month + 2) // 3}"


@dataclass(frozen=True)
class News:
    """What distinguishes the warehouse from the latest release.

    Attributes:
        fingerprint: of what a release made now would be made from.
        reason: why a release should be made; None when there is nothing new.
        rows: rows by raw table.
    """

    fingerprint: str
    reason: str | None
    rows: Mapping[str, int]


def find_news(home: Home) -> News:
    """Compare the warehouse and the code with what the latest release was made from."""
    with Warehouse(home.warehouse) as warehouse:
        content, rows = warehouse.content_fingerprint(), warehouse.row_counts()
        attempted: datetime | None = warehouse.connection.execute(LAST_ATTEMPT).scalar_one()
    now = fingerprint(content, quarter_of(attempted), code_digest())
    released = published_fingerprint(home.exports)
    if released is None:
        return News(now, "there is no release yet", rows)
    if released != now:
        return News(now, "content or code are not those of the latest release", rows)
    return News(now, None, rows)
