-- CONTRACT STUB: the owner replaces this file, keeping these columns.
select
    cast(null as varchar) as postcode_key,
    cast(null as varchar) as la_code,
    cast(null as varchar) as lsoa01_code,
    cast(null as varchar) as lsoa11_code,
    cast(null as varchar) as lsoa21_code,
    cast(null as varchar) as ward_code,
    cast(null as varchar) as ward_name,
    cast(null as varchar) as township_name,
    cast(null as boolean) as is_terminated
where false
