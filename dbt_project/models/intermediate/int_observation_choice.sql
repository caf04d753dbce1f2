with candidates as (
    select
        *,
        coalesce(dimension, 'total') as dimension_key,
    from {{ ref('int_observation') }}
    where tidy_exclusion is null
),

ranked as (
    select
        *,
        row_number() over choice as choice_rank,
        count(*) over cell as candidate_count,
    from candidates
    window
        cell as (partition by region_code, report_year, indicator_code, dimension_key, status),
        choice as (
            partition by region_code, report_year, indicator_code, dimension_key, status
            order by
                scope_rank,
                period_rank,
                is_cumulative,
                part_rank,
                qualifier_rank,
                char_start,
                observation_id
        )
),

chosen as (
    select * from ranked
    where choice_rank = 1
),

others as (
    select * from ranked
    where choice_rank > 1
),

compared as (
    select
        chosen.document_id,
        chosen.observation_id,
        -- What decided against the best of the others.
        max(
            case
                when others.choice_rank <> 2 then null
                when others.scope_rank > chosen.scope_rank then 'wider_scope'
                when others.period_rank > chosen.period_rank then 'report_year'
                when others.is_cumulative and not chosen.is_cumulative then 'this_year_over_cumulative'
                when others.part_rank > chosen.part_rank then 'total_over_part'
                when others.qualifier_rank > chosen.qualifier_rank then 'exact_over_rounded'
                else 'first_stated'
            end
        ) as decided_by,
        string_agg(
            others.observation_id || '=' || others.value_text, '; ' order by others.char_start, others.observation_id
        ) filter (
            where
            (others.scope is not distinct from chosen.scope or others.scope_rank + chosen.scope_rank = 0)
            and others.is_cumulative = chosen.is_cumulative
            and (others.value_low > chosen.value_high or others.value_high < chosen.value_low)
        ) as conflicting_values,
    from chosen
    inner join others
        on
            chosen.region_code = others.region_code
            and chosen.report_year = others.report_year
            and chosen.indicator_code = others.indicator_code
            and chosen.dimension_key = others.dimension_key
            and chosen.status = others.status
    group by chosen.document_id, chosen.observation_id
)

select
    chosen.*,
    coalesce(compared.decided_by, 'only_candidate') as choice_reason,
    compared.conflicting_values,
    compared.conflicting_values is not null as has_conflict,
from chosen
left join compared
    on chosen.document_id = compared.document_id and chosen.observation_id = compared.observation_id
