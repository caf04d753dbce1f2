with source as (
    select * from {{ source('raw', 'item') }}
)

select
    document_id,
    item_id,
    kind,
    ordinal,
    label,
    form,
    text,
    topic,
    section_id,
    line,
    char_start,
    char_end,
from source
