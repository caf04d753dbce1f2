with raw_issues as (
    select * from {{ ref('stg_issue') }}
),

documents as (
    select * from {{ ref('int_document') }}
),

versions as (
    select * from {{ ref('int_report_version') }}
),

observations as (
    select * from {{ ref('int_observation') }}
),

choices as (
    select * from {{ ref('int_observation_choice') }}
),

identity_checks as (
    select * from {{ ref('fct_identity_check') }}
),

changes as (
    select * from {{ ref('fct_year_on_year') }}
),

standings as (
    select * from {{ ref('int_url_standing') }}
),

classes as (
    select * from {{ ref('outcome_classes') }}
),

sources as (
    select * from {{ ref('stg_source') }}
),

regions as (
    select * from {{ ref('int_region') }}
),

corrections as (
    select * from {{ ref('corrections') }}
),

matches as (
    select * from {{ ref('int_correction_match') }}
),

from_reading as (
    select
        issue_id,
        severity,
        kind,
        stage as origin,
        message,
        value,
        sentence,
        document_id,
        capture_id,
        source_id,
        url,
        cast(null as varchar) as observation_ids,
    from raw_issues
),

from_documents as (
    select
        case exclusion when 'not_an_annual_report' then 'info' else 'error' end as severity,
        exclusion as kind,
        case exclusion
            when 'not_an_annual_report' then 'read as ' || doc_type || ': ' || coalesce(doc_type_reason, 'no reason')
            when 'year_unknown' then 'an annual report whose year is not known; it is in no table of reports'
            when 'year_impossible' then 'an annual report of an impossible year; it is in no table of reports'
        end as message,
        coalesce(cast(report_year as varchar), doc_type) as value,
        title as sentence,
        document_id,
        cast(null as varchar) as observation_ids,
    from documents
    where exclusion is not null
    union all
    select
        'warn' as severity,
        'region_unknown' as kind,
        'an annual report whose region is not known' as message,
        issuer as value,
        title as sentence,
        document_id,
        cast(null as varchar) as observation_ids,
    from documents
    where exclusion is null and region_code is null
),

from_versions as (
    select
        'warn' as severity,
        'report_withdrawn' as kind,
        'the page of this report is gone from its address; the archived version stands' as message,
        url as value,
        cast(null as varchar) as sentence,
        document_id,
        cast(null as varchar) as observation_ids,
    from versions
    where is_withdrawn
    union all
    select
        'info' as severity,
        'report_at_several_addresses' as kind,
        'the same report stands at another address; this copy is not the one used' as message,
        url as value,
        title as sentence,
        document_id,
        cast(null as varchar) as observation_ids,
    from versions
    where is_newest_at_url and not is_current
    union all
    select
        'warn' as severity,
        'versions_disagree' as kind,
        'the same report has another text here than where it is taken from, ' || current_versions.url
        || case when versions.url = current_versions.url then ' (the page was changed)' else '' end as message,
        versions.url as value,
        cast(null as varchar) as sentence,
        versions.document_id,
        cast(null as varchar) as observation_ids,
    from versions
    inner join versions as current_versions
        on versions.report_id = current_versions.report_id and current_versions.is_current
    inner join documents on versions.document_id = documents.document_id
    inner join documents as current_documents on current_versions.document_id = current_documents.document_id
    where not versions.is_current and documents.text_sha256 <> current_documents.text_sha256
),

from_observations as (
    select
        'error' as severity,
        tidy_exclusion as kind,
        case tidy_exclusion
            when 'unknown_indicator' then 'an indicator that the catalogue does not have: ' || indicator_code
            when 'impossible_value' then 'a value outside what any government could state'
            when 'implausible_value' then 'more than a single government counts; it waits in fct_review'
            when 'damaged_text' then 'a number whose text cannot be shown: ' || text_damage
        end || ' (' || observation_id || ')' as message,
        left(value_text, 200) as value,
        left(sentence, {{ var('longest_sentence') }}) as sentence,
        document_id,
        observation_id as observation_ids,
    from observations
    where tidy_exclusion in ('unknown_indicator', 'impossible_value', 'implausible_value', 'damaged_text')
    union all
    select
        'info' as severity,
        'flagged_by_correction' as kind,
        corrections.reason as message,
        observations.value_text as value,
        observations.sentence,
        observations.document_id,
        observations.observation_id as observation_ids,
    from observations
    inner join corrections on observations.correction_id = corrections.correction_id
    where corrections.action = 'flag'
),

from_choices as (
    select
        case when correction_action in ('confirm', 'override', 'scale') then 'info' else 'warn' end as severity,
        'conflicting_statements' as kind,
        indicator_code || ' (' || dimension_key || '): chosen ' || observation_id || '=' || value_text
        || ', stated otherwise: ' || conflicting_values as message,
        value_text as value,
        sentence || ' | ' || conflicting_sentences as sentence,
        document_id,
        observation_id || '; ' || conflicting_values as observation_ids,
    from choices
    where has_conflict
),

