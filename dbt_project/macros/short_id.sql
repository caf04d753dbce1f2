{#- Sixteen hex digits that name the given values, in their order; null and '' are told apart. -#}
{% macro short_id(columns) -%}
    {%- set cells = [] -%}
    {%- for column in columns -%}
        {%- do cells.append('coalesce(cast(' ~ column ~ ' as varchar), chr(30))') -%}
    {%- endfor -%}
    substring(sha256(concat_ws(chr(31), {{ cells | join(', ') }})), 1, 16)
{%- endmacro %}
