with documents as (
    select * from {{ ref('int_document') }}
    where is_annual_report
),

versions as (
    select * from {{ ref('int_report_version') }}
)

select
    documents.document_id,
    documents.report_id,
    coalesce(versions.is_current, false) as is_current,
    documents.report_year,
    documents.region_code,
    documents.region_name,
    documents.issuer_type,
from documents
left join versions on documents.document_id = versions.document_id
