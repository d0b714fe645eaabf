-- One row per rule of the CIN census and child that does not meet it.

with

codes as (

    select * from {{ ref('cin_census_codes') }}

),

sexes as (

    select * from {{ ref('sexes') }}

),

upn_authorities as (

    select * from {{ ref('upn_authorities') }}

),

-- The children, with how often their identifier and number stand in the return.
children as (

    select
        *,
        length(upn) = 13 as has_whole_upn,
        case when collection_year >= 2025 then sex else gender_current end as sex_told,
        case
            when la_child_id is not null
                then count(*) over (partition by la_code, collection_year, la_child_id)
        end as children_of_identifier,
        case
            when upn is not null then count(*) over (partition by la_code, collection_year, upn)
        end as children_of_upn
    from {{ ref('judged_children') }}

),

referrals as (

    select
        file_id,
        child_row,
        count(*) as referrals,
        sum(case when not is_no_further_action then 1 else 0 end) as referrals_acted_on,
        sum(case when is_no_further_action then 0 else 1 end) as referrals_not_closed_at_once,
        sum(case when cin_closure_date is null then 1 else 0 end) as referrals_open,
        max(cin_closure_date_date) as last_closure_date
    from {{ ref('judged_referrals') }}
    group by
        file_id,
        child_row

),

disabilities as (

    select
        judged_rows.file_id,
        judged_rows.child_row,
        sum(
            case when {{ is_code_of('codes', 'disability', 'disability') }} then 0 else 1 end
        ) as unknown_disabilities
    from {{ ref('judged_disabilities') }} as judged_rows
    group by
        judged_rows.file_id,
        judged_rows.child_row

),

judged as (

    select
        children.*,

        -- The child has no identifier.
        children.la_child_id is null as fails_8500,

        -- Another child has the same identifier.
        children.children_of_identifier > 1 as fails_8510,

        -- The identifier is longer than 20 characters.
        length(children.la_child_id) > 20 as fails_1570,

        -- The identifier has other characters than letters and digits.
        {{ matches('children.la_child_id', "'[^A-Za-z0-9]'") }} as fails_1580,

        -- The first letter of the pupil number is not the one that its digits call for.
        {{ matches('children.upn', "'^.[0-9]{12}$'") }}
        and substr(children.upn, 1, 1) <> {{ upn_check_letter('children.upn') }} as fails_1510,

        -- Another child has the same pupil number.
        children.children_of_upn > 1 as fails_1520,

        -- The pupil number names no authority.
        children.has_whole_upn and not exists (
            select 1
            from upn_authorities
            where
                upn_authorities.upn_la_code = substr(children.upn, 2, 3)
                and coalesce(upn_authorities.valid_from_year <= children.collection_year, true)
        ) as fails_1530,

        -- Characters 5 to 12 of the pupil number are not digits.
        not {{ matches('substr(children.upn, 5, 8)', "'^[0-9]{8}$'") }} as fails_1540,

        -- The last character of the pupil number is none that is used there.
        children.has_whole_upn
        and not {{ matches('children.upn', "'[0-9A-HJ-NP-RT-Z]$'") }} as fails_1550,

        -- The former pupil number does not have the shape of one, temporary or not.
        not {{ matches('children.former_upn', "'^[A-Za-z][0-9]{11}[0-9A-HJ-NP-RT-Z]$'") }}
            as fails_1560q,

        -- The sex, or the gender before 2024/25, is missing or no code of the year.
        not exists (
            select 1
            from sexes
            where
                sexes.returned_code = children.sex_told
                and coalesce(sexes.valid_from_year <= children.collection_year, true)
                and coalesce(sexes.valid_to_year >= children.collection_year, true)
        ) as fails_4180,

        -- The child is not born, and its sex is told.
        children.person_birth_date is null
        and children.expected_person_birth_date is not null
        and children.sex_told
        <> case when children.collection_year >= 2025 then 'U' else '0' end as fails_8750,

        -- The ethnic origin is missing or no code.
        not {{ is_code_of('codes', 'ethnicity', 'ethnicity', 'children') }} as fails_4220,

        -- The child was born after the year.
        children.person_birth_date_date > children.year_end_date as fails_8520,

        -- The child is neither born nor expected, or both.
        (children.person_birth_date is null) = (children.expected_person_birth_date is null)
            as fails_8525q,

        -- The birth is expected too long before the end of the year or after it.
        not children.expected_person_birth_date_date
        between {{ add_days('children.year_end_date', -30) }}
        and make_date(children.collection_year, 12, 31) as fails_8530q,

        -- The child died before it was born, or was neither born nor expected.
        children.person_death_date_date < children.person_birth_date_date
        or (
            children.person_death_date is not null
            and children.person_birth_date is null
            and children.expected_person_birth_date is null
        ) as fails_8535q,

        -- The child did not die in the year.
        {{ is_outside_of_year('children.person_death_date_date', 'children') }} as fails_8545q,

        -- The child is born and in need, and its disability is missing or no code.
        children.person_birth_date is not null
        and referrals.referrals_acted_on > 0
        and coalesce(disabilities.unknown_disabilities > 0, true) as fails_8540,

        -- The child has no referral.
        referrals.referrals is null as fails_8590,

        -- The child is six and in need, and has no pupil number and no reason for that. From
        -- 2024/25 on the age is that of the 31 August after the year.
        referrals.referrals_acted_on > 0
        and children.upn is null
        and coalesce(
            upper(children.upn_unknown) not in ('UN2', 'UN3', 'UN4', 'UN5', 'UN6', 'UN7'), true
        )
        and children.person_birth_date_date
        <= case
            when children.collection_year >= 2025
                then make_date(children.collection_year - 6, 8, 31)
            else {{ year_end('children.collection_year - 6') }}
        end as fails_8770q,

        -- There is no pupil number because no action followed, and a referral was acted on.
        upper(children.upn_unknown) = 'UN7'
        and referrals.referrals_not_closed_at_once > 0 as fails_8772,

        -- The child is past its 25th birthday, and a case is open or closed after that.
        children.person_birth_date_date < {{ add_years('children.year_end_date', -25) }}
        and (
            referrals.referrals_open > 0
            or referrals.last_closure_date > {{ add_years('children.person_birth_date_date', 25) }}
        ) as fails_8775q

    from children
    left join referrals
        on
            children.file_id = referrals.file_id
            and children.row_number = referrals.child_row
    left join disabilities
        on
            children.file_id = disabilities.file_id
            and children.row_number = disabilities.child_row

)

{{ failures_in('judged') }}
