-- Observations with the confidence that is left when the whole report is looked at, and who waits for a person.
with observations as (
    select * from {{ ref('int_observation') }}
),

checks as (
    select * from {{ ref('int_identity_check') }}
    where status = 'off' and severity = 'error'
),

penalty as (
    select max(weight) as weight from {{ ref('confidence_weights') }}
    where signal = 'identity' and value = 'broken'
),

members as (
    select distinct
        document_id,
        identity_id,
        unnest(string_split(observation_ids, '; ')) as observation_id,
    from checks
),

broken as (
    select
        document_id,
        observation_id,
        string_agg(identity_id, '; ' order by identity_id) as broken_identities,
    from members
    group by document_id, observation_id
),

weighed as (
    select
        observations.*,
        broken.broken_identities,
        case
            -- A person who has corrected or confirmed a number has looked at it.
            when observations.correction_action in ('confirm', 'override', 'scale') then 1.0
            when broken.broken_identities is null then observations.confidence
            else {{ lowered('observations.confidence', 'penalty.weight') }}
        end as confidence_final,
    from observations
    left join broken
        on
            observations.document_id = broken.document_id
            and observations.observation_id = broken.observation_id
    cross join penalty
)

select
    * exclude (tidy_exclusion),
    coalesce(
        tidy_exclusion,
        case
            when confidence_final >= {{ var('review_threshold') }} then null
            when confidence < {{ var('review_threshold') }} then 'low_confidence'
            else 'broken_identity'
        end
    ) as tidy_exclusion,
from weighed
