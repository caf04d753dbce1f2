{#- The expression is true in every row; null counts as not true. -#}
{% test holds_for_every_row(model, expression) %}
select *
from {{ model }}
where not coalesce({{ expression }}, false)
{% endtest %}
