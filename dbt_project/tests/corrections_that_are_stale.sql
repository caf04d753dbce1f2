-- Decisions that no longer fit their report. What the report states instead is held back, so nothing else need be.
select
    issue_id,
    message,
from {{ ref('fct_data_issue') }}
where kind = 'correction_stale'
{{ config(severity='warn') }}
