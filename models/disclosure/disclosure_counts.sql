-- One row per count of people that a published mart shows or lets a reader work out. A count
-- that a mart says nothing of has no row.
--
-- `role` is `shown` where a column of the mart is this count, or hangs on it as a share hangs on
-- its two parts; `implied` where it stands in no column, but is the difference of two that do, or
-- the most that come from one area, when it is said which.

{%- set of_places = [
    'looked_after', 'first_episodes', 'children_in_need', 'child_protection_plans'
] %}

with

rates as (

    select
        *,
        case measure when 'child_protection_plan' then 'child_protection_plans' else measure end
            as statistic
    from {{ ref('children_rates_counted') }}

),

wards as (

    select
        *,
        -- since the last day that tells them: there are days of a census alone
        first_episodes - {{ lag_of_known('first_episodes') }} over (
            partition by la_code, ward_code order by at_date asc nulls last
        ) as first_episodes_added,
        case
            when
                min(children_in_need - child_protection_plans)
                    over (partition by la_code, at_date)
                >= 0
                then children_in_need - child_protection_plans
        end as children_in_need_without_plan
    from {{ ref('ward_profile_counted') }}

),

areas as (

    select * from {{ ref('area_totals') }}

),

townships as (

    select * from {{ ref('township_profile_counted') }}

),

wards_last as (

    select
        la_code,
        'ward' as dimension,
        ward_code as category_code,
        children_0_17
    from wards
    where is_ward
    qualify row_number() over (
        partition by la_code, ward_code order by at_date desc nulls last
    ) = 1

),

townships_last as (

    select
        la_code,
        'township' as dimension,
        township_name as category_code,
        children_0_17
    from townships
    where is_township
    qualify row_number() over (
        partition by la_code, township_name order by at_date desc nulls last
    ) = 1

),

areas_last as (

    select * from wards_last
    union all
    select * from townships_last

),

episodes_last as (

    select
        la_code,
        ward_code,
        at_date,
        first_episodes
    from wards
    where first_episodes is not null
    qualify row_number() over (
        partition by la_code, ward_code order by at_date desc nulls last
    ) = 1

),

cohort as (

    select * from {{ ref('first_episode_profile_counted') }}

),

-- The list of priority LSOAs names the ward that most children of the cohort come from, in the
-- township that most come from, where one of its LSOAs is on the list.
leading_wards as (

    select distinct
        cohort.la_code,
        cohort.dimension,
        cohort.category_code,
        cohort.parent_category_name,
        cohort.children as most_children
    from cohort
    inner join {{ ref('priority_lsoas_counted') }} as listed
        on
            cohort.la_code = listed.la_code
            and cohort.category_code = listed.leading_ward_code
    where cohort.dimension = 'ward'

),

leaders as (

    select * from leading_wards

    union all

    select
        cohort.la_code,
        cohort.dimension,
        cohort.category_code,
        cohort.parent_category_name,
        cohort.children as most_children
    from cohort
    inner join leading_wards
        on
            cohort.la_code = leading_wards.la_code
            and cohort.category_code = leading_wards.parent_category_name
    where cohort.dimension = 'township'

),

-- of equals the list names the one with more children, as anybody can add them up from the map
children_of_areas as (

    select
        la_code,
        'ward' as dimension,
        ward_code as category_code,
        sum(children_0_17) as children_0_17
    from {{ ref('lsoa_profile_counted') }}
    group by la_code, ward_code

    union all

    select
        la_code,
        'township' as dimension,
        township_name as category_code,
        sum(children_0_17) as children_0_17
    from {{ ref('lsoa_profile_counted') }}
    group by la_code, township_name

),

-- so of no other ward of that township, and of no other township, come more, nor as many where it
-- would then be named
behind_leaders as (

    select
        cohort.la_code,
        cohort.dimension,
        cohort.category_code,
        {{ left_of('leaders.most_children', 'cohort.children') }} as children_behind,
        case
            when coalesce(areas.children_0_17, 0) > coalesce(leading_areas.children_0_17, 0) then 1
            when coalesce(areas.children_0_17, 0) < coalesce(leading_areas.children_0_17, 0) then 0
            when cohort.category_code < leaders.category_code then 1
            else 0
        end as at_least
    from cohort
    inner join leaders
        on
            cohort.la_code = leaders.la_code
            and cohort.dimension = leaders.dimension
            and cohort.category_code <> leaders.category_code
    left join children_of_areas as areas
        on
            cohort.la_code = areas.la_code
            and cohort.dimension = areas.dimension
            and cohort.category_code = areas.category_code
    left join children_of_areas as leading_areas
        on
            leaders.la_code = leading_areas.la_code
            and leaders.dimension = leading_areas.dimension
            and leaders.category_code = leading_areas.category_code
    where
        cohort.category_code not in ('out of area', 'unknown')
        and (
            cohort.dimension = 'township'
            or cohort.parent_category_name = leaders.parent_category_name
        )

),

