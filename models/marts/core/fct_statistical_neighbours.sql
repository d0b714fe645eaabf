-- One row per authority per statistical neighbour, of the latest edition that was delivered of
-- the authority's neighbours.

with

neighbours as (

    select * from {{ ref('stg_comparators__statistical_neighbours') }}
    where neighbour_la_code is not null and neighbour_la_code <> la_code

),

files as (

    select
        file_id,
        max(landed_at) as landed_at
    from {{ ref('stg_landing__extract_files') }}
    group by file_id

),

-- an authority's edition is one row of one sheet
editions as (

    select
        neighbours.la_code,
        neighbours.file_id,
        neighbours.sheet_name,
        neighbours.row_number
    from neighbours
    left join files on neighbours.file_id = files.file_id
    qualify
        row_number() over (
            partition by neighbours.la_code
            order by
                neighbours.collection_year desc nulls last,
                files.landed_at desc nulls last,
                neighbours.file_id desc,
                neighbours.sheet_name desc,
                neighbours.row_number desc
        ) = 1

),

settled as (

    select
        neighbours.la_code,
        neighbours.neighbour_la_code,
        neighbours.neighbour_rank,
        neighbours.closeness_name,
        neighbours.collection_year as edition_year
    from neighbours
    inner join editions
        on
            neighbours.la_code = editions.la_code
            and neighbours.file_id = editions.file_id
            and neighbours.sheet_name = editions.sheet_name
            and neighbours.row_number = editions.row_number
    qualify
        row_number() over (
            partition by neighbours.la_code, neighbours.neighbour_la_code
            order by neighbours.neighbour_rank asc
        ) = 1

)

select * from settled
