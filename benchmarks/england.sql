-- The core of what the models say, as anyone would write it in DuckDB for the same landed rows:
-- nothing is told of what does not convert, no row is repaired, no later return is compared with
-- an earlier one but to take the latest. `landed` is the warehouse, read only.

create table episodes as
select
    _la_code as la_code,
    _child_key as child_key,
    _collection_year as collection_year,
    try_strptime(decom, '%d/%m/%Y')::date as start_date,
    try_strptime(dec, '%d/%m/%Y')::date as end_date,
    rne, ls, cin, place, place_provider, urn, rec,
    upper(replace(home_post, ' ', '')) as home_key,
    upper(replace(pl_post, ' ', '')) as placement_key
from landed.landing.ssda903__episodes;

create table headers as
select
    _la_code as la_code,
    _child_key as child_key,
    arg_max(sex, _collection_year) as sex,
    arg_max(ethnic, _collection_year) as ethnic,
    arg_max(try_strptime(dob, '%d/%m/%Y')::date, _collection_year) as birth_date
from landed.landing.ssda903__headers
group by all;

create table stitched as
select * from episodes
qualify
    row_number() over (
        partition by la_code, child_key, start_date order by collection_year desc
    ) = 1;

create table numbered as
select
    la_code, child_key, start_date, end_date, rne, ls, rec, home_key, cin,
    sum((rne = 'S')::int) over (
        partition by la_code, child_key order by start_date
    ) as period_number
from stitched;

create table periods as
select
    la_code,
    child_key,
    period_number,
    min(start_date) as start_date,
    arg_max(coalesce(end_date, date '9999-12-31'), start_date) as end_date,
    arg_min(rne, start_date) = 'S' as is_start_known,
    bool_and(ls in ('V3', 'V4')) as is_short_break,
    arg_min(home_key, start_date) as home_key,
    arg_min(cin, start_date) as need
from numbered
group by all;

create table first_episodes as
select
    la_code,
    child_key,
    min(start_date) as first_date,
    arg_min(home_key, start_date) as home_key,
    arg_min(need, start_date) as need
from periods
where
    is_start_known and not is_short_break
    and start_date between date '2001-04-01' and date '2011-03-31'
group by all;

create table days as
select distinct la_code, make_date(collection_year, 3, 31) as at_date from episodes;

create table looked_after as
select distinct periods.la_code, child_key, at_date, home_key
from periods
inner join days
    on periods.la_code = days.la_code and start_date <= at_date and end_date > at_date
where not is_short_break;

create table census_children as
select
    _file_id as file_id,
    _row as child_row,
    _la_code as la_code,
    _child_key as child_key,
    _collection_year as collection_year,
    try_cast(person_birth_date as date) as birth_date,
    try_cast(expected_person_birth_date as date) as expected_birth_date
from landed.landing.cin_census__children;

create table referrals as
select
    children.la_code,
    children.child_key,
    children.collection_year,
    try_cast(cin_referral_date as date) as referral_date,
    try_cast(cin_closure_date as date) as closure_date,
    referral_nfa in ('1', 'true') as is_no_further_action,
    primary_need_code
from landed.landing.cin_census__referrals as referrals
inner join census_children as children
    on referrals._file_id = children.file_id and referrals.child_row = children.child_row;

create table plans as
select
    children.la_code,
    children.child_key,
    children.collection_year,
    try_cast(cpp_start_date as date) as start_date,
    try_cast(cpp_end_date as date) as end_date
from landed.landing.cin_census__child_protection_plans as plans
inner join census_children as children
    on plans._file_id = children.file_id and plans.child_row = children.child_row;

create table in_need as
select distinct la_code, child_key, make_date(collection_year, 3, 31) as at_date
from referrals
where
    referral_date <= make_date(collection_year, 3, 31)
    and coalesce(closure_date > make_date(collection_year, 3, 31), true)
    and not coalesce(is_no_further_action, false);

create table on_plan as
select distinct la_code, child_key, make_date(collection_year, 3, 31) as at_date
from plans
where
    start_date <= make_date(collection_year, 3, 31)
    and coalesce(end_date > make_date(collection_year, 3, 31), true);

create table rates as
select 'looked_after' as measure, la_code, at_date, count(*) as children
from looked_after group by all
union all
select 'children_in_need' as measure, la_code, at_date, count(*) as children
from in_need group by all
union all
select 'child_protection_plan' as measure, la_code, at_date, count(*) as children
from on_plan group by all;
