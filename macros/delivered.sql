{# The rows of a landed table that stand: superseded deliveries stay in landing, on
   record, and are left out here and nowhere else. Of `outcome` superseded, those. #}
{% macro delivered(source_name, table_name, outcome='landed') -%}
    (
        select rows_.*
        from {{ source(source_name, table_name) }} as rows_
        where rows_._file_id in (
            select files.file_id
            from {{ source('landing', 'extract_files') }} as files
            where
                files.outcome = '{{ outcome }}'
                and files.table_name = '{{ source_name }}__{{ table_name }}'
        )
    )
{%- endmacro %}
