with rules as (
    select * from {{ ref('rate_terms') }}
),

indicators as (
    select * from {{ ref('int_indicator') }}
    where aggregation = 'rate'
),

-- Rates, and what they are made of.
meant as (
    select code from indicators
    union
    select term_code as code from rules
),

choices as (
    select
        document_id,
        observation_id,
        report_id,
        region_code,
        report_year,
        region_name,
        region_level,
        indicator_code,
        value,
        value_low,
        value_high,
        value_text,
        qualifier,
        scope,
        sentence,
    from {{ ref('int_observation_choice') }}
    where
        dimension_key = 'total'
        and status = 'done'
        and indicator_code in (select meant.code from meant)
),

-- A division that holds to the last case leaves nothing over: a result not stated in it is none.
complete as (
    select distinct
        document_id,
        identity_id,
    from {{ ref('int_identity_check') }}
    where kind = 'partition' and status = 'holds'
),

stated as (
    select choices.*
    from choices
    inner join indicators on choices.indicator_code = indicators.code
),

-- Every rate whose denominator the report states, with each term as far as it is stated.
bases as (
    select
        terms.rate_code,
        choices.*,
    from choices
    inner join rules as terms on choices.indicator_code = terms.term_code and terms.side = 'denominator'
),

filled as (
    select
        bases.rate_code,
        bases.region_code,
        bases.report_year,
        terms.term_code,
        terms.required,
        choices.observation_id,
        choices.value,
        choices.value_low,
        choices.value_high,
        choices.value_text,
        choices.scope,
        choices.observation_id is not null or complete.document_id is not null as is_known,
    from bases
    inner join rules as terms on bases.rate_code = terms.rate_code and terms.side = 'numerator'
    left join choices
        on
            bases.region_code = choices.region_code
            and bases.report_year = choices.report_year
            and terms.term_code = choices.indicator_code
    left join complete on bases.document_id = complete.document_id and terms.complete_by = complete.identity_id
),

numerators as (
    select
        rate_code,
        region_code,
        report_year,
        sum(value) as numerator,
        sum(value_low) as numerator_low,
        sum(value_high) as numerator_high,
        count(observation_id) as stated_count,
        bool_and(is_known) as is_complete,
        bool_or(required and observation_id is null) as lacks_required,
        string_agg(
            term_code || '=' || value_text, ' + ' order by term_code
        ) filter (where observation_id is not null) as labels,
        string_agg(observation_id, '; ' order by term_code) as observation_ids,
        count(distinct coalesce(scope, '')) filter (where observation_id is not null) as scope_count,
        min(coalesce(scope, '')) filter (where observation_id is not null) as scope,
    from filled
    group by rate_code, region_code, report_year
),

recomputed as (
    select
        bases.rate_code,
        bases.region_code,
        bases.report_year,
        bases.region_name,
        bases.region_level,
        bases.report_id,
        bases.value as denominator,
        bases.value_low as denominator_low,
        bases.value_high as denominator_high,
        bases.scope as denominator_scope,
        numerators.labels || ' / ' || bases.indicator_code || '=' || bases.value_text as computation,
        numerators.observation_ids || '; ' || bases.observation_id as observation_ids,
        numerators.numerator,
        numerators.numerator_low,
        numerators.numerator_high,
        numerators.is_complete,
        case
            when numerators.stated_count = 0 or numerators.lacks_required then 'term_not_stated'
            when numerators.scope_count > 1 or numerators.scope <> coalesce(bases.scope, '') then 'scopes_differ'
            when bases.value = 0 then 'denominator_is_zero'
        end as obstacle,
    from bases
    inner join numerators
        on
            bases.rate_code = numerators.rate_code
            and bases.region_code = numerators.region_code
            and bases.report_year = numerators.report_year
),

ruled as (
    select distinct rate_code from rules
),

joined as (
    select
        coalesce(stated.region_code, recomputed.region_code) as region_code,
        coalesce(stated.report_year, recomputed.report_year) as report_year,
        coalesce(stated.indicator_code, recomputed.rate_code) as indicator_code,
        coalesce(stated.region_name, recomputed.region_name) as region_name,
        coalesce(stated.region_level, recomputed.region_level) as region_level,
        coalesce(stated.report_id, recomputed.report_id) as report_id,
        stated.value as stated_value,
        stated.value_low as stated_low,
        stated.value_high as stated_high,
        stated.value_text as stated_text,
        stated.qualifier as stated_qualifier,
        stated.scope as stated_scope,
        stated.observation_id as stated_observation_id,
        stated.sentence as stated_sentence,
        recomputed.* exclude (
            rate_code, region_code, report_year, region_name, region_level, report_id, obstacle
        ),
        case
            when recomputed.rate_code is not null then recomputed.obstacle
            when stated.indicator_code in (select ruled.rate_code from ruled) then 'term_not_stated'
            else 'no_rule'
        end as cannot_recompute_reason,
    from stated
    full join recomputed
        on
            stated.region_code = recomputed.region_code
            and stated.report_year = recomputed.report_year
            and stated.indicator_code = recomputed.rate_code
    where stated.observation_id is not null or recomputed.obstacle is null
),

valued as (
    select
        *,
        case when cannot_recompute_reason is null then 100.0 * numerator / denominator end as recomputed_value,
        case when cannot_recompute_reason is null then 100.0 * numerator_low / nullif(denominator_high, 0) end
            as recomputed_low,
        case when cannot_recompute_reason is null then 100.0 * numerator_high / nullif(denominator_low, 0) end
            as recomputed_high,
        {{ rounding_slack('stated_text') }} as slack,
    from joined
)

select
    valued.region_code,
    valued.report_year,
    valued.indicator_code,
    valued.region_name,
    valued.region_level,
    valued.report_id,
    valued.stated_value,
    valued.stated_text,
    valued.stated_qualifier,
    case when valued.cannot_recompute_reason is null then valued.numerator end as numerator,
    case when valued.cannot_recompute_reason is null then valued.denominator end as denominator,
    valued.recomputed_value,
    case
        when valued.cannot_recompute_reason is not null then null
        when valued.is_complete then 'exact'
        else 'at_least'
    end as recomputed_kind,
    valued.cannot_recompute_reason,
    valued.stated_value - valued.recomputed_value as difference,
    case
        when valued.stated_value is null or valued.recomputed_value is null then null
        when (valued.stated_scope is distinct from valued.denominator_scope) then null
        when valued.stated_high + valued.slack < valued.recomputed_low then 'differs'
        when valued.is_complete and valued.stated_low - valued.slack > valued.recomputed_high then 'differs'
        else 'agrees'
    end as verdict,
    case when valued.cannot_recompute_reason is null then valued.computation end as computation,
    valued.stated_observation_id,
    case when valued.cannot_recompute_reason is null then valued.observation_ids end as term_observation_ids,
    valued.stated_sentence,
    indicators.comparability,
    alone.reason as stated_alone_reason,
from valued
inner join indicators on valued.indicator_code = indicators.code
left join {{ ref('rates_stated_alone') }} as alone on valued.indicator_code = alone.rate_code
