-- One row per child in need on the 31 March of a census, from that census alone: referred
-- by the day with further action and not closed by it. Unborn children and young people of
-- 18 and over count.

with

referrals as (

    select
        *,
        {{ year_end('collection_year') }} as at_date
    from {{ ref('int_referrals_numbered') }}

),

-- a child with two open cases, or two entries in one census, counts once
in_need as (

    select
        la_code,
        child_key,
        at_date,
        min(birth_date) as birth_date,
        min(expected_birth_date) as expected_birth_date
    from referrals
    where {{ is_in_need_on('at_date', 'referral_date', 'closure_date', 'is_no_further_action') }}
    group by la_code, child_key, at_date

)

select * from in_need
