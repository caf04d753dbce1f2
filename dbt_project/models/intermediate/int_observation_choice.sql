{#-
    The steps of the choice, in order; each keeps the candidates of a cell that are best by its rank. What is left
    after the last step is ordered by where it stands in the text.
-#}
{%- set steps = [
    ('total_over_part', 'part_rank'),
    ('this_year_over_cumulative', 'is_cumulative'),
    ('report_year', 'period_rank'),
    ('wider_scope', 'scope_rank'),
    ('exact_over_rounded', 'qualifier_rank'),
    ('first_over_repetition', 'repetition_rank'),
    ('higher_confidence', 'doubt'),
] -%}
with candidates as (
    select
        *,
        coalesce(dimension, 'total') as dimension_key,
        -- In tenths: whether 0.97 or 0.98 says nothing, and the first statement is to stand.
        -floor(10 * confidence_final) as doubt,
    from {{ ref('int_observation_judged') }}
    where tidy_exclusion is null
),

ranked as (
    select
        *,
        row_number() over (
            partition by region_code, report_year, indicator_code, dimension_key, status
            order by
                {%- for _, rank in steps %}
                {{ rank }},
                {%- endfor %}
                char_start,
                observation_id
        ) as choice_rank,
        -- How many candidates of the cell are as good as this one by all steps up to here.
        count(*) over (partition by region_code, report_year, indicator_code, dimension_key, status) as candidate_count,
        -- noqa: disable=LT02
        {%- for step, _ in steps %}
        count(*) over (
            partition by
                region_code,
                report_year,
                indicator_code,
                dimension_key,
                status,
                {{ steps[:loop.index] | map(attribute=1) | join(', ') }}
        ) as left_by_{{ step }},
        {%- endfor %}
    from candidates
    -- noqa: enable=LT02
),

chosen as (
    select
        *,
        case
            when candidate_count = 1 then 'only_candidate'
            {%- for step, _ in steps %}
            when left_by_{{ step }} = 1 then '{{ step }}'
            {%- endfor %}
            else 'first_stated'
        end as choice_reason,
        concat_ws(
            '; ',
            candidate_count || ' stated',
            {%- for step, _ in steps %}
            {%- set before = 'candidate_count' if loop.first else 'left_by_' ~ steps[loop.index0 - 1][0] %}
            case when left_by_{{ step }} < {{ before }} then '{{ step }}: ' || left_by_{{ step }} || ' left' end,
            {%- endfor %}
            case when left_by_{{ steps[-1][0] }} > 1 then 'first_stated: 1 left' end
        ) as chosen_because,
    from ranked
    where choice_rank = 1
),

others as (
    select * from ranked
    where choice_rank > 1
),

-- Others that speak of the very same thing and cannot both be true, rounding allowed for.
conflicts as (
    select
        chosen.document_id,
        chosen.observation_id,
        count(*) as conflict_count,
        string_agg(
            others.observation_id || '=' || others.value_text, '; ' order by others.char_start, others.observation_id
        ) as conflicting_values,
        string_agg(
            others.sentence, ' | ' order by others.char_start, others.observation_id
        ) as conflicting_sentences,
    from chosen
    inner join others
        on
            chosen.region_code = others.region_code
            and chosen.report_year = others.report_year
            and chosen.indicator_code = others.indicator_code
            and chosen.dimension_key = others.dimension_key
            and chosen.status = others.status
            and chosen.part_rank = others.part_rank
            and chosen.is_cumulative = others.is_cumulative
            and (chosen.scope is not distinct from others.scope or chosen.scope_rank + others.scope_rank = 0)
            and (others.value_low > chosen.value_high or others.value_high < chosen.value_low)
    group by chosen.document_id, chosen.observation_id
)

select
    chosen.*,
    coalesce(conflicts.conflict_count, 0) as conflict_count,
    conflicts.conflicting_values,
    conflicts.conflicting_sentences,
    conflicts.conflict_count is not null as has_conflict,
from chosen
left join conflicts
    on chosen.document_id = conflicts.document_id and chosen.observation_id = conflicts.observation_id
