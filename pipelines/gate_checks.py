"""The questions that are asked of the warehouse: what is looked at, and from when on it is a fault.

Each check is a question in SQL and a small rule, so that it can be tried on a handful of rows. What dbt tests already
say (keys, relationships, accepted values) is not repeated here. Which checks hold a release back when they are red is
written in the tables at the end; asking them of a data home is in ``gate.py``, wiring into Dagster in ``checks.py``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

# A fall by more than this share against the last release is a fault until a person has said otherwise.
DROP_LIMIT = 0.15
# More than this share of pages unread, or of reports without a region, is a fault of the rules, not of a page.
BAD_SHARE_LIMIT = 0.10
# In a small night one bad page may be a large share: a single one never holds the release back.
BAD_COUNT_ALWAYS_ALLOWED = 1
# The plan lets a source rest for 30 days at most; one that gave nothing for longer has been asked in vain.
STALE_DAYS = 45
# Issues per report against the last release: half as many again are worth a look, three times as many are a fault.
ISSUES_WORTH_A_LOOK = 1.5
ISSUES_LIMIT = 3.0
# Below this number of reports a few new pages move every rate.
SMALL_RELEASE = 30
# More than this share of the identities of severity error failing means that numbers are misread, not misprinted.
IDENTITIES_LIMIT = 0.20
NAMES_SHOWN = 10

CheckSeverity = Literal["error", "warn"]
Numbers = Mapping[str, int | float]


class Connection(Protocol):
    """The part of a DuckDB connection that the checks need."""

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
        numbers: what was counted, for the curve over the nights.
    """

    passed: bool
    severity: CheckSeverity
    message: str
    found: tuple[str, ...] = ()
    numbers: Numbers = field(default_factory=dict)

    @property
    def blocks(self) -> bool:
        """Whether this verdict is red."""
        return not self.passed and self.severity == "error"


Judge = Callable[[Connection, Mapping[str, int]], Verdict]


@dataclass(frozen=True)
class Check:
    """A named question to the warehouse.

    Attributes:
        name: its name.
        asset: the asset that its answer is shown with.
        judge: asks and judges; is given the rows by mart of the last release.
        stops: whether nothing after the asset may run while it is red.
    """

    name: str
    asset: str
    judge: Judge
    stops: bool = True

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


def _share(bad: int, total: int) -> float:
    return round(bad / total, 4) if total else 0.0


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
    """Every source that the last crawl asked gave at least one page; that none did is a fault."""
    sources = _rows(connection, _SOURCES_OF_LAST_RUN)
    failed = [f"{source_id}: {outcomes}" for source_id, reached, outcomes in sources if not reached]
    numbers = {"asked": len(sources), "failed": len(failed), "failed_share": _share(len(failed), len(sources))}
    if not sources:
        known = _number(connection, "select count(*) from raw.source")
        return Verdict(
            passed=known > 0,
            severity="error",
            message=f"none of {known} sources was due in the last crawl" if known else "there is not a single source",
            numbers=numbers,
        )
    return Verdict(
        passed=not failed,
        severity="error" if len(failed) == len(sources) else "warn",
        message=f"{len(sources) - len(failed)} of {len(sources)} sources gave pages in the last crawl",
        found=tuple(failed[:NAMES_SHOWN]),
        numbers=numbers,
    )


_DAYS_WITHOUT_PAGE = """
select source.source_id, date_diff('day',
    coalesce(
        max(attempt.started_at) filter (
            attempt.outcome in ('fetched', 'not_modified', 'unchanged') and attempt.kind <> 'robots'
        ),
        any_value(source.first_seen_at)
    ),
    (select max(started_at) from raw.attempt)) as days
from raw.source as source
left join raw.attempt as attempt using (source_id)
group by source.source_id
order by days desc, source.source_id
"""


def sources_fresh(connection: Connection, _before: Mapping[str, int]) -> Verdict:
    """Every source gave a page within the last ``STALE_DAYS`` days; that most did not is a fault."""
    ages = [(str(source_id), int(days or 0)) for source_id, days in _rows(connection, _DAYS_WITHOUT_PAGE)]
    stale = [f"{source_id}: {days} days" for source_id, days in ages if days > STALE_DAYS]
    return Verdict(
        passed=not stale,
        severity="error" if len(stale) * 2 > len(ages) else "warn",
        message=f"{len(stale)} of {len(ages)} sources gave no page for more than {STALE_DAYS} days",
        found=tuple(stale[:NAMES_SHOWN]),
        numbers={"sources": len(ages), "stale": len(stale), "oldest_days": max((days for _, days in ages), default=0)},
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
        numbers={"sources": total, "without_report": len(without)},
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
        numbers={"quoted": total, "unproved": len(bad)},
    )


def _kept(now: int, before: int | None) -> Verdict:
    if before is None:
        message, numbers = f"{now} rows; no release to compare with", {"rows": now}
        return Verdict(passed=True, severity="error", message=message, numbers=numbers)
    return Verdict(
        passed=now >= before * (1 - DROP_LIMIT),
        severity="error",
        message=f"{now} rows against {before} in the last release (at most {DROP_LIMIT:.0%} fewer)",
        numbers={"rows": now, "rows_before": before, "change": _share(now - before, before)},
    )


