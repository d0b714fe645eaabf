-- One row per disability of a child per census, as returned.

with

returned as (

    select * from {{ readable('cin_census', 'disabilities') }}

),

census_codes as (

    select * from {{ ref('cin_census_codes') }}

),

renamed as (

    select
        -- whose it is
        returned._la_code as la_code,
        returned._collection_year as collection_year,
        returned._child_key as child_key,
        returned.child_row,

        -- the disability
        {{ code_in_force('disabilities') }} as disability_code,

        -- provenance
        returned._file_id as file_id,
        returned._row as row_number,
        returned._line as line_number,

        -- what did not convert
        {{ unread([
            {'column': 'disability', 'codes': 'disabilities'},
        ]) }} as unread_columns

    from returned
    {{ join_census_codes('disabilities', 'disability', 'disability') }}

)

select * from renamed
