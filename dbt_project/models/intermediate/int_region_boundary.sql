-- Years in which a code that went on gained or lost land, by either side of the exchange.
with successions as (
    select * from {{ ref('int_region_succession') }}
),

regions as (
    select * from {{ ref('int_region') }}
),

lost as (
    select
        code as region_code,
        year,
        '-' as direction,
        to_code as other_code,
    from successions
    where
        is_partial
        or (
            code <> to_code
            and exists (
                select 1 from successions as kept
                where
                    kept.code = successions.code
                    and kept.valid_from = successions.valid_from
                    and kept.to_code = kept.code
            )
        )
),

-- What joins a code that had been there before; a new code that is made from others gains nothing.
gained as (
    select
        successions.to_code as region_code,
        successions.year,
        '+' as direction,
        successions.code as other_code,
    from successions
    where
        successions.code <> successions.to_code
        and exists (
            select 1 from regions
            where
                regions.code = successions.to_code
                and regions.valid_from < successions.year
                and (regions.valid_to is null or regions.valid_to >= successions.year)
        )
),

moved as (
    select * from lost
    union all
    select * from gained
)

select distinct
    region_code,
    year,
    direction,
    other_code,
from moved
