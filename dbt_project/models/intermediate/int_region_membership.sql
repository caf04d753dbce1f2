-- Which governments stand below which, level by level: a city's report holds its counties, so that no sum mixes them.
with region_years as (
    select * from {{ ref('int_region_year') }}
    where exemption is null
)

select
    prefecture_code as aggregate_code,
    region_level as member_level,
    region_code,
    report_year,
from region_years
where prefecture_code is not null

union all

select
    province_code as aggregate_code,
    region_level as member_level,
    region_code,
    report_year,
from region_years
where region_level <> 'province'

union all

select
    '000000' as aggregate_code,
    region_level as member_level,
    region_code,
    report_year,
from region_years
