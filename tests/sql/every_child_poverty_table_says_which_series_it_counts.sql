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

tables_and_headings as (

    select distinct
        file_id,
        sheet_name,
        heading_key
    from cells

),

delivered as (

    select distinct
        tables_and_headings.file_id,
        tables_and_headings.sheet_name
    from tables_and_headings
    inner join headings
        on {{ matches('tables_and_headings.heading_key', 'headings.pattern') }}

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
