with memberships as (
    select * from {{ ref('int_region_membership') }}
),

choices as (
    select
        region_code,
        report_year,
        indicator_code,
        dimension_key,
        value,
        value_low,
        value_high,
        scope_rank,
        period_type,
        is_cumulative,
        has_conflict,
        -- 人次 and 人 are not the same thing; 件, 宗 and 卷 are.
        case when unit like '%次' then unit else 'plain' end as unit_kind,
    from {{ ref('int_observation_choice') }}
    where status = 'done'
),

indicators as (
    select * from {{ ref('int_indicator') }}
),

regions as (
    select * from {{ ref('int_region_year') }}
),

expected as (
    {{ member_counts('memberships') }}
),

summed as (
    select
        memberships.aggregate_code,
        memberships.member_level,
        choices.report_year,
        choices.indicator_code,
        choices.dimension_key,
        count(*) as stated_count,
        sum(choices.value) as sum_of_stated,
        sum(choices.value_low) as sum_low,
        case when max(choices.value_high) < {{ var('largest_value') }} then sum(choices.value_high) end as sum_high,
        count(distinct choices.scope_rank) as scope_count,
        count(distinct choices.unit_kind) as unit_count,
        count(distinct choices.period_type) as period_count,
        count(distinct choices.is_cumulative) as cumulative_count,
        count(*) filter (where choices.has_conflict) as conflict_count,
    from choices
    inner join memberships
        on choices.region_code = memberships.region_code and choices.report_year = memberships.report_year
    group by
        memberships.aggregate_code,
        memberships.member_level,
        choices.report_year,
        choices.indicator_code,
        choices.dimension_key
),

judged as (
    select
        summed.*,
        expected.expected_count,
        coalesce(wholes.stated_count, 0) as whole_count,
        indicators.may_add_over_regions,
        case
            when not indicators.may_add_over_regions then 'not_additive'
            when summed.scope_count > 1 then 'scopes_differ'
            when summed.unit_count > 1 then 'units_differ'
            when summed.period_count > 1 or summed.cumulative_count > 1 then 'periods_differ'
        end as never_added,
        case
            when
                (summed.dimension_key <> 'total' or indicators.part_of is not null)
                and summed.stated_count < coalesce(wholes.stated_count, 0)
                then 'parts_missing'
            when summed.stated_count < expected.expected_count then 'members_missing'
        end as incomplete,
    from summed
    inner join indicators on summed.indicator_code = indicators.code
    inner join expected
        on
            summed.aggregate_code = expected.aggregate_code
            and summed.member_level = expected.member_level
            and summed.report_year = expected.report_year
    -- A breakdown is measured by those that state the whole; so is a share of another indicator.
    left join summed as wholes
        on
            summed.aggregate_code = wholes.aggregate_code
            and summed.member_level = wholes.member_level
            and summed.report_year = wholes.report_year
            and wholes.dimension_key = 'total'
            and case when summed.dimension_key = 'total' then indicators.part_of else summed.indicator_code end
            = wholes.indicator_code
)

select
    judged.aggregate_code,
    judged.report_year,
    judged.member_level,
    judged.indicator_code,
    judged.dimension_key as dimension,
    coalesce(regions.region_name, '全国') as aggregate_name,
    coalesce(judged.never_added, judged.incomplete) as refusal,
    case when coalesce(judged.never_added, judged.incomplete) is null then judged.sum_of_stated end as value,
    case when judged.never_added is null then judged.sum_of_stated end as sum_of_stated,
    case when judged.never_added is null then judged.sum_low end as sum_of_stated_low,
    case when judged.never_added is null then judged.sum_high end as sum_of_stated_high,
    judged.stated_count,
    judged.expected_count,
    judged.whole_count,
    judged.conflict_count,
from judged
left join regions on judged.aggregate_code = regions.region_code and judged.report_year = regions.report_year
