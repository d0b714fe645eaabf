-- One row per area that figures are told of: authorities, their townships, and their wards, with
-- homes out of the area and unknown ones beside them at either level.

with

rates as (

    select * from {{ ref('children_rates_safe') }}

),

townships as (

    select * from {{ ref('township_profile_safe') }}

),

wards as (

    select * from {{ ref('ward_profile_safe') }}

),

authorities as (

    select
        la_code,
        max(la_name) as la_name
    from (
        select
            la_code,
            la_name
        from rates
        union all
        select
            la_code,
            cast(null as string) as la_name
        from townships
        union all
        select
            la_code,
            cast(null as string) as la_name
        from wards
    ) as told
    group by la_code

),

areas as (

    select
        'authority' as area_level,
        la_code,
        la_code as area_code,
        '' as keyed_by,
        cast(null as string) as township_name,
        cast(null as string) as ward_name
    from authorities

    union all

    select distinct
        'township' as area_level,
        la_code,
        cast(null as string) as area_code,
        township_name as keyed_by,
        township_name,
        cast(null as string) as ward_name
    from townships

    union all

    select
        'ward' as area_level,
        la_code,
        max(ward_code) as area_code,
        ward_code as keyed_by,
        max(township_name) as township_name,
        max(ward_name) as ward_name
    from wards
    group by la_code, ward_code

),

keyed as (

    select
        areas.*,
        coalesce(authorities.la_name, areas.la_code) as authority_name,
        {{ area_key('authority', 'areas.la_code', "''") }} as authority_key,
        {{ area_key('township', 'areas.la_code', 'areas.township_name') }} as township_key,
        {{ area_key('ward', 'areas.la_code', 'areas.keyed_by') }} as ward_key
    from areas
    inner join authorities on areas.la_code = authorities.la_code

)

select
    case area_level
        when 'authority' then authority_key
        when 'township' then township_key
        else ward_key
    end as area_key,
    area_level,
    area_code,
    coalesce(ward_name, township_name, authority_name) as area_name,
    coalesce(township_name, '') not in ('Out of area', 'Unknown') as is_in_area,
    case area_level when 'ward' then township_key when 'township' then authority_key end
        as parent_area_key,
    la_code,
    authority_name,
    township_name,
    ward_name
from keyed
