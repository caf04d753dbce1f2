with checks as (
    select * from {{ ref('int_identity_partition') }}
    union all by name
    select * from {{ ref('int_identity_comparison') }}
    union all by name
    select * from {{ ref('int_identity_ratio') }}
    union all by name
    select * from {{ ref('int_identity_date') }}
),

rules as (
    select * from {{ ref('identity_rules') }}
),

observations as (
    select * from {{ ref('int_identity_observation') }}
),

members as (
    select
        document_id,
        identity_id,
        instance,
        unnest(string_split(observation_ids, '; ')) as observation_id,
    from checks
),

-- Terms often stand in one sentence; each sentence is given once, in the order of the text.
stated as (
    select
        members.document_id,
        members.identity_id,
        members.instance,
        observations.sentence,
        min(observations.char_start) as char_start,
    from members
    inner join observations
        on members.document_id = observations.document_id and members.observation_id = observations.observation_id
    group by members.document_id, members.identity_id, members.instance, observations.sentence
),

quoted as (
    select
        document_id,
        identity_id,
        instance,
        string_agg(sentence, ' | ' order by char_start) as sentences,
    from stated
    group by document_id, identity_id, instance
)

select
    checks.*,
    rules.kind,
    rules.severity,
    rules.description,
    quoted.sentences,
from checks
inner join rules on checks.identity_id = rules.identity_id
left join quoted
    on
        checks.document_id = quoted.document_id
        and checks.identity_id = quoted.identity_id
        and checks.instance = quoted.instance
