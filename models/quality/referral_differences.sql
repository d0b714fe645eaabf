-- One row per referral per census of which the next census that mentions it says something
-- else. Counts of a year take its own census; what differs is reported here, by file and
-- line. An open case that a later census closes after the earlier 31 March is no difference.

with

referrals as (

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
        row_number() over (
            partition by la_code, child_key, referral_date, referral_number
            order by collection_year asc nulls last
        ) as account_number
    from {{ ref('int_referrals_numbered') }}
    where referral_date is not null

),

compared as (

    select
        referrals.la_code,
        referrals.child_key,
        referrals.referral_date,
        referrals.referral_number,
        referrals.collection_year,
        referrals.file_id,
        referrals.line_number,
        next_accounts.collection_year as next_collection_year,
        next_accounts.file_id as next_file_id,
        next_accounts.line_number as next_line_number,
        case
            when referrals.closure_date is null
                then coalesce(
                    next_accounts.closure_date <= {{ year_end('referrals.collection_year') }},
                    false
                )
            else (next_accounts.closure_date is distinct from referrals.closure_date)
        end as is_closure_different,
        (
            next_accounts.is_no_further_action <> referrals.is_no_further_action
        ) as is_no_further_action_different,
        (
            next_accounts.primary_need_code is distinct from referrals.primary_need_code
        ) as is_primary_need_different
    from referrals
    inner join referrals as next_accounts
        on
            referrals.la_code = next_accounts.la_code
            and referrals.child_key = next_accounts.child_key
            and referrals.referral_date = next_accounts.referral_date
            and referrals.referral_number = next_accounts.referral_number
            and referrals.account_number + 1 = next_accounts.account_number

)

select * from compared
where
    is_closure_different
    or is_no_further_action_different
    or is_primary_need_different
