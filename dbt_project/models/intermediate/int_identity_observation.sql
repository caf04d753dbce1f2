-- What identities may be checked on: statements of the current version, done or proposed, of whichever authority.
select
    *,
    coalesce(comparison, 'none') as comparison_key,
from {{ ref('int_observation') }}
where
    is_current
    and is_catalogued
    and not is_plan
    and duplicate_of is null
    and coalesce(comparison, 'none') in ('none', 'before')
    and coalesce(correction_action, 'none') <> 'drop'
