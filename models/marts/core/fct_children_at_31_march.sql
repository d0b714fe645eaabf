-- CONTRACT STUB: the owner replaces this file, keeping these columns.
select
    cast(null as varchar) as la_code,
    cast(null as varchar) as child_key,
    cast(null as date) as at_date,
    cast(null as varchar) as measure,
    cast(null as integer) as age,
    cast(null as varchar) as age_band,
    cast(null as varchar) as place_status,
    cast(null as varchar) as lsoa01_code,
    cast(null as varchar) as lsoa11_code,
    cast(null as varchar) as lsoa21_code,
    cast(null as varchar) as ward_code,
    cast(null as varchar) as township_name
where false
