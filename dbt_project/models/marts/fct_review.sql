with observations as (
    select * from {{ ref('int_observation_judged') }}
),

choices as (
    select * from {{ ref('int_observation_choice') }}
),

weights as (
    select * from {{ ref('confidence_weights') }}
),

-- What waits below the threshold, and what stands in the tidy table although the report says otherwise elsewhere.
waiting as (
    select
        document_id,
        observation_id,
        tidy_exclusion as reason,
        cast(null as varchar) as conflicting_values,
        cast(null as varchar) as conflicting_sentences,
    from observations
    where tidy_exclusion in ('low_confidence', 'broken_identity', 'implausible_value', 'stale_correction')
    union all
    select
        document_id,
        observation_id,
        'conflicting_statements' as reason,
        conflicting_values,
        conflicting_sentences,
    from choices
    -- Whoever confirmed or corrected the chosen value has seen what else is stated.
    where has_conflict and (correction_action is null or correction_action = 'flag')
),

signals as (
    select
        document_id,
        observation_id,
        unnest(string_split(signals, '; ')) as signal,
    from observations
),

doubts as (
    select
        signals.document_id,
        signals.observation_id,
        string_agg(
            weights.meaning || printf(' (%+.2f)', weights.weight), '; ' order by weights.weight, signals.signal
        ) as doubts,
    from signals
    inner join weights on signals.signal = weights.signal || '=' || weights.value
    where weights.weight < 0
    group by signals.document_id, signals.observation_id
)

select
    observations.document_id,
    observations.observation_id,
    waiting.reason,
    observations.report_id,
    observations.report_year,
    observations.region_code,
    observations.region_name,
    observations.indicator_code,
    observations.dimension,
    observations.value,
    observations.value_text,
    observations.unit,
    observations.confidence,
    observations.confidence_final,
    doubts.doubts,
    observations.broken_identities,
    waiting.conflicting_values,
    waiting.conflicting_sentences,
    observations.sentence,
    observations.section_path,
    observations.line,
    observations.char_start,
    observations.char_end,
    observations.rule,
    observations.signals,
    observations.url,
from waiting
inner join observations
    on waiting.document_id = observations.document_id and waiting.observation_id = observations.observation_id
left join doubts
    on waiting.document_id = doubts.document_id and waiting.observation_id = doubts.observation_id
