-- One row per check of a referral of a CIN census against the census of the year after that it
-- does not meet. There is no row of the later census to tell it at: the child is not in it.

with

referrals as (

    select * from {{ ref('judged_referrals') }}

),

children as (

    select * from {{ ref('children_in_returns') }}
    where source = 'cin_census'

),

cases_open_next_year as (

    select
        cases.file_id_last_year,
        cases.row_number_last_year,
        children.child_key is null as is_child_gone
    from {{ ref('cases_open_last_year') }} as cases
    left join children
        on
            cases.la_code = children.la_code
            and cases.collection_year = children.collection_year
            and cases.child_key = children.child_key

),

judged as (

    select
        referrals.*,

        -- The case was open at the end of the year, and the next census has not got the child.
        cases_open_next_year.is_child_gone as fails_x09

    from referrals
    left join cases_open_next_year
        on
            referrals.file_id = cases_open_next_year.file_id_last_year
            and referrals.row_number = cases_open_next_year.row_number_last_year

)

{{ failures_in('judged') }}
