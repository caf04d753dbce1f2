with checks as (
    select * from {{ ref('int_identity_partition') }}
    union all by name
    select * from {{ ref('int_identity_comparison') }}
    union all by name
    select * from {{ ref('int_identity_ratio') }}
    union all by name
    select * from {{ ref('int_identity_date') }}
),

rules as (
    select * from {{ ref('identity_rules') }}
),

documents as (
    select * from {{ ref('int_document') }}
)

select
    documents.report_id,
    checks.identity_id,
    checks.instance,
    rules.kind,
    rules.severity,
    rules.description,
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
from checks
inner join rules on checks.identity_id = rules.identity_id
inner join documents on checks.document_id = documents.document_id
