-- One row per child of an SSDA903 return or CIN census: who the return says that it is. What is
-- not known is null: a sex that is told as unknown, an ethnic origin refused or not obtained.

with

sexes as (

    select * from {{ ref('sexes') }}

),

-- The first row of a child counts; that there are more is told by the return's own rules.
headers as (

    select * from {{ ref('judged_headers') }}
    where is_first_of_child

),

census_children as (

    select *
    from {{ ref('judged_children') }}
    where child_key is not null
    qualify row_number() over (
        partition by la_code, collection_year, child_key
        order by file_id, row_number
    ) = 1

),

told as (

    select
        'ssda903' as source,
        la_code,
        collection_year,
        child_key,
        dob_date as birth_date,
        ethnic as ethnic_code,
        sex as sex_told
    from headers

    union all

    select
        'cin_census' as source,
        la_code,
        collection_year,
        child_key,
        person_birth_date_date as birth_date,
        ethnicity as ethnic_code,
        coalesce(sex, gender_current) as sex_told
    from census_children

)

select
    told.source,
    told.la_code,
    told.collection_year,
    told.child_key,
    told.birth_date,
    case when sexes.sex_code <> 'U' then sexes.sex_code end as sex_code,
    case when told.ethnic_code not in ('REFU', 'NOBT') then told.ethnic_code end as ethnic_code
from told
left join sexes on told.sex_told = sexes.returned_code