-- the cohort's wards and townships are as large as they were last
profile as (

    select
        cohort.*,
        case when cohort.dimension in ('ward', 'township') then cohort.dimension else 'la' end
            as area_level,
        areas_last.children_0_17 as area_population,
        case
            when cohort.cohort_end_date > episodes_last.at_date
                then cohort.children - episodes_last.first_episodes
        end as first_episodes_after
    from cohort
    left join areas_last
        on
            cohort.la_code = areas_last.la_code
            and cohort.dimension = areas_last.dimension
            and cohort.category_code = areas_last.category_code
    left join episodes_last
        on
            cohort.la_code = episodes_last.la_code
            and cohort.dimension = 'ward'
            and cohort.category_code = episodes_last.ward_code

),

time_in_care as (

    select
        counted.*,
        -- in a band is only whose start is known
        case
            when counted.age_at_entry_band in ('all', 'unknown')
                then counted.children - counted.children_with_known_start
        end as children_with_unknown_start,
        counted.children_with_known_start - counted.children_over_2_years as children_under_2_years,
        case
            when counted.age_at_entry_band in ('all', 'unknown')
                then counted.ended_children - counted.ended_children_with_known_start
        end as ended_children_with_unknown_start,
        counted.ended_children_with_known_start - counted.ended_children_over_2_years
            as ended_children_under_2_years,
        -- whoever is looked after for over two years was so a year ago, and two years ago
        {{ left_of('a_year_ago.children', 'counted.children_over_2_years') }}
            as children_not_here_after_1_year,
        {{ left_of('two_years_ago.children', 'counted.children_over_2_years') }}
            as children_not_here_after_2_years
    from {{ ref('time_in_care_counted') }} as counted
    left join {{ ref('time_in_care_counted') }} as a_year_ago
        on
            counted.la_code = a_year_ago.la_code
            and counted.age_at_entry_band = a_year_ago.age_at_entry_band
            and {{ add_years('counted.at_date', -1) }} = a_year_ago.at_date
    left join {{ ref('time_in_care_counted') }} as two_years_ago
        on
            counted.la_code = two_years_ago.la_code
            and counted.age_at_entry_band = two_years_ago.age_at_entry_band
            and {{ add_years('counted.at_date', -2) }} = two_years_ago.at_date

),

returns_to_care as (

    select
        counted.*,
        -- the other sides
        counted.ceased_children - counted.returned_children as not_returned_children,
        counted.started_children - counted.started_again_children as started_first_children,
        counted.started_children - counted.started_within_12_months_children
            as started_not_soon_children,
        counted.started_again_children - counted.started_within_12_months_children
            as started_later_children,
        this_year.ended_children - counted.ceased_children as ceased_for_good_children,

        -- whoever came back within 12 months started again so soon, in this year or the next, and
        -- ceased in this year or the last
        {{ left_of(
            'counted.started_within_12_months_children'
            ~ ' + year_after.started_within_12_months_children',
            'counted.returned_children'
        ) }} as started_soon_after_other_years,
        {{ left_of(
            'counted.returned_children + year_before.returned_children',
            'counted.started_within_12_months_children'
        ) }} as returned_in_other_years,

        -- whoever starts for the first time is one of the cohort, and all of the cohort start;
        -- where nobody else is of the cohort, nobody would think of them
        nullif(
            {{ left_of(
                'cohort.children', 'counted.started_children - counted.started_again_children'
            ) }},
            0
        ) as cohort_started_again,
        {{ left_of('counted.started_children', 'cohort.children') }} as started_not_of_cohort,

        -- whoever is looked after was so a year ago or has started since, as had all who left;
        -- whoever is so for under two years has started in them
        {{ left_of('last_year.children + counted.started_children', 'this_year.children') }}
            as here_no_more,
        nullif(
            {{ left_of(
                'last_year.children + counted.started_children',
                'this_year.children + this_year.ended_children'
            ) }},
            0
        ) as came_and_not_left,
        nullif(
            {{ left_of(
                'this_year.children + this_year.ended_children',
                'last_year.children + counted.started_children'
            ) }},
            0
        ) as left_and_not_come,
        {{ left_of(
            'counted.started_children + year_before.started_children',
            'this_year.children_under_2_years'
        ) }} as started_and_here_no_more
    from {{ ref('returns_to_care_counted') }} as counted
    left join {{ ref('returns_to_care_counted') }} as year_before
        on
            counted.la_code = year_before.la_code
            and {{ add_years('counted.at_date', -1) }} = year_before.at_date
    left join {{ ref('returns_to_care_counted') }} as year_after
        on
            counted.la_code = year_after.la_code
            and {{ add_years('counted.at_date', 1) }} = year_after.at_date
    left join time_in_care as this_year
        on
            counted.la_code = this_year.la_code
            and counted.at_date = this_year.at_date
            and this_year.age_at_entry_band = 'all'
    left join time_in_care as last_year
        on
            counted.la_code = last_year.la_code
            and {{ add_years('counted.at_date', -1) }} = last_year.at_date
            and last_year.age_at_entry_band = 'all'
    left join profile as cohort
        on
            counted.la_code = cohort.la_code
            and cohort.dimension = 'entry_year'
            and cast(year(counted.at_date) as string) = cohort.category_code

),

