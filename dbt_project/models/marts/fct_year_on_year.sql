with choices as (
    select
        document_id,
        observation_id,
        report_id,
        region_code,
        report_year,
        region_name,
        region_level,
        indicator_code,
        dimension_key,
        value,
        value_low,
        value_high,
        value_type,
        scope,
        unit,
        period_type,
        is_cumulative,
    from {{ ref('int_observation_choice') }}
    where status = 'done'
),

region_years as (
    select * from {{ ref('int_region_year') }}
),

boundaries as (
    select distinct
        region_code,
        year,
    from {{ ref('int_region_boundary') }}
),

indicators as (
    select * from {{ ref('int_indicator') }}
),

statements as (
    select * from {{ ref('int_stated_growth') }}
),

-- The divisions of the year before on the same main line: the same code, else the only one.
lines as (
    select
        now.region_code,
        now.report_year,
        case
            when bool_or(before.region_code = now.region_code) then now.region_code
            when count(*) = 1 then min(before.region_code)
        end as previous_region_code,
    from region_years as now
    inner join region_years as before
        on now.current_code = before.current_code and now.report_year = before.report_year + 1
    group by now.region_code, now.report_year
),

lined as (
    select
        choices.*,
        -- Several that became one have no single year before.
        case when lines.region_code is null then choices.region_code else lines.previous_region_code end as line_code,
        lines.region_code is not null and lines.previous_region_code is null as has_several_predecessors,
    from choices
    left join lines on choices.region_code = lines.region_code and choices.report_year = lines.report_year
),

joined as (
    select
        lined.*,
        earlier.region_code as previous_region_code,
        earlier.value as previous_value,
        earlier.value_low as previous_low,
        earlier.value_high as previous_high,
        earlier.scope as previous_scope,
        earlier.unit as previous_unit,
        earlier.period_type as previous_period_type,
        earlier.is_cumulative as previous_is_cumulative,
        earlier.observation_id as previous_observation_id,
        earlier.document_id as previous_document_id,
        befores.value as stated_previous_value,
        befores.value_low as stated_previous_low,
        befores.value_high as stated_previous_high,
        growths.observation_id as growth_observation_id,
        growths.value as growth_value,
        growths.value_text as growth_text,
        growths.value_type as growth_type,
        growths.unit as growth_unit,
        growths.direction as growth_direction,
        growths.sentence as growth_sentence,
        boundaries.region_code is not null as has_new_boundary,
        list_contains(indicators.break_years, lined.report_year) as has_break,
    from lined
    inner join indicators on lined.indicator_code = indicators.code
    left join choices as earlier
        on
            lined.line_code = earlier.region_code
            and lined.report_year = earlier.report_year + 1
            and lined.indicator_code = earlier.indicator_code
            and lined.dimension_key = earlier.dimension_key
    left join statements as befores
        on
            lined.document_id = befores.document_id
            and lined.indicator_code = befores.indicator_code
            and lined.dimension_key = befores.dimension_key
            and befores.comparison = 'prior_year'
    left join statements as growths
        on
            lined.document_id = growths.document_id
            and lined.indicator_code = growths.indicator_code
            and lined.dimension_key = growths.dimension_key
            and growths.comparison = 'growth'
    left join boundaries
        on lined.region_code = boundaries.region_code and lined.report_year = boundaries.year
    where coalesce(earlier.observation_id, befores.observation_id, growths.observation_id) is not null
),

-- What the change is reckoned from: the report of the year before, else what this report says of that year.
based as (
    select
        *,
        case
            when previous_value is not null then 'previous_report'
            when stated_previous_value is not null then 'same_report'
        end as basis,
        case when basis = 'previous_report' then previous_value else stated_previous_value end as base_value,
        case when basis = 'previous_report' then previous_low else stated_previous_low end as base_low,
        case when basis = 'previous_report' then previous_high else stated_previous_high end as base_high,
        case when growth_unit = '倍' then 100 * growth_value else growth_value end * growth_direction as stated_growth,
        {{ rounding_slack('growth_text') }} * case when growth_unit = '倍' then 100 else 1 end as slack,
        -- A growth in 件, or in percentage points of a rate, is a difference; any other ratio is a percentage.
        case
            when growth_value is null then null
            when growth_type = 'ratio' and coalesce(growth_unit, '') in ('百分点', '个百分点') then 'points'
            when growth_type = 'ratio' and value_type = 'ratio' then 'unclear'
            when growth_type = 'ratio' then 'percent'
            else 'difference'
        end as growth_kind,
    from joined
),

reckoned as (
    select
        *,
        value - base_value as change,
        100.0 * (value - base_value) / nullif(base_value, 0) as change_percent,
        case
            when growth_kind = 'percent' then 100.0 * (value_low - base_high) / nullif(base_high, 0)
            else value_low - base_high
        end as check_low,
        case
            when growth_kind = 'percent' then 100.0 * (value_high - base_low) / nullif(base_low, 0)
            else value_high - base_low
        end as check_high,
        concat_ws(
            '; ',
            case when has_several_predecessors then 'several_predecessors' end,
            case when previous_region_code <> region_code then 'region_code_changed' end,
            case when has_new_boundary then 'boundary_moved' end,
            case when basis = 'previous_report' and (scope is distinct from previous_scope) then 'scope_differs' end,
            case when basis = 'previous_report' and period_type <> previous_period_type then 'period_differs' end,
            case
                when basis = 'previous_report' and is_cumulative <> previous_is_cumulative then 'cumulative_differs'
            end,
            case when basis = 'previous_report' and (unit is distinct from previous_unit) then 'unit_differs' end,
            case when has_break then 'method_break' end
        ) as doubts,
    from based
),

judged as (
    select
        *,
        case
            when growth_kind is null then 'not_stated'
            when growth_direction is null then 'direction_unknown'
            when growth_kind = 'unclear' then 'unit_unclear'
            when base_value is null then 'no_previous_value'
            when growth_kind = 'percent' and base_low <= 0 then 'previous_is_zero'
        end as cannot_tell_reason,
    from reckoned
)

select
    region_code,
    report_year,
    indicator_code,
    dimension_key as dimension,
    region_name,
    region_level,
    value,
    previous_region_code,
    previous_value,
    stated_previous_value,
    basis,
    change,
    change_percent,
    doubts = '' as is_comparable,
    nullif(doubts, '') as comparability_doubts,
    stated_growth,
    growth_kind as stated_growth_kind,
    case
        when cannot_tell_reason is not null then null
        when check_low - slack <= stated_growth and check_high + slack >= stated_growth then 'agrees'
        else 'differs'
    end as verdict,
    cannot_tell_reason,
    -- What this report says of the year before is not what was reported then.
    case
        when previous_value is not null and stated_previous_value is not null
            then stated_previous_low > previous_high or stated_previous_high < previous_low
    end as is_restated,
    report_id,
    document_id,
    observation_id as chosen_observation_id,
    previous_document_id,
    previous_observation_id,
    growth_observation_id,
    growth_sentence,
from judged
