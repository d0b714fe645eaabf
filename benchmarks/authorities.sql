-- The counted marts of random authorities (authorities.py), from their children.

create or replace temp macro share(part, whole) as
    case when whole > 0 then floor((part * 2000 + whole) / (2 * whole)) / 10 end;

create or replace temp view places_of as
select
    la_code, ward_code, ward_name, township_name, true as is_ward,
    children_0_17::int as children_0_17
from people.wards
union all
select la_code, lower(name), name, name, false, null
from people.authorities cross join (values ('Out of area'), ('Unknown')) as elsewhere (name);

-- the cohort: of each child the first known start in the window
create or replace temp table cohort as
select
    children.*, periods.start_date, periods.age,
    year(periods.start_date) + (month(periods.start_date) > 3)::int as entry_year,
    places_of.township_name,
    coalesce(origins.group_code, 'unknown') as group_code
from people.children
inner join people.periods using (la_code, child)
inner join places_of using (la_code, ward_code)
left join reference.ethnic_origins as origins
    on children.origin = origins.ethnic_code and origins.scheme = 'plan_2011'
where is_start_known and start_date between date '2001-04-01' and date '2011-03-31'
qualify row_number() over (partition by children.child order by start_date) = 1;

create or replace temp table looked_after as
select
    returns.la_code, returns.at_date, children.child, children.ward_code,
    coalesce(bands.age_band, 'unknown') as age_band, periods.is_start_known,
    at_date - start_date as days, start_date + interval 2 year < at_date as is_over_2
from people.returns
inner join people.periods using (la_code)
inner join people.children using (la_code, child)
left join reference.age_bands as bands
    on bands.scheme = 'dfe' and is_start_known and age between from_age and coalesce(to_age, 999)
where has_ssda903 and start_date <= at_date and (end_date is null or end_date > at_date)
qualify row_number() over (partition by at_date, child order by start_date desc) = 1;

create or replace temp table ended as
select
    returns.la_code, returns.at_date, periods.child,
    coalesce(bands.age_band, 'unknown') as age_band, periods.is_start_known,
    end_date - start_date as days, start_date + interval 2 year < end_date as is_over_2
from people.returns
inner join people.periods using (la_code)
left join reference.age_bands as bands
    on bands.scheme = 'dfe' and is_start_known and age between from_age and coalesce(to_age, 999)
where has_ssda903 and end_date <= at_date and end_date > at_date - interval 1 year
qualify row_number() over (partition by at_date, child order by start_date desc) = 1;

create or replace temp table in_need as
select
    returns.la_code, at_date, ward_code,
    count(*) filter (where start_date <= at_date and end_date > at_date)::int as children_in_need,
    count(*) filter (where plan_start <= at_date and plan_end > at_date)::int as on_plans,
    count(*) filter (where start_date <= at_date and start_date > at_date - interval 1 year)::int
        as referrals
from people.returns inner join people.needs using (la_code)
where has_census
group by all;

create or replace table places.ward_profile_counted as
with counted as (
    select
        la_code, ward_code, ward_name, township_name, at_date, is_ward, children_0_17,
        2010 as population_year,
        case when is_ward and has_deprivation then (
            select count(*) from people.lsoas where lsoas.ward_code = places_of.ward_code
        )::int end as lsoas,
        case when is_ward and has_deprivation then (
            select count(*) from people.lsoas
            where lsoas.ward_code = places_of.ward_code and decile = 1
        )::int end as lsoas_top_10_percent,
        case when is_ward and has_deprivation then (
            select count(*) from people.lsoas
            where lsoas.ward_code = places_of.ward_code and decile <= 2
        )::int end as lsoas_top_20_percent,
        null::double as child_poverty_percent, null::int as child_poverty_year,
        case when has_ssda903 then (
            select count(*) from looked_after as counted
            where (counted.la_code, counted.at_date, counted.ward_code)
                = (returns.la_code, returns.at_date, places_of.ward_code)
        )::int end as looked_after,
        case when has_ssda903 then (
            select count(*) from cohort
            where (cohort.la_code, cohort.ward_code) = (returns.la_code, places_of.ward_code)
                and cohort.start_date <= returns.at_date
        )::int end as first_episodes,
        case when has_census then coalesce(in_need.children_in_need, 0) end as children_in_need,
        case when has_plans then coalesce(in_need.on_plans, 0) end as child_protection_plans,
        case when has_census then coalesce(in_need.referrals, 0) end as referrals
    from people.returns
    inner join people.authorities using (la_code)
    inner join places_of using (la_code)
    left join in_need using (la_code, at_date, ward_code)
)
select
    *,
    share(looked_after, sum(looked_after) over day) as looked_after_share,
    share(100 * looked_after, children_0_17) as looked_after_rate,
    share(first_episodes, sum(first_episodes) over day) as first_episode_share,
    share(100 * children_in_need, children_0_17) as children_in_need_rate,
    share(referrals, sum(referrals) over day) as referral_share
