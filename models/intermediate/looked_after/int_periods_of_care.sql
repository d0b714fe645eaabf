-- CONTRACT STUB: the owner replaces this file, keeping these columns.
select
    cast(null as varchar) as la_code,
    cast(null as varchar) as child_key,
    cast(null as date) as birth_date,
    cast(null as integer) as period_number,
    cast(null as date) as start_date,
    cast(null as date) as end_date,
    cast(null as boolean) as is_start_known,
    cast(null as boolean) as is_short_break,
    cast(null as varchar) as home_postcode_key,
    cast(null as varchar) as last_repair_code
where false
