with source as (
    select * from {{ source('raw', 'issue') }}
)

select
    issue_id,
    document_id,
    capture_id,
    source_id,
    url,
    stage,
    severity,
    kind,
    message,
    value,
    sentence,
from source