from counted
window day as (partition by la_code, at_date);

create or replace table places.township_profile_counted as
with counted as (
    select
        la_code, township_name, at_date, bool_or(is_ward) as is_township,
        case when bool_and(children_0_17 is not null or not is_ward)
            then sum(children_0_17)::int end as children_0_17,
        max(population_year) as population_year,
        sum(lsoas)::int as lsoas,
        sum(lsoas_top_10_percent)::int as lsoas_top_10_percent,
        sum(lsoas_top_20_percent)::int as lsoas_top_20_percent,
        null::double as child_poverty_percent, null::int as child_poverty_year,
        sum(looked_after)::int as looked_after, sum(first_episodes)::int as first_episodes,
        sum(children_in_need)::int as children_in_need,
        sum(child_protection_plans)::int as child_protection_plans
    from places.ward_profile_counted
    group by la_code, township_name, at_date
)
select
    *,
    share(looked_after, sum(looked_after) over day) as looked_after_share,
    share(100 * looked_after, children_0_17) as looked_after_rate,
    share(first_episodes, sum(first_episodes) over day) as first_episode_share,
    share(100 * children_in_need, children_0_17) as children_in_need_rate
from counted
window day as (partition by la_code, at_date);

create or replace table places.lsoa_profile_counted as
select
    la_code, lsoa_code, '2001' as lsoa_vintage, lsoa_code as lsoa_name, null::varchar as area_name,
    ward_code, ward_name, township_name, 'imd' as deprivation_index, 2010 as deprivation_release,
    null::int as deprivation_rank, null::int as deprivation_areas,
    decile::int as deprivation_decile, null::varchar as deprivation_band,
    null::double as child_poverty_percent, null::int as child_poverty_year,
    null::int as children_0_17, null::int as population_year
from people.lsoas
inner join people.wards using (la_code, ward_code)
inner join people.authorities using (la_code)
where has_deprivation;

create or replace table rates.children_rates_counted as
with counted as (
    select
        la_code, at_date, has_ssda903, has_census, has_plans,
        sum(looked_after)::int as looked_after, sum(children_in_need)::int as in_need,
        sum(child_protection_plans)::int as on_plans
    from people.returns
    inner join places.ward_profile_counted using (la_code, at_date)
    group by all
),
measured as (
    select la_code, at_date, 'looked_after' as measure, looked_after as children
    from counted where has_ssda903
    union all
    select la_code, at_date, 'children_in_need', in_need from counted where has_census
    union all
    select la_code, at_date, 'child_protection_plan', on_plans from counted where has_plans
)
select
    la_code, 'Authority ' || la_code as la_name, at_date, measure, children,
    population::int as population_0_17, 2010 as population_year,
    share(100 * children, population) as rate_per_10000,
    null::double as rate_lower_95, null::double as rate_upper_95,
    'England' as comparator_name, at_date as comparator_date, 58.0::double as comparator_rate_per_10000,
    null::varchar as comparison
from measured inner join people.authorities using (la_code);

create or replace table looked_after.time_in_care_counted as
with periods as (
    select la_code, at_date, age_band, is_start_known, days, is_over_2, true as is_open
    from looked_after
    union all
    select la_code, at_date, age_band, is_start_known, days, is_over_2, false from ended
),
in_bands as (
    select * from periods
    union all
    select * replace ('all' as age_band) from periods
),
framed as (
    select la_code, at_date, age_band, sort_order
    from people.returns
    cross join (
        select age_band, sort_order from reference.age_bands where scheme = 'dfe'
        union all
        values ('all', 0), ('unknown', 999)
    )
    where has_ssda903
)
select
    la_code, at_date, age_band as age_at_entry_band, sort_order::int as sort_order,
    count(*) filter (where is_open)::int as children,
    count(*) filter (where is_open and is_start_known)::int as children_with_known_start,
    count(*) filter (where is_open and is_start_known and is_over_2)::int as children_over_2_years,
    (median(days) filter (where is_open and is_start_known))::double as median_days,
    share(children_over_2_years, children_with_known_start) as share_over_2_years,
    count(*) filter (where not is_open)::int as ended_children,
    count(*) filter (where not is_open and is_start_known)::int as ended_children_with_known_start,
    count(*) filter (where not is_open and is_start_known and is_over_2)::int
        as ended_children_over_2_years,
    (median(days) filter (where not is_open and is_start_known))::double as ended_median_days,
    share(ended_children_over_2_years, ended_children_with_known_start) as ended_share_over_2_years
from framed left join in_bands using (la_code, at_date, age_band)
group by la_code, at_date, age_band, sort_order;

