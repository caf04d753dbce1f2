-- An identity of severity error that is off in many reports speaks of a fault in reading, not in the reports:
-- at least three, and more than a fifth of those where it could be told. This holds a release back.
select
    identity_id,
    count(*) filter (where status = 'off') as off_count,
    count(*) filter (where status in ('holds', 'off')) as told_count,
from {{ ref('fct_identity_check') }}
where severity = 'error'
group by identity_id
having
    count(*) filter (where status = 'off') >= 3
    and count(*) filter (where status = 'off') > 0.2 * count(*) filter (where status in ('holds', 'off'))
