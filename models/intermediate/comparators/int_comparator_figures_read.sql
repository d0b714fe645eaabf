-- One row per figure that a published table gives for an area at a 31 March, per delivery:
-- the cells of its rows, read by heading. The day comes from the heading, else from the
-- row's time_period, else from the year that the table's other headings say.

with

cells as (

    select * from {{ ref('stg_comparators__cells') }}

),

comparator_headings as (

    select * from {{ ref('comparator_headings') }}

),

markers as (

    select * from {{ ref('no_figure_markers') }}

),

-- few headings, many cells: the patterns are tried once per heading
headings as (

    select distinct heading_key
    from cells

),

known_headings as (

    select
        headings.heading_key,
        comparator_headings.measure,
        comparator_headings.statistic,
        comparator_headings.condition_heading_pattern,
        comparator_headings.condition_value_pattern,
        try_cast(
            nullif(
                regexp_extract(
                    headings.heading_key, coalesce(comparator_headings.year_pattern, '(no year)'), 1
                ),
                ''
            ) as integer
        ) + 2000 as heading_year
    from headings
    inner join comparator_headings
        on {{ matches('headings.heading_key', 'comparator_headings.heading_pattern') }}

),

figure_cells as (

    select
        cells.file_id,
        cells.sheet_name,
        cells.row_number,
        cells.line_number,
        cells.column_number,
        cells.heading,
        cells.collection_year,
        cells.value_text,
        known_headings.measure,
        known_headings.statistic,
        known_headings.heading_year,
        known_headings.condition_heading_pattern,
        known_headings.condition_value_pattern
    from cells
    inner join known_headings on cells.heading_key = known_headings.heading_key

),

-- the only year that a table's headings say, for those of its headings that say none
table_years as (

    select
        file_id,
        sheet_name,
        max(heading_year) as table_year
    from figure_cells
    group by file_id, sheet_name

),

described_rows as (

    select
        file_id,
        sheet_name,
        row_number,
        max(
            case when heading_key in ('geographic_level', 'geog_l', 'geog_lev') then value_text end
        ) as level_text,
        max(
            case when heading_key in ('old_la_code', 'geog_c', 'geog_code') then value_text end
        ) as la_text,
        max(
            case when heading_key in ('new_la_code', 'new_geog_code') then value_text end
        ) as ons_text,
        max(case when heading_key in ('la_name', 'geog_n', 'geog_name') then value_text end)
            as name_text,
        max(case when heading_key = 'region_name' then value_text end) as region_text,
        max(case when heading_key = 'time_period' then value_text end) as period_text
    from cells
    where
        heading_key in (
            'geographic_level', 'geog_l', 'geog_lev',
            'old_la_code', 'geog_c', 'geog_code',
            'new_la_code', 'new_geog_code',
            'la_name', 'geog_n', 'geog_name',
            'region_name', 'time_period'
        )
    group by file_id, sheet_name, row_number

),

-- what a row counts, where the heading alone does not say
met_conditions as (

    select distinct
        figure_cells.file_id,
        figure_cells.sheet_name,
        figure_cells.row_number,
        figure_cells.measure,
        figure_cells.statistic
    from figure_cells
    inner join cells
        on
            figure_cells.file_id = cells.file_id
            and figure_cells.sheet_name = cells.sheet_name
            and figure_cells.row_number = cells.row_number
    where
        figure_cells.condition_heading_pattern is not null
        and {{ matches('cells.heading_key', 'figure_cells.condition_heading_pattern') }}
        and {{ matches('lower(cells.value_text)', 'figure_cells.condition_value_pattern') }}

),

read_figures as (

    select
        -- what is counted
        figure_cells.measure,
        figure_cells.statistic,
        {{ year_end(
            "coalesce(figure_cells.heading_year, "
            ~ year_of_period("described_rows.period_text") ~ ", table_years.table_year)"
        ) }} as at_date,

        -- where
        case
            when lower(described_rows.level_text) = 'national' then 'england'
            when lower(described_rows.level_text) in ('regional', 'region', 'gor') then 'region'
            when lower(described_rows.level_text) in ('local authority', 'la') then 'la'
        end as area_level,
        described_rows.la_text,
        described_rows.ons_text,
        described_rows.name_text,
        described_rows.region_text,

        -- how many; a marker (c, x, z, u, :, -, ..) is no number, and told from what is neither
        {{ delivered_number('figure_cells.value_text') }} as figure,
        {{ is_figure_unreadable(
            'figure_cells.value_text',
            delivered_number('figure_cells.value_text'),
            'markers.marker_code'
        ) }} as is_figure_unreadable,

        -- provenance
        figure_cells.collection_year,
        figure_cells.file_id,
        figure_cells.sheet_name,
        figure_cells.row_number,
        figure_cells.line_number,
        figure_cells.column_number,
        figure_cells.heading

    from figure_cells
    inner join described_rows
        on
            figure_cells.file_id = described_rows.file_id
            and figure_cells.sheet_name = described_rows.sheet_name
            and figure_cells.row_number = described_rows.row_number
    inner join table_years
        on
            figure_cells.file_id = table_years.file_id
            and figure_cells.sheet_name = table_years.sheet_name
    left join met_conditions
        on
            figure_cells.file_id = met_conditions.file_id
            and figure_cells.sheet_name = met_conditions.sheet_name
            and figure_cells.row_number = met_conditions.row_number
            and figure_cells.measure = met_conditions.measure
            and figure_cells.statistic = met_conditions.statistic
    left join markers
        on {{ marker_key('figure_cells.value_text') }} = markers.marker_code
    where
        figure_cells.condition_heading_pattern is null
        or met_conditions.measure is not null

)

select * from read_figures
where at_date is not null and area_level is not null
