-- noqa: disable=LT02

{# The rows of a return's table as rules judge them: every row of the delivery that stands, those
   that quarantine sets aside among them. Provenance first; then every column of the layout by its
   own name, trimmed, a blank null (and in upper case where `is_upper`: the codes of an SSDA903
   return are read so); then each of `dates` once more as a date, `<column>_date`, null when it
   is none. #}
{% macro rows_to_judge(source_name, table_name, dates=[], is_upper=false, date_macro='iso_date') -%}
    {%- set is_of_return = source_name == 'cin_census' and table_name == 'header' -%}
    {%- set columns = [] -%}
    {%- if execute -%}
        {%- set node = 'source.' ~ project_name ~ '.' ~ source_name ~ '.' ~ table_name -%}
        {%- for column in graph.sources[node].columns.values() -%}
            {%- if not column.name.startswith('_') -%}
                {%- do columns.append(column) -%}
            {%- endif -%}
        {%- endfor -%}
    {%- endif -%}
    select
        '{{ source_name }}__{{ table_name }}' as table_name,
        _file_id as file_id,
        _row as row_number,
        _line as line_number,
        _la_code as la_code,
        _collection_year as collection_year,
        {{ 'cast(null as string)' if is_of_return else '_child_key' }} as child_key,
        {{ add_days(year_end('_collection_year - 1'), 1) }} as year_start_date,
        {{ year_end('_collection_year') }} as year_end_date
        {%- for column in columns %},
        {% if column.data_type == 'integer' -%}
        {{ column.name }}
        {%- else -%}
        nullif({{ 'upper(' if is_upper }}trim({{ column.name }}){{ ')' if is_upper }}, '')
            as {{ column.name }}
        {%- endif %}
        {%- endfor %}
        {%- for column in dates %},
        {{ returned_date(column) if date_macro == 'returned_date' else iso_date(column) }}
            as {{ column }}_date
        {%- endfor %}
    from {{ delivered(source_name, table_name) }} as delivered_rows
{%- endmacro %}

{# Ends a model of rules: one row for each rule that a row of `judged` does not meet. A rule is a
   column of `judged` named fails_<code>; a null is no failure. Which there are is read from the
   model's own text, so that a rule is written once. #}
{% macro failures_in(judged) -%}
    select
        {{ parts_of('failed_rules', "','") }} as rule_code,
        table_name,
        file_id,
        row_number,
        line_number,
        la_code,
        collection_year,
        child_key
    from (
        select
            table_name,
            file_id,
            row_number,
            line_number,
            la_code,
            collection_year,
            child_key,
            concat_ws(
                ','
                {%- for code in modules.re.findall('as fails_(\\w+)', model.raw_code) %},
                case when fails_{{ code }} then '{{ code | upper }}' end
                {%- endfor %}
            ) as failed_rules
        from {{ judged }}
    ) as rows_with_failures
    where failed_rules <> ''
{%- endmacro %}

{# Whether a code is in a code set of the return and in force in the row's collection year. #}
{% macro is_code_of(codes, code_set, column, rows='judged_rows') -%}
    exists (
        select 1
        from {{ codes }} as codes_
        where
            codes_.code_set = '{{ code_set }}'
            and codes_.code = {{ rows }}.{{ column }}
            and coalesce(codes_.valid_from_year <= {{ rows }}.collection_year, true)
            and coalesce(codes_.valid_to_year >= {{ rows }}.collection_year, true)
    )
{%- endmacro %}

{# The models of rules, each with the source of its rules; the seed <source>_rules lists these. #}
{% macro models_of_rules() -%}
    {{ return([
        ('ssda903', 'header_rules'),
        ('ssda903', 'header_last_year_rules'),
        ('ssda903', 'uasc_rules'),
        ('ssda903', 'episode_code_rules'),
        ('ssda903', 'episode_date_rules'),
        ('ssda903', 'episode_age_rules'),
        ('ssda903', 'episode_length_rules'),
        ('ssda903', 'episode_sequence_rules'),
        ('ssda903', 'episode_last_year_rules'),
        ('ssda903', 'placement_rules'),
        ('ssda903', 'placement_address_rules'),
        ('ssda903', 'placement_location_rules'),
        ('ssda903', 'placement_register_rules'),
        ('ssda903', 'adoption_episode_rules'),
        ('ssda903', 'adoption_rules'),
        ('ssda903', 'care_leaver_rules'),
        ('ssda903', 'child_across_tables_rules'),
        ('ssda903', 'decisions_last_year_rules'),
        ('ssda903', 'deprivation_of_liberty_rules'),
        ('ssda903', 'episode_companion_rules'),
        ('ssda903', 'health_rules'),
        ('ssda903', 'leavers_earlier_years_rules'),
        ('ssda903', 'looked_after_review_rules'),
        ('ssda903', 'missing_rules'),
        ('ssda903', 'mother_rules'),
        ('ssda903', 'permanence_rules'),
        ('ssda903', 'placed_for_adoption_rules'),
        ('ssda903', 'social_worker_rules'),
        ('cin_census', 'census_rules'),
        ('cin_census', 'child_rules'),
        ('cin_census', 'disability_rules'),
        ('cin_census', 'referral_rules'),
        ('cin_census', 'assessment_rules'),
        ('cin_census', 'assessment_factor_rules'),
        ('cin_census', 'section_47_rules'),
        ('cin_census', 'cin_plan_rules'),
        ('cin_census', 'child_protection_plan_rules'),
        ('cin_census', 'plan_review_rules'),
        ('across_sources', 'across_census_rules'),
        ('across_sources', 'across_header_rules'),
        ('across_sources', 'across_child_rules'),
        ('across_sources', 'across_referral_rules'),
        ('across_sources', 'across_episode_rules'),
        ('across_sources', 'across_child_protection_plan_rules'),
        ('across_sources', 'across_cin_plan_rules'),
    ]) }}
{%- endmacro %}

{# Whether a date lies in the collection year of its row; null when there is none. #}
{% macro is_in_year(date, rows) -%}
    ({{ date }} between {{ rows }}.year_start_date and {{ rows }}.year_end_date)
{%- endmacro %}

{# Whether a date lies outside of the collection year of its row; null when there is none. #}
{% macro is_outside_of_year(date, rows) -%}
    ({{ date }} < {{ rows }}.year_start_date or {{ date }} > {{ rows }}.year_end_date)
{%- endmacro %}

{# The rules of one source, from the seed <source>_rules. #}
{% macro rules_of(source_name) -%}
    select
        '{{ source_name }}' as source,
        rule_code,
        first_year,
        last_year,
        severity,
        scope,
        reports_on,
        fields,
        needs,
        rule_text,
        departure
    from {{ ref(source_name ~ '_rules') }}
{%- endmacro %}

{# What the models of rules find, all together, with the source of each rule: a table expression. #}
{% macro failures_of_all_rules() -%}
    (
        {%- for source_name, model_name in models_of_rules() %}
        select
            '{{ source_name }}' as source,
            rule_code,
            table_name,
            file_id,
            row_number,
            line_number,
            la_code,
            collection_year,
            child_key
        from {{ ref(model_name) }}
        {%- if not loop.last %}
        union all
        {%- endif %}
        {%- endfor %}
    )
{%- endmacro %}
