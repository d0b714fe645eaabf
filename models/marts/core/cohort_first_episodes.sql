{{ config(schema='looked_after') }}

-- CONTRACT STUB: the owner replaces this file, keeping these columns.
select
    cast(null as varchar) as child_key,
    cast(null as varchar) as la_code,
    cast(null as date) as cohort_start_date,
    cast(null as date) as cohort_end_date,
    cast(null as boolean) as is_in_cohort,
    cast(null as varchar) as exclusion_reason,
    cast(null as date) as first_episode_date,
    cast(null as integer) as entry_year,
    cast(null as integer) as age_at_entry,
    cast(null as varchar) as age_band,
    cast(null as varchar) as sex_code,
    cast(null as varchar) as ethnic_code,
    cast(null as varchar) as category_of_need_code,
    cast(null as varchar) as legal_status_code,
    cast(null as varchar) as placement_code,
    cast(null as varchar) as place_status,
    cast(null as varchar) as lsoa01_code,
    cast(null as varchar) as lsoa11_code,
    cast(null as varchar) as lsoa21_code,
    cast(null as varchar) as ward_code,
    cast(null as varchar) as township_name
where false
