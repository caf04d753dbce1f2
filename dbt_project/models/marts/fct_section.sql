with sections as (
    select * from {{ ref('stg_section') }}
),

reports as (
    select * from {{ ref('int_annual_report') }}
)

select
    sections.document_id,
    sections.section_id,
    reports.report_id,
    reports.is_current,
    reports.report_year,
    reports.region_code,
    reports.region_name,
    reports.issuer_type,
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
inner join reports on sections.document_id = reports.document_id
