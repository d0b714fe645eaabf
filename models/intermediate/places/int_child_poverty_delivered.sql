-- One row per area, series and year: from one row per cell to the counts and the percentage
-- of the latest delivery that gives each. Series are never mixed: what a file counts is read
-- from its headings (HMRC) or from its title (DWP), and a file that does not say is left out.

with

cells as (

    select * from {{ ref('stg_child_poverty__cells') }}

),

notes as (

    select * from {{ ref('stg_child_poverty__notes') }}

),

patterns as (

    select * from {{ ref('child_poverty_headings') }}

),

all_series as (

    select * from {{ ref('child_poverty_series') }}

),

la_codes as (

    select * from {{ ref('int_la_codes_known') }}

),

local_authorities as (

    select * from {{ ref('local_authorities') }}

),

files as (

    select * from {{ ref('stg_landing__extract_files') }}

),

headings as (

    select * from {{ headings_known('cells', 'patterns', ['publisher', 'ages', 'statistic']) }}
        as known

),

-- The area of a row is told by the most detailed code in it: a ward row names its authority too.
coded_areas as (

    select
        file_id,
        row_number,
        {{ area_level('value_text') }} as area_level,
        value_text as area_code
    from cells
    where {{ area_level('value_text') }} is not null
    qualify row_number() over (
        partition by file_id, row_number
        order by
            {{ most_detailed_area_first('value_text') }},
            column_number asc
    ) = 1

),

authorities_of_rows as (

    select
        cells.file_id,
        cells.row_number,
        min(la_codes.la_code) as la_code
    from cells
    inner join la_codes
        on cells.value_text = la_codes.delivered_code and length(la_codes.delivered_code) > 3
    group by cells.file_id, cells.row_number

),

-- Stat-Xplore gives areas by name unless asked for codes; an authority is known by its name.
named_areas as (

    select
        cells.file_id,
        cells.row_number,
        'la' as area_level,
        local_authorities.ons_code as area_code,
        cast(local_authorities.la_code as string) as la_code
    from cells
    inner join local_authorities
        on
            cells.value_text = local_authorities.la_name
            and local_authorities.valid_to is null
    where cells.heading_key like '%national - regional - la - oas%'

),

areas as (

    select
        coded_areas.file_id,
        coded_areas.row_number,
        coded_areas.area_level,
        coded_areas.area_code,
        authorities_of_rows.la_code
    from coded_areas
    left join authorities_of_rows
        on
            coded_areas.file_id = authorities_of_rows.file_id
            and coded_areas.row_number = authorities_of_rows.row_number

    union all

    select
        named_areas.file_id,
        named_areas.row_number,
        named_areas.area_level,
        named_areas.area_code,
        named_areas.la_code
    from named_areas
    left join coded_areas
        on
            named_areas.file_id = coded_areas.file_id
            and named_areas.row_number = coded_areas.row_number
    where coded_areas.file_id is null

),

-- What Stat-Xplore's long tables say in the row: the measure and the year.
facts_of_rows as (

    select
        file_id,
        row_number,
        max(case when heading_key = 'counting' then lower(value_text) end) as counting,
        max(case when heading_key = 'year' then value_text end) as year_text
    from cells
    where heading_key in ('counting', 'year')
    group by file_id, row_number

),

-- The first line of the title that says which measure, and the first that says which
-- treatment of housing costs; the name of the worksheet does for a file without a title.
titles as (

    select
        file_id,
        sheet_name,
        min_by(
            note_text,
            case
                when {{ matches("note_text", "'relative|absolute'") }} then line_number
            end
        ) as measure_text,
        min_by(
            note_text,
            case when note_text like '%housing costs%' then line_number end
        ) as housing_costs_text
    from notes
    where {{ matches("note_text", "'relative|absolute|housing costs'") }}
    group by file_id, sheet_name

),

