with indicators as (
    select * from {{ ref('indicators') }}
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
from indicators
left join topics on indicators.domain = topics.code