-- one in five who leave may not come back
create or replace table looked_after.returns_to_care_counted as
with in_order as (
    select
        *,
        lag(end_date) over a_child as previous_end,
        lead(start_date) over a_child as next_start,
        hash(child || ' ' || end_date::text) % 5 > 0 as may_return
    from people.periods
    window a_child as (partition by la_code, child order by start_date)
),
ceased as (
    select la_code, child, end_date, next_start < end_date + interval 1 year as has_returned
    from in_order
    where end_date is not null and may_return
),
started as (
    select
        la_code, child, start_date, previous_end is not null as is_again,
        previous_end > start_date - interval 1 year as is_soon
    from in_order
    where is_start_known
),
years as (
    select
        la_code, at_date,
        coalesce(lag(at_date) over years = at_date - interval 1 year, false) as is_before_held,
        coalesce(lead(at_date) over years = at_date + interval 1 year, false) as is_after_held,
        min(at_date) over (partition by la_code) as first_date
    from people.returns
    where has_ssda903
    window years as (partition by la_code order by at_date)
),
counted as (
    select
        la_code, at_date,
        (first_date - interval 1 year + interval 1 day)::date as records_start_date,
        (
            select count(distinct child) from ceased
            where ceased.la_code = years.la_code
                and end_date > at_date - interval 1 year and end_date <= at_date
        )::int as ceased_children,
        case when is_after_held then (
            select count(distinct child) from ceased
            where ceased.la_code = years.la_code and has_returned
                and end_date > at_date - interval 1 year and end_date <= at_date
        )::int end as returned_children,
        case when is_before_held then (
            select count(distinct child) from started
            where started.la_code = years.la_code
                and start_date > at_date - interval 1 year and start_date <= at_date
        )::int end as started_children,
        case when is_before_held then (
            select count(distinct child) from started
            where started.la_code = years.la_code and is_again
                and start_date > at_date - interval 1 year and start_date <= at_date
        )::int end as started_again_children,
        case when is_before_held then (
            select count(distinct child) from started
            where started.la_code = years.la_code and is_soon
                and start_date > at_date - interval 1 year and start_date <= at_date
        )::int end as started_within_12_months_children
    from years
    where is_before_held or is_after_held
)
select
    *,
    share(returned_children, ceased_children) as returned_percent,
    share(started_again_children, started_children) as started_again_percent,
    share(started_within_12_months_children, started_children) as started_within_12_months_percent
from counted;

create or replace table looked_after.first_episode_profile_counted as
with belonging as (
    select la_code, unnest([
        {'dimension': 'all', 'category_code': 'all'},
        {'dimension': 'sex', 'category_code': sex},
        {'dimension': 'ethnic_origin', 'category_code': origin},
        {'dimension': 'ethnic_group', 'category_code': group_code},
        {'dimension': 'category_of_need', 'category_code': need},
        {'dimension': 'age', 'category_code':
            case when age is null then 'unknown' when age > 17 then '18+' else age::text end},
        {'dimension': 'entry_year', 'category_code': entry_year::text},
        {'dimension': 'township', 'category_code':
            case when ward_code in ('unknown', 'out of area') then ward_code
                else township_name end},
        {'dimension': 'ward', 'category_code': ward_code},
        {'dimension': 'deprivation_decile', 'category_code':
            case when ward_code = 'out of area' then ward_code
                when has_deprivation then coalesce((
                    select decile::text from people.lsoas
                    where lsoas.lsoa_code = cohort.lsoa_code
                ), 'unknown') else 'unknown' end}
    ], recursive := true)
    from cohort inner join people.authorities using (la_code)
    union all
    select la_code, 'age_band', coalesce(age_band, 'unknown')
    from cohort left join reference.age_bands on age between from_age and coalesce(to_age, 999)
),
common as (
    select 'all' as dimension, 'all' as code, 'All children' as name, null::text as parent, 1 as place
    union all values ('sex', 'F', 'Female', null, 1), ('sex', 'M', 'Male', null, 2)
    union all
    select 'ethnic_origin', ethnic_code, origin_name, group_name, sort_order
    from reference.ethnic_origins where scheme = 'plan_2011' and group_code <> 'unknown'
    union all
    select distinct 'ethnic_group', group_code, group_name, null, group_sort_order
    from reference.ethnic_origins where scheme = 'plan_2011' and group_code <> 'unknown'
    union all
    select 'category_of_need', category_of_need_code, category_of_need_name, null, sort_order
    from reference.needs
    union all
    select
        'age', case when age = 18 then '18+' else age::text end, age::text, age_band_name, age + 1
    from range(19) as ages (age)
    inner join reference.age_bands
        on scheme = 'dfe' and age between from_age and coalesce(to_age, 999)
    union all
    select 'age_band', age_band, age_band_name, scheme, sort_order from reference.age_bands
    union all
    select 'deprivation_decile', decile::text, decile::text, null, decile
    from range(1, 11) as deciles (decile)
    union all
    select 'entry_year', year::text, year::text, null, year from range(2002, 2012) as years (year)
    union all
    select
        dimension, 'unknown', 'Unknown',
        case dimension when 'ethnic_origin' then 'Unknown' when 'age_band' then 'dfe' end, 999
    from (
        values ('sex'), ('ethnic_origin'), ('ethnic_group'), ('category_of_need'), ('age'),
        ('age_band'), ('township'), ('ward'), ('deprivation_decile')
    ) as with_unknown (dimension)
    union all
    select dimension, 'out of area', 'Out of area', null, 998
    from (values ('township'), ('ward'), ('deprivation_decile')) as with_places (dimension)
),
categories as (
    select la_code, common.* from people.authorities cross join common
    union all
    select distinct la_code, 'township', township_name, township_name, null, 1 from people.wards
    union all
    select la_code, 'ward', ward_code, ward_name, township_name, 1 from people.wards
),
counted as (
    select
        categories.la_code, date '2001-04-01' as cohort_start_date,
        date '2011-03-31' as cohort_end_date,
        categories.dimension, code as category_code, name as category_name,
        parent as parent_category_name, place::int as sort_order,
        count(belonging.la_code)::int as children
    from categories
    left join belonging
        on
            categories.la_code = belonging.la_code
            and categories.dimension = belonging.dimension
            and categories.code = belonging.category_code
    where categories.la_code in (select la_code from cohort)
    group by all
)
select
    *,
    max(children) filter (where dimension = 'all') over (partition by la_code) as cohort_children,
    share(children, cohort_children) as percent,
    null::double as percent_lower_95, null::double as percent_upper_95,
    case when dimension = 'ethnic_group' then 'England' end as comparator_name,
    case when dimension = 'ethnic_group' then 20.0::double end as comparator_percent,
    case when dimension = 'ethnic_group' then 20.0::double end as comparator_share,
    null::varchar as comparison
