-- One row per cell of published deprivation, child poverty or population figures, or of
-- comparators, in which a figure belongs and that holds neither a number nor a marker for none,
-- or a year that cannot be read, without which the figures of its row are of no year.
-- What belongs in a cell is told by its heading, as where the figures are read.

with

deprivation_cells as (

    select * from {{ ref('stg_deprivation__cells') }}

),

deprivation_patterns as (

    select * from {{ ref('deprivation_headings') }}

),

child_poverty_cells as (

    select * from {{ ref('stg_child_poverty__cells') }}

),

child_poverty_patterns as (

    select * from {{ ref('child_poverty_headings') }}

),

population_cells as (

    select * from {{ ref('stg_population__cells') }}

),

population_notes as (

    select * from {{ ref('stg_population__notes') }}

),

comparator_cells as (

    select * from {{ ref('stg_comparators__cells') }}

),

comparator_figures as (

    select * from {{ ref('int_comparator_figures_read') }}

),

markers as (

    select * from {{ ref('no_figure_markers') }}

),

deprivation_headings_known as (

    select distinct heading_key
    from {{ headings_known('deprivation_cells', 'deprivation_patterns', []) }} as known

),

child_poverty_headings_known as (

    select distinct heading_key
    from {{ headings_known('child_poverty_cells', 'child_poverty_patterns', []) }} as known

),

-- A population stands under a single year of age, under `population...` in a row that says its
-- age group, or under a year where a line above the table says the ages.
population_headings as (

    select
        heading_key,
        {{ is_single_age(last_line_of_heading('heading_key')) }} as is_age,
        {{ is_year_heading('heading_key') }} as is_year,
        heading_key like 'population%' as is_population,
        heading_key = 'time_period' as is_period
    from (select distinct heading_key from population_cells) as delivered

),

sheets_of_age_groups as (

    select distinct
        file_id,
        sheet_name
    from population_cells
    where heading_key = 'age_group'

),

sheets_of_ages as (

    select distinct
        file_id,
        sheet_name
    from population_notes
    where {{ is_note_of_ages('note_text') }}

),

-- `population_type` is words: a column of figures holds a number somewhere
columns_of_figures as (

    select distinct
        cells.file_id,
        cells.sheet_name,
        cells.column_number
    from population_cells as cells
    inner join sheets_of_age_groups
        on
            cells.file_id = sheets_of_age_groups.file_id
            and cells.sheet_name = sheets_of_age_groups.sheet_name
    where cells.value_number is not null

),

wanted as (

    select
        'deprivation__cells' as table_name,
        cells.file_id,
        cells.sheet_name,
        cells.row_number,
        cells.line_number,
        cells.column_number,
        cells.heading,
        cells.value_text
    from deprivation_cells as cells
    inner join deprivation_headings_known as known
        on cells.heading_key = known.heading_key
    where cells.value_number is null

    union all

    select
        'child_poverty__cells' as table_name,
        cells.file_id,
        cells.sheet_name,
        cells.row_number,
        cells.line_number,
        cells.column_number,
        cells.heading,
        cells.value_text
    from child_poverty_cells as cells
    inner join child_poverty_headings_known as known
        on cells.heading_key = known.heading_key
    where cells.value_number is null

    union all

    select
        'population__cells' as table_name,
        cells.file_id,
        cells.sheet_name,
        cells.row_number,
        cells.line_number,
        cells.column_number,
        cells.heading,
        cells.value_text
    from population_cells as cells
    inner join population_headings
        on cells.heading_key = population_headings.heading_key
    left join sheets_of_ages
        on
            cells.file_id = sheets_of_ages.file_id
            and cells.sheet_name = sheets_of_ages.sheet_name
    left join columns_of_figures
        on
            cells.file_id = columns_of_figures.file_id
            and cells.sheet_name = columns_of_figures.sheet_name
            and cells.column_number = columns_of_figures.column_number
    where
        cells.value_number is null
        and not {{ is_sheet_of_one_sex('cells.sheet_name') }}
        and (
            population_headings.is_age
            or (population_headings.is_year and sheets_of_ages.file_id is not null)
            or (
                (population_headings.is_population or population_headings.is_period)
                and columns_of_figures.file_id is not null
            )
        )

),

found as (

    select wanted.*
    from wanted
    left join markers
        on {{ marker_key('wanted.value_text') }} = markers.marker_code
    where
        {{ is_figure_unreadable(
            'wanted.value_text', 'cast(null as double)', 'markers.marker_code'
        ) }}

),

unreadable as (

    select
        table_name,
        file_id,
        sheet_name,
        row_number,
        line_number,
        column_number,
        heading,
        'number_unreadable' as reason_code
    from found

    union all

    -- the long tables of Stat-Xplore say the year in the row
    select
        'child_poverty__cells' as table_name,
        file_id,
        sheet_name,
        row_number,
        line_number,
        column_number,
        heading,
        'date_unreadable' as reason_code
    from child_poverty_cells
    where heading_key = 'year' and not {{ is_financial_year_text('value_text') }}

    union all

    -- published figures by authority say the year in the row
    select
        'comparators__cells' as table_name,
        file_id,
        sheet_name,
        row_number,
        line_number,
        column_number,
        heading,
        'date_unreadable' as reason_code
    from comparator_cells
    where heading_key = 'time_period' and {{ year_of_period('value_text') }} is null

    union all

    select
        'comparators__cells' as table_name,
        file_id,
        sheet_name,
        row_number,
        line_number,
        column_number,
        heading,
        'number_unreadable' as reason_code
    from comparator_figures
    where is_figure_unreadable

)

select * from unreadable
