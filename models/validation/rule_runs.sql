-- One row per version of a rule, authority and collection year in which it is in force and the
-- return that it tells of was delivered: whether it ran, or what it lacked.

with

rules as (

    select
        *,
        split_part(reports_on, '__', 1) as return_source
    from {{ ref('validation_rules') }}

),

delivered as (

    select distinct
        source,
        table_name,
        la_code,
        collection_year
    from {{ source('landing', 'extract_files') }}
    where outcome = 'landed'

),

returns as (

    select distinct
        source,
        la_code,
        collection_year
    from delivered

),

in_force as (

    select
        rules.*,
        returns.la_code,
        returns.collection_year
    from rules
    inner join returns
        on
            rules.return_source = returns.source
            and coalesce(rules.first_year <= returns.collection_year, true)
            and coalesce(rules.last_year >= returns.collection_year, true)

),

needed as (

    select
        source,
        rule_code,
        la_code,
        collection_year,
        return_source,
        {{ parts_of('needs', "' '") }} as need
    from in_force
    where needs <> ''

),

-- Tables and whole returns, of the year and of the years before and after.
there as (

    select
        la_code,
        collection_year,
        table_name as need
    from delivered

    union distinct

    select
        la_code,
        collection_year,
        source as need
    from returns

    union distinct

    select
        la_code,
        collection_year + 1 as collection_year,
        'last_year:' || table_name as need
    from delivered

    union distinct

    select
        la_code,
        collection_year + 1 as collection_year,
        'last_year:' || source as need
    from returns

    union distinct

    select
        la_code,
        collection_year - 1 as collection_year,
        'next_year:' || source as need
    from returns

),

-- The bank holidays are known for some years, of whatever authority.
years_with_holidays as (

    select
        collection_year,
        'bank_holidays' as need
    from {{ ref('working_day_limits') }}

),

-- What is no return, as a directory or a register, is there for every authority and year, whoever
-- delivered it and when.
there_for_all as (

    select distinct source as need
    from returns
    where source not in ('ssda903', 'cin_census')

),

lacked as (

    select
        needed.source,
        needed.rule_code,
        needed.la_code,
        needed.collection_year,
        needed.need,
        row_number() over (
            partition by
                needed.source, needed.rule_code, needed.la_code, needed.collection_year
            order by needed.need
        ) as need_number
    from needed
    left join there
        on
            needed.la_code = there.la_code
            and needed.collection_year = there.collection_year
            and there.need = case
                when needed.need in ('last_year', 'next_year')
                    then needed.need || ':' || needed.return_source
                else needed.need
            end
    left join there_for_all on needed.need = there_for_all.need
    left join years_with_holidays
        on
            needed.collection_year = years_with_holidays.collection_year
            and needed.need = years_with_holidays.need
    where
        there.need is null
        and years_with_holidays.need is null
        and there_for_all.need is null

),

lacking as (

    select
        source,
        rule_code,
        la_code,
        collection_year,
        {{ joined_in_order('need', 'need_number') }} as missing
    from lacked
    group by
        source,
        rule_code,
        la_code,
        collection_year

)

select
    -- which rule, on which return
    in_force.source,
    in_force.rule_code,
    in_force.first_year,
    in_force.la_code,
    in_force.collection_year,

    -- what it says
    in_force.severity,
    in_force.scope,
    in_force.reports_on,
    in_force.fields,

    -- whether it ran
    case when lacking.missing is null then 'ran' else 'skipped' end as status,
    lacking.missing

from in_force
left join lacking
    on
        in_force.source = lacking.source
        and in_force.rule_code = lacking.rule_code
        and in_force.la_code = lacking.la_code
        and in_force.collection_year = lacking.collection_year
