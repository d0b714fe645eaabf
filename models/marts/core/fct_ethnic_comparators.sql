-- CONTRACT STUB: the owner replaces this file, keeping these columns.
select
    cast(null as varchar) as la_code,
    cast(null as varchar) as ethnic_code,
    cast(null as varchar) as comparator_name,
    cast(null as integer) as children,
    cast(null as integer) as all_children
where false
