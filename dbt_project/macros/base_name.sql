{#- A division's name without the word for its kind: 抚宁县 and 抚宁区 are both 抚宁. -#}
{% macro base_name(name) -%}
    regexp_replace({{ name }}, '(自治县|自治州|自治旗|地区|县|市|区|旗|盟)$', '')
{%- endmacro %}
