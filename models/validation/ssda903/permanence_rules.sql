-- One row per rule of the SSDA903 return and row of the earlier permanence arrangements that does
-- not meet it.

with

arrangements as (

    select * from {{ ref('judged_previous_permanence') }}

),

children as (

    select * from {{ ref('children_with_episodes') }}

),

codes as (

    select * from {{ ref('ssda903_codes') }}

),

authorities as (

    select * from {{ ref('local_authorities') }}

),

joined as (

    select
        arrangements.*,
        {{ earliest_day('arrangements.date_perm') }} as earliest_perm_date,
        children.first_episode_date,
        children.latest_episode_date
    from arrangements
    left join children on {{ is_same_child('arrangements', 'children') }}

),

judged as (

    select
        *,

        -- The arrangement is no code.
        prev_perm is not null
        and not {{ is_code_of('codes', 'PREV_PERM', 'prev_perm', 'joined') }} as fails_631,

        -- The date is none, even in part, or cannot be older than the child's time in care.
        (date_perm is not null and {{ date_or_its_parts('date_perm') }} is null)
        or earliest_perm_date >= first_episode_date as fails_632,

        -- No authority, and no other country of the United Kingdom, has this code.
        la_perm not in ('WAL', 'SCO', 'NIR', 'NUK', '999')
        and not exists (
            select 1 from authorities
            where authorities.la_code = joined.la_perm
        ) as fails_633,

        -- Permanence is told of a child in whose care nothing began since April 2016.
        coalesce(prev_perm, la_perm, date_perm) is not null
        and latest_episode_date < make_date(2016, 4, 1) as fails_634,

        -- An authority or a date of an arrangement that is missing, or is none.
        coalesce(la_perm, date_perm) is not null
        and coalesce(prev_perm = 'Z1', true) as fails_635

    from joined

)

{{ failures_in('judged') }}
