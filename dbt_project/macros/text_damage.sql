{#-
    What makes the text of an observation unfit to be shown as evidence; null when nothing does. A cell that begins
    with = or @ is run as a formula by spreadsheets: no report writes so.
-#}
{% macro text_damage(sentence, cells) -%}
    {%- set formulas = [] -%}
    {%- for cell in [sentence] + cells -%}
        {%- do formulas.append('regexp_matches(' ~ cell ~ ", '^\\s*[=@]')") -%}
    {%- endfor -%}
    case
        when length({{ sentence }}) > {{ var('longest_sentence') }} then 'its sentence is endless'
        when
            regexp_matches(
                concat_ws('', {{ sentence }}, {{ cells | join(', ') }}), '[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]'
            )
            then 'its text holds control characters'
        when
            {{ formulas | join(' or ') }}
            then 'its text begins like a formula'
    end
{%- endmacro %}
