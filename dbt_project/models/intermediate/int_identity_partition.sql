with observations as (
    select * from {{ ref('int_identity_observation') }}
),

rules as (
    select * from {{ ref('identity_rules') }}
    where kind in ('partition', 'ge')
),

terms as (
    select * from {{ ref('identity_terms') }}
    where side = 'part'
),

totals as (
    select
        rules.identity_id,
        rules.min_parts,
        rules.max_gap_share,
        observations.*,
    from observations
    inner join rules on observations.indicator_code = rules.total_code
    where observations.value_type <> 'ratio' and observations.comparison_key = 'none'
),

-- A term of the dimension '*' stands for the same indicator under every dimension other than the total's own.
parts as (
    select
        totals.identity_id,
        totals.document_id,
        totals.observation_id,
        count(*) as part_count,
        sum(children.value) as parts_sum,
        sum(children.value_low) as parts_low,
        sum(children.value_high) as parts_high,
        string_agg(
            children.indicator_code || coalesce('[' || children.dimension || ']', '') || '=' || children.value_text,
            ' + ' order by children.char_start, children.observation_id
        ) as parts,
        string_agg(
            children.observation_id, '; ' order by children.char_start, children.observation_id
        ) as part_ids,
    from totals
    inner join observations as children
        on
            totals.document_id = children.document_id
            and totals.observation_id = children.parent_id
            and children.value_type in (totals.value_type, 'zero')
    inner join terms
        on
            totals.identity_id = terms.identity_id
            and children.indicator_code = terms.term_code
            and (
                terms.dimension is null
                or (children.dimension is not null and children.dimension is distinct from totals.dimension)
            )
    group by totals.identity_id, totals.document_id, totals.observation_id
),

summed as (
    select
        totals.*,
        coalesce(parts.part_count, 0) as part_count,
        parts.parts_sum,
        parts.parts_low,
        parts.parts_high,
        parts.parts,
        parts.part_ids,
    from totals
    left join parts
        on
            totals.identity_id = parts.identity_id
            and totals.document_id = parts.document_id
            and totals.observation_id = parts.observation_id
    -- A part that is not divided further is not a total that lacks its parts.
    where parts.part_count is not null or totals.parent_id is null
)

select
    identity_id,
    document_id,
    observation_id as instance,
    value as left_value,
    indicator_code || coalesce('[' || dimension || ']', '') || '=' || value_text as left_side,
    parts_sum as right_value,
    parts as right_side,
    part_count,
    case
        when part_count = 0 then 'cannot_tell'
        when parts_low <= value_high and parts_high >= value_low then 'holds'
        when parts_low > value_high then 'off'
        when part_count >= min_parts and value - parts_sum <= max_gap_share * value then 'off'
        else 'cannot_tell'
    end as status,
    case
        when part_count = 0 then 'no_parts_stated'
        when
            parts_high < value_low
            and not (part_count >= min_parts and value - parts_sum <= max_gap_share * value)
            then 'parts_incomplete'
    end as cannot_tell_reason,
    observation_id || coalesce('; ' || part_ids, '') as observation_ids,
    sentence,
from summed
