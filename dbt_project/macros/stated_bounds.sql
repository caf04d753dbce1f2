{#-
    The least and the greatest number that a statement allows: "69件" allows 69 only, "80余家" 80 to 89,
    "近" ten per cent below, "约" ten per cent either way, "200以上" anything above. "余" and "多" stay below the next
    step of the last digit stated, which is the power of ten of the zeros at the end: 8500余 → 8500 to 8599.
-#}
{% macro last_digit_step(value) -%}
    power(10, length(regexp_extract(cast(cast({{ value }} as bigint) as varchar), '(0*)$', 1)))
{%- endmacro %}

{% macro stated_low(value, value_max, qualifier) -%}
    case
        when {{ qualifier }} in ('余', '多', '以上', '至少', 'range', 'exact', 'zero_by_words') then {{ value }}
        when {{ qualifier }} = '近' then {{ value }} * 0.9
        when {{ qualifier }} = '约' then {{ value }} * 0.9
        when {{ qualifier }} = '以内' then 0
    end
{%- endmacro %}

{% macro stated_high(value, value_max, qualifier) -%}
    case
        when {{ qualifier }} in ('近', '以内', 'exact', 'zero_by_words') then {{ value }}
        when {{ qualifier }} = 'range' then coalesce({{ value_max }}, {{ value }})
        when {{ qualifier }} in ('余', '多') then {{ value }} + greatest({{ last_digit_step(value) }} - 1, 1)
        when {{ qualifier }} = '约' then {{ value }} * 1.1
        when {{ qualifier }} in ('以上', '至少') then {{ var('largest_value') }}
    end
{%- endmacro %}

{#- How far a printed percentage may lie from the true one: half a step of its last digit ("14%" → 0.5). -#}
{% macro rounding_slack(value_text) -%}
    (0.5 * power(10, -length(regexp_extract({{ value_text }}, '[.．]([0-9]+)', 1))) + 0.000001)
{%- endmacro %}
