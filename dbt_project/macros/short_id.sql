{#- Sixteen hex digits that name the given values, in their order; null and '' are told apart. -#}
{% macro short_id(columns) -%}
    substring(
        sha256(
            concat_ws(
                chr(31),
                {%- for column in columns %}
                coalesce(cast({{ column }} as varchar), chr(30)){{ ',' if not loop.last }}
                {%- endfor %}
            )
        ),
        1,
        16
    )
{%- endmacro %}
