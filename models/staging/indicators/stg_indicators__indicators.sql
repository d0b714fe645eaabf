-- One row per indicator per date per delivery, as delivered.

with

delivered as (

    select * from {{ delivered('indicators', 'indicators') }}

),

renamed as (

    select
        -- which figure it is
        coalesce(nullif(trim(la_code), ''), _la_code) as la_code,
        nullif(trim(indicator), '') as indicator,
        nullif(trim(indicator_name), '') as indicator_name,
        {{ returned_date('at_date') }} as at_date,

        -- the figure
        {{ delivered_number('value') }} as value,
        nullif(trim(unit), '') as unit,
        nullif(lower(trim(direction_of_good)), '') as direction_of_good,
        {{ delivered_number('target') }} as target,
        {{ returned_date('baseline_date') }} as baseline_date,

        -- provenance
        _collection_year as collection_year,
        _file_id as file_id,
        _row as row_number,
        _line as line_number

    from delivered

)

select * from renamed
