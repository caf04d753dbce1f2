"""The gate before a release: what is looked at in the warehouse, and from when on it holds a release back.

Each check is a question in SQL and a small rule, so that it can be tried on a handful of rows. ``error`` holds the
release back, ``warn`` lets it pass and is shown. What dbt tests already say (keys, relationships, accepted values,
identities) is not repeated here; wiring into Dagster is in ``checks.py``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, Protocol

from pipelines.news import find_news
from pipelines.released import released_rows
from warehouse.duck import Warehouse, open_engine
from warehouse.paths import Home

# A fall by more than this share against the last release is a fault until a person has said otherwise.
DROP_LIMIT = 0.15
# More than this share of pages unread, or of reports without a region, is a fault of the rules, not of a page.
BAD_SHARE_LIMIT = 0.10
# In a small night one bad page may be a large share: a single one never holds the release back.
BAD_COUNT_ALWAYS_ALLOWED = 1
NAMES_SHOWN = 10
# Stands where the fingerprint of a build stands that passed the gate.
UNSEALED = "building"

CheckSeverity = Literal["error", "warn"]


class Connection(Protocol):
    """The part of a DuckDB connection that the gate needs."""

    def execute(self, query: str, /) -> Any:
        """Run one query."""
        ...


@dataclass(frozen=True)
class Verdict:
    """The result of one check.

    Attributes:
        passed: whether all is as it should be.
        severity: what it means when it is not passed.
        message: one sentence for the operator.
        found: the offending items, at most ``NAMES_SHOWN``.
    """

    passed: bool
    severity: CheckSeverity
    message: str
    found: tuple[str, ...] = ()

    @property
    def blocks(self) -> bool:
        """Whether this verdict holds the release back."""
        return not self.passed and self.severity == "error"


Judge = Callable[[Connection, Mapping[str, int]], Verdict]


@dataclass(frozen=True)
class Check:
    """A named question to the warehouse, and the mart that its answer is shown with."""

    name: str
    mart: str
    judge: Judge

    @property
    def description(self) -> str:
        """What the check demands, in a sentence."""
        return (self.judge.__doc__ or "").strip()


def _rows(connection: Connection, query: str) -> list[tuple[Any, ...]]:
    return list(connection.execute(query).fetchall())


def _number(connection: Connection, query: str) -> int:
    return int(_rows(connection, query)[0][0])


def _too_many(bad: int, total: int) -> bool:
    return bad > BAD_COUNT_ALWAYS_ALLOWED and bad > total * BAD_SHARE_LIMIT


_SOURCES_OF_LAST_RUN = """
select attempt.source_id, bool_or(attempt.outcome in ('fetched', 'not_modified', 'unchanged')) as reached,
    string_agg(distinct attempt.outcome, ', ' order by attempt.outcome) as outcomes
from raw.attempt as attempt
where attempt.run_id = (select run_id from raw.crawl_run order by started_at desc limit 1)
    and attempt.kind <> 'robots'
group by attempt.source_id
order by attempt.source_id
"""


def sources_reached(connection: Connection, _before: Mapping[str, int]) -> Verdict:
    """Every source of the last crawl gave at least one page; that none did holds the release back."""
    sources = _rows(connection, _SOURCES_OF_LAST_RUN)
    failed = [f"{source_id}: {outcomes}" for source_id, reached, outcomes in sources if not reached]
    return Verdict(
        passed=not failed and bool(sources),
        severity="error" if len(failed) == len(sources) else "warn",
        message=f"{len(sources) - len(failed)} of {len(sources)} sources gave pages in the last crawl",
        found=tuple(failed[:NAMES_SHOWN]),
    )


_SOURCES_WITHOUT_REPORT = """
select source.source_id
from raw.source as source
where not exists (
    select 1 from raw.document as document
    where document.source_id = source.source_id and document.is_annual_report
)
order by source.source_id
"""


def sources_have_reports(connection: Connection, _before: Mapping[str, int]) -> Verdict:
    """Every source has given a report at some time; that none has holds the release back."""
    without = [str(row[0]) for row in _rows(connection, _SOURCES_WITHOUT_REPORT)]
    total = _number(connection, "select count(*) from raw.source")
    return Verdict(
        passed=not without and total > 0,
        severity="error" if len(without) == total else "warn",
        message=f"{total - len(without)} of {total} sources have given an annual report",
        found=tuple(without[:NAMES_SHOWN]),
    )


_WITHOUT_EVIDENCE = """
select observation.document_id || '/' || observation.observation_id
from raw.observation as observation
left join raw.document as document using (document_id)
where document.document_id is null
    or trim(observation.sentence) = ''
    or substring(document.text, observation.sentence_start + 1, length(observation.sentence))
        is distinct from observation.sentence
    or substring(document.text, observation.char_start + 1, observation.char_end - observation.char_start)
        is distinct from observation.value_text
union all
select item.document_id || '/' || item.item_id
from raw.item as item
left join raw.document as document using (document_id)
where document.document_id is null
    or substring(document.text, item.char_start + 1, item.char_end - item.char_start) is distinct from item.text
