-- How the crawl of each portal stands: what was tried, and what stopped it.
with sources as (
    select * from {{ ref('stg_source') }}
),

standings as (
    select * from {{ ref('int_url_standing') }}
)

select
    sources.source_id,
    sources.region_code,
    sources.owner,
    count(standings.url) as attempted_count,
    max(standings.last_attempt_at) as last_attempt_at,
    max(standings.last_success_at) as last_success_at,
    min(standings.outcome) filter (
        where standings.kind in ('list', 'robots')
        and standings.class in ('blocked', 'refused', 'unreachable', 'unreadable')
    ) as list_fault,
    min(standings.outcome) filter (
        where standings.kind = 'list' and standings.outcome in ('not_found', 'soft_404')
    ) as list_gone,
    min(standings.outcome) filter (
        where standings.kind not in ('list', 'robots')
        and standings.class in ('blocked', 'unreachable', 'unreadable')
    ) as article_fault,
from sources
left join standings on sources.source_id = standings.source_id
group by sources.source_id, sources.region_code, sources.owner
