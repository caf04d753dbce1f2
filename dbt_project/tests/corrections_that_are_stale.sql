-- A correction whose page no longer states the number it expects; a person must look before anything is released.
select
    issue_id,
    message,
from {{ ref('fct_data_issue') }}
where kind = 'correction_stale'
