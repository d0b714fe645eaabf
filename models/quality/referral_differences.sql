-- One row per referral of which a later census says something else than an earlier one.
-- Counts of a year take its own census; what differs is reported here, by file and line.

with

referrals as (

    select * from {{ ref('int_referrals_numbered') }}
    where referral_date is not null

),

-- an open case that a later census closes after the earlier census's day is no difference
next_accounts as (

    select
        la_code,
        child_key,
        referral_date,
        referral_number,
        collection_year,
        file_id,
        line_number,
        closure_date,
        is_no_further_action,
        primary_need_code,
        lead(collection_year) over later_account as next_collection_year,
        lead(file_id) over later_account as next_file_id,
        lead(line_number) over later_account as next_line_number,
        lead(closure_date) over later_account as next_closure_date,
        lead(is_no_further_action) over later_account as next_is_no_further_action,
        lead(primary_need_code) over later_account as next_primary_need_code
    from referrals
    window later_account as (
        partition by la_code, child_key, referral_date, referral_number
        order by collection_year asc nulls last
    )

),

compared as (

    select
        la_code,
        child_key,
        referral_date,
        referral_number,
        collection_year,
        file_id,
        line_number,
        next_collection_year,
        next_file_id,
        next_line_number,
        case
            when closure_date is null
                then coalesce(next_closure_date <= {{ year_end('collection_year') }}, false)
            else next_closure_date is distinct from closure_date
        end as is_closure_different,
        next_is_no_further_action <> is_no_further_action as is_no_further_action_different,
        next_primary_need_code is distinct from primary_need_code as is_primary_need_different
    from next_accounts
    where next_collection_year is not null

)

select * from compared
where
    is_closure_different
    or is_no_further_action_different
    or is_primary_need_different
