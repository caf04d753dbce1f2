with regions as (
    select * from {{ ref('regions') }}
),

patches as (
    select * from {{ ref('region_patches') }}
),

-- A patch for the same code and first year replaces the row of the table; any other is added.
unpatched as (
    select regions.*
    from regions
    anti join patches on regions.code = patches.code and regions.valid_from = patches.valid_from
),

patched as (
    select * from unpatched
    union all by name
    select * from patches
)

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
    status,
    successors,
from patched
