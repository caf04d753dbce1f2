with source as (
    select * from {{ source('raw', 'attempt') }}
)

select
    attempt_id,
    run_id,
    source_id,
    url,
    kind,
    outcome,
    http_status,
    payload_bytes,
    duration_ms,
    started_at,
    host,
    detail,
    capture_id,
    stop_reason,
from source
