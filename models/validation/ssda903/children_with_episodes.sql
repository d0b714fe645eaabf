-- One row per child with an episode in an SSDA903 return: what its episodes say of the child as a
-- whole, for the rules that hold other tables against them.

with

episodes as (

    select * from {{ ref('judged_episodes') }}
    where child_key is not null

),

summed as (

    select
        la_code,
        collection_year,
        child_key,

        -- where care begins
        min(decom_date) as first_episode_date,
        max(decom_date) as latest_episode_date,
        min(case when not is_short_break then decom_date end) as first_care_date,
        min(case when rne = 'S' then decom_date end) as first_start_date,
        max(case when rne = 'S' then decom_date end) as latest_start_date,

        -- how the latest episode ends
        max(case when is_latest then dec_date end) as latest_end_date,
        max(case when is_latest then rec end) as latest_end_reason,
        max(case when is_latest and dec is null then 1 else 0 end) = 1 as is_latest_open,

        -- adoption
        min(case when placement_group = 'adoption' then decom_date end)
            as first_adoptive_placement_date,

        -- what is so of any of them, or of all
        min(case when is_short_break then 1 else 0 end) = 1 as is_short_breaks_only,
        max(
            case
                when decom_date <= year_end_date and (dec is null or dec_date >= year_start_date)
                    then 1
                else 0
            end
        ) = 1 as is_looked_after_in_year,
        max(case when dec is null and not is_short_break then 1 else 0 end) = 1
            as is_looked_after_at_year_end,
        max(case when rec = 'E2' then 1 else 0 end) = 1 as has_died,
        max(
            case
                when
                    {{ is_adopted('rec') }}
                    and dec_date between year_start_date and year_end_date
                    then 1
                else 0
            end
        ) = 1 as is_adopted_in_year
    from episodes
    group by la_code, collection_year, child_key

),

-- A placement order counts in the period of care that the child was in last.
placement_orders as (

    select
        episodes.la_code,
        episodes.collection_year,
        episodes.child_key,
        min(episodes.decom_date) as placement_order_date
    from episodes
    inner join summed on {{ is_same_child('episodes', 'summed') }}
    where
        episodes.ls = 'E1'
        and episodes.decom_date >= coalesce(summed.latest_start_date, summed.first_episode_date)
    group by episodes.la_code, episodes.collection_year, episodes.child_key

)

select
    summed.*,
    placement_orders.placement_order_date
from summed
left join placement_orders on {{ is_same_child('summed', 'placement_orders') }}
