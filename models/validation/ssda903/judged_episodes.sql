-- One row per delivered row of the episodes of an SSDA903 return that stands, as rules judge it.

with

episodes as (

    {{ rows_to_judge('ssda903', 'episodes', ['decom', 'dec'], is_upper=true,
        date_macro='returned_date') }}

),

headers as (

    select * from {{ ref('judged_headers') }}
    where is_first_of_child

),

legal_statuses as (

    select * from {{ ref('legal_statuses') }}

),

placements as (

    select * from {{ ref('placements') }}

),

-- The episodes of a child in order of start, and on one day of end (open last). A row without a
-- child or a readable start has no place among them.
numbered as (

    select
        file_id,
        row_number,
        row_number() over (
            partition by la_code, collection_year, child_key
            order by decom_date asc, dec_date asc nulls last, file_id asc, row_number asc
        ) as episode_number,
        count(*) over (partition by la_code, collection_year, child_key) as episodes_of_child
    from episodes
    where child_key is not null and decom_date is not null

),

judged as (

    select
        episodes.*,

        -- what its codes say
        coalesce(legal_statuses.is_short_break, false) as is_short_break,
        coalesce(placements.placement_group, 'none of these') as placement_group,

        -- its postcodes, as postcodes are compared
        {{ postcode_key('episodes.home_post') }} as home_postcode_key,
        {{ postcode_key('episodes.pl_post') }} as placement_postcode_key,

        -- its place among the child's episodes of this return
        numbered.episode_number,
        coalesce(numbered.episode_number = 1, false) as is_first,
        coalesce(numbered.episode_number = numbered.episodes_of_child, false) as is_latest,

        -- the child
        headers.dob_date
    from episodes
    left join legal_statuses
        on episodes.ls = legal_statuses.legal_status_code
    left join placements
        on episodes.place = placements.placement_code
    left join numbered
        on episodes.file_id = numbered.file_id and episodes.row_number = numbered.row_number
    left join headers
        on
            episodes.la_code = headers.la_code
            and episodes.collection_year = headers.collection_year
            and episodes.child_key = headers.child_key

)

select * from judged
