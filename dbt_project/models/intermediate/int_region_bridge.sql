-- Every span of every code with the codes in force that it became; see bridge_region.
with recursive regions as (
    select * from {{ ref('int_region') }}
),

successions as (
    select * from {{ ref('int_region_succession') }}
    where not is_partial
),

boundaries as (
    select * from {{ ref('int_region_boundary') }}
),

-- From each span along its successors; years only grow, so that every path ends.
walked as (
    select
        code as region_code,
        valid_from,
        code as at_code,
        valid_from as at_valid_from,
        0 as step_count,
        true as is_main_line,
    from regions
    union
    select
        walked.region_code,
        walked.valid_from,
        successions.to_code as at_code,
        successions.to_valid_from as at_valid_from,
        walked.step_count + 1 as step_count,
        walked.is_main_line and successions.is_main_line as is_main_line,
    from walked
    inner join successions
        on walked.at_code = successions.code and walked.at_valid_from = successions.valid_from
),

ends as (
    select
        walked.region_code,
        walked.valid_from,
        walked.at_code as current_code,
        regions.valid_to is null as is_in_force,
        regions.name as current_name,
        regions.level as current_level,
        min(walked.step_count) as step_count,
        bool_or(walked.is_main_line) as is_main_line,
    from walked
    inner join regions on walked.at_code = regions.code and walked.at_valid_from = regions.valid_from
    left join successions
        on walked.at_code = successions.code and walked.at_valid_from = successions.valid_from
    where successions.code is null
    group by all
),

counted as (
    select
        *,
        count(*) over (partition by region_code, valid_from) as end_count,
    from ends
),

placed as (
    select
        counted.*,
        regions.valid_to,
        regions.name as region_name,
        regions.level as region_level,
    from counted
    inner join regions on counted.region_code = regions.code and counted.valid_from = regions.valid_from
    where counted.is_in_force
),

-- Other codes that stood at the same time and are in the same current one today.
shared as (
    select
        placed.region_code,
        placed.valid_from,
        placed.current_code,
        count(distinct others.region_code) as other_count,
    from placed
    inner join placed as others
        on
            placed.current_code = others.current_code
            and placed.region_code <> others.region_code
            and placed.valid_from < coalesce(others.valid_to, 9999)
            and others.valid_from < coalesce(placed.valid_to, 9999)
    group by placed.region_code, placed.valid_from, placed.current_code
),

changes as (
    select
        placed.region_code,
        placed.valid_from,
        placed.current_code,
        string_agg(
            boundaries.year || ': ' || boundaries.direction || boundaries.other_code,
            '; ' order by boundaries.year, boundaries.direction, boundaries.other_code
        ) as boundary_changes,
    from placed
    inner join boundaries
        on
            placed.region_code = boundaries.region_code
            and boundaries.year > placed.valid_from
            and (placed.valid_to is null or boundaries.year <= placed.valid_to)
    group by placed.region_code, placed.valid_from, placed.current_code
)

select
    placed.region_code,
    placed.valid_from,
    placed.current_code,
    placed.valid_to,
    placed.region_name,
    placed.region_level,
    placed.current_name,
    placed.current_level,
    case
        when placed.valid_to is null then 'same'
        when placed.end_count > 1 then 'split'
        when shared.other_count is not null and placed.region_code <> placed.current_code then 'merged'
        when placed.region_code = placed.current_code then 'renamed'
        else 'recoded'
    end as relation,
    placed.is_main_line,
    placed.end_count = 1 as is_whole,
    cast(placed.step_count as bigint) as step_count,
    changes.boundary_changes,
from placed
left join shared
    on
        placed.region_code = shared.region_code
        and placed.valid_from = shared.valid_from
        and placed.current_code = shared.current_code
left join changes
    on
        placed.region_code = changes.region_code
        and placed.valid_from = changes.valid_from
        and placed.current_code = changes.current_code
