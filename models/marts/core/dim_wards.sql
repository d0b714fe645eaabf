-- CONTRACT STUB: the owner replaces this file, keeping these columns.
select
    cast(null as varchar) as la_code,
    cast(null as varchar) as ward_code,
    cast(null as varchar) as ward_name,
    cast(null as varchar) as township_name
where false
