with choices as (
    select * from {{ ref('int_observation_choice') }}
)

select
    region_code,
    report_year,
    indicator_code,
    dimension_key as dimension,
    status,
    region_name,
    region_level,
    value,
    value_max,
    unit,
    indicator_value_type as value_type,
    qualifier,
    value_text,
    scope,
    period_type,
    period_value,
    is_cumulative,
    report_id,
    document_id,
    observation_id as chosen_observation_id,
    choice_reason,
    candidate_count,
    has_conflict,
    conflicting_values,
    sentence,
    url,
    confidence,
from choices