from_identities as (
    select
        severity,
        'identity_off' as kind,
        identity_id || ': ' || description || ' | ' || coalesce(left_side, '') || ' | '
        || coalesce(right_side, '') as message,
        cast(off_by as varchar) as value,
        coalesce(sentences, sentence) as sentence,
        document_id,
        observation_ids,
    from identity_checks
    where status = 'off'
),

from_changes as (
    select
        'info' as severity,
        'growth_disagrees' as kind,
        indicator_code || ' (' || dimension || '): ' || value || ' after '
        || coalesce(previous_value, stated_previous_value)
        || ', the report states a change of ' || stated_growth || ' (' || stated_growth_kind || ')' as message,
        cast(stated_growth as varchar) as value,
        growth_sentence as sentence,
        document_id,
        concat_ws('; ', chosen_observation_id, growth_observation_id) as observation_ids,
    from changes
    where verdict = 'differs'
    union all
    select
        'info' as severity,
        'value_restated' as kind,
        indicator_code || ' (' || dimension || '): ' || stated_previous_value
        || ' stated for the year before, whose report said ' || previous_value as message,
        cast(stated_previous_value as varchar) as value,
        cast(null as varchar) as sentence,
        document_id,
        chosen_observation_id as observation_ids,
    from changes
    where is_restated
),

of_documents as (
    select
        'document' as origin,
        *,
    from from_documents
    union all by name
    select
        'version' as origin,
        *,
    from from_versions
    union all by name
    select
        'observation' as origin,
        *,
    from from_observations
    union all by name
    select
        'choice' as origin,
        *,
    from from_choices
    union all by name
    select
        'identity' as origin,
        *,
    from from_identities
    union all by name
    select
        'change' as origin,
        *,
    from from_changes
),

-- The outcome that stands for an address now; one that lasts for many nights is one issue.
from_crawl as (
    select
        classes.issue_severity as severity,
        'crawl_' || classes.class as kind,
        'crawl' as origin,
        'the last attempt on this ' || standings.kind || ' ended as ' || standings.outcome as message,
        standings.outcome as value,
        standings.source_id,
        standings.url,
    from standings
    inner join classes on standings.outcome = classes.outcome
    -- A host without robots.txt allows everything: that is no issue.
    where classes.issue_severity is not null and not (standings.kind = 'robots' and standings.outcome = 'not_found')
),

from_sources as (
    select
        'warn' as severity,
        'source_region_unknown' as kind,
        'source' as origin,
        'the source names a region code that the table of regions does not have' as message,
        sources.region_code as value,
        sources.source_id,
        cast(null as varchar) as url,
    from sources
    where sources.region_code is not null and sources.region_code not in (select code from regions)
),

-- Decisions that fit nothing any more: they change no number until a person has looked again.
standing_corrections as (
    select
        matches.correction_id,
        string_agg(
            distinct observations.value_text, ', ' order by observations.value_text
        ) as stated_now,
    from matches
    inner join observations
        on matches.document_id = observations.document_id and matches.observation_id = observations.observation_id
    where matches.is_current
    group by matches.correction_id
),

from_corrections as (
    select
        case when corrections.url in (select url from documents) then 'error' else 'warn' end as severity,
        case
            when corrections.url in (select url from documents) then 'correction_stale'
            else 'correction_without_page'
        end as kind,
        'correction' as origin,
        'correction ' || corrections.correction_id || ' (' || corrections.action || ') expects '
        || corrections.indicator_code || coalesce(' (' || corrections.dimension || ')', '') || ' = '
        || corrections.expect_value_text || case
            when corrections.url not in (select url from documents) then '; no page of this address is known'
            when standing.stated_now is null then '; the report states no such number now'
            when list_contains(string_split(standing.stated_now, ', '), corrections.expect_value_text)
                then '; the report states it in another sentence now'
            else '; the report states ' || standing.stated_now || ' now'
        end as message,
        corrections.expect_value_text as value,
        corrections.expect_sentence as sentence,
        cast(null as varchar) as source_id,
        corrections.url,
    from corrections
    left join standing_corrections as standing on corrections.correction_id = standing.correction_id
    where
        corrections.correction_id not in (
            select correction_id from matches
            where is_expected and is_current
        )
),

gathered as (
    select * from from_reading
    union all by name
    select
        {{
            short_id([
                'of_documents.kind',
                'of_documents.document_id',
                'of_documents.message',
                'of_documents.observation_ids',
            ])
        }} as issue_id,
        of_documents.*,
        documents.capture_id,
        documents.source_id,
        documents.url,
    from of_documents
    inner join documents on of_documents.document_id = documents.document_id
    union all by name
    select
        {{ short_id(['kind', 'source_id', 'url', 'message']) }} as issue_id,
        *,
    from (
        select * from from_crawl
        union all by name
        select * from from_sources
        union all by name
        select * from from_corrections
    ) as of_portals
)

select
    gathered.issue_id,
    gathered.severity,
    gathered.kind,
    gathered.origin,
    gathered.message,
    gathered.value,
    gathered.sentence,
    gathered.source_id,
    gathered.url,
    gathered.document_id,
    documents.report_id,
    documents.region_code,
    documents.report_year,
    gathered.observation_ids,
    gathered.capture_id,
from gathered
left join documents on gathered.document_id = documents.document_id
