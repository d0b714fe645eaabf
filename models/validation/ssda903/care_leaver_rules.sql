-- One row per rule of the SSDA903 return and care leaver (OC3) that does not meet it.

with

leavers as (

    select
        *,
        {{ fields_given('judged_oc3', leaver_fields()) }} as fields_given,
        {{ age_on('birth_date', 'year_end_date') }} as age_at_year_end,
        {{ add_years('birth_date', 17) }} as seventeenth_birthday
    from {{ ref('judged_oc3') }} as judged_oc3

),

episodes as (

    select * from {{ ref('judged_episodes') }}

),

children as (

    select * from {{ ref('children_with_episodes') }}

),

health as (

    select * from {{ ref('judged_oc2') }}
    where coalesce({{ (further_health_fields() + health_fields()) | join(', ') }}) is not null

),

unaccompanied as (

    select * from {{ ref('judged_uasc') }}

),

codes as (

    select * from {{ ref('ssda903_codes') }}

),

joined as (

    select
        leavers.*,
        {{ add_years('leavers.birth_date', 'leavers.age_at_year_end') }} as latest_birthday,
        coalesce(children.is_looked_after_in_year, false) as is_looked_after_in_year,
        children.latest_end_reason
    from leavers
    left join children on {{ is_same_child('leavers', 'children') }}

),

judged as (

    select
        *,

        -- Whether the authority is in touch is no code.
        not {{ is_code_of('codes', 'IN_TOUCH', 'in_touch', 'joined') }} as fails_131,

        -- The activity is no code of the year.
        not {{ is_code_of('codes', 'ACTIV', 'activ', 'joined') }} as fails_132,

        -- The accommodation is no code, or calls custody or no fixed abode suitable.
        accom in ('S1', 'X1')
        or not {{ is_code_of('codes', 'ACCOM', 'accom', 'joined') }} as fails_133,

        -- Some fields are filled and some are not.
        fields_given between 1 and 2 as fails_153,

        -- Died or went home, and yet an activity or a dwelling.
        in_touch in ('DIED', 'RHOM')
        and (coalesce(activ <> '0', true) or coalesce(accom <> '0', true)) as fails_344,

        -- In touch, and yet no activity or no dwelling.
        in_touch = 'YES' and (activ = '0' or accom = '0') as fails_345,

        -- In a foyer, and under eighteen when the year began.
        accom in ('T1', 'T2')
        and {{ add_years('birth_date', 18) }} > year_start_date as fails_347,

        -- Under seventeen when the year ended.
        age_at_year_end < 17 and fields_given > 0 as fails_391,

        -- With a former foster carer in the year of the seventeenth birthday.
        accom in ('Z1', 'Z2')
        and seventeenth_birthday between year_start_date and year_end_date as fails_3001,

        -- Facts on the health of a child looked after are told as well.
        fields_given > 0
        and exists (
            select 1 from health
            where {{ is_same_child('joined', 'health') }}
        ) as fails_215,

        -- Seventeen or eighteen, and still looked after after that birthday.
        fields_given > 0
        and age_at_year_end in (17, 18)
        and exists (
            select 1 from episodes
            where
                {{ is_same_child('joined', 'episodes') }}
                and episodes.decom_date <= joined.latest_birthday
                and (episodes.dec is null or episodes.dec_date > joined.latest_birthday)
        ) as fails_1007,

        -- Care passed to another authority, which is the one to tell.
        fields_given > 0 and latest_end_reason = 'E3' as fails_1011,

        -- An unaccompanied child, and not looked after in the year.
        fields_given > 0
        and not is_looked_after_in_year
        and exists (
            select 1 from unaccompanied
            where {{ is_same_child('joined', 'unaccompanied') }}
        ) as fails_1014,

        -- Seventeen or eighteen, and left care on that birthday or later.
        fields_given > 0
        and age_at_year_end in (17, 18)
        and exists (
            select 1 from episodes
            where
                {{ is_same_child('joined', 'episodes') }}
                and episodes.rec <> 'X1'
                and episodes.dec_date >= joined.latest_birthday
        ) as fails_1016

    from joined

)

{{ failures_in('judged') }}
