-- One row per time a child was placed for adoption per return, as returned.

with

returned as (

    select * from {{ readable('ssda903', 'placed_for_adoption') }}

),

ssda903_codes as (

    select * from {{ ref('ssda903_codes') }}

),

renamed as (

    select
        -- whose it is
        returned._la_code as la_code,
        returned._collection_year as collection_year,
        returned._child_key as child_key,
        nullif(trim(returned.child), '') as la_child_id,

        -- the placing
        {{ returned_date('returned.dob') }} as birth_date,
        {{ returned_date('returned.date_placed') }} as placed_date,
        {{ returned_date('returned.date_placed_ceased') }} as ceased_date,
        {{ code_in_force('ceased_reasons') }} as ceased_reason_code,

        -- provenance
        returned._file_id as file_id,
        returned._row as row_number,
        returned._line as line_number,
        {{ unread([
            returned_date_read('dob'),
            returned_date_read('date_placed_ceased'),
            {'column': 'reason_placed_ceased', 'codes': 'ceased_reasons'},
        ]) }} as unread_columns

    from returned
    {{ join_ssda903_codes('ceased_reasons', 'REASON_PLACED_CEASED', 'reason_placed_ceased') }}

)

select * from renamed
