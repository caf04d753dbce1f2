with attempts as (
    select * from {{ ref('stg_attempt') }}
),

sources as (
    select * from {{ ref('stg_source') }}
),

classes as (
    select * from {{ ref('outcome_classes') }}
),

issues as (
    select * from {{ ref('stg_issue') }}
),

-- What reading met in the bytes: a file may arrive whole and still hold no text for us.
unreadable as (
    select
        capture_id,
        min(kind) as reading_outcome,
    from issues
    where kind in ('attachment_unparsed', 'attachment_no_text', 'parse_failed')
    group by capture_id
)

select
    attempts.attempt_id,
    attempts.run_id,
    attempts.source_id,
    sources.region_code,
    attempts.url,
    attempts.host,
    attempts.kind,
    attempts.outcome,
    classes.class as outcome_class,
    attempts.http_status,
    attempts.payload_bytes,
    attempts.duration_ms,
    attempts.started_at,
    attempts.detail,
    attempts.stop_reason,
    attempts.capture_id,
    unreadable.reading_outcome,
    sources.status as source_status,
from attempts
left join sources on attempts.source_id = sources.source_id
left join classes on attempts.outcome = classes.outcome
left join unreadable on attempts.capture_id = unreadable.capture_id
