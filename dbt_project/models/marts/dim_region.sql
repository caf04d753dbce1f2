with regions as (
    select * from {{ ref('int_region') }}
),

-- Where a span had several superiors apart from its parent, the last one counts.
admin_superiors as (
    select
        regions.code,
        regions.valid_from as span_from,
        admin_superiors.*,
    from regions
    inner join {{ ref('admin_superiors') }} as admin_superiors
        on
            regions.code = admin_superiors.region_code
            and admin_superiors.valid_from < coalesce(regions.valid_to, 9999)
            and coalesce(admin_superiors.valid_to, 9999) > regions.valid_from
    qualify row_number() over (
        partition by regions.code, regions.valid_from order by admin_superiors.valid_from desc
    ) = 1
),

-- A code whose third and fourth digits are 90 (in Hainan before 2001: 00) has no prefecture above it in the standard,
-- only the heading 省直辖县级行政区划 (自治区直辖县级行政区划): the province itself is its superior.
direct as (
    select
        code,
        valid_from,
        province_code,
        case
            when code like '6590%'
                then '自治区直辖县级行政区划:师市合一,由新疆生产建设兵团管理;兵团没有行政区划代码'
            else '省直辖县级行政区划'
        end as reason,
    from regions
    where level = 'county' and substring(code, 3, 2) in ('90', '00')
),

successions as (
    select
        code,
        valid_from,
        string_agg(to_code, '; ' order by to_code) as successor_codes,
    from {{ ref('int_region_succession') }}
    where not is_partial
    group by code, valid_from
),

main_lines as (
    select * from {{ ref('int_region_bridge') }}
    where is_main_line
)

select
    regions.code as region_code,
    regions.valid_from,
    regions.valid_to,
    regions.name as region_name,
    regions.level as region_level,
    regions.level_zh as region_level_zh,
    regions.province_code,
    regions.province as province_name,
    regions.parent_code,
    regions.parent_name,
    regions.valid_to is null as is_in_force,
    regions.status,
    regions.successors,
    coalesce(admin_superiors.admin_superior_code, direct.province_code, regions.parent_code) as admin_superior_code,
    regions.parent_code as gb_parent_code,
    admin_superiors.valid_from as admin_superior_from,
    admin_superiors.valid_to as admin_superior_to,
    coalesce(admin_superiors.reason, direct.reason) as admin_superior_reason,
    successions.successor_codes,
    main_lines.current_code,
from regions
left join admin_superiors
    on regions.code = admin_superiors.code and regions.valid_from = admin_superiors.span_from
left join direct
    on regions.code = direct.code and regions.valid_from = direct.valid_from
left join successions
    on regions.code = successions.code and regions.valid_from = successions.valid_from
left join main_lines
    on regions.code = main_lines.region_code and regions.valid_from = main_lines.valid_from
