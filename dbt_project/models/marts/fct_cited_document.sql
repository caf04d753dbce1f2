with citations as (
    select * from {{ ref('stg_citation') }}
),

sections as (
    select * from {{ ref('stg_section') }}
),

reports as (
    select * from {{ ref('int_annual_report') }}
)

select
    citations.document_id,
    citations.citation_id,
    reports.report_id,
    reports.is_current,
    reports.report_year,
    reports.region_code,
    reports.region_name,
    reports.issuer_type,
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
inner join reports on citations.document_id = reports.document_id
left join sections
    on citations.document_id = sections.document_id and citations.section_id = sections.section_id