indicators as (

    select * from {{ ref('indicator_scorecard_counted') }}
    where is_count_of_people

),

deliveries as (

    select * from {{ ref('data_quality_summary_counted') }}

),

rules as (

    select * from {{ ref('rule_summary_counted') }}

),

counted as (

    {{ counts_in('children_rates', 'rates', ['la_code', 'at_date', 'measure'], ['children'],
        {'statistic': 'statistic', 'area_population': 'population_0_17'}) }}

    union all

    {{ counts_in('first_episode_profile', 'profile', ['la_code', 'dimension', 'category_code'],
        ['children'],
        {
            'at_date': 'cohort_end_date', 'statistic': "'first_episodes'",
            'dimension': 'dimension', 'category': 'category_code',
            'category_name': 'category_name', 'parent': 'parent_category_name',
            'area_level': 'area_level', 'area_population': 'area_population',
        }) }}

    union all

    {{ counts_in('first_episode_profile', 'profile', ['la_code', 'dimension', 'category_code'],
        ['first_episodes_after'],
        {
            'role': 'implied', 'at_date': 'cohort_end_date', 'measure': "'first_episodes'",
            'category': 'category_code',
        }) }}

    union all

    {{ counts_in('priority_lsoas', 'leaders', ['la_code', 'dimension', 'category_code'],
        ['most_children'],
        {
            'role': 'implied', 'measure': "'nothing by itself'", 'at_date': 'cast(null as date)',
            'dimension': 'dimension', 'category': 'category_code', 'area_level': 'dimension',
        }) }}

    union all

    {{ counts_in('priority_lsoas', 'behind_leaders', ['la_code', 'dimension', 'category_code'],
        ['children_behind'],
        {
            'role': 'implied', 'measure': "'nothing by itself'", 'at_date': 'cast(null as date)',
            'dimension': 'dimension', 'category': 'category_code', 'area_level': 'dimension',
            'at_least': 'at_least',
        }) }}

    union all

    {{ counts_in('ward_profile', 'wards', ['la_code', 'ward_code', 'at_date'],
        of_places + ['referrals'],
        {
            'dimension': "'ward'", 'category': 'ward_code', 'parent': 'township_name',
            'area_level': "'ward'", 'area_population': 'case when is_ward then children_0_17 end',
        }) }}

    union all

    {{ counts_in('ward_profile', 'wards', ['la_code', 'ward_code', 'at_date'],
        ['first_episodes_added'],
        {
            'role': 'implied', 'measure': "'first_episodes'", 'dimension': "'ward'",
            'category': 'ward_code', 'parent': 'township_name', 'area_level': "'ward'",
        }) }}

    union all

    {{ counts_in('ward_profile', 'wards', ['la_code', 'ward_code', 'at_date'],
        ['children_in_need_without_plan'],
        {
            'role': 'implied', 'measure': "'children_in_need'", 'dimension': "'ward'",
            'category': 'ward_code', 'parent': 'township_name', 'area_level': "'ward'",
        }) }}

    union all

    {{ counts_in('township_profile', 'townships', ['la_code', 'township_name', 'at_date'],
        of_places,
        {
            'dimension': "'township'", 'category': 'township_name', 'area_level': "'township'",
            'area_population': 'case when is_township then children_0_17 end',
        }) }}

    union all

    {{ counts_in('area_profiles', 'areas', ['la_code', 'at_date'],
        ['all_looked_after', 'all_first_episodes', 'all_referrals'],
        {}) }}

    union all

    {{ counts_in('time_in_care', 'time_in_care', ['la_code', 'at_date', 'age_at_entry_band'],
        [
            'children', 'children_with_known_start', 'children_over_2_years',
            'children_under_2_years', 'ended_children', 'ended_children_with_known_start',
            'ended_children_over_2_years', 'ended_children_under_2_years',
        ],
        {
            'measure': "'time_in_care'", 'dimension': "'age_at_entry_band'",
            'category': 'age_at_entry_band',
        }) }}

    union all

    {{ counts_in('time_in_care', 'time_in_care', ['la_code', 'at_date', 'age_at_entry_band'],
        ['children_with_unknown_start', 'ended_children_with_unknown_start'],
        {
            'role': 'implied', 'measure': "'time_in_care'",
            'dimension': "'age_at_entry_band'", 'category': 'age_at_entry_band',
        }) }}

    union all

    {{ counts_in('time_in_care', 'time_in_care', ['la_code', 'at_date', 'age_at_entry_band'],
        ['children_not_here_after_1_year', 'children_not_here_after_2_years'],
        {
            'role': 'implied', 'measure': "'nothing by itself'",
            'dimension': "'age_at_entry_band'", 'category': 'age_at_entry_band',
        }) }}

    union all

    {{ counts_in('returns_to_care', 'returns_to_care', ['la_code', 'at_date'],
        [
            'ceased_children', 'returned_children', 'not_returned_children',
            'started_children', 'started_again_children', 'started_first_children',
            'started_within_12_months_children', 'started_not_soon_children',
        ],
        {'measure': "'returns_to_care'"}) }}

    union all

    {{ counts_in('returns_to_care', 'returns_to_care', ['la_code', 'at_date'],
        ['started_later_children', 'ceased_for_good_children'],
        {'role': 'implied', 'measure': "'returns_to_care'"}) }}

    union all

    {{ counts_in('returns_to_care', 'returns_to_care', ['la_code', 'at_date'],
        [
            'started_soon_after_other_years', 'returned_in_other_years', 'cohort_started_again',
            'started_not_of_cohort', 'here_no_more', 'came_and_not_left', 'left_and_not_come',
            'started_and_here_no_more',
        ],
        {'role': 'implied', 'measure': "'nothing by itself'"}) }}

    union all

    {{ counts_in('indicator_scorecard', 'indicators', ['la_code', 'indicator', 'at_date'],
        ['people'], {'measure': "'indicators'", 'statistic': 'indicator', 'counted': 'value'}) }}

    union all

    {{ counts_in('data_quality_summary', 'deliveries', ['la_code', 'source', 'collection_year'],
        [
            'rows_delivered', 'rows_loaded', 'rows_superseded', 'rows_quarantined',
            'rule_failures_error', 'rule_failures_warning',
        ],
        {'measure': "'deliveries'", 'at_date': 'cast(null as date)'}) }}

    union all

    -- refused or forgotten: told nowhere, and where there are none, nobody would think of them
    {{ counts_in('data_quality_summary', 'deliveries', ['la_code', 'source', 'collection_year'],
        ['rows_gone'],
        {
            'role': 'implied', 'measure': "'nothing by itself'", 'at_date': 'cast(null as date)',
            'counted':
                'nullif(rows_delivered - rows_loaded - rows_superseded - rows_quarantined, 0)',
        }) }}

    union all

    {{ counts_in('rule_summary', 'rules', ['la_code', 'source', 'collection_year', 'rule_code'],
        ['children_failing'], {'measure': "'returned_rules'", 'at_date': 'cast(null as date)'}) }}

)

select
    concat_ws('|', mart, column_name, row_key) as count_id,
    {{ all_but(['measure']) }},
    replace(measure, 'all_', '') as measure
from counted
where counted is not null
