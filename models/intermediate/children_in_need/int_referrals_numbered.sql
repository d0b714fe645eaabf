-- One row per referral per census that mentions it. The census gives a referral no
-- identifier, so we number those of one child that begin on the same day: cases that went
-- ahead first, then those with no further action, so that a case keeps its number in later
-- censuses that no longer mention the other. They are put in order by source and need as
-- delivered: whether a code is in force changes from census to census, what was written does not.

with

referrals as (

    select * from {{ ref('stg_cin_census__referrals') }}

),

children as (

    select * from {{ ref('stg_cin_census__children') }}

),

-- through the child of the same file, so that no row of a superseded file slips in
joined as (

    select
        -- whose it is
        children.la_code,
        children.child_key,
        children.collection_year,

        -- the referral
        referrals.referral_date,
        cast(
            row_number() over (
                partition by
                    children.la_code,
                    children.child_key,
                    children.collection_year,
                    referrals.referral_date
                order by
                    coalesce(referrals.is_no_further_action, false) asc,
                    referrals.returned_referral_source asc nulls last,
                    referrals.returned_primary_need asc nulls last,
                    referrals.row_number asc nulls last
            ) as integer
        ) as referral_number,
        referrals.referral_source_code,
        referrals.primary_need_code,
        coalesce(referrals.is_no_further_action, false) as is_no_further_action,

        -- its end
        referrals.closure_date,
        referrals.closure_reason_code,

        -- the child, as this census describes it
        children.birth_date,
        children.expected_birth_date,

        -- provenance
        referrals.file_id,
        referrals.row_number,
        referrals.line_number

    from referrals
    inner join children
        on
            referrals.file_id = children.file_id
            and referrals.child_row = children.row_number

)

select * from joined
