with bridges as (
    select * from {{ ref('int_region_bridge') }}
)

select
    region_code,
    valid_from,
    current_code,
    valid_to,
    region_name,
    region_level,
    current_name,
    current_level,
    relation,
    is_main_line,
    is_whole,
    step_count,
    boundary_changes,
from bridges
