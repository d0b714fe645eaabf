{# The rows of a landed table that stand: deliveries that were superseded or are held
   back stay in landing, on record, and are left out here and nowhere else. Of other
   `outcomes`, those. #}
{% macro delivered(source_name, table_name, outcomes=['landed']) -%}
    (
        select rows_.*
        from {{ source(source_name, table_name) }} as rows_
        where rows_._file_id in (
            select files.file_id
            from {{ source('landing', 'extract_files') }} as files
            where
                files.outcome in ('{{ outcomes | join("', '") }}')
                and files.table_name = '{{ source_name }}__{{ table_name }}'
        )
    )
{%- endmacro %}
