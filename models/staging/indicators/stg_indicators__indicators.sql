-- One row per indicator per date per delivery whose indicator and date can be read, as delivered.

with

delivered as (

    select * from {{ readable('indicators', 'indicators') }}

),

directions as (

    select * from {{ ref('directions_of_good') }}

),

markers as (

    select * from {{ ref('no_figure_markers') }}

),

renamed as (

    select
        -- which figure it is; a code that is none is nobody's, not the deliverer's
        case
            when {{ is_blank('delivered.la_code') }} then delivered._la_code
            else {{ area_code('delivered.la_code') }}
        end as la_code,
        nullif(trim(delivered.indicator), '') as indicator,
        nullif(trim(delivered.indicator_name), '') as indicator_name,
        {{ returned_date('delivered.at_date') }} as at_date,

        -- the figure
        {{ delivered_number('delivered.value') }} as value,
        nullif(trim(delivered.unit), '') as unit,
        {{ code_in_force('directions', 'direction_of_good_code', rows='delivered') }}
            as direction_of_good,
        {{ delivered_number('delivered.target') }} as target,
        {{ returned_date('delivered.baseline_date') }} as baseline_date,

        -- provenance
        delivered._collection_year as collection_year,
        delivered._file_id as file_id,
        delivered._row as row_number,
        delivered._line as line_number,

        -- what did not convert
        {{ unread([
            area_code_read('la_code'),
            figure_read('value', delivered_number('delivered.value'), 'value_markers'),
            {
                'column': 'direction_of_good',
                'codes': 'directions',
                'code': 'direction_of_good_code',
            },
            figure_read('target', delivered_number('delivered.target'), 'target_markers'),
            delivered_date_read('baseline_date'),
        ], rows='delivered') }} as unread_columns

    from delivered
    left join directions
        on lower(trim(delivered.direction_of_good)) = directions.direction_of_good_code
    left join markers as value_markers
        on {{ marker_key('delivered.value') }} = value_markers.marker_code
    left join markers as target_markers
        on {{ marker_key('delivered.target') }} = target_markers.marker_code

)

select * from renamed
