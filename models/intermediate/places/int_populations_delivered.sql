-- One row per area, year and band of ages, for every authority and the LSOAs of those served:
-- from one row per cell to the latest delivery of each band. A single year of age is a band
-- of one.

with

cells as (

    select * from {{ ref('stg_population__cells') }}

),

notes as (

    select * from {{ ref('stg_population__notes') }}

),

la_codes as (

    select * from {{ ref('int_la_codes_known') }}

),

lsoas_placed as (

    select * from {{ ref('int_lsoas_placed') }}

),

files as (

    select * from {{ ref('stg_landing__extract_files') }}

),

persons as (

    select * from cells
    where not {{ is_sheet_of_one_sex('sheet_name') }}

),

coded_areas as (

    select
        file_id,
        row_number,
        {{ area_level('value_text') }} as area_level,
        value_text as area_code
    from persons
    where {{ area_level('value_text') }} is not null
    qualify row_number() over (
        partition by file_id, row_number
        order by
            {{ most_detailed_area_first('value_text') }},
            column_number asc
    ) = 1

),

-- Of a national file, the LSOAs of the authorities served, and every authority.
areas as (

    select
        coded_areas.file_id,
        coded_areas.row_number,
        coded_areas.area_level,
        coded_areas.area_code,
        la_codes.la_code
    from coded_areas
    left join la_codes
        on coded_areas.area_level = 'la' and coded_areas.area_code = la_codes.delivered_code
    where
        coded_areas.area_level = 'la'
        or (
            coded_areas.area_level = 'lsoa'
            and coded_areas.area_code in (select lsoas_placed.lsoa_code from lsoas_placed)
        )

),

headings as (

    select
        heading_key,
        {{ last_line_of_heading('heading_key') }} as last_line
    from (select distinct heading_key from persons) as delivered

),

ages_of_headings as (

    select
        heading_key,
        case
            when last_line like 'f%' then 'female'
            when last_line like 'm%' then 'male'
            else 'persons'
        end as sex,
        try_cast(regexp_extract(last_line, '([0-9]+)', 1) as integer) as age
    from headings
    where {{ is_single_age('last_line') }}

),

single_years as (

    select
        persons.file_id,
        persons.row_number,
        persons.collection_year as population_year,
        ages_of_headings.age as from_age,
        ages_of_headings.age as to_age,
        sum(persons.value_number) as people,
        count(distinct ages_of_headings.sex) as sexes,
        min(ages_of_headings.sex) as a_sex
    from persons
    inner join areas
        on
            persons.file_id = areas.file_id
            and persons.row_number = areas.row_number
    inner join ages_of_headings
        on persons.heading_key = ages_of_headings.heading_key
    where ages_of_headings.age <= 17 and persons.value_number is not null
    group by
        persons.file_id,
        persons.row_number,
        persons.collection_year,
        ages_of_headings.age

),

-- Long tables: a group of ages in words, one number, and the year of the estimate in the row.
facts_of_rows as (

    select
        file_id,
        row_number,
        max(case when heading_key = 'age_group' then lower(value_text) end) as age_group,
        max(case when heading_key = 'time_period' then value_number end) as time_period,
        max(case when heading_key like 'population%' then value_number end) as people
    from persons
    where heading_key in ('age_group', 'time_period') or heading_key like 'population%'
    group by file_id, row_number

),

age_groups as (

    select
        file_id,
        row_number,
        cast(time_period as integer) as population_year,
        try_cast(regexp_extract(age_group, '([0-9]+) *(to|-)', 1) as integer) as from_age,
        try_cast(regexp_extract(age_group, '(to|-) *([0-9]+)', 2) as integer) as to_age,
        people
    from facts_of_rows
    where age_group is not null and time_period is not null and people is not null

),

-- Nomis: a column for each year, the ages in a line above the table ("Age : | Age 0 - 4").
ages_of_files as (

    select
        file_id,
        sheet_name,
        max(try_cast(regexp_extract(note_text, 'age[d]? ([0-9]+)', 1) as integer)) as from_age,
        max(
            try_cast(
                nullif(regexp_extract(note_text, 'age[d]? [0-9]+ *(to|-) *([0-9]+)', 2), '')
                as integer
            )
        ) as to_age
    from notes
    where {{ is_note_of_ages('note_text') }}
    group by file_id, sheet_name
    having count(*) = 1

),

year_columns as (

    select
        persons.file_id,
        persons.row_number,
        try_cast(persons.heading_key as integer) as population_year,
        ages_of_files.from_age,
        coalesce(ages_of_files.to_age, ages_of_files.from_age) as to_age,
        persons.value_number as people
    from persons
    inner join ages_of_files
        on
            persons.file_id = ages_of_files.file_id
            and persons.sheet_name = ages_of_files.sheet_name
    where
        {{ is_year_heading('persons.heading_key') }}
        and persons.value_number is not null

),

-- With a column for each sex, both must have a number.
bands as (

    select
        file_id,
        row_number,
        population_year,
        from_age,
        to_age,
        people
    from single_years
    where sexes = 2 or a_sex = 'persons'

    union all

    select
        file_id,
        row_number,
        population_year,
        from_age,
        to_age,
        people
    from age_groups

    union all

    select
        file_id,
        row_number,
        population_year,
        from_age,
        to_age,
        people
    from year_columns

),

latest as (

    select
        areas.area_level,
        areas.area_code,
        areas.la_code,
        bands.population_year,
        bands.from_age,
        bands.to_age,
        cast(floor(bands.people + 0.5) as integer) as people
    from bands
    inner join areas
        on
            bands.file_id = areas.file_id
            and bands.row_number = areas.row_number
    left join files
        on bands.file_id = files.file_id and files.table_name = 'population__cells'
    where bands.from_age is not null and bands.to_age is not null and bands.to_age <= 17
    qualify row_number() over (
        partition by
            areas.area_level,
            coalesce(areas.la_code, areas.area_code),
            areas.area_code,
            bands.population_year,
            bands.from_age,
            bands.to_age
        order by
            files.landed_at desc nulls last,
            bands.file_id desc nulls last,
            bands.row_number desc nulls last
    ) = 1

)

select * from latest
