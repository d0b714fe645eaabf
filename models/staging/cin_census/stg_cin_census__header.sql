-- One row per CIN census file, saying what the file says it is.

with

returned as (

    select * from {{ delivered('cin_census', 'header') }}

),

renamed as (

    select
        -- whose it is
        _la_code as la_code,
        _collection_year as collection_year,

        -- the collection
        nullif(trim(collection), '') as collection_name,
        try_cast(trim(year) as integer) as header_year,
        {{ iso_date('reference_date') }} as reference_date,

        -- who sent it
        nullif(trim(source_level), '') as source_level,
        nullif(trim(lea), '') as header_la_code,
        nullif(trim(software_code), '') as software_code,
        nullif(trim(release), '') as software_release,
        nullif(trim(serial_no), '') as serial_number,
        nullif(trim(date_time), '') as written_at_text,

        -- provenance
        _file_id as file_id,
        _row as row_number,
        _line as line_number

    from returned

)

select * from renamed
