-- CONTRACT STUB: the owner replaces this file, keeping these columns.
select
    cast(null as varchar) as child_key,
    cast(null as varchar) as la_code,
    cast(null as integer) as episode_number,
    cast(null as integer) as period_number,
    cast(null as date) as start_date,
    cast(null as date) as end_date,
    cast(null as varchar) as start_reason_code,
    cast(null as varchar) as legal_status_code,
    cast(null as varchar) as category_of_need_code,
    cast(null as varchar) as placement_code,
    cast(null as varchar) as placement_provider_code,
    cast(null as varchar) as end_reason_code,
    cast(null as varchar) as home_postcode_key,
    cast(null as varchar) as placement_postcode_key,
    cast(null as varchar) as urn,
    cast(null as boolean) as is_short_break,
    cast(null as integer) as first_returned_year,
    cast(null as integer) as last_returned_year,
    cast(null as varchar) as repair_code
where false
