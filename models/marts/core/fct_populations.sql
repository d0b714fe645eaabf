-- CONTRACT STUB: the owner replaces this file, keeping these columns.
select
    cast(null as varchar) as la_code,
    cast(null as varchar) as area_level,
    cast(null as varchar) as area_code,
    cast(null as integer) as population_year,
    cast(null as integer) as children_0_16,
    cast(null as integer) as children_0_17
where false
