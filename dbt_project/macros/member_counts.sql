{#- How many governments of each level stand below a division in a year: what a sum over them has to be made from. -#}
{% macro member_counts(memberships) -%}
    select
        aggregate_code,
        member_level,
        report_year,
        count(*) as expected_count,
    from {{ memberships }}
    group by aggregate_code, member_level, report_year
{%- endmacro %}
