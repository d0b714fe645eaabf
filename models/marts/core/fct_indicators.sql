-- One row per indicator per date of an authority: the latest delivery that gives it, of which the
-- authority's own come first: nobody else's moves its figures.

with

indicators as (

    select * from {{ ref('stg_indicators__indicators') }}

),

files as (

    select
        file_id,
        max(la_code) as la_code,
        max(landed_at) as landed_at
    from {{ ref('stg_landing__extract_files') }}
    group by file_id

),

latest as (

    select
        indicators.la_code,
        indicators.indicator,
        indicators.indicator_name,
        indicators.at_date,
        indicators.value,
        indicators.unit,
        indicators.direction_of_good,
        indicators.target,
        indicators.baseline_date
    from indicators
    left join files on indicators.file_id = files.file_id
    -- a figure of an authority that cannot be read is nobody's
    where indicators.la_code is not null
    qualify
        row_number() over (
            partition by indicators.la_code, indicators.indicator, indicators.at_date
            order by
                case when files.la_code = indicators.la_code then 1 else 0 end desc,
                files.landed_at desc nulls last,
                indicators.file_id desc nulls last,
                indicators.row_number desc nulls last
        ) = 1

)

select * from latest
