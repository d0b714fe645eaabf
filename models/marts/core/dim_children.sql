-- CONTRACT STUB: the owner replaces this file, keeping these columns.
select
    cast(null as varchar) as child_key,
    cast(null as varchar) as la_code,
    cast(null as varchar) as sex_code,
    cast(null as varchar) as sex_name,
    cast(null as date) as birth_month,
    cast(null as varchar) as ethnic_code,
    cast(null as boolean) as is_unborn,
    cast(null as boolean) as is_ever_looked_after
where false
