{#-
    A confidence after one more signal of this weight, rounded down to two decimals as the reader does. Certainty
    itself has no log-odds, so that 1 counts as 0.99 and 0 as 0.01.
-#}
{% macro lowered(confidence, weight) -%}
    floor(
        100 / (1 + (1 / least(greatest({{ confidence }}, 0.01), 0.99) - 1) * exp(-{{ weight }}))
    ) / 100
{%- endmacro %}
