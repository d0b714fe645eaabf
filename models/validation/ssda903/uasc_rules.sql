-- One row per rule of the unaccompanied children of an SSDA903 return and row that does not meet
-- it.

with

uasc as (

    select * from {{ ref('judged_uasc') }}

),

headers as (

    select * from {{ ref('judged_headers') }}
    where is_first_of_child

),

last_uasc as (

    select
        la_code,
        collection_year,
        child_key,
        max(dob_date) as dob_date,
        max(duc_date) as duc_date
    from uasc
    where child_key is not null
    group by la_code, collection_year, child_key

),

compared as (

    select
        uasc.*,
        coalesce(headers.is_unaccompanied, uasc.is_told_of) as is_unaccompanied,
        -- a header is not wanted to know that of last year
        coalesce(last_headers.is_unaccompanied, last_uasc.child_key is not null)
            as was_unaccompanied,
        last_uasc.duc_date as last_duc_date,
        {{ add_years('last_uasc.dob_date', 18) }} as last_eighteenth_birthday
    from uasc
    left join headers
        on
            uasc.la_code = headers.la_code
            and uasc.collection_year = headers.collection_year
            and uasc.child_key = headers.child_key
    left join headers as last_headers
        on
            uasc.la_code = last_headers.la_code
            and uasc.collection_year = last_headers.collection_year + 1
            and uasc.child_key = last_headers.child_key
    left join last_uasc
        on
            uasc.la_code = last_uasc.la_code
            and uasc.collection_year = last_uasc.collection_year + 1
            and uasc.child_key = last_uasc.child_key

),

judged as (

    select
        *,

        -- The date the child ceased to be unaccompanied is no date, or lies before the year.
        (duc is not null and duc_date is null) or duc_date < year_start_date as fails_104,

        -- Unaccompanied in both years, and when that ceases has changed to another year, or was not
        -- the 18th birthday.
        is_unaccompanied and was_unaccompanied
        and (
            (
                coalesce(duc_date not between year_start_date and year_end_date, true)
                and duc_date is distinct from last_duc_date
            )
            or last_duc_date is distinct from last_eighteenth_birthday
        ) as fails_205b,

        -- Ceased to be unaccompanied, and the header says that the child is not.
        duc is not null and not is_unaccompanied as fails_303,

        -- Ceased to be unaccompanied after the 18th birthday.
        duc_date > {{ add_years('dob_date', 18) }} as fails_304

    from compared

)

{{ failures_in('judged') }}
