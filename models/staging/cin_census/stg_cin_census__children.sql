-- One row per child per census, as returned.
select
    cast(null as varchar) as la_code,
    cast(null as integer) as collection_year,
    cast(null as varchar) as child_key,
    cast(null as date) as birth_date,
    cast(null as date) as expected_birth_date,
    cast(null as varchar) as sex_code,
    cast(null as varchar) as ethnic_code,
    cast(null as varchar) as file_id,
    cast(null as integer) as row_number,
    cast(null as integer) as line_number
where false
