with corrections as (
    select * from {{ ref('corrections') }}
),

documents as (
    select * from {{ ref('int_document') }}
),

versions as (
    select * from {{ ref('int_report_version') }}
),

observations as (
    select * from {{ ref('stg_observation') }}
),

-- A decision is about a report, wherever and in whichever version it stands.
targets as (
    select
        corrections.correction_id,
        documents.document_id,
    from corrections
    inner join documents on corrections.url = documents.url
    union
    select
        corrections.correction_id,
        others.document_id,
    from corrections
    inner join documents on corrections.url = documents.url
    inner join documents as others on documents.report_id = others.report_id
),

matches as (
    select
        corrections.correction_id,
        observations.document_id,
        observations.observation_id,
        coalesce(versions.is_current, false) as is_current,
        observations.value_text = corrections.expect_value_text
        and observations.sentence = corrections.expect_sentence as is_expected,
    from targets
    inner join corrections on targets.correction_id = corrections.correction_id
    inner join observations
        on
            targets.document_id = observations.document_id
            and corrections.indicator_code = observations.indicator_code
            and corrections.dimension is not distinct from observations.dimension
    left join versions on targets.document_id = versions.document_id
)

select
    *,
    not bool_or(is_expected and is_current) over (partition by correction_id) as is_stale,
from matches
