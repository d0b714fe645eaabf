-- One row per episode of a child per return, as returned.

with

returned as (

    select * from {{ readable('ssda903', 'episodes') }}

),

start_reasons as (

    select * from {{ ref('start_reasons') }}

),

legal_statuses as (

    select * from {{ ref('legal_statuses') }}

),

categories_of_need as (

    select * from {{ ref('categories_of_need') }}

),

placements as (

    select * from {{ ref('placements') }}

),

end_reasons as (

    select * from {{ ref('end_reasons') }}

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

        -- its beginning
        {{ returned_date('returned.decom') }} as start_date,
        {{ code_in_force('start_reasons', 'start_reason_code') }} as start_reason_code,

        -- the episode
        {{ code_in_force('legal_statuses', 'legal_status_code') }} as legal_status_code,
        {{ code_in_force('categories_of_need', 'category_of_need_code') }}
            as category_of_need_code,
        {{ code_in_force('placements', 'placement_code') }} as placement_code,
        {{ code_in_force('providers') }} as placement_provider_code,
        {{ readable_postcode_key('returned.home_post') }} as home_postcode_key,
        {{ readable_postcode_key('returned.pl_post') }} as placement_postcode_key,
        {{ returned_code('returned.urn') }} as urn,

        -- its end
        {{ returned_date('returned.dec') }} as end_date,
        (
            nullif(trim(returned.dec), '') is not null
            and {{ returned_date('returned.dec') }} is null
        ) as has_unreadable_end_date,
        {{ code_in_force('end_reasons', 'end_reason_code') }} as end_reason_code,
        {{ code_in_force('place_changes') }} as place_change_reason_code,

        -- in what accounts are compared: as delivered, for a code that nobody knows is still
        -- the same code when a later return repeats it
        {{ hash_of([
            returned_code('returned.rne'), returned_code('returned.ls'),
            returned_code('returned.place'), returned_code('returned.place_provider'),
            postcode_key('returned.pl_post'), returned_code('returned.urn'),
        ]) }} as likeness_key,
        {{ hash_of([
            returned_code('returned.rne'), returned_code('returned.ls'),
            returned_code('returned.cin'), returned_code('returned.place'),
            returned_code('returned.place_provider'), postcode_key('returned.home_post'),
            postcode_key('returned.pl_post'), returned_code('returned.urn'),
            returned_code('returned.rec'), returned_code('returned.reason_place_change'),
        ]) }} as content_key,

        -- provenance
        returned._file_id as file_id,
        returned._row as row_number,
        returned._line as line_number,
        {{ unread([
            returned_date_read('dec'),
            {'column': 'rne', 'codes': 'start_reasons', 'code': 'start_reason_code'},
            {'column': 'ls', 'codes': 'legal_statuses', 'code': 'legal_status_code'},
            {'column': 'cin', 'codes': 'categories_of_need', 'code': 'category_of_need_code'},
            {'column': 'place', 'codes': 'placements', 'code': 'placement_code'},
            {'column': 'place_provider', 'codes': 'providers'},
            {'column': 'rec', 'codes': 'end_reasons', 'code': 'end_reason_code'},
            {'column': 'reason_place_change', 'codes': 'place_changes'},
            returned_postcode_read('home_post'),
            returned_postcode_read('pl_post'),
        ]) }} as unread_columns

    from returned
    left join start_reasons
        on {{ returned_code('returned.rne') }} = start_reasons.start_reason_code
    left join legal_statuses
        on {{ returned_code('returned.ls') }} = legal_statuses.legal_status_code
    left join categories_of_need
        on {{ returned_code('returned.cin') }} = categories_of_need.category_of_need_code
    left join placements
        on {{ returned_code('returned.place') }} = placements.placement_code
    left join end_reasons
        on {{ returned_code('returned.rec') }} = end_reasons.end_reason_code
    {{ join_ssda903_codes('providers', 'PLACE_PROVIDER', 'place_provider') }}
    {{ join_ssda903_codes('place_changes', 'REASON_PLACE_CHANGE', 'reason_place_change') }}

)

select * from renamed
