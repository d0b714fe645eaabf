-- One row per child and collection year in which it is unaccompanied, or was in one of the two
-- returns before: an unaccompanied asylum seeker, as rules of several years take it.

with

headers as (

    select * from {{ ref('judged_headers') }}

),

uasc as (

    select * from {{ ref('judged_uasc') }}

),

-- The header has the word where there is one.
told as (

    select
        la_code,
        collection_year,
        child_key
    from headers
    where is_unaccompanied and child_key is not null

    union all

    select
        uasc.la_code,
        uasc.collection_year,
        uasc.child_key
    from uasc
    left join headers
        on
            uasc.la_code = headers.la_code
            and uasc.collection_year = headers.collection_year
            and uasc.child_key = headers.child_key
    where uasc.is_told_of and uasc.child_key is not null and headers.child_key is null

)

select
    told.la_code,
    cast(told.collection_year + years.number as integer) as collection_year,
    told.child_key,
    min(years.number) as years_since
from told
cross join {{ numbers(0, 2) }} as years
group by told.la_code, told.collection_year + years.number, told.child_key
