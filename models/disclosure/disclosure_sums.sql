-- One row per count in an addition: its parts (sign 1) and the whole that they add up to
-- (sign -1). A reader who knows how the marts hang together can write every one of them down.

with

counts as (

    select * from {{ ref('disclosure_counts') }}

),

age_bands as (

    select * from {{ ref('age_bands') }}

),

cohort as (

    select * from counts
    where mart = 'first_episode_profile'

),

rows_of_deliveries as (

    select * from counts
    where
        mart = 'data_quality_summary'
        and column_name in (
            'rows_delivered', 'rows_loaded', 'rows_superseded', 'rows_quarantined', 'rows_gone'
        )

),

dimensions as (

    select distinct
        la_code,
        dimension
    from cohort
    where dimension <> 'all'

),

-- every category of a dimension that makes up the whole cohort, and the whole beside each
cohort_by_dimension as (

    select
        cohort.*,
        dimensions.dimension as of_dimension
    from cohort
    inner join dimensions
        on
            cohort.la_code = dimensions.la_code
            and cohort.dimension in (dimensions.dimension, 'all')
    -- the plan's band overlaps two of the department's
    where cohort.dimension <> 'age_band' or cohort.parent <> 'plan'

),

-- ethnic origins within their group, wards within their township
cohort_in_wider as (

    select
        cohort.*,
        wider.dimension as wider_dimension,
        wider.category as wider_category
    from cohort
    inner join cohort as wider
        on
            cohort.la_code = wider.la_code
            and (
                (
                    cohort.dimension = 'ethnic_origin'
                    and wider.dimension = 'ethnic_group'
                    and cohort.parent = wider.category_name
                )
                or (
                    cohort.dimension = 'ward'
                    and wider.dimension = 'township'
                    and coalesce(cohort.parent, cohort.category) = wider.category
                )
            )

),

-- a ward or township of the cohort, how far it is behind the one that most come from, and that one
behind_leaders as (

    select
        counts.*,
        behind.category as category_behind
    from counts as behind
    inner join counts
        on
            behind.la_code = counts.la_code
            and behind.dimension = counts.dimension
            and counts.mart in ('first_episode_profile', 'priority_lsoas')
            and (
                behind.category = counts.category
                or counts.column_name = 'most_children'
            )
    where behind.column_name = 'children_behind'

),

ages_in_bands as (

    select
        cohort.*,
        age_bands.scheme,
        age_bands.age_band
    from cohort
    inner join age_bands
        on
            try_cast(replace(cohort.category, '+', '') as integer)
            between age_bands.from_age and coalesce(age_bands.to_age, 999)
    where cohort.dimension = 'age'

),

-- the department's bands that lie within the plan's
bands_in_bands as (

    select
        cohort.*,
        wider.age_band as wider_band
    from cohort
    inner join age_bands on cohort.category = age_bands.age_band and age_bands.scheme = 'dfe'
    inner join age_bands as wider
        on
            wider.scheme = 'plan'
            and age_bands.from_age >= wider.from_age
            and age_bands.to_age <= coalesce(wider.to_age, 999)
    where cohort.dimension = 'age_band' and cohort.parent = 'dfe'

),

ward_days as (

    select
        *,
        lead(at_date) over (
            partition by la_code, category order by at_date asc nulls last
        ) as next_date
    from counts
    where mart = 'ward_profile' and column_name = 'first_episodes'

),

-- only where it is certain that whoever is on a plan is in need
needs_and_plans as (

    select * from counts
    where
        mart = 'ward_profile'
        and statistic in (
            'children_in_need', 'child_protection_plans', 'children_in_need_without_plan'
        )
    qualify count(*) over (partition by row_key) = 3

),

entry_years as (

    select
        cohort.*,
        days.at_date as up_to_date
    from cohort
    inner join counts as days
        on
            cohort.la_code = days.la_code
            and days.column_name = 'all_first_episodes'
            and try_cast(cohort.category as integer) <= year(days.at_date)
    where cohort.dimension = 'entry_year'

),

time_in_care as (

    select
        *,
        case when column_name like 'ended%' then 'ended' else 'open' end as of_whom,
        replace(column_name, 'ended_', '') as whom
    from counts
    where mart = 'time_in_care' and column_name not like 'children_not_here%'

),

not_here as (

    select
        *,
        cast(case when column_name like '%1_year' then 1 else 2 end as integer) as years
    from counts
    where column_name like 'children_not_here%'

),

