-- One row per episode of a child per return, as returned.

with

returned as (

    select * from {{ delivered('ssda903', 'episodes') }}

),

renamed as (

    select
        -- whose it is
        _la_code as la_code,
        _collection_year as collection_year,
        _child_key as child_key,
        nullif(trim(child), '') as la_child_id,

        -- its beginning
        {{ returned_date('decom') }} as start_date,
        {{ returned_code('rne') }} as start_reason_code,

        -- the episode
        {{ returned_code('ls') }} as legal_status_code,
        {{ returned_code('cin') }} as category_of_need_code,
        {{ returned_code('place') }} as placement_code,
        {{ returned_code('place_provider') }} as placement_provider_code,
        {{ postcode_key('home_post') }} as home_postcode_key,
        {{ postcode_key('pl_post') }} as placement_postcode_key,
        {{ returned_code('urn') }} as urn,

        -- its end
        {{ returned_date('dec') }} as end_date,
        (
            nullif(trim(dec), '') is not null
            and {{ returned_date('dec') }} is null
        ) as has_unreadable_end_date,
        {{ returned_code('rec') }} as end_reason_code,
        {{ returned_code('reason_place_change') }} as place_change_reason_code,

        -- provenance
        _file_id as file_id,
        _row as row_number,
        _line as line_number

    from returned

)

select * from renamed
