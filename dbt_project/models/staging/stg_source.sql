with source as (
    select * from {{ source('raw', 'source') }}
)

select
    source_id,
    name,
    owner,
    region_code,
    family,
    start_urls,
    config_sha256,
    first_seen_at,
    last_seen_at,
    is_sample,
    status,
from source
