with source as (
    select * from {{ source('raw', 'read_state') }}
)

select
    capture_id,
    document_id,
    cleaner_version,
    extractor_version,
from source