-- those who are still here, those who are not, and all of them then
here_or_not as (

    select
        counts.*,
        not_here.count_id as not_here_id
    from not_here
    inner join counts
        on
            not_here.la_code = counts.la_code
            and not_here.category = counts.category
            and (
                not_here.count_id = counts.count_id
                or (
                    not_here.at_date = counts.at_date
                    and counts.column_name = 'children_over_2_years'
                )
                or (
                    counts.mart = 'time_in_care'
                    and counts.at_date = case not_here.years
                        when 1 then {{ add_years('not_here.at_date', -1) }}
                        else {{ add_years('not_here.at_date', -2) }}
                    end
                    and counts.column_name = 'children'
                )
            )

),

-- How returns to care add up, within a year and from year to year: whose parts and wholes, so many
-- years later than the year that it is of. What is left over may be nothing. Where both sides
-- are several counts, those count as wholes that a reader would miss more.
returns_rules as (

    select
        *,
        count(*) filter (where not is_left_over) over (partition by addition) as members
    from (
        values
        -- noqa: disable=LT05
        ('returns of children who ceased', 'returns_to_care', 'returned_children', 0, 1, false),
        ('returns of children who ceased', 'returns_to_care', 'not_returned_children', 0, 1, false),
        ('returns of children who ceased', 'returns_to_care', 'ceased_children', 0, -1, false),
        ('starts of children looked after before', 'returns_to_care', 'started_again_children', 0, 1, false),
        ('starts of children looked after before', 'returns_to_care', 'started_first_children', 0, 1, false),
        ('starts of children looked after before', 'returns_to_care', 'started_children', 0, -1, false),
        ('starts soon after care', 'returns_to_care', 'started_within_12_months_children', 0, 1, false),
        ('starts soon after care', 'returns_to_care', 'started_not_soon_children', 0, 1, false),
        ('starts soon after care', 'returns_to_care', 'started_children', 0, -1, false),
        ('how soon children start again', 'returns_to_care', 'started_within_12_months_children', 0, 1, false),
        ('how soon children start again', 'returns_to_care', 'started_later_children', 0, 1, false),
        ('how soon children start again', 'returns_to_care', 'started_again_children', 0, -1, false),
        ('children who may return and who may not', 'returns_to_care', 'ceased_children', 0, 1, false),
        ('children who may return and who may not', 'returns_to_care', 'ceased_for_good_children', 0, 1, false),
        ('children who may return and who may not', 'time_in_care', 'ended_children', 0, -1, false),
        ('returns are starts of this year or the next', 'returns_to_care', 'returned_children', 0, -1, false),
        ('returns are starts of this year or the next', 'returns_to_care', 'started_soon_after_other_years', 0, -1, true),
        ('returns are starts of this year or the next', 'returns_to_care', 'started_within_12_months_children', 0, 1, false),
        ('returns are starts of this year or the next', 'returns_to_care', 'started_within_12_months_children', 1, 1, false),
        ('starts soon after care of this year or the last', 'returns_to_care', 'started_within_12_months_children', 0, 1, false),
        ('starts soon after care of this year or the last', 'returns_to_care', 'returned_in_other_years', 0, 1, true),
        ('starts soon after care of this year or the last', 'returns_to_care', 'returned_children', 0, -1, false),
        ('starts soon after care of this year or the last', 'returns_to_care', 'returned_children', -1, -1, false),
        ('first starts are of the cohort', 'returns_to_care', 'started_first_children', 0, 1, false),
        ('first starts are of the cohort', 'returns_to_care', 'cohort_started_again', 0, 1, true),
        ('first starts are of the cohort', 'first_episode_profile', 'children', 0, -1, false),
        ('all of the cohort start', 'first_episode_profile', 'children', 0, -1, false),
        ('all of the cohort start', 'returns_to_care', 'started_not_of_cohort', 0, -1, true),
        ('all of the cohort start', 'returns_to_care', 'started_children', 0, 1, false),
        ('children who came and who left', 'time_in_care', 'children', 0, -1, false),
        ('children who came and who left', 'time_in_care', 'ended_children', 0, -1, false),
        ('children who came and who left', 'returns_to_care', 'came_and_not_left', 0, -1, true),
        ('children who came and who left', 'time_in_care', 'children', -1, 1, false),
        ('children who came and who left', 'returns_to_care', 'left_and_not_come', 0, 1, true),
        ('children who came and who left', 'returns_to_care', 'started_children', 0, 1, false),
        ('children here were here or came', 'time_in_care', 'children', 0, -1, false),
        ('children here were here or came', 'returns_to_care', 'here_no_more', 0, -1, true),
        ('children here were here or came', 'time_in_care', 'children', -1, 1, false),
        ('children here were here or came', 'returns_to_care', 'started_children', 0, 1, false),
        ('children here for under two years came', 'time_in_care', 'children_under_2_years', 0, -1, false),
        ('children here for under two years came', 'returns_to_care', 'started_and_here_no_more', 0, -1, true),
        ('children here for under two years came', 'returns_to_care', 'started_children', 0, 1, false),
        ('children here for under two years came', 'returns_to_care', 'started_children', -1, 1, false)
        -- noqa: enable=LT05
    ) as rules (addition, mart, column_name, years_later, sign, is_left_over) -- noqa: AL05

),

