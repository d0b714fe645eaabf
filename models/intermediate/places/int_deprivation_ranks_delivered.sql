-- One row per LSOA, deprivation index and release, for all of England: from one row per cell
-- to the rank and the score of the latest delivery that gives each.

with

cells as (

    select * from {{ ref('stg_deprivation__cells') }}

),

patterns as (

    select * from {{ ref('deprivation_headings') }}

),

files as (

    select * from {{ ref('stg_landing__extract_files') }}

),

headings as (

    select * from {{ headings_known('cells', 'patterns', ['deprivation_index', 'statistic']) }}
        as known

),

-- The LSOA of a row is told by the code in it, whatever its column is called.
lsoas as (

    select
        file_id,
        row_number,
        max(value_text) as lsoa_code
    from cells
    where {{ area_level('value_text') }} = 'lsoa'
    group by file_id, row_number

),

statistics as (

    select
        lsoas.lsoa_code,
        headings.deprivation_index,
        cells.collection_year as deprivation_release,
        headings.statistic,
        cells.value_number
    from cells
    inner join headings
        on cells.heading_key = headings.heading_key
    inner join lsoas
        on
            cells.file_id = lsoas.file_id
            and cells.row_number = lsoas.row_number
    left join files
        on cells.file_id = files.file_id and files.table_name = 'deprivation__cells'
    where cells.value_number is not null
    qualify row_number() over (
        partition by
            lsoas.lsoa_code,
            headings.deprivation_index,
            cells.collection_year,
            headings.statistic
        order by
            files.landed_at desc nulls last,
            cells.file_id desc nulls last,
            cells.row_number desc nulls last,
            cells.column_number desc nulls last
    ) = 1

),

paired as (

    select
        lsoa_code,
        deprivation_index,
        deprivation_release,
        max(case when statistic = 'score' then value_number end) as deprivation_score,
        cast(max(case when statistic = 'rank' then value_number end) as integer)
            as deprivation_rank
    from statistics
    group by lsoa_code, deprivation_index, deprivation_release

)

select * from paired
