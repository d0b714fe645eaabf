-- One row per check of an episode of an SSDA903 return against the CIN census, or against the age
-- of the child, that it does not meet.

with

episodes as (

    select * from {{ ref('judged_episodes') }}

),

children as (

    select * from {{ ref('children_in_returns') }}
    where source = 'ssda903'

),

in_need as (

    select * from {{ ref('children_in_need_on_31_march') }}

),

judged as (

    select
        episodes.*,

        -- The child is looked after on 31 March and not in need by the census of the year.
        episodes.child_key is not null
        and in_need.child_key is null
        and {{ is_open_on(
            'episodes.decom_date', 'episodes.dec_date', 'cast(null as string)',
            'episodes.year_end_date'
        ) }} as fails_x07,

        -- The child was 18 or older when it started to be looked after.
        episodes.rne = 'S'
        and {{ age_on('children.birth_date', 'episodes.decom_date') }} >= 18 as fails_x12

    from episodes
    left join children
        on
            episodes.la_code = children.la_code
            and episodes.collection_year = children.collection_year
            and episodes.child_key = children.child_key
    left join in_need
        on
            episodes.la_code = in_need.la_code
            and episodes.collection_year = in_need.collection_year
            and episodes.child_key = in_need.child_key

)

{{ failures_in('judged') }}
