with memberships as (
    select * from {{ ref('int_region_membership') }}
),

rates as (
    select * from {{ ref('fct_rate') }}
),

choices as (
    select * from {{ ref('int_observation_choice') }}
    where dimension_key = 'total' and status = 'done'
),

denominators as (
    select * from {{ ref('rate_terms') }}
    where side = 'denominator'
),

regions as (
    select * from {{ ref('int_region_year') }}
),

expected as (
    {{ member_counts('memberships') }}
),

-- A rate over regions is the sum of the numerators by the sum of the denominators, never a mean of rates.
members as (
    select
        rates.*,
        choices.scope_rank,
    from rates
    inner join denominators on rates.indicator_code = denominators.rate_code
    left join choices
        on
            rates.region_code = choices.region_code
            and rates.report_year = choices.report_year
            and denominators.term_code = choices.indicator_code
),

summed as (
    select
        memberships.aggregate_code,
        memberships.member_level,
        members.report_year,
        members.indicator_code,
        count(*) filter (where members.recomputed_value is not null) as computed_count,
        count(members.stated_value) as stated_count,
        sum(members.numerator) as numerator,
        sum(members.denominator) as denominator,
        count(distinct members.scope_rank) filter (where members.recomputed_value is not null) as scope_count,
        coalesce(bool_or(members.recomputed_kind = 'at_least'), false) as is_floor,
        any_value(members.comparability) as comparability,
    from members
    inner join memberships
        on members.region_code = memberships.region_code and members.report_year = memberships.report_year
    group by memberships.aggregate_code, memberships.member_level, members.report_year, members.indicator_code
),

judged as (
    select
        summed.*,
        expected.expected_count,
        case
            when summed.scope_count > 1 then 'scopes_differ'
            when summed.computed_count = 0 then 'terms_missing'
            when summed.denominator = 0 then 'denominator_is_zero'
        end as never_reckoned,
        case
            when summed.is_floor then 'parts_missing'
            when summed.computed_count < expected.expected_count then 'members_missing'
        end as incomplete,
    from summed
    inner join expected
        on
            summed.aggregate_code = expected.aggregate_code
            and summed.member_level = expected.member_level
            and summed.report_year = expected.report_year
)

select
    judged.aggregate_code,
    judged.report_year,
    judged.member_level,
    judged.indicator_code,
    coalesce(regions.region_name, '全国') as aggregate_name,
    coalesce(judged.never_reckoned, judged.incomplete) as refusal,
    case
        when coalesce(judged.never_reckoned, judged.incomplete) is null
            then 100.0 * judged.numerator / judged.denominator
    end as value,
    case
        when judged.never_reckoned is null and not judged.is_floor then 100.0 * judged.numerator / judged.denominator
    end as rate_of_computed,
    case when judged.never_reckoned is null then judged.numerator end as numerator,
    case when judged.never_reckoned is null then judged.denominator end as denominator,
    judged.computed_count,
    judged.stated_count,
    judged.expected_count,
    judged.comparability,
from judged
left join regions on judged.aggregate_code = regions.region_code and judged.report_year = regions.report_year
