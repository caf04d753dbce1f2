with observations as (
    select * from {{ ref('stg_observation') }}
),

documents as (
    select * from {{ ref('int_document') }}
),

versions as (
    select * from {{ ref('int_report_version') }}
),

indicators as (
    select * from {{ ref('indicators') }}
),

corrections as (
    select * from {{ ref('corrections') }}
),

matches as (
    select * from {{ ref('int_correction_match') }}
),

regions as (
    select * from {{ ref('int_region') }}
),

-- That no number has two decisions is tested where they are matched.
decided as (
    select
        document_id,
        observation_id,
        min(correction_id) as correction_id,
    from matches
    where is_expected
    group by document_id, observation_id
),

-- A decision no longer fits what the report says: what it may have been about waits for a person.
held as (
    select distinct
        document_id,
        observation_id,
    from matches
    where is_stale
),

-- Scopes that name a unit inside the region, such as 龙马潭区 in a report of 泸州市.
inner_units as (
    select distinct
        documents.document_id,
        observations.scope,
    from observations
    inner join documents on observations.document_id = documents.document_id
    inner join regions
        on documents.region_code = regions.parent_code and contains(observations.scope, regions.name)
    where observations.scope is not null
),

joined as (
    select
        observations.*,
        documents.report_id,
        documents.report_year,
        documents.region_code,
        documents.region_name,
        documents.region_level,
        documents.issuer_type,
        documents.url,
        coalesce(versions.is_current, false) as is_current,
        indicators.code is not null as is_catalogued,
        indicators.tier,
        indicators.domain,
        indicators.aggregation,
        indicators.value_type as indicator_value_type,
        indicators.authority as indicator_authority,
        inner_units.scope is not null as is_inner_unit,
        coalesce(parents.indicator_code = observations.indicator_code, false) as is_part_of_same,
        corrections.correction_id,
        corrections.action as correction_action,
        held.observation_id is not null as is_held,
        {{
            text_damage(
                'observations.sentence',
                ['observations.value_text', 'observations.unit', 'observations.dimension', 'observations.scope']
            )
        }} as text_damage,
        observations.value as value_stated,
        case corrections.action
            when 'override' then corrections.value
            when 'scale' then observations.value * corrections.value
            else observations.value
        end as value_corrected,
        case corrections.action
            when 'override' then null
            when 'scale' then observations.value_max * corrections.value
            else observations.value_max
        end as value_max_corrected,
    from observations
    inner join documents on observations.document_id = documents.document_id
    left join versions on observations.document_id = versions.document_id
    left join indicators on observations.indicator_code = indicators.code
    left join inner_units
        on observations.document_id = inner_units.document_id and observations.scope = inner_units.scope
    left join observations as parents
        on observations.document_id = parents.document_id and observations.parent_id = parents.observation_id
    left join decided
        on
            observations.document_id = decided.document_id
            and observations.observation_id = decided.observation_id
    left join corrections on decided.correction_id = corrections.correction_id
    left join held
        on observations.document_id = held.document_id and observations.observation_id = held.observation_id
    where documents.is_annual_report
),

ranked as (
    select
        * exclude (value, value_max, is_part_of_same),
        value_corrected as value,
        value_max_corrected as value_max,
        {{ stated_low('value_corrected', 'value_max_corrected', 'qualifier') }} as value_low,
        {{ stated_high('value_corrected', 'value_max_corrected', 'qualifier') }} as value_high,
        -- 全市, 全县 and no scope at all speak of the whole region; anything else of a part of its organs.
        case when scope is null or regexp_matches(scope, '^全(省|市|州|盟|地区|县|区|旗|自治)') then 0 else 1 end
            as scope_rank,
        case when qualifier in ('exact', 'zero_by_words') then 0 when qualifier = 'range' then 2 else 1 end
            as qualifier_rank,
        case when period_type = 'year' then 0 else 1 end as period_rank,
        -- RR_UPHELD is counted among RR_CLOSED but no part of RR_UPHELD: only parts of the same indicator step back.
        case when is_part_of_same then 1 else 0 end as part_rank,
        case when duplicate_of is null then 0 else 1 end as repetition_rank,
        case when is_proposed then 'proposed' else 'done' end as status,
    from joined
)

select
    *,
    case
        when report_id is null then 'no_report'
        when not is_current then 'older_version'
        when (issuer_type is distinct from 'government') or region_code is null then 'not_a_government'
        when correction_action = 'drop' then 'dropped_by_correction'
        when indicator_code = 'OTHER' then 'uncoded'
        when not is_catalogued then 'unknown_indicator'
        when value < 0 or value > {{ var('largest_value') }} then 'impossible_value'
        when text_damage is not null then 'damaged_text'
        when is_plan then 'plan'
        when comparison is not null then 'comparison'
        when authority is not null and indicator_authority is null then 'other_authority'
        when is_inner_unit or regexp_matches(scope, '^(每|各)') then 'inner_unit'
        when
            regexp_matches(scope, '^全国')
            or (regexp_matches(scope, '^全省') and region_level <> 'province')
            then 'outer_unit'
        when value_type <> indicator_value_type and not (value_type = 'zero' and indicator_value_type = 'count')
            then 'other_value_type'
        when
            period_type = 'year'
            and regexp_matches(period_value, '^[0-9]{4}$')
            and period_value <> cast(report_year as varchar)
            then 'other_year'
        when is_cumulative and aggregation <> 'latest' then 'cumulative'
        when value >= {{ var('implausible_from') }} and (correction_action is null or correction_action = 'flag')
            then 'implausible_value'
        when is_held and correction_action is null then 'stale_correction'
    end as tidy_exclusion,
from ranked
