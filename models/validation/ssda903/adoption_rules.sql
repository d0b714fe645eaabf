-- One row per rule of the SSDA903 return and row of the adoptions (AD1) that does not meet it.

with

adoptions as (

    select
        *,
        {{ fields_given('judged_ad1', adoption_fields()) }} as fields_given
    from {{ ref('judged_ad1') }} as judged_ad1

),

episodes as (

    select * from {{ ref('judged_episodes') }}

),

children as (

    select * from {{ ref('children_with_episodes') }}

),

decisions as (

    select * from {{ ref('adoption_decisions') }}

),

leavers as (

    select * from {{ ref('judged_oc3') }}
    where coalesce({{ leaver_fields() | join(', ') }}) is not null

),

codes as (

    select * from {{ ref('ssda903_codes') }}

),

joined as (

    select
        adoptions.*,
        coalesce(children.is_adopted_in_year, false) as is_adopted_in_year,
        children.latest_start_date,
        decisions.latest_decision_date
    from adoptions
    left join children on {{ is_same_child('adoptions', 'children') }}
    left join decisions on {{ is_same_child('adoptions', 'decisions') }}

),

judged as (

    select
        *,

        -- The date of the decision is no date.
        date_int is not null and date_int_date is null as fails_112,

        -- The date of the match is no date.
        date_match is not null and date_match_date is null as fails_113,

        -- Whether foster carers adopted is neither 0 nor 1.
        foster_care not in ('0', '1') as fails_114,

        -- The number of adopters is neither 1 nor 2.
        nb_adoptr not in ('1', '2') as fails_175,

        -- The sexes of the adopters are no code.
        sex_adoptr is not null
        and not {{ is_code_of('codes', 'SEX_ADOPTR', 'sex_adoptr', 'joined') }} as fails_176,

        -- The legal status of the adopters is no code.
        ls_adoptr is not null
        and not {{ is_code_of('codes', 'LS_ADOPTR', 'ls_adoptr', 'joined') }} as fails_177,

        -- Some fields of the adoption are filled and some are not.
        fields_given between 1 and 5 as fails_151,

        -- The child was matched before it was decided to place it, or without a decision.
        date_match_date is not null
        and (date_int_date is null or date_int_date > date_match_date) as fails_333,

        -- Two adopters, and the sex of one.
        nb_adoptr = '2' and sex_adoptr in ('M1', 'F1') as fails_511,

        -- A single adopter, and not the sex of one.
        ls_adoptr = 'L0' and coalesce(sex_adoptr not in ('M1', 'F1'), true) as fails_514,

        -- An unmarried couple of different sexes that is not a man and a woman.
        ls_adoptr = 'L3' and coalesce(sex_adoptr <> 'MF', true) as fails_517,

        -- An unmarried couple of one sex that is neither two men nor two women.
        ls_adoptr = 'L4' and coalesce(sex_adoptr not in ('MM', 'FF'), true) as fails_518,

        -- Civil partners who are no couple.
        ls_adoptr = 'L2' and coalesce(sex_adoptr not in ('MM', 'FF', 'MF'), true) as fails_519,

        -- A married couple of different sexes that is not a man and a woman.
        ls_adoptr = 'L11' and coalesce(sex_adoptr <> 'MF', true) as fails_520,

        -- A married couple of one sex that is neither two men nor two women.
        ls_adoptr = 'L12' and coalesce(sex_adoptr not in ('MM', 'FF'), true) as fails_524,

        -- The child is told of as a care leaver as well.
        fields_given > 0
        and exists (
            select 1 from leavers
            where {{ is_same_child('joined', 'leavers') }}
        ) as fails_134,

        -- The child was matched after the placement began in which it was adopted.
        exists(
            select 1 from episodes
            where
                {{ is_same_child('joined', 'episodes') }}
                and {{ is_adopted('episodes.rec') }}
                and episodes.decom_date < joined.date_match_date
        ) as fails_331,

        -- The decision is older than the child's latest start of care.
        date_int_date < latest_start_date as fails_334,

        -- The last placement was with the foster carers who adopted, and the row says that it was
        -- not; or the other way round.
        exists(
            select 1 from episodes
            where
                {{ is_same_child('joined', 'episodes') }}
                and {{ is_adopted('episodes.rec', with_old=true) }}
                and (
                    (episodes.place in ('A2', 'A3', 'A5') and joined.foster_care = '0')
                    or (episodes.place in ('A1', 'A4', 'A6') and joined.foster_care = '1')
                )
        ) as fails_335,

        -- The decision came after the child was placed for adoption.
        exists(
            select 1 from episodes
            where
                {{ is_same_child('joined', 'episodes') }}
                and episodes.placement_group = 'adoption'
                and episodes.decom_date < joined.date_int_date
        ) as fails_521,

        -- The decision has another date among the decisions to place for adoption.
        date_int_date <> latest_decision_date as fails_523,

        -- The child was not adopted in the year.
        fields_given > 0 and not is_adopted_in_year as fails_602

    from joined

)

{{ failures_in('judged') }}
