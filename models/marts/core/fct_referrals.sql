-- CONTRACT STUB: the owner replaces this file, keeping these columns.
select
    cast(null as varchar) as child_key,
    cast(null as varchar) as la_code,
    cast(null as integer) as collection_year,
    cast(null as integer) as referral_number,
    cast(null as date) as referral_date,
    cast(null as date) as closure_date,
    cast(null as varchar) as closure_reason_code,
    cast(null as varchar) as referral_source_code,
    cast(null as varchar) as primary_need_code,
    cast(null as boolean) as is_no_further_action,
    cast(null as boolean) as is_rereferral,
    cast(null as boolean) as is_latest_account,
    cast(null as varchar) as place_status,
    cast(null as varchar) as lsoa01_code,
    cast(null as varchar) as lsoa11_code,
    cast(null as varchar) as lsoa21_code,
    cast(null as varchar) as ward_code,
    cast(null as varchar) as township_name
where false
