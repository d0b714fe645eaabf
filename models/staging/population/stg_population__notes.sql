-- One row per line outside the tables of a delivered file: titles, filters and footnotes.

with

notes as (

    select *
    from {{ source('landing', 'notes') }}
    where
        _file_id in (
            select files.file_id
            from {{ source('landing', 'extract_files') }} as files
            where files.outcome = 'landed' and files.table_name = 'population__cells'
        )

),

renamed as (

    select
        _file_id as file_id,
        coalesce(_sheet, '') as sheet_name,
        _line as line_number,
        lower(text) as note_text

    from notes

)

select * from renamed
