-- One row per authority per ethnic code: the people that the latest census file of the
-- authority counts. The files differ in whom they count (children under 18, or all ages);
-- the file says it, we do not.

with

census as (

    select * from {{ ref('stg_comparators__census_ethnic_groups') }}

),

labels as (

    select * from {{ ref('census_ethnic_labels') }}

),

authorities as (

    select * from {{ ref('local_authorities') }}

),

files as (

    select
        file_id,
        max(landed_at) as landed_at
    from {{ ref('stg_landing__extract_files') }}
    group by file_id

),

-- a label that the seed does not know still counts among all
counted as (

    select
        authorities.la_code,
        authorities.is_main_code,
        census.file_id,
        census.collection_year,
        files.landed_at,
        labels.ethnic_code,
        census.people
    from census
    inner join authorities on census.area_code = authorities.ons_code
    left join labels on census.category_label = labels.category_label
    left join files on census.file_id = files.file_id
    where coalesce(labels.is_counted, true)

),

-- an authority that a file gives under two codes is taken by its main one
latest as (

    select
        la_code,
        collection_year,
        ethnic_code,
        people
    from counted
    qualify
        dense_rank() over (
            partition by la_code
            order by
                collection_year desc nulls last,
                landed_at desc nulls last,
                file_id desc nulls last,
                is_main_code desc nulls last
        ) = 1

),

all_people as (

    select
        la_code,
        cast(sum(people) as integer) as all_children
    from latest
    group by la_code

),

-- a census is taken in the years that end in 1 and published in later ones
compared as (

    select
        latest.la_code,
        latest.ethnic_code,
        concat(
            'Census ',
            max(cast(floor((latest.collection_year - 2) / 10) * 10 + 1 as integer))
        ) as comparator_name,
        cast(sum(latest.people) as integer) as children,
        max(all_people.all_children) as all_children
    from latest
    inner join all_people on latest.la_code = all_people.la_code
    where latest.ethnic_code is not null
    group by latest.la_code, latest.ethnic_code

)

select * from compared
