-- One row per rule of the SSDA903 return and row of the headers that does not meet it.

with

headers as (

    select * from {{ ref('judged_headers') }}

),

codes as (

    select * from {{ ref('ssda903_codes') }}

),

judged as (

    select
        headers.*,

        -- The sex is no code of the year.
        not {{ is_code_of('codes', 'SEX', 'sex', 'headers') }} as fails_101,

        -- The date of birth is missing or unreadable.
        headers.dob_date is null as fails_102

    from headers

)

{{ failures_in('judged') }}
