-- CONTRACT STUB: the owner replaces this file, keeping these columns.
select
    cast(null as varchar) as la_code,
    cast(null as varchar) as child_key,
    cast(null as date) as at_date,
    cast(null as date) as birth_date,
    cast(null as integer) as age,
    cast(null as integer) as period_number,
    cast(null as varchar) as home_postcode_key,
    cast(null as varchar) as category_of_need_code
where false
