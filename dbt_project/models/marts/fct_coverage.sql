with sources as (
    select * from {{ ref('stg_source') }}
),

reports as (
    select * from {{ ref('fct_report') }}
),

documents as (
    select * from {{ ref('int_document') }}
),

regions as (
    select * from {{ ref('dim_region') }}
),

standings as (
    select * from {{ ref('int_url_standing') }}
),

deadlines as (
    select * from {{ ref('deadlines') }}
),

horizon as (
    select
        max(last_attempt_at) as latest_attempt_at,
        cast(max(last_attempt_at) as date) as latest_attempt_on,
    from standings
),

years as (
    select unnest(generate_series(first_year, last_year)) as report_year,
    from (
        select
            (select min(report_year) from reports) as first_year,
            (select year(latest_attempt_on) - 1 from horizon) as last_year,
    )
),

reporters as (
    select region_code from sources
    where region_code is not null
    union
    select region_code from reports
    where issuer_type = 'government' and region_code is not null
),

-- Every government that must report and stood under this code in that year.
expected as (
    select
        regions.region_code,
        regions.region_name,
        regions.region_level,
        regions.province_name,
        years.report_year,
        make_date(years.report_year + 1, deadlines.deadline_month, deadlines.deadline_day) as deadline_on,
    from reporters
    cross join years
    inner join regions
        on
            reporters.region_code = regions.region_code
            and regions.valid_from <= years.report_year
            and (regions.valid_to is null or regions.valid_to > years.report_year)
    left join deadlines on years.report_year between deadlines.report_year_from and deadlines.report_year_to
),

portals as (
    select
        sources.region_code,
        count(distinct sources.source_id) as source_count,
        count(standings.url) as attempted_count,
        max(standings.last_attempt_at) as last_attempt_at,
        max(standings.last_success_at) as last_success_at,
        min(standings.outcome) filter (
            where standings.kind in ('list', 'robots')
            and standings.class in ('blocked', 'refused', 'unreachable', 'unreadable')
        ) as list_fault,
        min(standings.outcome) filter (
            where standings.kind = 'list' and standings.outcome in ('not_found', 'soft_404')
        ) as list_gone,
        min(standings.outcome) filter (
            where standings.kind not in ('list', 'robots')
            and standings.class in ('blocked', 'unreachable', 'unreadable')
        ) as article_fault,
    from sources
    left join standings on sources.source_id = standings.source_id
    group by sources.region_code
),

undated as (
    select
        coalesce(region_code, source_region_code) as region_code,
        count(*) as document_count,
    from documents
    where exclusion in ('year_unknown', 'year_impossible')
    group by coalesce(region_code, source_region_code)
),

published as (
    select * from reports
    where issuer_type = 'government'
),

joined as (
    select
        expected.*,
        published.report_id,
        published.published_on,
        published.timeliness,
        coalesce(portals.source_count, 0) as source_count,
        coalesce(portals.attempted_count, 0) as attempted_count,
        portals.list_fault,
        portals.list_gone,
        portals.article_fault,
        coalesce(undated.document_count, 0) as undated_count,
        portals.last_attempt_at,
        portals.last_success_at,
        horizon.latest_attempt_at,
        case
            when published.report_id is not null and published.timeliness = 'late' then 'late'
            when published.report_id is not null and published.published_on is null then 'undated'
            when published.report_id is not null then 'published'
            when expected.deadline_on >= horizon.latest_attempt_on then 'not_due'
            else 'missing'
        end as status,
    from expected
    cross join horizon
    left join published
        on expected.region_code = published.region_code and expected.report_year = published.report_year
    left join portals on expected.region_code = portals.region_code
    left join undated on expected.region_code = undated.region_code
)

select
    region_code,
    report_year,
    region_name,
    region_level,
    province_name,
    status,
    case
        when status <> 'missing' then null
        when source_count = 0 then 'no_source'
        when attempted_count = 0 then 'not_attempted'
        when list_fault is not null then list_fault
        when list_gone is not null then list_gone
        when article_fault is not null then 'article_not_read'
        when undated_count > 0 then 'report_without_year'
        else 'not_listed'
    end as reason,
    report_id,
    published_on,
    deadline_on,
    source_count,
    last_attempt_at,
    last_success_at,
    date_diff('day', last_success_at, latest_attempt_at) as staleness_days,
from joined
