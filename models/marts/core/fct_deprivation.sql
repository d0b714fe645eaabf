-- One row per LSOA of an authority, deprivation index and release.

with

ranks as (

    select * from {{ ref('int_deprivation_ranks_delivered') }}

),

releases as (

    select * from {{ ref('deprivation_releases') }}

),

areas as (

    select * from {{ ref('dim_areas') }}

),

ranked as (

    select
        areas.la_code,
        areas.lsoa_code,
        areas.lsoa_vintage,
        ranks.deprivation_index,
        cast(ranks.deprivation_release as integer) as deprivation_release,
        ranks.deprivation_score,
        ranks.deprivation_rank,
        cast(releases.areas as integer) as deprivation_areas,
        {{ deprivation_decile('ranks.deprivation_rank', 'releases.areas') }}
            as deprivation_decile
    from ranks
    inner join releases
        on ranks.deprivation_release = releases.deprivation_release
    inner join areas
        on
            ranks.lsoa_code = areas.lsoa_code
            and cast(releases.lsoa_vintage as string) = areas.lsoa_vintage

),

-- The latest release in which the index has ranks.
latest_releases as (

    select
        la_code,
        deprivation_index,
        max(deprivation_release) as deprivation_release
    from ranked
    where deprivation_rank is not null
    group by la_code, deprivation_index

),

selected as (

    select
        ranked.la_code,
        ranked.lsoa_code,
        ranked.lsoa_vintage,
        ranked.deprivation_index,
        ranked.deprivation_release,
        ranked.deprivation_score,
        ranked.deprivation_rank,
        ranked.deprivation_areas,
        ranked.deprivation_decile,
        {{ deprivation_band('ranked.deprivation_decile') }} as deprivation_band,
        coalesce(
            ranked.deprivation_index = '{{ var("deprivation_index") }}'
            and cast(ranked.deprivation_release as string) = case
                when '{{ var("deprivation_release") }}' = 'latest'
                    then cast(latest_releases.deprivation_release as string)
                else '{{ var("deprivation_release") }}'
            end,
            false
        ) as is_selected
    from ranked
    left join latest_releases
        on
            ranked.la_code = latest_releases.la_code
            and ranked.deprivation_index = latest_releases.deprivation_index

)

select * from selected
