-- One row per vertex of a delivered outline of an LSOA of the authorities served.

with

areas as (

    select * from {{ ref('stg_boundaries__areas') }}

),

lsoas as (

    select distinct
        la_code,
        lsoa_code
    from {{ ref('dim_areas') }}

),

files as (

    select * from {{ ref('stg_landing__extract_files') }}
    where table_name = 'boundaries__areas'

),

-- A file may be of the whole nation. Of two features of one code in a file the later counts.
outlines as ( -- noqa: ST03

    select
        lsoas.la_code,
        areas.lsoa_code,
        areas.geometry_type,
        areas.coordinates,
        areas.collection_year,
        areas.file_id,
        files.landed_at
    from areas
    inner join lsoas on areas.lsoa_code = lsoas.lsoa_code
    left join files on areas.file_id = files.file_id
    qualify row_number() over (
        partition by lsoas.la_code, areas.file_id, areas.lsoa_code
        order by areas.row_number desc
    ) = 1

)

select
    la_code,
    lsoa_code,
    collection_year,
    file_id,
    landed_at,
    ring_number,
    vertex_number,
    x,
    y
from {{ vertices_of('outlines', [
    'la_code', 'lsoa_code', 'collection_year', 'file_id', 'landed_at'
]) }}
