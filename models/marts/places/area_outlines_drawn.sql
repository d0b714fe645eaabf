-- One row per LSOA and township of an authority: its outline on the authority's map. Where two
-- LSOAs of a township meet, each has the edge; what is an edge of one only is the township's.

with

edges as (

    select * from {{ ref('lsoa_edges') }}

),

profile as (

    select * from {{ ref('lsoa_profile_counted') }}

),

of_lsoas as (

    select
        la_code,
        'lsoa' as area_level,
        lsoa_code as area,
        lsoa_code,
        ring_number,
        edge_number,
        x,
        y,
        to_x,
        to_y
    from edges

),

-- An edge is the same in either direction.
of_townships as (

    select
        edges.la_code,
        'township' as area_level,
        profile.township_name as area,
        edges.lsoa_code,
        edges.ring_number,
        edges.edge_number,
        edges.x,
        edges.y,
        edges.to_x,
        edges.to_y
    from edges
    inner join profile
        on
            edges.la_code = profile.la_code
            and edges.lsoa_code = profile.lsoa_code
    where profile.township_name is not null
    qualify count(*) over (
        partition by
            edges.la_code,
            profile.township_name,
            least(edges.x, edges.to_x),
            greatest(edges.x, edges.to_x),
            case
                when edges.x < edges.to_x then edges.y
                when edges.x > edges.to_x then edges.to_y
                else least(edges.y, edges.to_y)
            end,
            case
                when edges.x < edges.to_x then edges.to_y
                when edges.x > edges.to_x then edges.y
                else greatest(edges.y, edges.to_y)
            end
    ) % 2 = 1

),

all_edges as (

    select * from of_lsoas
    union all
    select * from of_townships

),

-- Edges that follow one another are of one line.
numbered as (

    select
        *,
        edge_number - row_number() over (
            partition by la_code, area_level, area, lsoa_code, ring_number
            order by edge_number
        ) as line_number
    from all_edges

),

points as (

    select
        la_code,
        area_level,
        area,
        lsoa_code,
        ring_number,
        line_number,
        edge_number as point_number,
        x,
        y
    from numbered

    union all

    select
        la_code,
        area_level,
        area,
        lsoa_code,
        ring_number,
        line_number,
        max(edge_number) + 1 as point_number,
        max_by(to_x, edge_number) as x,
        max_by(to_y, edge_number) as y
    from numbered
    group by la_code, area_level, area, lsoa_code, ring_number, line_number

),

between_others as (

    select
        *,
        lag(x) over line as before_x,
        lag(y) over line as before_y,
        lead(x) over line as after_x,
        lead(y) over line as after_y
    from points
    window line as (
        partition by la_code, area_level, area, lsoa_code, ring_number, line_number
        order by point_number
    )

),

-- A point on the way straight on from the last to the next draws nothing.
bends as (

    select *
    from between_others
    where coalesce(
        (x - before_x) * (after_y - y) <> (after_x - x) * (y - before_y)
        or (x - before_x) * (after_x - x) + (y - before_y) * (after_y - y) < 0,
        true
    )

),

lines as (

    select
        la_code,
        area_level,
        area,
        row_number() over (
            partition by la_code, area_level, area
            order by lsoa_code, ring_number, line_number
        ) as line_number,
        {{ joined_in_order("cast(x as string) || ',' || cast(y as string)", 'point_number') }}
            as line
    from bends
    group by la_code, area_level, area, lsoa_code, ring_number, line_number

),

outlines as (

    select
        la_code,
        area_level,
        area,
        {{ joined_in_order('line', 'line_number', separator="';'") }} as outline
    from lines
    group by la_code, area_level, area

),

-- Where a name may stand: the middle of an LSOA, and of a township the middle of the LSOA that
-- is nearest to the middle of them all, which is within it whatever its shape.
middles as (

    select
        la_code,
        lsoa_code,
        max(boundaries_year) as boundaries_year,
        cast(round((min(x) + max(x)) / 2.0) as integer) as label_x,
        cast(round((min(y) + max(y)) / 2.0) as integer) as label_y
    from edges
    group by la_code, lsoa_code

),

placed as (

    select
        middles.*,
        profile.township_name,
        avg(middles.label_x) over (
            partition by middles.la_code, profile.township_name
        ) as middle_x,
        avg(middles.label_y) over (
            partition by middles.la_code, profile.township_name
        ) as middle_y
    from middles
    inner join profile
        on
            middles.la_code = profile.la_code
            and middles.lsoa_code = profile.lsoa_code
    where profile.township_name is not null

),

middles_of_townships as (

    select
        la_code,
        township_name,
        boundaries_year,
        label_x,
        label_y
    from placed
    qualify row_number() over (
        partition by la_code, township_name
        order by
            power(label_x - middle_x, 2) + power(label_y - middle_y, 2) asc,
            lsoa_code asc
    ) = 1

),

labels as (

    select
        la_code,
        'lsoa' as area_level,
        lsoa_code as area,
        boundaries_year,
        label_x,
        label_y
    from middles

    union all

    select
        la_code,
        'township' as area_level,
        township_name as area,
        boundaries_year,
        label_x,
        label_y
    from middles_of_townships

)

select
    outlines.la_code,
    outlines.area_level,
    outlines.area,
    labels.boundaries_year,
    outlines.outline,
    labels.label_x,
    labels.label_y
from outlines
inner join labels
    on
        outlines.la_code = labels.la_code
        and outlines.area_level = labels.area_level
        and outlines.area = labels.area
