with source as (
    select * from {{ source('raw', 'capture') }}
)

select
    capture_id,
    source_id,
    url,
    kind,
    payload_sha256,
    content_type,
    http_status,
    etag,
    last_modified,
    fetched_at,
    run_id,
    warc_file,
    warc_offset,
    warc_length,
    payload_bytes,
    list_url,
    list_title,
    list_date,
    first_seen_at,
    last_seen_at,
from source
