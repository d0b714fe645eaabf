-- One row per check of a whole CIN census against the one before that it does not meet, told at
-- its header.

with

headers as (

    select * from {{ ref('judged_header') }}

),

jumps as (

    select
        la_code,
        collection_year,
        max(case when counted = 'in_need' then 1 else 0 end) as is_in_need_jumping,
        max(case when counted = 'referrals' then 1 else 0 end) as is_referrals_jumping
    from {{ ref('count_jumps') }}
    where source = 'cin_census'
    group by
        la_code,
        collection_year

),

judged as (

    select
        headers.*,

        -- The children in need on 31 March are far more, or fewer, than a year ago.
        jumps.is_in_need_jumping = 1 as fails_x15,

        -- So are the referrals in the year.
        jumps.is_referrals_jumping = 1 as fails_x16

    from headers
    left join jumps
        on
            headers.la_code = jumps.la_code
            and headers.collection_year = jumps.collection_year

)

{{ failures_in('judged') }}
