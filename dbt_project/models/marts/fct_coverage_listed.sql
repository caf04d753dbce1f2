with listed as (
    select * from {{ ref('expected_reporters') }}
),

reports as (
    select * from {{ ref('fct_report') }}
),

standings as (
    select * from {{ ref('int_portal_standing') }}
),

deadlines as (
    select * from {{ ref('deadlines') }}
),

regions as (
    select * from {{ ref('int_region_year') }}
),

horizon as (
    {{ crawl_horizon('standings') }}
),

expected as (
    select
        listed.issuer_type,
        listed.region_code,
        listed.issuer,
        regions.report_year,
        regions.region_name,
        regions.province_name,
        {{ deadline_of('regions.report_year') }} as deadline_on,
        horizon.latest_attempt_at,
        horizon.latest_attempt_on,
    from listed
    inner join regions
        on
            listed.region_code = regions.region_code
            and regions.report_year >= listed.report_year_from
            and (listed.report_year_to is null or regions.report_year <= listed.report_year_to)
    cross join horizon
    inner join deadlines on regions.report_year between deadlines.report_year_from and deadlines.report_year_to
    where regions.report_year < year(horizon.latest_attempt_on)
),

issuers as (
    select distinct issuer from listed
),

-- The issuer's own portals, else those of its region that are no other listed issuer's.
reach as (
    select
        listed.region_code,
        listed.issuer,
        standings.* exclude (region_code),
        listed.issuer = standings.owner as is_own,
        bool_or(listed.issuer = standings.owner) over (partition by listed.region_code, listed.issuer) as has_own,
    from listed
    inner join standings on listed.region_code = standings.region_code
    left join issuers on standings.owner = issuers.issuer
    where issuers.issuer is null or issuers.issuer = listed.issuer
),

portals as (
    select
        reach.region_code,
        reach.issuer,
        {{ portal_summary('reach') }}
    from reach
    where reach.is_own = reach.has_own
    group by reach.region_code, reach.issuer
),

joined as (
    select
        expected.*,
        reports.report_id,
        reports.published_on,
        reports.timeliness,
        reports.days_after_deadline,
        portals.source_count,
        portals.attempted_count,
        portals.last_attempt_at,
        portals.last_success_at,
        portals.list_fault,
        portals.list_gone,
        portals.article_fault,
        0 as undated_count,
        {{ coverage_status('reports', 'expected') }} as status,
    from expected
    left join reports
        on
            expected.issuer_type = reports.issuer_type
            and expected.region_code = reports.region_code
            and expected.issuer = reports.issuer
            and expected.report_year = reports.report_year
    left join portals on expected.region_code = portals.region_code and expected.issuer = portals.issuer
)

select
    issuer_type,
    region_code,
    issuer,
    report_year,
    region_name,
    province_name,
    status,
    case when status = 'missing' then {{ blank_reason() }} end as reason,
    report_id,
    published_on,
    deadline_on,
    timeliness,
    days_after_deadline,
    coalesce(source_count, 0) as source_count,
    last_attempt_at,
    last_success_at,
    date_diff('day', last_success_at, latest_attempt_at) as staleness_days,
from joined
