-- Which span of which code took over from which, and which took land of another that went on.
with regions as (
    select * from {{ ref('int_region') }}
),

-- "130102[2001];130108": the former took a part in 2001, the latter took over when the span ended.
stated as (
    select
        code,
        name,
        valid_from,
        valid_to,
        unnest(string_split(successors, ';')) as successor,
    from regions
    where successors is not null
),

parsed as (
    select
        code,
        name,
        valid_from,
        valid_to,
        regexp_extract(successor, '^[0-9]{6}') as to_code,
        cast(nullif(regexp_extract(successor, '\[([0-9]{4})\]', 1), '') as bigint) as moved_in,
    from stated
),

-- A span that changed without a successor lives on under the same code, with another name or parent.
followed as (
    select
        code,
        name,
        valid_from,
        to_code,
        valid_to as year,
    from parsed
    where moved_in is null and valid_to is not null
    union
    select
        regions.code,
        regions.name,
        regions.valid_from,
        regions.code as to_code,
        regions.valid_to as year,
    from regions
    anti join parsed
        on
            regions.code = parsed.code
            and regions.valid_from = parsed.valid_from
            and parsed.moved_in is null
    where regions.status = 'changed'
),

placed as (
    select
        followed.*,
        targets.valid_from as to_valid_from,
        followed.code = followed.to_code as is_same_code,
        {{ base_name('followed.name') }} = {{ base_name('targets.name') }} as is_same_name,
    from followed
    inner join regions as targets
        on
            followed.to_code = targets.code
            and followed.year >= targets.valid_from
            and (targets.valid_to is null or followed.year < targets.valid_to)
),

counted as (
    select
        *,
        count(*) over from_span as target_count,
        count(*) filter (where is_same_code) over from_span as same_code_count,
        count(*) filter (where is_same_name) over from_span as same_name_count,
    from placed
    window from_span as (partition by code, valid_from)
)

-- The main line goes to the only successor, else to the same code, else to the only one of the same name.
select
    code,
    valid_from,
    to_code,
    to_valid_from,
    year,
    false as is_partial,
    case
        when target_count = 1 then true
        when same_code_count > 0 then is_same_code
        else is_same_name and same_name_count = 1
    end as is_main_line,
from counted

union all

select
    parsed.code,
    parsed.valid_from,
    parsed.to_code,
    targets.valid_from as to_valid_from,
    parsed.moved_in as year,
    true as is_partial,
    false as is_main_line,
from parsed
inner join regions as targets
    on
        parsed.to_code = targets.code
        and parsed.moved_in >= targets.valid_from
        and (targets.valid_to is null or parsed.moved_in < targets.valid_to)
