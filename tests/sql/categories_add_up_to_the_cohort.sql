-- Every dimension counts every child of the cohort once; of the age bands, the department's.

with

categories as (

    select * from {{ ref('first_episode_profile_counted') }}
    where dimension <> 'age_band' or parent_category_name = 'dfe'

),

cohort as (

    select
        la_code,
        cast(sum(case when is_in_cohort then 1 else 0 end) as integer) as children
    from {{ ref('cohort_first_episodes') }}
    group by la_code

),

dimensions as (

    select
        la_code,
        dimension,
        sum(children) as children
    from categories
    group by la_code, dimension

)

select
    cohort.la_code,
    dimensions.dimension
from cohort
left join dimensions
    on cohort.la_code = dimensions.la_code
where dimensions.children is distinct from cohort.children
