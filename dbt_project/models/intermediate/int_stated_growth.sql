-- What the current report of a government says of the year before: 同比增长34.48%, 较上年减少3件, 由去年的17%上升.
with observations as (
    select
        *,
        coalesce(dimension, 'total') as dimension_key,
        -- The words before the number: 同比下降
        right(substring(sentence, 1, greatest(char_start - sentence_start, 0)), 8) as lead,
    from {{ ref('int_observation_judged') }}
    where
        tidy_exclusion = 'comparison'
        and comparison in ('growth', 'prior_year')
        and period_type = 'year'
        and not is_proposed
        and authority is null
        and not is_inner_unit
        and duplicate_of is null
        and confidence_final >= {{ var('review_threshold') }}
),

directed as (
    select
        *,
        -- The last word of direction before the number decides.
        regexp_extract(lead, '(?s)^.*(增|升|涨|提高|多|扩大|减|降|少|缩|跌)', 1) as direction_word,
    from observations
)

select
    document_id,
    region_code,
    report_year,
    indicator_code,
    dimension_key,
    comparison,
    observation_id,
    value,
    value_text,
    value_low,
    value_high,
    value_type,
    unit,
    sentence,
    case
        when direction_word in ('增', '升', '涨', '提高', '多', '扩大') then 1
        when direction_word in ('减', '降', '少', '缩', '跌') then -1
    end as direction,
from directed
qualify row_number() over (
    partition by document_id, indicator_code, dimension_key, comparison
    order by scope_rank, part_rank, char_start, observation_id
) = 1
