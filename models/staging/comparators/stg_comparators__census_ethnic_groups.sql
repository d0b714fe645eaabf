-- One row per area per ethnic category of a population census, as delivered.

with

delivered as (

    select * from {{ readable('comparators', 'census_ethnic_groups') }}

),

markers as (

    select * from {{ ref('no_figure_markers') }}

),

renamed as (

    select
        -- where and whom
        {{ area_code('delivered.area_code') }} as area_code,
        trim(delivered.area_name) as area_name,
        trim(delivered.category_code) as category_code,
        trim(delivered.category_name) as category_name,
        lower(trim(delivered.category_name)) as category_label,

        -- how many
        {{ delivered_count('delivered.observation') }} as people,

        -- provenance
        delivered._collection_year as collection_year,
        delivered._file_id as file_id,
        coalesce(delivered._sheet, '') as sheet_name,
        delivered._row as row_number,
        delivered._line as line_number,

        -- what did not convert
        {{ unread([
            area_code_read('area_code'),
            figure_read('observation', delivered_count('delivered.observation'), 'markers'),
        ], rows='delivered') }} as unread_columns

    from delivered
    left join markers
        on {{ marker_key('delivered.observation') }} = markers.marker_code

)

select * from renamed
