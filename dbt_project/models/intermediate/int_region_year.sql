-- Every government by the divisions in force at the end of each year, with those above it and its code of today.
with regions as (
    select * from {{ ref('int_region') }}
),

main_lines as (
    select * from {{ ref('int_region_bridge') }}
    where is_main_line
),

exemptions as (
    select * from {{ ref('region_exemptions') }}
),

reported as (
    select
        min(report_year) as first_year,
        max(report_year) as last_year,
    from {{ ref('int_document') }}
    where exclusion is null
),

-- From the first year with a deadline or a report to the year before the last crawl, or the last report.
horizon as (
    select max(year(last_attempt_at)) - 1 as last_year
    from {{ ref('int_url_standing') }}
),

reach as (
    select
        least(min(deadlines.report_year_from), max(reported.first_year)) as first_year,
        greatest(max(horizon.last_year), max(reported.last_year)) as last_year,
    from {{ ref('deadlines') }} as deadlines
    cross join reported
    cross join horizon
),

years as (
    select unnest(generate_series(first_year, last_year)) as report_year
    from reach
)

select
    regions.code as region_code,
    years.report_year,
    regions.name as region_name,
    regions.level as region_level,
    regions.province_code,
    regions.province as province_name,
    case when regions.level = 'county' and regions.parent_code <> regions.province_code then regions.parent_code end
        as prefecture_code,
    main_lines.current_code,
    exemptions.reason as exemption,
from years
inner join regions
    on regions.valid_from <= years.report_year and (regions.valid_to is null or regions.valid_to > years.report_year)
left join main_lines on regions.code = main_lines.region_code and regions.valid_from = main_lines.valid_from
left join exemptions on regions.code = exemptions.region_code
