with checks as (
    select * from {{ ref('int_identity_check') }}
),

documents as (
    select * from {{ ref('int_document') }}
)

select
    documents.report_id,
    checks.identity_id,
    checks.instance,
    checks.kind,
    checks.severity,
    checks.description,
    documents.report_year,
    documents.region_code,
    documents.region_name,
    documents.issuer_type,
    checks.left_side,
    checks.left_value,
    checks.right_side,
    checks.right_value,
    checks.part_count,
    checks.status,
    case when checks.status = 'off' then checks.left_value - checks.right_value end as off_by,
    checks.cannot_tell_reason,
    checks.document_id,
    checks.observation_ids,
    checks.sentence,
    checks.sentences,
from checks
inner join documents on checks.document_id = documents.document_id
