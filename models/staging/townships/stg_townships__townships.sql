-- One row per ward of an authority's delivered list of townships.

with

delivered as (

    select * from {{ readable('townships', 'townships') }}

),

renamed as (

    select
        -- identity; a code that is none is nobody's, not the deliverer's
        case
            when {{ is_blank('delivered.la_code') }} then delivered._la_code
            else {{ area_code('delivered.la_code') }}
        end as delivered_la_code,
        {{ area_code('delivered.ward_code') }} as ward_code,

        -- the ward
        nullif(trim(delivered.ward_name), '') as ward_name,
        nullif(trim(delivered.township_name), '') as township_name,

        -- provenance
        delivered._collection_year as collection_year,
        delivered._file_id as file_id,
        delivered._row as row_number,
        delivered._line as line_number,

        -- what did not convert
        {{ unread([
            area_code_read('la_code'),
            area_code_read('ward_code'),
        ], rows='delivered') }} as unread_columns

    from delivered

)

select * from renamed
