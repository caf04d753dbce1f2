with indicators as (
    select * from {{ ref('int_indicator') }}
),

topics as (
    select * from {{ ref('topics') }}
)

select
    indicators.code as indicator_code,
    indicators.domain,
    topics.name_zh as domain_zh,
    topics.name_en as domain_en,
    indicators.parent_code,
    indicators.part_of,
    indicators.tier,
    indicators.name_zh,
    indicators.name_en,
    indicators.definition,
    indicators.unit,
    indicators.value_type,
    indicators.aggregation,
    indicators.dimensions,
    indicators.authority,
    indicators.outline_ref,
    indicators.comparability_note,
    indicators.may_add_over_regions,
    indicators.may_add_over_years,
    indicators.comparability_breaks,
    indicators.comparability,
from indicators
left join topics on indicators.domain = topics.code
