with documents as (
    select * from {{ ref('stg_document') }}
),

captures as (
    select * from {{ ref('stg_capture') }}
),

sources as (
    select * from {{ ref('stg_source') }}
),

judged as (
    select
        documents.* exclude (text),
        -- Whole texts are told apart by it; they stay where they were loaded.
        sha256(documents.text) as text_sha256,
        coalesce(documents.issuing_body, documents.issuing_body_inferred) as issuer,
        case
            when documents.issuing_body is not null then 'stated'
            when documents.issuing_body_inferred is not null then 'inferred'
        end as issuer_source,
        captures.warc_file,
        captures.warc_offset,
        captures.last_seen_at,
        sources.region_code as source_region_code,
        case
            when not documents.is_annual_report then 'not_an_annual_report'
            when documents.report_year is null then 'year_unknown'
            when
                documents.report_year < {{ var('first_report_year') }}
                or documents.report_year > year(documents.fetched_at)
                then 'year_impossible'
        end as exclusion,
    from documents
    left join captures on documents.capture_id = captures.capture_id
    left join sources on documents.source_id = sources.source_id
),

-- A government's report is known by its region; any other issuer by its name too, because a region has many.
keyed as (
    select
        *,
        case
            when issuer_type = 'government' and region_code is not null then 'government:' || region_code
            when issuer_type is not null and issuer is not null
                then issuer_type || ':' || coalesce(region_code, '-') || ':' || issuer
            else 'unknown:' || coalesce(region_code, '-') || ':' || coalesce(issuer, source_id)
        end as issuer_key,
    from judged
)

select
    *,
    case when exclusion is null then issuer_key || ':' || report_year end as report_id,
from keyed
