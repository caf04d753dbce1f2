with regions as (
    select * from {{ ref('regions') }}
),

patches as (
    select * from {{ ref('region_aliases') }}
    where kind = 'patch'
),

-- Divisions that ended after the table of regions was closed.
ends as (
    select
        code,
        min(valid_to) as valid_to,
    from {{ ref('region_aliases') }}
    where kind = 'end'
    group by code
)

select
    regions.code,
    regions.name,
    regions.level,
    regions.level_zh,
    regions.province,
    regions.province_code,
    regions.parent_code,
    regions.parent_name,
    regions.valid_from,
    coalesce(regions.valid_to, ends.valid_to) as valid_to,
    case when regions.valid_to is null and ends.valid_to is not null then 'abolished' else regions.status end as status,
    regions.successors,
from regions
left join ends on regions.code = ends.code

union all

select
    code,
    name,
    level,
    level_zh,
    province,
    province_code,
    parent_code,
    parent_name,
    valid_from,
    valid_to,
    case when valid_to is null then 'in_force' else 'abolished' end as status,
    cast(null as varchar) as successors,
from patches
