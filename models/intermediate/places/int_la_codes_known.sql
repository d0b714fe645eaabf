-- One row per code by which a publisher or a directory may name an authority, with its
-- three-digit code. A district of a county stands for the county.

with

local_authorities as (

    select * from {{ ref('local_authorities') }}

),

districts as (

    select * from {{ ref('local_authority_districts') }}

),

codes as (

    select
        cast(la_code as string) as delivered_code,
        cast(la_code as string) as la_code
    from local_authorities

    union

    select
        ons_code as delivered_code,
        cast(la_code as string) as la_code
    from local_authorities

    union

    select
        pre_2009_code as delivered_code,
        cast(la_code as string) as la_code
    from local_authorities
    where pre_2009_code is not null

    union

    select
        ons_code as delivered_code,
        cast(la_code as string) as la_code
    from districts

),

-- A code that has stood for two authorities names neither.
unambiguous as (

    select
        delivered_code,
        min(la_code) as la_code
    from codes
    group by delivered_code
    having min(la_code) = max(la_code)

)

select * from unambiguous
