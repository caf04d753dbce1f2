with source as (
    select * from {{ source('raw', 'citation') }}
)

select
    document_id,
    citation_id,
    title,
    title_key,
    cited_as,
    kind,
    is_draft,
    number,
    number_raw,
    issued_year,
    issued_year_source,
    occurrence,
    within,
    section_id,
    line,
    char_start,
    char_end,
    sentence,
    sentence_start,
from source
