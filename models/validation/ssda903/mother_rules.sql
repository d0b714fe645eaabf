-- One row per rule of the SSDA903 return and header that does not meet it, of the rules on whether
-- a girl is a mother.

with

headers as (

    select * from {{ ref('judged_headers') }}

),

children as (

    select * from {{ ref('children_with_episodes') }}

),

-- Short breaks do not make a mother worth asking for.
episodes as (

    select * from {{ ref('judged_episodes') }}
    where not is_short_break

),

leavers as (

    select * from {{ ref('judged_oc3') }}
    where coalesce({{ leaver_fields() | join(', ') }}) is not null

),

joined as (

    select
        headers.*,
        children.child_key is not null as has_episodes,
        exists(
            select 1 from episodes
            where
                {{ is_same_child('headers', 'episodes') }}
                and episodes.decom_date <= headers.year_end_date
                and (episodes.dec is null or episodes.dec_date >= headers.year_start_date)
        ) as is_looked_after_in_year,
        exists(
            select 1 from leavers
            where {{ is_same_child('headers', 'leavers') }}
        ) as is_leaver
    from headers
    left join children on {{ is_same_child('headers', 'children') }}

),

judged as (

    select
        *,

        -- Neither 0 nor 1; told of a boy; not told of a girl in care; told of a girl who left it.
        has_episodes
        and (
            mother not in ('0', '1')
            or (mother is not null and sex_code = 'M')
            or (mother is null and sex_code = 'F' and is_looked_after_in_year)
            or (
                mother is not null and sex_code = 'F' and not is_looked_after_in_year and is_leaver
            )
        ) as fails_165,

        -- Told of a care leaver who was not looked after in the year.
        child_key is not null
        and mother is not null
        and is_leaver
        and not has_episodes as fails_628

    from joined

)

{{ failures_in('judged') }}
