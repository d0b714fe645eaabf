-- One row per rule of the SSDA903 return and header that does not meet it, of the rules by which
-- what was open in the return of the year before goes on, where the child has no row that could be
-- told.

with

headers as (

    select * from {{ ref('judged_headers') }}
    where is_first_of_child

),

spells_missing as (

    select * from {{ ref('judged_missing') }}

),

orders as (

    select * from {{ ref('judged_deprivation_of_liberty') }}

),

judged as (

    select
        headers.*,

        -- Missing when the last year ended, and no spell is told.
        exists (
            select 1 from spells_missing
            where
                {{ is_same_child_last_year('headers', 'spells_missing') }}
                and spells_missing.mis_start_date is not null
                and spells_missing.mis_end is null
        )
        and not exists (
            select 1 from spells_missing
            where {{ is_same_child('headers', 'spells_missing') }}
        ) as fails_576,

        -- Deprived of liberty when the last year ended, and no order is told.
        exists (
            select 1 from orders
            where
                {{ is_same_child_last_year('headers', 'orders') }}
                and orders.dolo_start_date is not null
                and orders.dolo_end is null
        )
        and not exists (
            select 1 from orders
            where {{ is_same_child('headers', 'orders') }}
        ) as fails_706

    from headers

)

{{ failures_in('judged') }}
