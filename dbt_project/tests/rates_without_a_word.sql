{{ config(meta={'dagster': {'ref': {'name': 'fct_rate'}}}) }}
-- Every indicator that is a rate has either a rule by which it is recomputed, with both sides, or a reason why not.
with rates as (
    select code from {{ ref('indicators') }}
    where aggregation = 'rate'
),

ruled as (
    select rate_code from {{ ref('rate_terms') }}
    group by rate_code
    having count(distinct side) = 2
),

alone as (
    select rate_code from {{ ref('rates_stated_alone') }}
),

ways as (
    select
        rates.code,
        cast(rates.code in (select ruled.rate_code from ruled) as integer)
        + cast(rates.code in (select alone.rate_code from alone) as integer) as way_count,
    from rates
)

select
    code,
    way_count,
from ways
where way_count <> 1
