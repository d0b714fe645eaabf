-- One row per edge of the outline of an LSOA on the map of its authority: from one point of the
-- map's grid to another. What lies in one cell of the grid falls together, so that neighbours meet
-- as they did, and what is finer than a cell is gone.

with

vertices as (

    select * from {{ ref('dim_boundary_vertices') }}

),

profile as (

    select * from {{ ref('lsoa_profile_counted') }}

),

on_the_map as (

    select vertices.*
    from vertices
    inner join profile
        on
            vertices.la_code = profile.la_code
            and vertices.lsoa_code = profile.lsoa_code

),

files_on_the_map as (

    select
        la_code,
        file_id,
        collection_year,
        landed_at,
        count(distinct lsoa_code) as lsoas,
        min(x) as west,
        min(y) as south,
        max(y) as north,
        max(x) - min(x) as width,
        -- degrees are never more than this, and metres of the grid never less
        max(y) < 90 as is_degrees
    from on_the_map
    group by la_code, file_id, collection_year, landed_at

),

-- Neighbours of one file meet, those of two need not: a map is of the file that has most of the
-- LSOAs on it.
files_chosen as (

    select *
    from files_on_the_map
    qualify row_number() over (
        partition by la_code
        order by
            lsoas desc,
            collection_year desc nulls last,
            landed_at desc nulls last,
            file_id desc
    ) = 1

),

-- A degree of longitude is shorter than one of latitude, the further north the more; over an
-- authority the one in its middle will do.
scaled as (

    select
        la_code,
        file_id,
        west,
        north,
        case when is_degrees then cos(radians((south + north) / 2)) else 1 end as across,
        greatest(
            width * case when is_degrees then cos(radians((south + north) / 2)) else 1 end,
            north - south
        ) / {{ var('map_units') }} as unit
    from files_chosen

),

in_units as (

    select
        vertices.la_code,
        vertices.lsoa_code,
        vertices.collection_year,
        vertices.ring_number,
        vertices.vertex_number,
        (vertices.x - scaled.west) * scaled.across / scaled.unit as x,
        (scaled.north - vertices.y) / scaled.unit as y
    from on_the_map as vertices
    inner join scaled
        on
            vertices.la_code = scaled.la_code
            and vertices.file_id = scaled.file_id

),

-- In the middle of all that lies in the cell, whichever outline it is of, rather than in the
-- middle of the cell: so lines stay where they were, as nearly as may be.
snapped as (

    select
        la_code,
        lsoa_code,
        collection_year,
        ring_number,
        vertex_number,
        cast(round(avg(x) over cell) as integer) as x,
        cast(round(avg(y) over cell) as integer) as y
    from in_units
    window cell as (
        partition by
            la_code,
            floor(x / {{ var('map_cell') }}),
            floor(y / {{ var('map_cell') }})
    )

),

followed as (

    select
        *,
        lead(x) over (
            partition by la_code, lsoa_code, ring_number
            order by vertex_number
        ) as to_x,
        lead(y) over (
            partition by la_code, lsoa_code, ring_number
            order by vertex_number
        ) as to_y
    from snapped

),

edges as (

    select
        *,
        row_number() over (
            partition by la_code, lsoa_code, ring_number
            order by vertex_number
        ) as edge_number
    from followed
    where to_x is not null and (x <> to_x or y <> to_y)

),

-- A ring whose points have fallen together holds nothing (twice its area, by its edges).
rings as (

    select
        la_code,
        lsoa_code,
        ring_number
    from edges
    group by la_code, lsoa_code, ring_number
    having sum(x * to_y - to_x * y) <> 0

)

select
    edges.la_code,
    edges.lsoa_code,
    edges.collection_year as boundaries_year,
    edges.ring_number,
    cast(edges.edge_number as integer) as edge_number,
    edges.x,
    edges.y,
    edges.to_x,
    edges.to_y
from edges
inner join rings
    on
        edges.la_code = rings.la_code
        and edges.lsoa_code = rings.lsoa_code
        and edges.ring_number = rings.ring_number
