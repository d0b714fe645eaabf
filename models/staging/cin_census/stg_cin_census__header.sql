-- One row per CIN census file, saying what the file says it is.

with

returned as (

    select * from {{ readable('cin_census', 'header') }}

),

renamed as (

    select
        -- whose it is
        returned._la_code as la_code,
        returned._collection_year as collection_year,

        -- the collection
        nullif(trim(returned.collection), '') as collection_name,
        {{ returned_integer('returned.year') }} as header_year,
        {{ iso_date('returned.reference_date') }} as reference_date,

        -- who sent it
        nullif(trim(returned.source_level), '') as source_level,
        nullif(trim(returned.lea), '') as header_la_code,
        nullif(trim(returned.software_code), '') as software_code,
        nullif(trim(returned.release), '') as software_release,
        nullif(trim(returned.serial_no), '') as serial_number,
        nullif(trim(returned.date_time), '') as written_at_text,

        -- provenance
        returned._file_id as file_id,
        returned._row as row_number,
        returned._line as line_number,

        -- what did not convert
        {{ unread([
            census_number_read('year'),
            census_date_read('reference_date'),
        ]) }} as unread_columns

    from returned

)

select * from renamed
