with observations as (
    select * from {{ ref('int_identity_observation') }}
),

rules as (
    select * from {{ ref('identity_rules') }}
    where kind in ('le', 'equation', 'rate', 'rate_floor')
),

terms as (
    select * from {{ ref('identity_terms') }}
    where side in ('left', 'right', 'rate', 'numerator', 'denominator')
),

-- One undivided statement of each indicator per document; running totals are compared with running totals only.
statements as (
    select *
    from observations
    where dimension is null and not is_proposed
    qualify row_number() over (
        partition by document_id, indicator_code, comparison_key, is_cumulative
        order by scope_rank, qualifier_rank, char_start, observation_id
    ) = 1
),

instances as (
    select distinct
        rules.identity_id,
        rules.kind,
        rules.constant,
        statements.document_id,
        statements.is_cumulative,
    from statements
    inner join rules on statements.indicator_code = rules.total_code
    where statements.comparison_key = 'none'
),

filled as (
    select
        instances.identity_id,
        instances.kind,
        instances.constant,
        instances.document_id,
        instances.is_cumulative,
        terms.side,
        terms.term_code,
        terms.sign,
        terms.required,
        statements.observation_id,
        statements.value,
        statements.value_text,
        statements.value_low,
        statements.value_high,
        statements.scope,
        statements.char_start,
        statements.sentence,
        terms.side in ('left', 'rate') as is_left,
        case when terms.sign < 0 then '- ' else '+ ' end
        || terms.term_code
        || case when terms.comparison is not null then '[' || terms.comparison || ']' else '' end
        || '='
        || statements.value_text as label,
    from instances
    inner join terms on instances.identity_id = terms.identity_id
    left join statements
        on
            instances.document_id = statements.document_id
            and instances.is_cumulative = statements.is_cumulative
            and terms.term_code = statements.indicator_code
            and coalesce(terms.comparison, 'none') = statements.comparison_key
),

summed as (
    select
        identity_id,
        kind,
        document_id,
        is_cumulative,
        bool_or(required and observation_id is null) as lacks_required,
        bool_or(not required and observation_id is null) as lacks_optional,
        count(observation_id) filter (where side = 'numerator') as numerator_count,
        count(distinct coalesce(scope, '')) filter (where observation_id is not null) as scope_count,
        max(constant) + sum(sign * value) filter (where side = 'left') as left_sum,
        max(constant) + sum(sign * if(sign > 0, value_low, value_high)) filter (where side = 'left') as left_low,
        max(constant) + sum(sign * if(sign > 0, value_high, value_low)) filter (where side = 'left') as left_high,
        sum(sign * value) filter (where side = 'right') as right_sum,
        sum(sign * if(sign > 0, value_low, value_high)) filter (where side = 'right') as right_low,
        sum(sign * if(sign > 0, value_high, value_low)) filter (where side = 'right') as right_high,
        max(value) filter (where side = 'rate') as rate,
        max({{ rounding_slack('value_text') }}) filter (where side = 'rate') as slack,
        sum(value) filter (where side = 'numerator') as numerator,
        max(value) filter (where side = 'denominator') as denominator,
        max(constant) as constant,
        string_agg(label, ' ' order by sign desc, char_start asc) filter (where is_left) as left_labels,
        string_agg(label, ' ' order by side desc, char_start asc) filter (where not is_left) as right_labels,
        count(observation_id) filter (where not is_left) as part_count,
        string_agg(observation_id, '; ' order by is_left desc, char_start asc, observation_id asc) as observation_ids,
        arg_min(sentence, char_start) filter (where is_left) as sentence,
    from filled
    group by identity_id, kind, document_id, is_cumulative
),

valued as (
    select
        * exclude (left_sum, left_low, left_high, right_sum, right_low, right_high),
        ltrim(left_labels, '+ ') || case when constant <> 0 then ' + ' || cast(constant as bigint) else '' end
            as left_side,
        ltrim(right_labels, '+ ') as right_side,
        coalesce(left_sum, rate) as left_value,
        case when kind in ('rate', 'rate_floor') then rate - slack else left_low end as left_low,
        case when kind in ('rate', 'rate_floor') then rate + slack else left_high end as left_high,
        coalesce(right_sum, 100.0 * numerator / nullif(denominator, 0)) as right_value,
        coalesce(right_low, 100.0 * numerator / nullif(denominator, 0)) as right_low,
        coalesce(right_high, 100.0 * numerator / nullif(denominator, 0)) as right_high,
    from summed
),

judged as (
    select
        *,
        case
            when lacks_required or right_value is null then null
            when kind = 'le' then left_low <= right_high
            when kind in ('equation', 'rate') then left_low <= right_high and left_high >= right_low
            when kind = 'rate_floor' then left_high >= right_low
        end as is_true,
    from valued
)

select
    identity_id,
    document_id,
    case when is_cumulative then 'cumulative' else 'year' end as instance,
    left_value,
    left_side,
    right_value,
    right_side,
    part_count,
    case
        when is_true is null then 'cannot_tell'
        when is_true then 'holds'
        when lacks_optional and kind <> 'rate_floor' then 'cannot_tell'
        when scope_count > 1 then 'cannot_tell'
        else 'off'
    end as status,
    case
        when is_true is null then 'term_not_stated'
        when is_true then null
        when lacks_optional and kind <> 'rate_floor' then 'term_not_stated'
        when scope_count > 1 then 'scopes_differ'
    end as cannot_tell_reason,
    observation_ids,
    sentence,
from judged
