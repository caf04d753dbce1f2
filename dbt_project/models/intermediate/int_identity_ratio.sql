with observations as (
    select * from {{ ref('int_identity_observation') }}
),

rules as (
    select * from {{ ref('identity_rules') }}
),

share_terms as (
    select
        rules.identity_id,
        terms.term_code,
    from rules
    inner join {{ ref('identity_terms') }} as terms on rules.identity_id = terms.identity_id
    where rules.kind = 'ratio_check'
),

-- A stated share beside the count it is the share of: same indicator, same dimension, same total.
shares as (
    select
        share_terms.identity_id,
        ratios.document_id,
        ratios.observation_id as instance,
        ratios.value as left_value,
        ratios.indicator_code || coalesce('[' || ratios.dimension || ']', '') || '=' || ratios.value_text
            as left_side,
        100.0 * counts.value / nullif(totals.value, 0) as right_value,
        counts.value_text || '/' || totals.value_text as right_side,
        {{ rounding_slack('ratios.value_text') }} as slack,
        ratios.observation_id || '; ' || counts.observation_id || '; ' || totals.observation_id
            as observation_ids,
        ratios.sentence,
    from observations as ratios
    inner join share_terms on ratios.indicator_code = share_terms.term_code
    inner join observations as counts
        on
            ratios.document_id = counts.document_id
            and ratios.indicator_code = counts.indicator_code
            and ratios.parent_id = counts.parent_id
            and ratios.dimension is not distinct from counts.dimension
            and counts.value_type <> 'ratio'
    inner join observations as totals
        on ratios.document_id = totals.document_id and ratios.parent_id = totals.observation_id
    where ratios.value_type = 'ratio'
    qualify row_number() over (
        partition by ratios.document_id, ratios.observation_id order by counts.char_start, counts.observation_id
    ) = 1
),

-- Only indicators that are rates by nature: growth may well be 635 %.
bounds as (
    select
        rules.identity_id,
        observations.document_id,
        'all' as instance,
        count(*) as part_count,
        count(*) filter (where observations.value < 0 or observations.value > 100) as outside_count,
        string_agg(
            observations.indicator_code || '=' || observations.value_text,
            '; ' order by observations.char_start, observations.observation_id
        ) as left_side,
        string_agg(
            observations.observation_id, '; ' order by observations.char_start, observations.observation_id
        ) as inside_ids,
        string_agg(
            observations.observation_id, '; ' order by observations.char_start, observations.observation_id
        ) filter (
            where observations.value < 0 or observations.value > 100
        ) as outside_ids,
        arg_min(observations.sentence, observations.char_start) filter (
            where observations.value < 0 or observations.value > 100
        ) as outside_sentence,
        arg_min(observations.sentence, observations.char_start) as first_sentence,
    from observations
    cross join rules
    where
        rules.kind = 'range'
        and observations.aggregation = 'rate'
        and observations.value_type = 'ratio'
    group by rules.identity_id, observations.document_id
)

select
    identity_id,
    document_id,
    instance,
    left_value,
    left_side,
    right_value,
    right_side,
    2 as part_count,
    case
        when right_value is null then 'cannot_tell'
        when abs(left_value - right_value) <= slack then 'holds'
        else 'off'
    end as status,
    case when right_value is null then 'total_is_zero' end as cannot_tell_reason,
    observation_ids,
    sentence,
from shares

union all

select
    identity_id,
    document_id,
    instance,
    cast(outside_count as double) as left_value,
    left_side,
    cast(0 as double) as right_value,
    cast(null as varchar) as right_side,
    part_count,
    case when outside_count = 0 then 'holds' else 'off' end as status,
    cast(null as varchar) as cannot_tell_reason,
    -- Where some are outside, the others are not to blame.
    coalesce(outside_ids, inside_ids) as observation_ids,
    coalesce(outside_sentence, first_sentence) as sentence,
from bounds
