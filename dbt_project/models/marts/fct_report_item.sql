with items as (
    select * from {{ ref('stg_item') }}
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
    items.document_id,
    items.item_id,
    documents.report_id,
    coalesce(versions.is_current, false) as is_current,
    documents.report_year,
    documents.region_code,
    documents.region_name,
    documents.issuer_type,
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
inner join documents on items.document_id = documents.document_id
left join sections
    on items.document_id = sections.document_id
    and items.section_id = sections.section_id
left join versions on items.document_id = versions.document_id
where documents.is_annual_report
