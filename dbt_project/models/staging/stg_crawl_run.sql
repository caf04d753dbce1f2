with source as (
    select * from {{ source('raw', 'crawl_run') }}
)

select
    run_id,
    started_at,
    finished_at,
    status,
    fazhi_version,
    trigger,
from source
