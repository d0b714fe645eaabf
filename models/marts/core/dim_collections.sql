-- CONTRACT STUB: the owner replaces this file, keeping these columns.
select
    cast(null as varchar) as la_code,
    cast(null as varchar) as la_name,
    cast(null as varchar) as source,
    cast(null as integer) as collection_year,
    cast(null as date) as at_date,
    cast(null as boolean) as is_latest
where false
