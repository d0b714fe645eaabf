-- One row per measure per 31 March per area, as the department published it: the latest
-- publication that gives the figure. Where no publication gives a rate, it is the children
-- over the child population that the department prints for the same area and day.

with

figures as (

    select * from {{ ref('int_comparator_figures_read') }}

),

files as (

    select
        file_id,
        max(landed_at) as landed_at
    from {{ ref('stg_landing__extract_files') }}
    group by file_id

),

authorities as (

    select * from {{ ref('local_authorities') }}

),

areas as (

    select * from {{ ref('comparator_areas') }}

),

-- England and the regions by name, authorities by the department's number, else ONS code;
-- codes of the files differ (England carries an authority's code in one of them)
located as (

    select
        figures.measure,
        figures.statistic,
        figures.at_date,
        figures.area_level,
        coalesce(areas.area_code, by_number.ons_code, main_code.ons_code) as area_code,
        coalesce(by_number.la_code, main_code.la_code) as la_code,
        coalesce(areas.area_name, by_number.la_name, main_code.la_name) as area_name,
        figures.figure,
        figures.collection_year,
        figures.file_id,
        figures.row_number,
        files.landed_at
    from figures
    left join areas
        on
            figures.area_level = areas.area_level
            and (
                figures.area_level = 'england'
                or lower(coalesce(figures.region_text, figures.name_text)) = lower(areas.area_name)
            )
    left join authorities as by_number
        on
            figures.area_level = 'la'
            and figures.la_text = by_number.la_code
            and by_number.is_main_code
    left join authorities as by_code
        on
            figures.area_level = 'la'
            and figures.ons_text = by_code.ons_code
    left join authorities as main_code
        on
            by_code.la_code = main_code.la_code
            and main_code.is_main_code
    left join files on figures.file_id = files.file_id

),

latest as (

    select
        measure,
        statistic,
        at_date,
        area_level,
        area_code,
        la_code,
        area_name,
        figure
    from located
    where area_code is not null
    qualify
        row_number() over (
            partition by measure, statistic, at_date, area_code
            order by
                collection_year desc nulls last,
                landed_at desc nulls last,
                file_id desc nulls last,
                row_number desc nulls last
        ) = 1

),

-- the child population of an area on a day is the same for every measure
populations as (

    select
        at_date,
        area_code,
        cast(max(figure) as integer) as children_0_17
    from latest
    where statistic = 'children_0_17'
    group by at_date, area_code

),

published as (

    select
        measure,
        at_date,
        area_level,
        area_code,
        la_code,
        area_name,
        cast(max(case when statistic = 'children' then figure end) as integer) as children,
        max(case when statistic = 'rate_per_10000' then figure end) as published_rate
    from latest
    where statistic <> 'children_0_17'
    group by measure, at_date, area_level, area_code, la_code, area_name

),

rated as (

    select
        published.measure,
        published.at_date,
        published.area_level,
        published.area_code,
        published.la_code,
        published.area_name,
        published.children,
        coalesce(
            published.published_rate,
            {{ rate_per_10000('published.children', 'populations.children_0_17') }}
        ) as rate_per_10000,
        (
            published.published_rate is null
            and published.children is not null
            and populations.children_0_17 is not null
        ) as is_rate_derived,
        populations.children_0_17
    from published
    left join populations
        on
            published.at_date = populations.at_date
            and published.area_code = populations.area_code

)

select * from rated
