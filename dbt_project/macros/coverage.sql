{#- The standing of all portals that could show a report, taken together; group by whoever is expected. -#}
{% macro portal_summary(portals) -%}
    count(distinct {{ portals }}.source_id) as source_count,
    coalesce(sum({{ portals }}.attempted_count), 0) as attempted_count,
    max({{ portals }}.last_attempt_at) as last_attempt_at,
    max({{ portals }}.last_success_at) as last_success_at,
    min({{ portals }}.list_fault) as list_fault,
    min({{ portals }}.list_gone) as list_gone,
    min({{ portals }}.article_fault) as article_fault,
{%- endmacro %}

{#- Why a report that is due is not there: the first thing that stood in the way. -#}
{% macro blank_reason() -%}
    case
        when coalesce(source_count, 0) = 0 then 'no_source'
        when attempted_count = 0 then 'not_attempted'
        when list_fault is not null then list_fault
        when list_gone is not null then list_gone
        when article_fault is not null then 'article_not_read'
        when coalesce(undated_count, 0) > 0 then 'report_without_year'
        else 'not_listed'
    end
{%- endmacro %}

{#- The day by which the report on a year is due; null before reports had a day. Wants the table deadlines. -#}
{% macro deadline_of(report_year) -%}
    make_date({{ report_year }} + 1, deadlines.deadline_month, deadlines.deadline_day)
{%- endmacro %}

{#- The moment and the day of the newest attempt on any portal: what has come by then can be known. -#}
{% macro crawl_horizon(standings) -%}
    select
        max(last_attempt_at) as latest_attempt_at,
        cast(max(last_attempt_at) as date) as latest_attempt_on,
    from {{ standings }}
{%- endmacro %}

{#- How a report that is expected stands; `excused` is true where none need come. -#}
{% macro coverage_status(reports, expected, excused='false') -%}
    case
        when {{ reports }}.report_id is not null and {{ reports }}.timeliness = 'late' then 'late'
        when {{ reports }}.report_id is not null and {{ reports }}.published_on is null then 'undated'
        when {{ reports }}.report_id is not null then 'published'
        when {{ excused }} then 'exempt'
        when {{ expected }}.deadline_on >= {{ expected }}.latest_attempt_on then 'not_due'
        else 'missing'
    end
{%- endmacro %}
