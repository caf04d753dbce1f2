with citations as (
    select * from {{ ref('stg_citation') }}
),

sections as (
    select * from {{ ref('stg_section') }}
),

documents as (
    select * from {{ ref('int_document') }}
),

versions as (
    select * from {{ ref('int_report_version') }}
)

select
    citations.document_id,
    citations.citation_id,
    documents.report_id,
    coalesce(versions.is_current, false) as is_current,
    documents.report_year,
    documents.region_code,
    documents.region_name,
    documents.issuer_type,
    citations.title,
    citations.title_key,
    citations.cited_as,
    citations.kind as cited_kind,
    citations.is_draft,
    citations.number as cited_number,
    citations.number_raw as cited_number_raw,
    citations.issued_year,
    citations.issued_year_source,
    citations.occurrence,
    citations.within as within_citation_id,
    citations.section_id,
    sections.topic,
    sections.part,
    citations.line,
    citations.char_start,
    citations.char_end,
    citations.sentence,
    citations.sentence_start,
from citations
inner join documents on citations.document_id = documents.document_id
left join sections
    on citations.document_id = sections.document_id
    and citations.section_id = sections.section_id
left join versions on citations.document_id = versions.document_id
where documents.is_annual_report
