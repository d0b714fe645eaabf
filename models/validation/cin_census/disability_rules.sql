-- One row per rule of the CIN census and disability that does not meet it.

with

disabilities as (

    select
        *,
        count(*) over (partition by file_id, child_row, disability) as times_told,
        max(case when upper(disability) = 'NONE' then 1 else 0 end)
            over (partition by file_id, child_row) as has_none
    from {{ ref('judged_disabilities') }}

),

judged as (

    select
        disabilities.*,

        -- The child has this disability and none.
        disabilities.has_none = 1 and upper(disabilities.disability) <> 'NONE' as fails_8790,

        -- The child has this disability twice.
        disabilities.disability is not null and disabilities.times_told > 1 as fails_8794

    from disabilities

)

{{ failures_in('judged') }}
