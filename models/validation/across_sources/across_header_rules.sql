-- One row per check of a whole SSDA903 return against the one before that it does not meet, told
-- at the first row of its headers.

with

headers as (

    select *
    from {{ ref('judged_headers') }}
    qualify row_number() over (
        partition by la_code, collection_year
        order by file_id, row_number
    ) = 1

),

jumps as (

    select * from {{ ref('count_jumps') }}
    where counted = 'looked_after'

),

judged as (

    select
        headers.*,

        -- The children looked after on 31 March are far more, or fewer, than a year ago.
        jumps.la_code is not null as fails_x17

    from headers
    left join jumps
        on
            headers.la_code = jumps.la_code
            and headers.collection_year = jumps.collection_year

)

{{ failures_in('judged') }}
