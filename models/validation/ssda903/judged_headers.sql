-- One row per delivered row of the headers of an SSDA903 return that stands, as rules judge it.

with

headers as (

    {{ rows_to_judge('ssda903', 'headers', ['dob', 'mc_dob'], is_upper=true,
        date_macro='returned_date') }}

),

uasc as (

    select * from {{ ref('judged_uasc') }}

),

sexes as (

    select * from {{ ref('sexes') }}

),

told_of_in_uasc as (

    select distinct
        la_code,
        collection_year,
        child_key
    from uasc
    where is_told_of

),

-- Children may be told of twice; what is asked of the child and not of the row is asked of the
-- first.
numbered as (

    select
        file_id,
        row_number,
        row_number() over (
            partition by la_code, collection_year, child_key
            order by file_id, row_number
        ) as number_of_child
    from headers
    where child_key is not null

),

judged as (

    select
        headers.*,
        sexes.sex_code,
        coalesce(numbered.number_of_child = 1, false) as is_first_of_child,
        -- a file made from XML says so itself
        case
            when headers.uasc is not null then headers.uasc = '1'
            else told_of_in_uasc.child_key is not null
        end as is_unaccompanied
    from headers
    left join sexes
        on headers.sex = sexes.returned_code
    left join numbered
        on headers.file_id = numbered.file_id and headers.row_number = numbered.row_number
    left join told_of_in_uasc
        on
            headers.la_code = told_of_in_uasc.la_code
            and headers.collection_year = told_of_in_uasc.collection_year
            and headers.child_key = told_of_in_uasc.child_key

)

select * from judged
