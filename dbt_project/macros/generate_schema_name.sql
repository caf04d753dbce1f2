{#- Schemas carry the names given in dbt_project.yml, without a prefix per target: there is one target. -#}
{% macro generate_schema_name(custom_schema_name, node) -%}
    {{ custom_schema_name | trim if custom_schema_name else target.schema }}
{%- endmacro %}
