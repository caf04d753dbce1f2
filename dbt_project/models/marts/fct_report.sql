with documents as (
    select * from {{ ref('int_document') }}
),

versions as (
    select * from {{ ref('int_report_version') }}
),

deadlines as (
    select * from {{ ref('deadlines') }}
),

parts as (
    select
        document_id,
        count(*) as section_count,
        bool_or(part = 'achievements') as has_achievements,
        bool_or(part = 'problems') as has_problems,
        bool_or(part = 'first_responsible') as has_first_responsible,
        bool_or(part = 'plan') as has_plan,
    from {{ ref('stg_section') }}
    group by document_id
),

version_counts as (
    select
        report_id,
        count(*) as version_count,
        count(distinct url) as url_count,
    from versions
    group by report_id
),

current_reports as (
    select
        documents.*,
        versions.observation_count,
        versions.is_withdrawn,
        versions.gone_since,
        version_counts.version_count,
        version_counts.url_count,
        {{ deadline_of('documents.report_year') }} as deadline_on,
        deadlines.basis as deadline_basis,
    from documents
    inner join versions on documents.document_id = versions.document_id and versions.is_current
    inner join version_counts on documents.report_id = version_counts.report_id
    left join deadlines
        on documents.report_year between deadlines.report_year_from and deadlines.report_year_to
)

select
    current_reports.report_id,
    current_reports.report_year,
    current_reports.region_code,
    current_reports.region_name,
    current_reports.region_level,
    current_reports.region_level_zh,
    current_reports.region_province_code as province_code,
    current_reports.region_province as province_name,
    current_reports.issuer_type,
    current_reports.issuer,
    current_reports.issuer_source,
    current_reports.title,
    current_reports.title_source,
    current_reports.document_number,
    current_reports.addressee,
    current_reports.publication_date as published_on,
    current_reports.publication_date_source as published_on_source,
    current_reports.signature_date as signed_on,
    current_reports.deadline_on,
    case
        when current_reports.publication_date is null or current_reports.deadline_on is null then null
        when current_reports.publication_date <= current_reports.deadline_on then 'on_time'
        else 'late'
    end as timeliness,
    date_diff('day', current_reports.deadline_on, current_reports.publication_date) as days_after_deadline,
    coalesce(parts.has_achievements, false) as has_achievements,
    coalesce(parts.has_problems, false) as has_problems,
    coalesce(parts.has_first_responsible, false) as has_first_responsible,
    coalesce(parts.has_plan, false) as has_plan,
    cast(
        cast(coalesce(parts.has_achievements, false) as int)
        + cast(coalesce(parts.has_problems, false) as int)
        + cast(coalesce(parts.has_first_responsible, false) as int)
        + cast(coalesce(parts.has_plan, false) as int) as bigint
    ) as part_count,
    coalesce(parts.section_count, 0) as section_count,
    current_reports.char_count,
    current_reports.observation_count,
    current_reports.version_count,
    current_reports.url_count,
    current_reports.is_withdrawn,
    current_reports.script,
    current_reports.source_id,
    current_reports.url,
    current_reports.document_id,
    current_reports.capture_id,
    current_reports.content_sha256,
    current_reports.fetched_at as captured_at,
    current_reports.warc_file,
    current_reports.warc_offset,
    current_reports.cleaner_version,
    current_reports.deadline_basis,
    case when current_reports.is_withdrawn then current_reports.gone_since end as withdrawn_at,
from current_reports
left join parts on current_reports.document_id = parts.document_id
