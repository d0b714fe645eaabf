-- One row per rule of the age of a child in an SSDA903 episode and row that does not meet it.

with

episodes as (

    select * from {{ ref('judged_episodes') }}

),

-- A child born on 29 February has its birthday on the 28th of other years.
with_birthdays as (

    select
        *,
        {{ add_years('dob_date', 4) }} as fourth_birthday,
        {{ add_years('dob_date', 10) }} as tenth_birthday,
        {{ add_years('dob_date', 14) }} as fourteenth_birthday,
        {{ add_years('dob_date', 15) }} as fifteenth_birthday,
        {{ add_years('dob_date', 16) }} as sixteenth_birthday,
        {{ add_years('dob_date', 18) }} as eighteenth_birthday
    from episodes

),

judged as (

    select
        *,

        -- The child's first episode begins before its birth.
        is_first and decom_date < dob_date as fails_302,

        -- Starts to be looked after at 18 or later.
        rne = 'S' and decom_date >= eighteenth_birthday as fails_352,

        -- A youth justice status at ten or younger.
        ls in ('J1', 'J2', 'J3') and decom_date <= tenth_birthday as fails_358,

        -- Over 18 and still looked after, other than by agreement in a children's home.
        dec is null and eighteenth_birthday < year_end_date
        and not coalesce(ls = 'V2' and place = 'K2', false) as fails_359,

        -- In independent living too young: 15, and 16 in the last year of the code.
        place = 'P2' and decom_date < case
            when collection_year <= 2023 then fifteenth_birthday
            else sixteenth_birthday
        end as fails_370,

        -- In semi-independent living or supported accommodation too young: 14, later 16.
        case
            when collection_year <= 2023 then place = 'H5' and decom_date < fourteenth_birthday
            when collection_year = 2024 then place = 'H5' and decom_date < sixteenth_birthday
            else place = 'K3' and decom_date < sixteenth_birthday
        end as fails_371,

        -- In custody before ten.
        place = 'R5' and decom_date < tenth_birthday as fails_372,

        -- In a residential school before four.
        place = 'S1' and decom_date < fourth_birthday as fails_373,

        -- In residential employment before fourteen.
        place = 'P3' and decom_date < fourteenth_birthday as fails_374,

        -- Adopted at 18 or later.
        rec in ('E11', 'E12') and dec_date >= eighteenth_birthday as fails_386,

        -- Left to live independently before fourteen.
        rec in ('E5', 'E6') and dec_date < fourteenth_birthday as fails_387,

        -- Left for adult social care before sixteen.
        rec = 'E7' and dec_date < sixteenth_birthday as fails_389,

        -- A special guardianship order after 18.
        rec in ('E43', 'E44', 'E45', 'E46', 'E47', 'E48') and dec_date > eighteenth_birthday
            as fails_407,

        -- Stayed with carers at 18, and was not 18.
        rec = 'E17' and dec_date < eighteenth_birthday as fails_460

    from with_birthdays

)

{{ failures_in('judged') }}
