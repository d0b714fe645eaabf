-- One row per spell of a child at an address: the account of the latest delivery that
-- mentions the spell. A spell is known by the day it began; later deliveries close it or
-- correct its postcode. Spells without a day they began, with a last day that is no date, or
-- without a postcode tell nothing.

with

addresses as (

    select * from {{ ref('stg_addresses__addresses') }}

),

files as (

    select
        file_id,
        max(landed_at) as landed_at
    from {{ ref('stg_landing__extract_files') }}
    group by file_id

),

delivered as (

    select
        addresses.la_code,
        addresses.child_key,
        addresses.from_date,
        addresses.to_date,
        addresses.postcode_key,
        rank() over (
            partition by addresses.la_code, addresses.child_key, addresses.from_date
            order by files.landed_at desc nulls last, addresses.file_id desc nulls last
        ) as delivery_rank
    from addresses
    left join files on addresses.file_id = files.file_id
    where
        addresses.from_date is not null
        and addresses.postcode_key is not null
        and (addresses.to_date is not null or not addresses.has_to_date)

),

settled as (

    select distinct
        la_code,
        child_key,
        from_date,
        to_date,
        postcode_key
    from delivered
    where delivery_rank = 1

)

select * from settled
