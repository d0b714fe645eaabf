-- One row per child of an authority, known from its SSDA903 returns or CIN censuses.

with

children as (

    select * from {{ ref('int_children_settled') }}

),

looked_after as (

    select distinct
        la_code,
        child_key

    from {{ ref('int_episodes_stitched') }}

),

described as (

    select
        -- key
        children.child_key,
        children.la_code,

        -- the child
        children.sex_code,
        children.sex_name,
        make_date(year(children.birth_date), month(children.birth_date), 1) as birth_month,
        children.ethnic_code,
        children.is_unborn,
        looked_after.child_key is not null as is_ever_looked_after

    from children
    left join looked_after
        on
            children.la_code = looked_after.la_code
            and children.child_key = looked_after.child_key

)

select * from described
