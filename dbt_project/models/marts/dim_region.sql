with regions as (
    select * from {{ ref('int_region') }}
),

admin_superiors as (
    select * from {{ ref('admin_superiors') }}
)

select
    regions.code as region_code,
    regions.valid_from,
    regions.valid_to,
    regions.name as region_name,
    regions.level as region_level,
    regions.level_zh as region_level_zh,
    regions.province_code,
    regions.province as province_name,
    regions.parent_code,
    regions.parent_name,
    regions.valid_to is null as is_in_force,
    regions.status,
    regions.successors,
    coalesce(admin_superiors.admin_superior_code, regions.parent_code) as admin_superior_code,
from regions
left join admin_superiors
    on regions.code = admin_superiors.region_code and regions.valid_to is null
