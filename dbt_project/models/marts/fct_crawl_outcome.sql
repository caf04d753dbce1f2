with attempts as (
    select * from {{ ref('stg_attempt') }}
),

sources as (
    select * from {{ ref('stg_source') }}
),

classes as (
    select * from {{ ref('outcome_classes') }}
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
from attempts
left join sources on attempts.source_id = sources.source_id
left join classes on attempts.outcome = classes.outcome