from counted;

-- Of the list of priority LSOAs, the part that tells of children: an LSOA of the ward that most come
-- from, in the township that most come from. Of equals, the one whose code is first.
create or replace table places.priority_lsoas_counted as
with wards as (
    select
        la_code, township_name, ward_code, ward_name, count(*) as children,
        sum(count(*)) over (partition by la_code, township_name) as children_of_township
    from cohort
    inner join people.wards using (la_code, ward_code, township_name)
    group by la_code, township_name, ward_code, ward_name
),
most as (
    select * from wards
    qualify row_number() over (
        partition by la_code
        order by children_of_township desc, township_name, children desc, ward_code
    ) = 1
)
select
    la_code, row_number() over (partition by la_code order by lsoa_code)::int as priority_order,
    'next most deprived of ' || most.ward_name
    || ', the ward with most first-episode children in ' || most.township_name
        as selection_rule,
    ward_code as leading_ward_code, most.township_name, most.ward_name, lsoa_code, area_name,
    deprivation_rank, deprivation_band, children_0_17
from most inner join places.lsoa_profile_counted using (la_code, ward_code);

create or replace table progress.indicator_scorecard_counted as
select
    figures.la_code, figures.indicator, figures.indicator as indicator_name, figures.at_date,
    figures.value, case when figures.is_count_of_people then 'children' else '%' end as unit,
    'down' as direction_of_good, null::double as target, figures.baseline_date,
    baselines.value as baseline_value,
    round(figures.value - baselines.value, 6) as change_since_baseline, figures.is_count_of_people
from people.indicators as figures
left join people.indicators as baselines
    on
        figures.la_code = baselines.la_code and figures.indicator = baselines.indicator
        and figures.baseline_date = baselines.at_date;

create or replace table quality.data_quality_summary_counted as
select
    la_code, source, collection_year::int as collection_year, files::int as files,
    (rows_loaded + rows_superseded + rows_quarantined + rows_refused)::int as rows_delivered,
    rows_loaded::int as rows_loaded, rows_superseded::int as rows_superseded,
    rows_quarantined::int as rows_quarantined,
    rule_failures_error::int as rule_failures_error,
    rule_failures_warning::int as rule_failures_warning
from people.deliveries;

create or replace table validation.rule_summary_counted as
select
    la_code, source, collection_year::int as collection_year, rules.rule_code,
    'error' as severity, 'what is wrong' as rule_text, 'ran' as status,
    null::varchar as missing, null::boolean as is_return_failing,
    ((rows_quarantined + rule_failures_error * rules.number) % 23)::int as children_failing
from people.deliveries
cross join (values ('101', 1), ('102', 7)) as rules (rule_code, number)
where source in ('ssda903', 'cin_census');
