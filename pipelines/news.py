"""Is there anything new to publish? One fingerprint over all that a release is made from.

Two parts: what the world said (the warehouse's content fingerprint) and the code and tables that turn it into marts
and files. The time of day, the number of attempts and the age of a page are no news. What to do about news is the
night's business.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

from pipelines.digests import dbt_files, digest_of
from pipelines.released import released_fingerprint
from warehouse.duck import Warehouse
from warehouse.paths import PROJECT_ROOT, Home

# Code outside the dbt project that decides what stands in a release.
RELEASE_CODE = ("pipelines/release.py", "pipelines/rows.py", "warehouse/publish.py", "warehouse/duck.py")


def code_digest() -> str:
    """Return the digest of everything that turns raw tables into a release."""
    own = (PROJECT_ROOT / name for name in RELEASE_CODE)
    return digest_of([*dbt_files(), *own], PROJECT_ROOT)


def fingerprint(content: str, code: str) -> str:
    """Return the fingerprint of a release made from this content by this code."""
    return hashlib.sha256(f"{content}\n{code}".encode()).hexdigest()


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
    now = fingerprint(content, code_digest())
    released = released_fingerprint(home)
    if released is None:
        return News(now, "there is no release yet", rows)
    if released != now:
        return News(now, "content or code are not those of the latest release", rows)
    return News(now, None, rows)
