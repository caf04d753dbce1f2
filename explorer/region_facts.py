"""What a release knows of one government: its history, reports, numbers, checks, issues and neighbours, as rows.

Each question is about the codes of one line (``region_line``), so that none reads more of a large table than it must.
How rows become a page does not belong here.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from explorer.releases import Release, Row

CHECK_STATUSES = ("off", "cannot_tell", "holds")

SPANS = "select * from dim_region where region_code = $code order by valid_from desc"
# What a code is today, and what is in it today that had another code.
BECAME = """
select * from bridge_region
where region_code = $code and current_code <> $code
order by valid_from desc, is_main_line desc, current_code
"""
FORMER = """
select * from bridge_region
where current_code = $code and region_code <> $code
order by coalesce(valid_to, 9999) desc, is_main_line desc, region_code, valid_from desc
"""
COVERED = """
select
    coverage.*,
    report.title,
    report.version_count,
    report.observation_count,
    report.url
from fct_coverage as coverage
left join fct_report as report on coverage.report_id = report.report_id
where list_contains($codes, coverage.region_code)
order by coverage.report_year desc, coverage.region_code <> $code, coverage.region_code
"""
OTHER_REPORTS = """
select report_id, report_year, title, issuer, issuer_type, published_on, count(*) over () as report_count
from fct_report
where list_contains($codes, region_code) and issuer_type <> 'government'
order by report_year desc, issuer, report_id
limit $limit
"""
SERIES = """
select
    indicator.indicator_code,
    indicator.domain,
    indicator.domain_zh,
    indicator.domain_en,
    indicator.name_zh,
    indicator.name_en,
    indicator.unit,
    tidy.region_code,
    tidy.report_year,
    tidy.value,
    tidy.value_max,
    tidy.value_text,
    tidy.qualifier,
    tidy.has_conflict,
    tidy.document_id,
    tidy.chosen_observation_id
from fct_region_year_indicator as tidy
inner join dim_indicator as indicator on tidy.indicator_code = indicator.indicator_code
where
    list_contains($codes, tidy.region_code)
    and tidy.dimension = 'total'
    and tidy.status = 'done'
    and indicator.tier = 'core'
order by indicator.domain, indicator.indicator_code, tidy.report_year
"""
CORE_COUNT = "select count(*) as core_count from dim_indicator where tier = 'core'"
CHECK_COUNTS = """
select status, count(*) as check_count from fct_identity_check
where list_contains($codes, region_code)
group by status
"""
CHECKS = """
select * from fct_identity_check
where list_contains($codes, region_code) and status = $status
order by report_year desc, severity, identity_id, instance, report_id
limit $limit offset $offset
"""
ISSUE_COUNT = "select count(*) as issue_count from fct_data_issue where list_contains($codes, region_code)"
ISSUES = """
select * from fct_data_issue
where list_contains($codes, region_code)
order by case severity when 'error' then 0 when 'warn' then 1 else 2 end, report_year desc nulls last, kind, issue_id
limit $limit offset $offset
"""
ITEM_YEARS = """
select distinct report_year from fct_report_item
where list_contains($codes, region_code) and issuer_type = 'government' and is_current
order by report_year desc
"""
ITEMS = """
select * from fct_report_item
where list_contains($codes, region_code) and issuer_type = 'government' and is_current and report_year = $year
order by item_kind desc, region_code, ordinal
"""
# Changes that ask for an eye: the stated growth disagrees, the year before was restated, or the two do not compare.
CHANGES = """
select
    yearly.*,
    indicator.name_zh,
    indicator.name_en,
    indicator.unit,
    count(*) over () as change_count
from fct_year_on_year as yearly
inner join dim_indicator as indicator on yearly.indicator_code = indicator.indicator_code
where
    list_contains($codes, yearly.region_code)
    and (yearly.verdict = 'differs' or yearly.is_restated or not yearly.is_comparable)
order by yearly.report_year desc, yearly.indicator_code, yearly.dimension
limit $limit
"""
STANDINGS = """
select
    coalesce(current_code, region_code) as code,
    max(report_year) filter (report_id is not null) as last_year,
    count(report_id) as report_count,
    count(*) filter (timeliness = 'on_time') as on_time_count,
    count(*) filter (is_expected) as expected_count
from fct_coverage
where list_contains($codes, coalesce(current_code, region_code))
group by coalesce(current_code, region_code)
"""


def rows_of(release: Release, sql: str, codes: Sequence[str], **parameters: Any) -> list[Row]:
    """Return the rows that a question about the codes of a line gives."""
    return release.rows(sql, {"codes": list(codes), **parameters})


def count_of(release: Release, sql: str, codes: Sequence[str]) -> int:
    """Return the number that a question about the codes of a line gives."""
    row = release.row(sql, {"codes": list(codes)})
    return int(next(iter(row.values()))) if row else 0


def standings_of(release: Release, codes: Sequence[str]) -> dict[str, Row]:
    """Return how often governments reported, and for which year last, by their code of today."""
    return {row["code"]: row for row in release.rows(STANDINGS, {"codes": list(codes)})}