union all
select citation.document_id || '/' || citation.citation_id
from raw.citation as citation
left join raw.document as document using (document_id)
where document.document_id is null
    or substring(document.text, citation.char_start + 1, citation.char_end - citation.char_start)
        is distinct from citation.cited_as
    or substring(document.text, citation.sentence_start + 1, length(citation.sentence))
        is distinct from citation.sentence
order by 1
"""
_WITH_EVIDENCE = """
select (select count(*) from raw.observation) + (select count(*) from raw.item) + (select count(*) from raw.citation)
"""


def evidence_present(connection: Connection, _before: Mapping[str, int]) -> Verdict:
    """Observations, items and citations quote their document: what they say stands at their offsets."""
    bad = [str(row[0]) for row in _rows(connection, _WITHOUT_EVIDENCE)]
    total = _number(connection, _WITH_EVIDENCE)
    return Verdict(
        passed=not bad,
        severity="error",
        message=f"{total - len(bad)} of {total} observations, items and citations are proved by their document",
        found=tuple(bad[:NAMES_SHOWN]),
    )


def _kept(now: int, before: int | None) -> Verdict:
    if before is None:
        return Verdict(passed=True, severity="error", message=f"{now} rows; no release to compare with")
    return Verdict(
        passed=now >= before * (1 - DROP_LIMIT),
        severity="error",
        message=f"{now} rows against {before} in the last release (at most {DROP_LIMIT:.0%} fewer)",
    )


def reports_kept(connection: Connection, before: Mapping[str, int]) -> Verdict:
    """The number of reports did not fall by more than ``DROP_LIMIT`` against the last release."""
    now = _number(connection, "select count(*) from marts.fct_report")
    return _kept(now, before.get("fct_report"))


def observations_kept(connection: Connection, before: Mapping[str, int]) -> Verdict:
    """The number of observations did not fall by more than ``DROP_LIMIT`` against the last release."""
    now = _number(connection, "select count(*) from marts.fct_observation")
    return _kept(now, before.get("fct_observation"))


_UNREAD = """
select issue.capture_id || ': ' || issue.message
from raw.issue as issue
where issue.severity = 'error' and issue.kind = 'reading_failed'
order by 1
"""


def pages_read(connection: Connection, _before: Mapping[str, int]) -> Verdict:
    """Pages that reading could not take at all are few."""
    unread = [str(row[0]) for row in _rows(connection, _UNREAD)]
    total = _number(connection, "select count(*) from raw.read_state")
    return Verdict(
        passed=not unread,
        severity="error" if _too_many(len(unread), total) else "warn",
        message=f"{len(unread)} of {total} pages could not be read",
        found=tuple(unread[:NAMES_SHOWN]),
    )


_REPORTS_WITHOUT_REGION = """
select document.document_id || ': ' || coalesce(document.title, document.url, 'no title')
from raw.document as document
where document.is_annual_report and document.region_code is null
order by 1
"""


def regions_resolved(connection: Connection, _before: Mapping[str, int]) -> Verdict:
    """Annual reports whose region is not known are few."""
    without = [str(row[0]) for row in _rows(connection, _REPORTS_WITHOUT_REGION)]
    total = _number(connection, "select count(*) from raw.document where is_annual_report")
    return Verdict(
        passed=not without,
        severity="error" if _too_many(len(without), total) else "warn",
        message=f"{total - len(without)} of {total} annual reports have a region",
        found=tuple(without[:NAMES_SHOWN]),
    )


CHECKS = (
    Check("sources_reached", "fct_crawl_outcome", sources_reached),
    Check("sources_have_reports", "fct_report", sources_have_reports),
    Check("evidence_present", "fct_observation", evidence_present),
    Check("reports_kept", "fct_report", reports_kept),
    Check("observations_kept", "fct_observation", observations_kept),
    Check("pages_read", "fct_data_issue", pages_read),
    Check("regions_resolved", "fct_report", regions_resolved),
)


def verdicts(home: Home, *, accept_drop: bool) -> dict[str, Verdict]:
    """Make every check on the built warehouse and return the verdicts by name of the check.

    Args:
        home: the data home.
        accept_drop: do not compare with the last release, because the fall is known and wanted.
    """
    before = {} if accept_drop else released_rows(home)
    engine = open_engine(home.warehouse, read_only=True)
    try:
        with engine.connect() as connection:
            driver: Any = connection.connection.driver_connection
            return {check.name: check.judge(driver, before) for check in CHECKS}
    finally:
        engine.dispose()


def break_seal(home: Home) -> None:
    """Forget that the marts passed the gate, because they are about to be built again."""
    with Warehouse(home.warehouse) as warehouse:
        warehouse.record_build(UNSEALED)


def seal(home: Home) -> None:
    """Remember that the marts as they are now passed the gate; publishing asks for it."""
    now = find_news(home).fingerprint
    with Warehouse(home.warehouse) as warehouse:
        warehouse.record_build(now)