def reports_kept(connection: Connection, before: Mapping[str, int]) -> Verdict:
    """The number of reports did not fall by more than ``DROP_LIMIT`` against the last release."""
    now = _number(connection, "select count(*) from marts.fct_report")
    return _kept(now, before.get("fct_report"))


def observations_kept(connection: Connection, before: Mapping[str, int]) -> Verdict:
    """The number of observations did not fall by more than ``DROP_LIMIT`` against the last release."""
    now = _number(connection, "select count(*) from marts.fct_observation")
    return _kept(now, before.get("fct_observation"))


_MARTS = "select table_name from information_schema.tables where table_schema = 'marts' order by table_name"


def marts_kept(connection: Connection, before: Mapping[str, int]) -> Verdict:
    """No table of the release lost more than ``DROP_LIMIT`` of its rows; that one lost all of them is a fault."""
    names = [str(row[0]) for row in _rows(connection, _MARTS)]
    rows = {name: _number(connection, f'select count(*) from marts."{name}"') for name in names}  # noqa: S608
    fallen = {name: was for name, was in before.items() if rows.get(name, 0) < was * (1 - DROP_LIMIT)}
    emptied = [name for name in fallen if not rows.get(name)]
    return Verdict(
        passed=not fallen,
        severity="error" if emptied else "warn",
        message=f"{len(rows)} tables, {len(fallen)} of them with more than {DROP_LIMIT:.0%} fewer rows, "
        f"{len(emptied)} emptied or gone",
        found=tuple(f"{name}: {rows.get(name, 0)} rows, {was} before" for name, was in fallen.items())[:NAMES_SHOWN],
        numbers=rows,
    )


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
        numbers={"pages": total, "unread": len(unread), "unread_share": _share(len(unread), total)},
    )


_ISSUES_BY_KIND = """
select kind, count(*) from marts.fct_data_issue group by kind order by count(*) desc, kind
"""


def issues_steady(connection: Connection, before: Mapping[str, int]) -> Verdict:
    """Issues per report are not many more than in the last release; three times as many are a fault."""
    kinds = [(str(kind), int(count)) for kind, count in _rows(connection, _ISSUES_BY_KIND)]
    issues, reports = sum(count for _, count in kinds), _number(connection, "select count(*) from marts.fct_report")
    rate, rate_before = _share(issues, reports), _share(before.get("fct_data_issue", 0), before.get("fct_report", 0))
    many = before.get("fct_report", 0) >= SMALL_RELEASE and rate > rate_before * ISSUES_LIMIT
    return Verdict(
        passed=not rate_before or rate <= rate_before * ISSUES_WORTH_A_LOOK,
        severity="error" if many else "warn",
        message=f"{rate:.1f} issues per report"
        + (f" against {rate_before:.1f} in the last release" if rate_before else "; no release to compare with"),
        found=tuple(f"{kind}: {count}" for kind, count in kinds[:NAMES_SHOWN]),
        numbers={"issues": issues, "issues_per_report": rate, "issues_per_report_before": rate_before},
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
        numbers={"reports": total, "unresolved": len(without), "unresolved_share": _share(len(without), total)},
    )


_IDENTITIES_DECIDED = """
select count(*), count(*) filter (status = 'off')
from marts.fct_identity_check
where severity = 'error' and status <> 'cannot_tell'
"""
_IDENTITIES_OFF = """
select report_id || ': ' || description || ' (' || left_value || ' against ' || right_value || ')'
from marts.fct_identity_check
where severity = 'error' and status = 'off'
order by 1
"""


def identities_hold(connection: Connection, _before: Mapping[str, int]) -> Verdict:
    """Sums that must add up do so in nearly all reports."""
    decided, off = (int(number) for number in _rows(connection, _IDENTITIES_DECIDED)[0])
    is_fault = off > BAD_COUNT_ALWAYS_ALLOWED and decided >= SMALL_RELEASE and off > decided * IDENTITIES_LIMIT
    return Verdict(
        passed=not off,
        severity="error" if is_fault else "warn",
        message=f"{decided - off} of {decided} sums that must add up do",
        found=tuple(str(row[0]) for row in _rows(connection, _IDENTITIES_OFF)[:NAMES_SHOWN]),
        numbers={"decided": decided, "off": off, "off_share": _share(off, decided)},
    )


NIGHT_CHECKS = (
    Check("sources_reached", "captures", sources_reached),
    Check("sources_fresh", "captures", sources_fresh, stops=False),
)
"""Asked every night as soon as the ledger is loaded, also when there is nothing new to build."""

CHECKS = (
    Check("sources_have_reports", "fct_report", sources_have_reports),
    Check("evidence_present", "fct_observation", evidence_present),
    Check("reports_kept", "fct_report", reports_kept),
    Check("observations_kept", "fct_observation", observations_kept),
    Check("marts_kept", "fct_region_year_indicator", marts_kept),
    Check("pages_read", "fct_data_issue", pages_read),
    Check("issues_steady", "fct_data_issue", issues_steady),
    Check("regions_resolved", "fct_report", regions_resolved),
    Check("identities_hold", "fct_identity_check", identities_hold),
)
"""Asked of what was built; when none is red, the build is sealed as fit to be published."""
