with items as (
    select * from {{ ref('stg_item') }}
),

sections as (
    select * from {{ ref('stg_section') }}
),

reports as (
    select * from {{ ref('int_annual_report') }}
)

select
    items.document_id,
    items.item_id,
    reports.report_id,
    reports.is_current,
    reports.report_year,
    reports.region_code,
    reports.region_name,
    reports.issuer_type,
    items.kind as item_kind,
    items.ordinal,
    items.label,
    items.form,
    items.topic,
    items.section_id,
    sections.path as section_path,
    items.line,
    items.char_start,
    items.char_end,
    length(items.text) as text_length,
    items.text,
from items
inner join reports on items.document_id = reports.document_id
left join sections
    on items.document_id = sections.document_id and items.section_id = sections.section_id
