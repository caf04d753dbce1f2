with documents as (
    select * from {{ ref('int_document') }}
),

versions as (
    select * from {{ ref('int_report_version') }}
    where is_current
),

dated as (
    select documents.*
    from documents
    inner join versions on documents.document_id = versions.document_id
    where documents.publication_date is not null
)

select
    'PUBLISHED_AFTER_SIGNED' as identity_id,
    document_id,
    'all' as instance,
    cast(date_diff('day', signature_date, publication_date) as double) as left_value,
    'publication_date=' || publication_date as left_side,
    cast(0 as double) as right_value,
    'signature_date=' || signature_date as right_side,
    1 as part_count,
    case when publication_date >= signature_date then 'holds' else 'off' end as status,
    cast(null as varchar) as cannot_tell_reason,
    cast(null as varchar) as observation_ids,
    cast(null as varchar) as sentence,
from dated
where signature_date is not null

union all

select
    'PUBLISHED_AFTER_YEAR' as identity_id,
    document_id,
    'all' as instance,
    cast(year(publication_date) as double) as left_value,
    'publication_date=' || publication_date as left_side,
    cast(report_year as double) as right_value,
    'report_year=' || report_year as right_side,
    1 as part_count,
    case
        when year(publication_date) > report_year and year(publication_date) <= report_year + 2 then 'holds'
        else 'off'
    end as status,
    cast(null as varchar) as cannot_tell_reason,
    cast(null as varchar) as observation_ids,
    cast(null as varchar) as sentence,
from dated
