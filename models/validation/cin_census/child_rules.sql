-- One row per rule of the CIN census and child that does not meet it.

with

children as (

    select * from {{ ref('judged_children') }}

),

judged as (

    select
        children.*,

        -- The child has no identifier.
        children.la_child_id is null as fails_8500

    from children

)

{{ failures_in('judged') }}
