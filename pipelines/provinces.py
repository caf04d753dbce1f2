"""The provinces as partitions of the crawl: their keys, the source files of each, and what a crawl gave by province.

A source belongs to the province that its region code begins with. Dagster's own words for partitions are in
``assets.py``; deciding what is asked of a source is the crawl's business.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from pipelines.crawling import source_content
from pipelines.settings import DBT_PROJECT
from warehouse.ledger_schema import make_engine
from warehouse.ledger_tables import Attempt, Capture, Source
from warehouse.outcomes import RULES, Outcome
from warehouse.paths import Home

REGIONS = DBT_PROJECT / "seeds" / "regions.csv"
CODE_DIGITS = 2
GOOD_OUTCOMES = frozenset({"fetched", "not_modified", "unchanged"})


class UnknownProvinceError(ValueError):
    """No province is called so; the message names those there are."""


@cache
def provinces() -> Mapping[str, str]:
    """Return the partition keys of the provinces by the first two digits of their code: 51 → 51-四川省."""
    with REGIONS.open(encoding="utf-8", newline="") as stream:
        rows = [row for row in csv.DictReader(stream) if row["level"] == "province" and not row["valid_to"]]
    return {row["code"][:CODE_DIGITS]: f"{row['code'][:CODE_DIGITS]}-{row['name']}" for row in rows}


def province_key(named: str) -> str:
    """Return the partition key of a province named by key, code (51, 510000) or name (四川省).

    Raises:
        UnknownProvinceError: no province is called so.
    """
    for code, key in provinces().items():
        if named in (key, code, code.ljust(6, "0"), key.partition("-")[2]):
            return key
    raise UnknownProvinceError(f"no province {named!r}; there are: {', '.join(provinces().values())}")


def province_of(region_code: str) -> str | None:
    """Return the partition key of the province that a region code lies in; None when there is none."""
    return provinces().get(region_code[:CODE_DIGITS])


def files_of(files: Iterable[Path], key: str) -> list[Path]:
    """Return the source files of a province; a file that cannot be read belongs to none, the night names it."""
    return [path for path in files if province_of(str(source_content(path).get("region", ""))) == key]


@dataclass(frozen=True)
class ProvinceCrawl:
    """What one crawl gave of one province.

    Attributes:
        key: partition key of the province.
        asked: sources that were asked.
        new_captures: captures that this crawl made.
        outcomes: attempts by outcome.
        failed: by source that gave no page, its outcomes.
    """

    key: str
    asked: int
    new_captures: int
    outcomes: Mapping[str, int]
    failed: Mapping[str, Sequence[str]]

    @property
    def is_reached(self) -> bool:
        """Whether one of its sources gave a page."""
        return len(self.failed) < self.asked

    def reasons(self) -> str:
        """Say for each failed source what came of it and what to do."""
        return "\n".join(
            f"{source_id}: {', '.join(outcomes)}. {' '.join(next_steps(outcomes))}"
            for source_id, outcomes in self.failed.items()
        )


def next_steps(outcomes: Iterable[str]) -> list[str]:
    """Return what an operator should do about outcomes, each advice once."""
    return list(dict.fromkeys(RULES[Outcome(outcome)].next_step for outcome in outcomes))


def crawled_provinces(home: Home, run_id: str) -> list[ProvinceCrawl]:
    """Return what a crawl of the ledger gave, by province; provinces of which nothing was asked are not named."""
    new_by_source = (
        select(Capture.source_id, func.count().label("captures"))
        .where(Capture.run_id == run_id)
        .group_by(Capture.source_id)
    )
    attempts = (
        select(Attempt.source_id, Attempt.outcome, func.count())
        .where(Attempt.run_id == run_id, Attempt.kind != "robots")
        .group_by(Attempt.source_id, Attempt.outcome)
        .order_by(Attempt.source_id, Attempt.outcome)
    )
    engine = make_engine(home.ledger_url)
    try:
        with Session(engine) as session:
            sources = session.execute(select(Source.source_id, Source.region_code))
            regions = {row.source_id: row.region_code for row in sources}
            new = {row.source_id: row.captures for row in session.execute(new_by_source)}
            counted = session.execute(attempts).all()
    finally:
        engine.dispose()
    by_source: dict[str, dict[str, int]] = {}
    for source_id, outcome, count in counted:
        by_source.setdefault(source_id, {})[outcome] = count
    return _by_province(by_source, regions, new)


def _by_province(
    by_source: Mapping[str, Mapping[str, int]], regions: Mapping[str, str], new: Mapping[str, int]
) -> list[ProvinceCrawl]:
    grouped: dict[str, list[str]] = {}
    for source_id in by_source:
        key = province_of(regions.get(source_id, ""))
        if key is not None:
            grouped.setdefault(key, []).append(source_id)
    found = []
    for key, sources in sorted(grouped.items()):
        outcomes: dict[str, int] = {}
        for source_id in sources:
            for outcome, count in by_source[source_id].items():
                outcomes[outcome] = outcomes.get(outcome, 0) + count
        failed = {each: tuple(by_source[each]) for each in sources if not GOOD_OUTCOMES.intersection(by_source[each])}
        new_captures = sum(new.get(each, 0) for each in sources)
        found.append(ProvinceCrawl(key, len(sources), new_captures, outcomes, failed))
    return found
