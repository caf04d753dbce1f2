with documents as (
    select * from {{ ref('int_document') }}
),

standings as (
    select * from {{ ref('int_url_standing') }}
),

observations as (
    select
        document_id,
        count(*) as observation_count,
    from {{ ref('stg_observation') }}
    group by document_id
),

reports as (
    select
        documents.report_id,
        documents.document_id,
        documents.capture_id,
        documents.source_id,
        documents.url,
        documents.content_sha256,
        documents.fetched_at,
        coalesce(documents.last_seen_at, documents.fetched_at) as last_seen_at,
        documents.title,
        documents.text_sha256,
        documents.char_count,
        documents.warc_file,
        documents.warc_offset,
        coalesce(observations.observation_count, 0) as observation_count,
        (documents.source_region_code is not distinct from documents.region_code) as is_own_portal,
        standings.gone_since,
    from documents
    left join observations on documents.document_id = observations.document_id
    left join standings on documents.source_id = standings.source_id and documents.url = standings.url
    where documents.exclusion is null
),

numbered as (
    select
        *,
        row_number() over (partition by report_id order by fetched_at, document_id) as version,
        row_number() over (
            partition by report_id, url order by last_seen_at desc, fetched_at desc, document_id asc
        ) = 1 as is_newest_at_url,
        lag(document_id) over at_url as previous_document_id,
        lag(title) over at_url as previous_title,
        lag(text_sha256) over at_url as previous_text_sha256,
        lag(char_count) over at_url as previous_char_count,
        lag(observation_count) over at_url as previous_observation_count,
    from reports
    window at_url as (partition by report_id, url order by fetched_at, document_id)
)

-- Of several addresses the current one is: still there, on the issuer's own portal, the longest text, the newest.
select
    * exclude (text_sha256, previous_text_sha256),
    is_newest_at_url and gone_since is not null as is_withdrawn,
    (previous_text_sha256 is distinct from text_sha256) as text_changed,
    row_number() over (
        partition by report_id
        order by
            is_newest_at_url desc,
            gone_since is null desc,
            is_own_portal desc,
            char_count desc,
            last_seen_at desc,
            fetched_at desc,
            document_id asc
    ) = 1 as is_current,
from numbered
