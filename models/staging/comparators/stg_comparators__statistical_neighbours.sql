-- One row per authority per statistical neighbour per delivery: the cells of a row,
-- paired. The neighbour's closeness stands in the column after its code. An authority that has
-- none keeps one row, without a neighbour, so that every delivered row is here.

with

cells as (

    select * from {{ delivered('comparators', 'statistical_neighbours') }}

),

known_authorities as (

    select distinct la_code from {{ ref('local_authorities') }}

),

markers as (

    select * from {{ ref('no_figure_markers') }}

),

authorities as (

    select
        _file_id,
        coalesce(_sheet, '') as sheet_name,
        _row,
        max(_line) as line_number,
        max(_collection_year) as collection_year,
        max(
            case
                when lower(trim(heading)) in ('la num', 'la number', 'old_la_code')
                    then trim(value)
            end
        ) as la_code
    from cells
    group by _file_id, coalesce(_sheet, ''), _row

),

neighbours as (

    select
        _file_id,
        coalesce(_sheet, '') as sheet_name,
        _row,
        column_number,
        lower(trim(heading)) as heading_key,
        try_cast(regexp_extract(lower(trim(heading)), '^sn_?([0-9]+)$', 1) as integer)
            as neighbour_rank,
        trim(value) as delivered_la_code
    from cells
    where {{ matches("lower(trim(heading))", "'^sn_?[0-9]+$'") }}

),

paired as (

    select
        -- who is like whom
        authorities.la_code,
        neighbours.neighbour_rank,
        known_authorities.la_code as neighbour_la_code,
        trim(closeness.value) as closeness_name,

        -- provenance
        authorities.collection_year,
        authorities._file_id as file_id,
        authorities.sheet_name,
        authorities._row as row_number,
        authorities.line_number,

        -- what did not convert; a marker says that there is no such neighbour
        case
            when
                neighbours.delivered_la_code <> ''
                and known_authorities.la_code is null
                and markers.marker_code is null
                then neighbours.heading_key || ':code_unknown'
        end as unread_columns

    from authorities
    left join neighbours
        on
            authorities._file_id = neighbours._file_id
            and authorities.sheet_name = neighbours.sheet_name
            and authorities._row = neighbours._row
    left join cells as closeness
        on
            neighbours._file_id = closeness._file_id
            and neighbours.sheet_name = coalesce(closeness._sheet, '')
            and neighbours._row = closeness._row
            and neighbours.column_number + 1 = closeness.column_number
    left join known_authorities
        on neighbours.delivered_la_code = known_authorities.la_code
    left join markers
        on {{ marker_key('neighbours.delivered_la_code') }} = markers.marker_code

)

select * from paired
