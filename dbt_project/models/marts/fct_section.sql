with sections as (
    select * from {{ ref('stg_section') }}
),

documents as (
    select * from {{ ref('int_document') }}
),

versions as (
    select * from {{ ref('int_report_version') }}
)

select
    sections.document_id,
    sections.section_id,
    documents.report_id,
    coalesce(versions.is_current, false) as is_current,
    documents.report_year,
    documents.region_code,
    documents.region_name,
    documents.issuer_type,
    sections.ordinal,
    sections.level,
    sections.label,
    sections.heading,
    sections.path,
    sections.topic,
    sections.part,
    sections.parent_section_id,
    sections.line,
    sections.char_start,
    sections.body_start,
    sections.char_end,
    length(sections.text) as text_length,
    sections.text,
from sections
inner join documents on sections.document_id = documents.document_id
left join versions on sections.document_id = versions.document_id
where documents.is_annual_report
