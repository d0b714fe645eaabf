-- One row per rule of the dates of an SSDA903 episode and row that does not meet it.

with

episodes as (

    select * from {{ ref('judged_episodes') }}

),

judged as (

    select
        *,

        -- The start is no date.
        decom is not null and decom_date is null as fails_141,

        -- The end is no date.
        dec is not null and dec_date is null as fails_147,

        -- An end without a reason, or a reason without an end.
        (dec is null) <> (rec is null) as fails_148,

        -- Begins before the Children Act 1989 came into force.
        decom_date < date '1991-10-14' as fails_353,

        -- Begins after the year has ended.
        decom_date > year_end_date as fails_354,

        -- Ends on the day it begins.
        decom_date = dec_date as fails_355,

        -- Ends before it begins.
        dec_date < decom_date as fails_356,

        -- Ends after the year has ended.
        dec_date > year_end_date as fails_385,

        -- A freeing order after the placement orders of 2005 took its place.
        ls = 'D1' and decom_date > date '2005-12-31' as fails_445,

        -- A placement order before there were any.
        ls = 'E1' and decom_date < date '2005-12-01' as fails_446,

        -- A freeing order that is still open.
        ls = 'D1' and dec is null and rec is null as fails_451,

        -- Independent living, and it did not end with the rules of 28 October 2023.
        place = 'P2' and (dec is null or dec_date > date '2023-10-28') as fails_217t

    from episodes

)

{{ failures_in('judged') }}
