-- CONTRACT STUB: the owner replaces this file, keeping these columns.
select
    cast(null as varchar) as la_code,
    cast(null as varchar) as area_level,
    cast(null as varchar) as area_code,
    cast(null as varchar) as series,
    cast(null as integer) as child_poverty_year,
    cast(null as integer) as children_in_poverty,
    cast(null as integer) as children,
    cast(null as double) as child_poverty_percent
where false