statistics as (

    select
        areas.area_level,
        areas.area_code,
        areas.la_code,
        headings.publisher,
        headings.ages,
        headings.statistic,
        cells.value_text,
        cells.value_number,
        cells.collection_year,
        cells.file_id,
        cells.row_number,
        cells.column_number,
        -- 2014/15 and FYE 2015 are the year to 31 March 2015; HMRC's year is the folder's
        case
            when headings.publisher = 'HMRC' then cells.collection_year
            when
                {{ is_financial_year_text('coalesce(facts_of_rows.year_text, cells.heading_key)') }}
                then 1 + try_cast(
                    regexp_extract(
                        coalesce(facts_of_rows.year_text, cells.heading_key),
                        '(20[0-9][0-9])/',
                        1
                    ) as integer
                )
            else
                try_cast(regexp_extract(cells.heading_key, 'fye (20[0-9][0-9])', 1) as integer)
        end as child_poverty_year,
        case
            when headings.publisher = 'HMRC' then 'low_income'
            when
                coalesce(facts_of_rows.counting, titles.measure_text, lower(cells.sheet_name))
                like '%relative%' then 'relative'
            when
                coalesce(facts_of_rows.counting, titles.measure_text, lower(cells.sheet_name))
                like '%absolute%' then 'absolute'
        end as measure,
        case
            when headings.publisher = 'HMRC' then 'none'
            when
                coalesce(titles.housing_costs_text, '') like '%after housing costs%'
                or lower(cells.sheet_name) like '%ahc%' then 'after'
            else 'before'
        end as housing_costs
    from cells
    inner join headings
        on cells.heading_key = headings.heading_key
    inner join areas
        on
            cells.file_id = areas.file_id
            and cells.row_number = areas.row_number
    left join facts_of_rows
        on
            cells.file_id = facts_of_rows.file_id
            and cells.row_number = facts_of_rows.row_number
    left join titles
        on
            cells.file_id = titles.file_id
            and cells.sheet_name = titles.sheet_name

),

-- Percentages arrive as fractions (HMRC) or per cent (DWP): a column whose every value is at
-- most 1, none with a per cent sign, holds fractions.
percentages_told as (

    select
        *,
        statistic = 'percent'
        and max(value_number) over (partition by file_id, column_number, statistic) <= 1
        and max(case when right(value_text, 1) = '%' then 1 else 0 end) over (
            partition by file_id, column_number, statistic
        ) = 0 as is_fraction
    from statistics

),

latest as (

    select
        all_series.series,
        percentages_told.area_level,
        percentages_told.area_code,
        percentages_told.la_code,
        percentages_told.child_poverty_year,
        percentages_told.statistic,
        case
            when percentages_told.is_fraction then 100 * percentages_told.value_number
            else percentages_told.value_number
        end as value_number
    from percentages_told
    inner join all_series
        on
            percentages_told.publisher = all_series.publisher
            and percentages_told.measure = all_series.measure
            and percentages_told.housing_costs = all_series.housing_costs
            and percentages_told.ages = all_series.ages
    left join files
        on
            percentages_told.file_id = files.file_id
            and files.table_name = 'child_poverty__cells'
    where
        percentages_told.value_number is not null
        and percentages_told.child_poverty_year is not null
    qualify row_number() over (
        partition by
            all_series.series,
            percentages_told.area_code,
            percentages_told.child_poverty_year,
            percentages_told.statistic
        order by
            files.landed_at desc nulls last,
            percentages_told.file_id desc nulls last,
            percentages_told.row_number asc nulls last,
            percentages_told.column_number asc nulls last
    ) = 1

),

paired as (

    select
        area_level,
        area_code,
        max(la_code) as la_code,
        series,
        child_poverty_year,
        max(case when statistic = 'children_in_poverty' then value_number end)
            as delivered_in_poverty,
        max(case when statistic = 'children' then value_number end) as delivered_children,
        max(case when statistic = 'percent' then value_number end) as delivered_percent
    from latest
    group by area_level, area_code, series, child_poverty_year

),

-- An area without any children was suppressed as zeros: nothing is known of it.
settled as (

    select
        area_level,
        area_code,
        la_code,
        series,
        child_poverty_year,
        case when coalesce(delivered_children, 1) > 0 then cast(delivered_in_poverty as integer) end
            as children_in_poverty,
        cast(nullif(delivered_children, 0) as integer) as children,
        case
            when coalesce(delivered_children, 1) > 0
                then floor(cast(delivered_percent as decimal(18, 6)) * 10 + 0.5) / 10.0
        end as delivered_percent
    from paired

),

derived as (

    select
        area_level,
        area_code,
        la_code,
        series,
        child_poverty_year,
        children_in_poverty,
        children,
        cast(
            coalesce(delivered_percent, {{ percentage('children_in_poverty', 'children') }})
            as double
        ) as child_poverty_percent
    from settled

)

select * from derived
