-- One row per priority LSOA of an authority: the most deprived of each township, then the
-- next most deprived of the ward that most first-episode children come from, in the township
-- that the largest share of them comes from.

with

lsoas as (

    select * from {{ ref('lsoa_profile_counted') }}

),

wards as (

    select * from {{ ref('dim_wards') }}

),

first_episodes as (

    select * from {{ ref('cohort_first_episodes') }}
    where is_in_cohort

),

-- The floor is the fewest children aged 0-17 that an LSOA may have to be chosen.
candidates as (

    select *
    from lsoas
    where
        township_name is not null
        and deprivation_rank is not null
        and coalesce(children_0_17, 0) >= {{ var('priority_lsoa_minimum_children') }}

),

-- Ties: more children, then code.
most_deprived_of_townships as (

    select
        la_code,
        lsoa_code
    from candidates
    qualify row_number() over (
        partition by la_code, township_name
        order by
            deprivation_rank asc nulls last,
            children_0_17 desc nulls last,
            lsoa_code asc
    ) = 1

),

children_of_wards as (

    select
        la_code,
        ward_code,
        sum(children_0_17) as children_0_17
    from lsoas
    group by la_code, ward_code

),

children_of_townships as (

    select
        la_code,
        township_name,
        sum(children_0_17) as children_0_17
    from lsoas
    group by la_code, township_name

),

first_episodes_of_wards as (

    select
        wards.la_code,
        wards.township_name,
        wards.ward_code,
        wards.ward_name,
        count(distinct first_episodes.child_key) as first_episodes
    from first_episodes
    inner join wards
        on
            first_episodes.la_code = wards.la_code
            and first_episodes.ward_code = wards.ward_code
    where first_episodes.place_status = 'in area'
    group by wards.la_code, wards.township_name, wards.ward_code, wards.ward_name

),

with_totals as (

    select
        first_episodes_of_wards.*,
        coalesce(children_of_wards.children_0_17, 0) as children_0_17,
        sum(first_episodes_of_wards.first_episodes) over (
            partition by first_episodes_of_wards.la_code, first_episodes_of_wards.township_name
        ) as first_episodes_of_township,
        coalesce(children_of_townships.children_0_17, 0) as children_of_township
    from first_episodes_of_wards
    left join children_of_wards
        on
            first_episodes_of_wards.la_code = children_of_wards.la_code
            and first_episodes_of_wards.ward_code = children_of_wards.ward_code
    left join children_of_townships
        on
            first_episodes_of_wards.la_code = children_of_townships.la_code
            and first_episodes_of_wards.township_name = children_of_townships.township_name

),

-- The largest township by first-episode children, and in it the largest ward; ties as above.
leading_wards as (

    select
        la_code,
        township_name,
        ward_code,
        ward_name
    from with_totals
    qualify row_number() over (
        partition by la_code
        order by
            first_episodes_of_township desc,
            children_of_township desc,
            township_name asc,
            first_episodes desc,
            children_0_17 desc,
            ward_code asc
    ) = 1

),

next_most_deprived as (

    select
        candidates.la_code,
        candidates.lsoa_code,
        leading_wards.ward_code,
        leading_wards.ward_name,
        leading_wards.township_name
    from candidates
    inner join leading_wards
        on
            candidates.la_code = leading_wards.la_code
            and candidates.ward_code = leading_wards.ward_code
    left join most_deprived_of_townships
        on
            candidates.la_code = most_deprived_of_townships.la_code
            and candidates.lsoa_code = most_deprived_of_townships.lsoa_code
    where most_deprived_of_townships.lsoa_code is null
    qualify row_number() over (
        partition by candidates.la_code
        order by
            candidates.deprivation_rank asc nulls last,
            candidates.children_0_17 desc nulls last,
            candidates.lsoa_code asc
    ) <= {{ var('priority_lsoas_in_ward') }}

),

chosen as (

    select
        la_code,
        lsoa_code,
        1 as rule_number,
        'most deprived LSOA of the township' as selection_rule,
        cast(null as string) as leading_ward_code
    from most_deprived_of_townships

    union all

    select
        la_code,
        lsoa_code,
        2 as rule_number,
        'next most deprived of ' || ward_name
        || ', the ward with most first-episode children in ' || township_name
            as selection_rule,
        ward_code as leading_ward_code
    from next_most_deprived

),

ordered as (

    select
        chosen.la_code,
        cast(
            row_number() over (
                partition by chosen.la_code
                order by
                    chosen.rule_number asc,
                    lsoas.deprivation_rank asc nulls last,
                    lsoas.children_0_17 desc nulls last,
                    chosen.lsoa_code asc
            ) as integer
        ) as priority_order,
        chosen.selection_rule,
        chosen.leading_ward_code,
        lsoas.township_name,
        lsoas.ward_name,
        chosen.lsoa_code,
        lsoas.area_name,
        lsoas.deprivation_rank,
        lsoas.deprivation_band,
        lsoas.children_0_17
    from chosen
    inner join lsoas
        on
            chosen.la_code = lsoas.la_code
            and chosen.lsoa_code = lsoas.lsoa_code

)

select * from ordered
