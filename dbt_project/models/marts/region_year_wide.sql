{%- set coded = [] -%}
{%- for column in model['columns'].values() -%}
{%- set meta = column.get('config', {}).get('meta', {}) or column.meta -%}
{%- if meta.get('indicator_code') -%}
{%- do coded.append((column.name, meta['indicator_code'])) -%}
{%- endif -%}
{%- endfor -%}
{#- The indicator columns come from the contract in _region_year_wide.yml, which scripts/write_wide.py keeps. -#}
with reports as (
    select * from {{ ref('fct_report') }}
    where issuer_type = 'government' and region_code is not null
),

totals as (
    select * from {{ ref('fct_region_year_indicator') }}
    where dimension = 'total' and status = 'done'
),

pivoted as (
    select
        region_code,
        report_year,
        count(*) as indicator_count,
        {%- for name, code in coded %}
        max(case when indicator_code = '{{ code }}' then value end) as {{ name }},
        {%- endfor %}
    from totals
    group by region_code, report_year
)

select
    reports.region_code,
    reports.report_year,
    reports.region_name,
    reports.region_level,
    reports.province_code,
    reports.province_name,
    reports.report_id,
    reports.published_on,
    reports.timeliness,
    coalesce(pivoted.indicator_count, 0) as indicator_count,
    {%- for name, _ in coded %}
    pivoted.{{ name }},
    {%- endfor %}
from reports
left join pivoted on reports.region_code = pivoted.region_code and reports.report_year = pivoted.report_year
