with attempts as (
    select * from {{ ref('stg_attempt') }}
),

classes as (
    select * from {{ ref('outcome_classes') }}
),

classed as (
    select
        attempts.*,
        classes.class,
        row_number() over (
            partition by attempts.source_id, attempts.url
            order by attempts.started_at desc, attempts.attempt_id desc
        ) as recency,
        max(case when classes.class = 'seen' then attempts.started_at end) over (
            partition by attempts.source_id, attempts.url
        ) as last_success_at,
    from attempts
    left join classes on attempts.outcome = classes.outcome
),

gone as (
    select
        source_id,
        url,
        min(started_at) as gone_since,
    from classed
    where
        outcome in ('not_found', 'soft_404')
        and (last_success_at is null or started_at > last_success_at)
    group by source_id, url
)

select
    classed.source_id,
    classed.url,
    classed.kind,
    classed.outcome,
    classed.class,
    classed.detail,
    classed.stop_reason,
    classed.started_at as last_attempt_at,
    classed.last_success_at,
    case when classed.outcome in ('not_found', 'soft_404') then gone.gone_since end as gone_since,
from classed
left join gone on classed.source_id = gone.source_id and classed.url = gone.url
where classed.recency = 1
