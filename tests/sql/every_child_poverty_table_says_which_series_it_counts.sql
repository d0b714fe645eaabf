-- For the person who drops the files: a DWP table without its title does not say whether it
-- counts relative or absolute low income, and is then left out, for series are never mixed.
-- Download it again with the title, and drop that.
{{ config(severity='warn') }}

with

cells as (

    select * from {{ ref('stg_child_poverty__cells') }}

),

headings as (

    select * from {{ ref('child_poverty_headings') }}
    where publisher = 'DWP'

),

delivered as (

    select distinct
        cells.file_id,
        cells.sheet_name
    from cells
    inner join headings
        on {{ matches('cells.heading_key', 'headings.pattern') }}

),

said as (

    select
        file_id,
        sheet_name
    from {{ ref('stg_child_poverty__notes') }}
    where {{ matches('note_text', "'relative|absolute'") }}

    union

    select
        file_id,
        sheet_name
    from cells
    where
        heading_key = 'counting'
        or {{ matches('lower(sheet_name)', "'relative|absolute'") }}

)

select
    delivered.file_id,
    delivered.sheet_name
from delivered
left join said
    on
        delivered.file_id = said.file_id
        and delivered.sheet_name = said.sheet_name
where said.file_id is null
