with region_years as (
    select * from {{ ref('int_region_year') }}
),

reports as (
    select * from {{ ref('fct_report') }}
    where issuer_type = 'government' and region_code is not null
),

documents as (
    select * from {{ ref('int_document') }}
),

standings as (
    select * from {{ ref('int_portal_standing') }}
),

deadlines as (
    select * from {{ ref('deadlines') }}
),

horizon as (
    {{ crawl_horizon('standings') }}
),

-- A portal shows the reports of its division and of those whose main line leads to it.
reach as (
    select distinct
        region_code,
        current_code,
    from region_years
),

portal_reach as (
    select
        reach.region_code,
        standings.source_id,
    from reach
    inner join standings on reach.region_code = standings.region_code
    union
    select
        reach.region_code,
        standings.source_id,
    from reach
    inner join standings on reach.current_code = standings.region_code
),

portals as (
    select
        portal_reach.region_code,
        {{ portal_summary('standings') }}
    from portal_reach
    inner join standings on portal_reach.source_id = standings.source_id
    group by portal_reach.region_code
),

reporters as (
    select distinct coalesce(region_years.current_code, reports.region_code) as line_code
    from reports
    left join region_years
        on reports.region_code = region_years.region_code and reports.report_year = region_years.report_year
),

undated as (
    select
        coalesce(region_code, source_region_code) as region_code,
        count(*) as undated_count,
    from documents
    where exclusion in ('year_unknown', 'year_impossible')
    group by coalesce(region_code, source_region_code)
),

-- Whoever is expected, and whoever reported without being expected.
joined as (
    select
        coalesce(region_years.region_code, reports.region_code) as region_code,
        coalesce(region_years.report_year, reports.report_year) as report_year,
        coalesce(region_years.region_name, reports.region_name) as region_name,
        coalesce(region_years.region_level, reports.region_level) as region_level,
        coalesce(region_years.province_name, reports.province_name) as province_name,
        region_years.current_code,
        region_years.exemption,
        region_years.region_code is not null
        and region_years.exemption is null
        and deadlines.report_year_from is not null
        and region_years.report_year < year(horizon.latest_attempt_on) as is_expected,
        {{ deadline_of('coalesce(region_years.report_year, reports.report_year)') }} as deadline_on,
        deadlines.basis as deadline_basis,
        reports.report_id,
        reports.published_on,
        reports.timeliness,
        reports.days_after_deadline,
        reports.is_withdrawn,
        horizon.latest_attempt_at,
        horizon.latest_attempt_on,
    from region_years
    full join reports
        on region_years.region_code = reports.region_code and region_years.report_year = reports.report_year
    cross join horizon
    left join deadlines
        on
            coalesce(region_years.report_year, reports.report_year)
            between deadlines.report_year_from and deadlines.report_year_to
),

judged as (
    select
        joined.*,
        portals.source_count,
        portals.attempted_count,
        portals.last_attempt_at,
        portals.last_success_at,
        portals.list_fault,
        portals.list_gone,
        portals.article_fault,
        undated.undated_count,
        reporters.line_code is not null as has_reported,
        {{ coverage_status('joined', 'joined', 'joined.exemption is not null') }} as status,
    from joined
    left join portals on joined.region_code = portals.region_code
    left join undated on joined.region_code = undated.region_code
    left join reporters on coalesce(joined.current_code, joined.region_code) = reporters.line_code
    where joined.is_expected or joined.report_id is not null or joined.exemption is not null
)

select
    region_code,
    report_year,
    region_name,
    region_level,
    province_name,
    status,
    case when status = 'missing' then {{ blank_reason() }} end as reason,
    report_id,
    published_on,
    deadline_on,
    coalesce(source_count, 0) as source_count,
    last_attempt_at,
    last_success_at,
    date_diff('day', last_success_at, latest_attempt_at) as staleness_days,
    source_count is not null or has_reported as is_tracked,
    is_expected,
    timeliness,
    days_after_deadline,
    is_withdrawn,
    deadline_basis,
    current_code,
from judged
