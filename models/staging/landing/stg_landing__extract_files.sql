-- CONTRACT STUB: the owner replaces this file, keeping these columns.
select
    cast(null as varchar) as file_id,
    cast(null as varchar) as path,
    cast(null as varchar) as file_name,
    cast(null as varchar) as sha256,
    cast(null as bigint) as bytes,
    cast(null as varchar) as source,
    cast(null as varchar) as table_name,
    cast(null as varchar) as la_code,
    cast(null as integer) as collection_year,
    cast(null as integer) as rows_delivered,
    cast(null as integer) as rows_landed,
    cast(null as timestamp) as landed_at,
    cast(null as varchar) as outcome,
    cast(null as varchar) as superseded_by,
    cast(null as varchar) as reason
where false
