-- CONTRACT STUB: the owner replaces this file, keeping these columns.
select
    cast(null as varchar) as la_code,
    cast(null as varchar) as lsoa_code,
    cast(null as varchar) as lsoa_vintage,
    cast(null as varchar) as deprivation_index,
    cast(null as integer) as deprivation_release,
    cast(null as double) as deprivation_score,
    cast(null as integer) as deprivation_rank,
    cast(null as integer) as deprivation_areas,
    cast(null as integer) as deprivation_decile,
    cast(null as varchar) as deprivation_band,
    cast(null as boolean) as is_selected
where false
