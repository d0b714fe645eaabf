-- One row per delivered row of the unaccompanied children of an SSDA903 return that stands, as
-- rules judge it.

with

uasc as (

    {{ rows_to_judge('ssda903', 'uasc', ['dob', 'duc'], is_upper=true,
        date_macro='returned_date') }}

),

judged as (

    select
        uasc.*,
        coalesce(uasc.sex, uasc.dob, uasc.duc) is not null as is_told_of
    from uasc

)

select * from judged
