-- The catalogue with what may be added, and what happened to the comparability of an indicator over the years.
with indicators as (
    select * from {{ ref('indicators') }}
),

breaks as (
    select * from {{ ref('comparability_breaks') }}
),

broken as (
    select
        indicators.code,
        string_agg(breaks.break_year || ':' || breaks.reason, ';' order by breaks.break_year) as comparability_breaks,
        list(breaks.break_year order by breaks.break_year) as break_years,
    from indicators
    inner join breaks on starts_with(indicators.code, breaks.code_prefix)
    group by indicators.code
),

ruled as (
    select
        *,
        -- Stocks of different governments add up; averages, shares and rates never do.
        aggregation = 'sum' or (aggregation = 'latest' and value_type = 'count' and domain <> 'META')
            as may_add_over_regions,
        aggregation = 'sum' as may_add_over_years,
    from indicators
)

select
    ruled.*,
    broken.comparability_breaks,
    coalesce(broken.break_years, []) as break_years,
    concat_ws(
        ';',
        case
            when ruled.may_add_over_years then '流量:同级同口径的政府之间、各年之间可相加,上下级报告不可相加'
            when ruled.may_add_over_regions then '年末存量:同级同口径的政府之间可相加,各年不可相加,上下级报告不可相加'
            when ruled.aggregation = 'rate' then '比率:不可相加,不可平均;跨地区须以分子合计除以分母合计'
            else '单位自身的数值:不可相加'
        end,
        ruled.comparability_note,
        broken.comparability_breaks
    ) as comparability,
from ruled
left join broken on ruled.code = broken.code
