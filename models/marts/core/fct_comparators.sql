-- CONTRACT STUB: the owner replaces this file, keeping these columns.
select
    cast(null as varchar) as measure,
    cast(null as date) as at_date,
    cast(null as varchar) as area_level,
    cast(null as varchar) as area_code,
    cast(null as varchar) as la_code,
    cast(null as varchar) as area_name,
    cast(null as integer) as children,
    cast(null as double) as rate_per_10000
where false
