{#- A year lies between the first possible report year and the year of the newest capture; null is allowed. -#}
{% test year_within_reach(model, column_name) %}
select {{ column_name }}
from {{ model }}
where
    {{ column_name }} < {{ var('first_report_year') }}
    or {{ column_name }} > (select max(year(fetched_at)) from {{ ref('stg_capture') }})
{% endtest %}
