-- One row per delivered row of the episodes of an SSDA903 return that stands, with what the
-- department derives from its postcodes.

with

episodes as (

    select * from {{ ref('judged_episodes') }}

),

postcodes as (

    select * from {{ ref('dim_postcodes') }}

),

with_postcodes as (

    select
        episodes.file_id,
        episodes.row_number,
        episodes.la_code,
        coalesce(
            (episodes.home_postcode_key is not null and homes.postcode_key is null)
            or (episodes.placement_postcode_key is not null and placements.postcode_key is null),
            false
        ) as has_unknown_postcode,
        -- codes of the Office for National Statistics begin with the letter of the country
        case substr(placements.la_code, 1, 1)
            when 'W' then 'WAL'
            when 'S' then 'SCO'
            when 'N' then 'NIR'
            when 'L' then 'NUK'
            when 'M' then 'NUK'
            else placements.la_code
        end as pl_la,
        cast(placements.easting - homes.easting as double) as metres_east,
        cast(placements.northing - homes.northing as double) as metres_north
    from episodes
    left join postcodes as homes
        on episodes.home_postcode_key = homes.postcode_key
    left join postcodes as placements
        on episodes.placement_postcode_key = placements.postcode_key

),

derived as (

    select
        file_id,
        row_number,
        has_unknown_postcode,
        pl_la,
        coalesce(pl_la not in ('WAL', 'SCO', 'NIR', 'NUK'), false) as is_in_england,
        case
            when pl_la = la_code then 'IN'
            when pl_la is not null then 'OUT'
        end as pl_location,
        -- a mile as the department takes it
        {{ to_one_decimal(
            'sqrt(metres_east * metres_east + metres_north * metres_north) / 1609.3'
        ) }} as pl_distance
    from with_postcodes

)

select * from derived
