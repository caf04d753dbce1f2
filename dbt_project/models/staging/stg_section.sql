with source as (
    select * from {{ source('raw', 'section') }}
)

select
    document_id,
    section_id,
    ordinal,
    level,
    label,
    heading,
    path,
    topic,
    part,
    line,
    char_start,
    body_start,
    char_end,
    parent_section_id,
    text,
from source
