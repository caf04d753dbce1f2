{{ config(severity='warn') }}
-- Each identity that a report breaks; also an issue in fct_data_issue. One report's slip holds nothing back.
select
    report_id,
    identity_id,
    instance,
    severity,
    off_by,
from {{ ref('fct_identity_check') }}
where status = 'off'
