with versions as (
    select * from {{ ref('int_report_version') }}
)

select
    report_id,
    version,
    document_id,
    capture_id,
    source_id,
    url,
    content_sha256,
    fetched_at as first_seen_at,
    is_current,
    is_withdrawn,
    case when is_withdrawn then gone_since end as withdrawn_at,
    title,
    char_count,
    observation_count,
    previous_document_id,
    case
        when previous_document_id is null and version = 1 then 'first'
        when previous_document_id is null then 'other_address'
        when text_changed and (title is distinct from previous_title) then 'title_and_text'
        when text_changed then 'text'
        when (title is distinct from previous_title) then 'title'
        else 'page_only'
    end as change,
    char_count - previous_char_count as char_count_change,
    observation_count - previous_observation_count as observation_count_change,
    last_seen_at,
    warc_file,
    warc_offset,
from versions