returns_by_year as (

    select
        *,
        case when dimension = 'entry_year' then try_cast(category as integer) else year(at_date) end
            as of_year
    from counts
    where
        mart = 'returns_to_care'
        or (mart = 'time_in_care' and category = 'all')
        or (mart = 'first_episode_profile' and dimension = 'entry_year')

),

returns_related as (

    select
        returns_by_year.la_code,
        returns_by_year.of_year - returns_rules.years_later as of_year,
        returns_by_year.count_id,
        returns_by_year.counted,
        returns_rules.addition,
        returns_rules.members,
        returns_rules.sign,
        returns_rules.is_left_over
    from returns_by_year
    inner join returns_rules
        on
            returns_by_year.mart = returns_rules.mart
            and returns_by_year.column_name = returns_rules.column_name

),

-- only where every member is counted and they do add up: where they do not, nobody could assume it
returns_added as (

    select *
    from returns_related
    qualify
        count(*) filter (where not is_left_over) over (partition by addition, la_code, of_year)
        = members
        and sum(sign * counted) over (partition by addition, la_code, of_year) = 0

),

added as (

    {{ parts('wards of a township', ['la_code', 'at_date', 'statistic', 'parent'],
        "mart = 'ward_profile' and role = 'shown'") }}
    union all
    {{ wholes('wards of a township', ['la_code', 'at_date', 'statistic', 'category'],
        "mart = 'township_profile'") }}

    union all

    {{ parts('townships of an authority', ['la_code', 'at_date', 'statistic'],
        "mart = 'township_profile'") }}
    union all
    {{ wholes('townships of an authority', ['la_code', 'at_date', "replace(statistic, 'all_', '')"],
        "mart = 'children_rates' or column_name = 'all_first_episodes'") }}

    union all

    {{ parts('wards of an authority', ['la_code', 'at_date', 'statistic'],
        "mart = 'ward_profile' and role = 'shown'") }}
    union all
    {{ wholes('wards of an authority', ['la_code', 'at_date', "replace(statistic, 'all_', '')"],
        "mart = 'area_profiles'") }}

    union all

    {{ parts('children looked after by ward', ['la_code', 'at_date'],
        "column_name = 'all_looked_after'") }}
    union all
    {{ wholes('children looked after by ward', ['la_code', 'at_date'],
        "mart = 'children_rates' and statistic = 'looked_after'") }}

    union all

    {{ parts('a day and the year after it', ['la_code', 'category', 'at_date'],
        "column_name = 'first_episodes_added'") }}
    union all
    {{ parts('a day and the year after it', ['la_code', 'category', 'next_date'],
        'next_date is not null', rows='ward_days') }}
    union all
    {{ wholes('a day and the year after it', ['la_code', 'category', 'at_date'],
        'true', rows='ward_days') }}

    union all

    {{ parts('children in need with and without a plan', ['la_code', 'category', 'at_date'],
        "statistic <> 'children_in_need'", rows='needs_and_plans') }}
    union all
    {{ wholes('children in need with and without a plan', ['la_code', 'category', 'at_date'],
        "statistic = 'children_in_need'", rows='needs_and_plans') }}

    union all

    {{ parts('categories of the cohort', ['la_code', 'of_dimension'],
        "dimension <> 'all'", rows='cohort_by_dimension') }}
    union all
    {{ wholes('categories of the cohort', ['la_code', 'of_dimension'],
        "dimension = 'all'", rows='cohort_by_dimension') }}

    union all

    {{ parts('categories of a wider category', ['la_code', 'wider_dimension', 'wider_category'],
        'true', rows='cohort_in_wider') }}
    union all
    {{ wholes('categories of a wider category', ['la_code', 'dimension', 'category'],
        "dimension in ('ethnic_group', 'township')", rows='cohort') }}

    union all

    {{ parts('the area that most come from', ['la_code', 'dimension', 'category'],
        "dimension in ('township', 'ward')", rows='cohort') }}
    union all
    {{ wholes('the area that most come from', ['la_code', 'dimension', 'category'],
        "column_name = 'most_children'") }}

    union all

    {{ parts('an area that fewer come from', ['la_code', 'dimension', 'category_behind'],
        "column_name <> 'most_children'", rows='behind_leaders') }}
    union all
    {{ wholes('an area that fewer come from', ['la_code', 'dimension', 'category_behind'],
        "column_name = 'most_children'", rows='behind_leaders') }}

    union all

    {{ parts('ages of a band', ['la_code', 'scheme', 'age_band'],
        'true', rows='ages_in_bands') }}
    union all
    {{ wholes('ages of a band', ['la_code', 'parent', 'category'],
        "dimension = 'age_band'", rows='cohort') }}

    union all

    {{ parts('bands of a wider band', ['la_code', 'wider_band'],
        'true', rows='bands_in_bands') }}
    union all
    {{ wholes('bands of a wider band', ['la_code', 'category'],
        "dimension = 'age_band' and parent = 'plan'", rows='cohort') }}

    union all

    {{ parts('homes out of the area', ['la_code'],
        "dimension = 'deprivation_decile' and category = 'out of area'", rows='cohort') }}
    union all
    {{ wholes('homes out of the area', ['la_code'],
        "dimension = 'ward' and category = 'out of area'", rows='cohort') }}

    union all

    {{ parts('wards of the cohort', ['la_code', 'category'],
        'next_date is null', rows='ward_days') }}
    union all
    {{ parts('wards of the cohort', ['la_code', 'category'],
        "column_name = 'first_episodes_after'", rows='cohort') }}
    union all
    {{ wholes('wards of the cohort', ['la_code', 'category'],
        "dimension = 'ward'", rows='cohort') }}

    union all

    {{ parts('entry years up to a day', ['la_code', 'up_to_date'],
        'true', rows='entry_years') }}
    union all
    {{ wholes('entry years up to a day', ['la_code', 'at_date'],
        "column_name = 'all_first_episodes'") }}

    union all

    {{ parts('bands of time in care', ['la_code', 'at_date', 'column_name'],
        "category <> 'all'", rows='time_in_care') }}
    union all
    {{ wholes('bands of time in care', ['la_code', 'at_date', 'column_name'],
        "category = 'all'", rows='time_in_care') }}

    union all

    {{ parts('starts of time in care', ['row_key', 'of_whom'],
        "whom in ('children_with_known_start', 'children_with_unknown_start')",
        rows='time_in_care') }}
    union all
    {{ wholes('starts of time in care', ['row_key', 'of_whom'],
        "whom = 'children'", rows='time_in_care') }}

    union all

    {{ parts('lengths of time in care', ['row_key', 'of_whom'],
        "whom in ('children_over_2_years', 'children_under_2_years')", rows='time_in_care') }}
    union all
    {{ wholes('lengths of time in care', ['row_key', 'of_whom'],
        "whom = 'children_with_known_start'", rows='time_in_care') }}

    union all

    {{ parts('children of years before', ['not_here_id'],
        "column_name <> 'children'", rows='here_or_not') }}
    union all
    {{ wholes('children of years before', ['not_here_id'],
        "column_name = 'children'", rows='here_or_not') }}

    union all

    {{ parts('children looked after by age at entry', ['la_code', 'at_date'],
        "mart = 'time_in_care' and column_name = 'children' and category = 'all'") }}
    union all
    {{ wholes('children looked after by age at entry', ['la_code', 'at_date'],
        "mart = 'children_rates' and statistic = 'looked_after'") }}

    union all

    select
        addition,
        {{ row_key(['la_code', 'of_year']) }} as occasion,
        count_id,
        sign
    from returns_added

    union all

    {{ parts('rows of a delivery', ['row_key'], "column_name <> 'rows_delivered'",
        rows='rows_of_deliveries') }}
    union all
    {{ wholes('rows of a delivery', ['row_key'], "column_name = 'rows_delivered'",
        rows='rows_of_deliveries') }}

)

-- An addition with nothing on one of its sides says nothing.
select
    concat_ws('|', addition, occasion) as sum_id,
    addition,
    count_id,
    cast(sign as integer) as sign
from added
qualify
    min(sign) over (partition by addition, occasion)
    <> max(sign) over (partition by addition, occasion)
