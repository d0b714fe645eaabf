-- CONTRACT STUB: the owner replaces this file, keeping these columns.
select
    cast(null as varchar) as child_key,
    cast(null as varchar) as la_code,
    cast(null as integer) as collection_year,
    cast(null as integer) as plan_number,
    cast(null as date) as start_date,
    cast(null as date) as end_date,
    cast(null as varchar) as initial_category_code,
    cast(null as varchar) as latest_category_code,
    cast(null as integer) as number_of_previous_plans,
    cast(null as integer) as duration_days,
    cast(null as boolean) as is_latest_account
where false
