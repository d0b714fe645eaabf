-- One row per ward of an authority at each 31 March of its returns, safe to publish.

with

counted as (

    select * from {{ ref('ward_profile_counted') }}

)

select
    la_code,
    ward_code,
    ward_name,
    township_name,
    at_date,
    children_0_17,
    {{ public_count_marker('children_0_17', 'is_ward') }} as children_0_17_marker,
    lsoas,
    {{ public_count_marker('lsoas', 'is_ward') }} as lsoas_marker,
    lsoas_top_10_percent,
    {{ public_count_marker('lsoas_top_10_percent', 'is_ward') }}
        as lsoas_top_10_percent_marker,
    lsoas_top_20_percent,
    {{ public_count_marker('lsoas_top_20_percent', 'is_ward') }}
        as lsoas_top_20_percent_marker,
    child_poverty_percent,
    {{ safe_count('looked_after') }} as looked_after,
    {{ count_marker('looked_after') }} as looked_after_marker,
    {{ safe_number('looked_after_share', 'looked_after') }} as looked_after_share,
    {{ safe_number('looked_after_rate', 'looked_after') }} as looked_after_rate,
    {{ safe_count('first_episodes') }} as first_episodes,
    {{ count_marker('first_episodes') }} as first_episodes_marker,
    {{ safe_number('first_episode_share', 'first_episodes') }} as first_episode_share,
    {{ safe_count('children_in_need') }} as children_in_need,
    {{ count_marker('children_in_need') }} as children_in_need_marker,
    {{ safe_number('children_in_need_rate', 'children_in_need') }} as children_in_need_rate,
    {{ safe_count('child_protection_plans') }} as child_protection_plans,
    {{ count_marker('child_protection_plans') }} as child_protection_plans_marker,
    {{ safe_count('referrals') }} as referrals,
    {{ count_marker('referrals') }} as referrals_marker,
    {{ safe_number('referral_share', 'referrals') }} as referral_share
from counted
