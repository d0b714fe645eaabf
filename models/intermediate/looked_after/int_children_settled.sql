-- One row per child of an authority, with the facts of the latest account of the child.
-- From one row per child per return (headers) or census. Of two accounts of one year the
-- return's stands before the census's. A fact that an account leaves blank is taken from the
-- latest that gives it.

with

headers as (

    select * from {{ ref('stg_ssda903__headers') }}

),

census_children as (

    select * from {{ ref('stg_cin_census__children') }}

),

episodes as (

    select * from {{ ref('int_episodes_returned') }}

),

sexes as (

    select * from {{ ref('sexes') }}

),

accounts as (

    select
        la_code,
        child_key,
        collection_year * 10 + 2 as account_order,
        birth_date,
        cast(null as date) as expected_birth_date,
        sex_code,
        ethnic_code,
        file_id,
        row_number

    from headers

    union all

    select
        la_code,
        child_key,
        collection_year * 10 + 1 as account_order,
        birth_date,
        expected_birth_date,
        sex_code,
        ethnic_code,
        file_id,
        row_number

    from census_children

    union all

    -- a child whom no header tells of is a child all the same
    select
        la_code,
        child_key,
        0 as account_order,
        cast(null as date) as birth_date,
        cast(null as date) as expected_birth_date,
        cast(null as string) as sex_code,
        cast(null as string) as ethnic_code,
        min(file_id) as file_id,
        0 as row_number

    from episodes
    where account = 'latest'
    group by la_code, child_key

),

-- a return that tells of a child twice is taken at its last word
told_once as (

    select *
    from accounts
    qualify row_number() over (
        partition by la_code, child_key, account_order
        order by row_number desc nulls last, file_id desc nulls last
    ) = 1

),

settled as (

    select
        la_code,
        child_key,
        max_by(birth_date, account_order) filter (where birth_date is not null) as birth_date,
        count(expected_birth_date) > 0 as was_expected,
        max_by(sex_code, account_order) filter (where sex_code is not null) as returned_sex_code,
        max_by(ethnic_code, account_order) filter (where ethnic_code is not null) as ethnic_code

    from told_once
    group by la_code, child_key

),

named as (

    select
        settled.la_code,
        settled.child_key,
        settled.birth_date,
        settled.birth_date is null and settled.was_expected as is_unborn,
        coalesce(sexes.sex_code, 'U') as sex_code,
        coalesce(sexes.sex_name, 'Unknown') as sex_name,
        settled.ethnic_code

    from settled
    left join sexes
        on settled.returned_sex_code = sexes.returned_code

)

select * from named
