-- One row per rule of the SSDA903 return and row of the headers that does not meet it.

with

headers as (

    select * from {{ ref('judged_headers') }}

),

episodes as (

    select * from {{ ref('judged_episodes') }}

),

ssda903_codes as (

    select * from {{ ref('ssda903_codes') }}

),

-- What the child's episodes say of it.
cared_for as (

    select
        la_code,
        collection_year,
        child_key,
        max(case when is_short_break then 0 else 1 end) = 1 as is_not_only_on_short_breaks,
        min(decom_date) as first_decom_date,
        -- a child has left when its latest episode has ended
        max(case when is_latest then dec_date end) as left_date,
        max(
            case
                when
                    dec_date between year_start_date and year_end_date
                    and rec <> 'X1' and not is_short_break then 1
                else 0
            end
        ) = 1 as has_left_in_the_year
    from episodes
    where child_key is not null
    group by la_code, collection_year, child_key

),

with_episodes as (

    select
        headers.*,
        sexes.code is not null as is_sex_known,
        ethnic_origins.code is not null as is_ethnic_origin_known,
        coalesce(cared_for.is_not_only_on_short_breaks, false) as is_not_only_on_short_breaks,
        cared_for.first_decom_date,
        cared_for.left_date,
        coalesce(cared_for.has_left_in_the_year, false) as has_left_in_the_year,
        coalesce(headers.upn in ('UN1', 'UN2', 'UN3', 'UN4', 'UN5'), false) as is_without_upn,
        count(*) over (
            partition by headers.la_code, headers.collection_year, headers.upn
        ) as children_of_upn
    from headers
    left join ssda903_codes as sexes
        on
            sexes.code_set = 'SEX'
            and headers.sex = sexes.code
            and {{ is_in_force_in('sexes', 'headers.collection_year') }}
    left join ssda903_codes as ethnic_origins
        on
            ethnic_origins.code_set = 'ETHNIC'
            and headers.ethnic = ethnic_origins.code
            and {{ is_in_force_in('ethnic_origins', 'headers.collection_year') }}
    left join cared_for
        on
            headers.la_code = cared_for.la_code
            and headers.collection_year = cared_for.collection_year
            and headers.child_key = cared_for.child_key

),

judged as (

    select
        *,

        -- The sex is missing, or no code of the year.
        not is_sex_known as fails_101,

        -- The date of birth is missing or no date.
        dob_date is null as fails_102,

        -- The ethnic origin is missing, or no code of the year.
        not is_ethnic_origin_known as fails_103,

        -- Whether the child is unaccompanied is neither yes nor no.
        uasc not in ('0', '1') as fails_105,

        -- The pupil number has not the form of one.
        not {{ matches('upn', "'^([A-HJ-NP-RT-Z][0-9]{11}[0-9A-Z]|UN[1-5])$'") }} as fails_168,

        -- The date of birth of the child's own child is no date.
        mc_dob is not null and mc_dob_date is null as fails_171,

        -- A boy with a child of his own.
        sex_code = 'M' and mc_dob is not null as fails_174,

        -- Too young for a pupil number, and was old enough for school.
        upn = 'UN1'
        and {{ add_years('dob_date', 4) }} <= make_date(collection_year - 2, 8, 31)
            as fails_209,

        -- No pupil number yet for having just come, and came earlier.
        upn = 'UN4' and first_decom_date < make_date(collection_year, 3, 24) as fails_210,

        -- Unaccompanied, and under eleven when the year ends.
        is_unaccompanied and dob_date > {{ add_years('year_end_date', -11) }} as fails_231,

        -- The sex is told as unknown.
        sex_code = 'U' as fails_232,

        -- Born after the year has ended.
        dob_date > year_end_date as fails_301,

        -- Over 25 when the year begins.
        {{ add_years('dob_date', 25) }} < year_start_date as fails_351,

        -- A girl looked after, and whether she is a mother is not told.
        sex_code = 'F' and mother is null and is_not_only_on_short_breaks as fails_393,

        -- Looked after without a pupil number, or the reason for none.
        upn is null and is_not_only_on_short_breaks as fails_442,

        -- A pupil number that other children have, too.
        upn is not null and not is_without_upn and children_of_upn > 1 as fails_444,

        -- A girl who left in the year, and whether she is a mother is not told.
        sex_code = 'F' and mother is null and has_left_in_the_year as fails_607,

        -- A mother without the date of birth of her child.
        mother = '1' and mc_dob is null as fails_611,

        -- The date of birth of a girl's child, and she is told to be no mother.
        sex_code = 'F' and mc_dob is not null and coalesce(mother = '0', true) as fails_612,

        -- A mother who was not eleven when the year began.
        mother = '1' and {{ add_years('dob_date', 11) }} > year_start_date as fails_620,

        -- Not older than the own child.
        mc_dob_date <= dob_date as fails_621,

        -- The own child is born after the year has ended, or after the mother has left.
        mc_dob_date > year_end_date or mc_dob_date > left_date as fails_625

    from with_episodes

)

{{ failures_in('judged') }}
