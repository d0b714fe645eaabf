{# What DuckDB and Spark say differently. A model that needs one of these calls the
   macro; nothing else in the house names an engine. Everything else is written in
   what both accept. #}

{# Whole days from one date to another, negative when the second is earlier. #}
{% macro days_between(first, last) -%}
    {{ adapter.dispatch('days_between')(first, last) }}
{%- endmacro %}
{% macro default__days_between(first, last) -%}
    datediff({{ last }}, {{ first }})
{%- endmacro %}
{% macro duckdb__days_between(first, last) -%}
    date_diff('day', {{ first }}, {{ last }})
{%- endmacro %}

{# A date some whole days later (or earlier, for a negative number). #}
{% macro add_days(date, days) -%}
    cast({{ date }} + {{ days }} as date)
{%- endmacro %}

{# The same day some calendar years later; 29 February becomes 28 February. #}
{% macro add_years(date, years) -%}
    {{ adapter.dispatch('add_years')(date, years) }}
{%- endmacro %}
{% macro default__add_years(date, years) -%}
    add_months({{ date }}, 12 * ({{ years }}))
{%- endmacro %}
{% macro duckdb__add_years(date, years) -%}
    cast({{ date }} + to_years(cast({{ years }} as integer)) as date)
{%- endmacro %}

{# Whether text matches a regular expression anywhere; anchor it to match the whole. #}
{% macro matches(text, pattern) -%}
    {{ adapter.dispatch('matches')(text, pattern) }}
{%- endmacro %}
{% macro default__matches(text, pattern) -%}
    ({{ text }} rlike {{ pattern }})
{%- endmacro %}
{% macro duckdb__matches(text, pattern) -%}
    regexp_matches({{ text }}, {{ pattern }})
{%- endmacro %}

{# Text of the given shape to a date; text that is no date is null. The shape is held
   to first, because engines read '01/04/11' as the year 11. #}
{% macro parse_date(text, shape, duckdb_format, spark_format) -%}
    {{ adapter.dispatch('parse_date')(text, shape, duckdb_format, spark_format) }}
{%- endmacro %}
{% macro default__parse_date(text, shape, duckdb_format, spark_format) -%}
    case when {{ text }} rlike {{ shape }}
        then cast(try_to_timestamp({{ text }}, {{ spark_format }}) as date) end
{%- endmacro %}
{% macro duckdb__parse_date(text, shape, duckdb_format, spark_format) -%}
    case when regexp_matches({{ text }}, {{ shape }})
        then cast(try_strptime({{ text }}, {{ duckdb_format }}) as date) end
{%- endmacro %}

{# All columns of a select but some: of `rows`, or of everything that is selected from. #}
{% macro all_but(columns, rows=none) -%}
    {{ adapter.dispatch('all_but')(columns, rows) }}
{%- endmacro %}
{% macro default__all_but(columns, rows) -%}
    {{ rows ~ '.' if rows }}* except ({{ columns | join(', ') }})
{%- endmacro %}
{% macro duckdb__all_but(columns, rows) -%}
    {{ rows ~ '.' if rows }}* exclude ({{ columns | join(', ') }})
{%- endmacro %}

{# The texts of a group as one, in the order of a number: an aggregate. The separator is SQL. #}
{% macro joined_in_order(text, position, separator="' '") -%}
    {{ adapter.dispatch('joined_in_order')(text, position, separator) }}
{%- endmacro %}
{% macro default__joined_in_order(text, position, separator) -%}
    array_join(transform(
        array_sort(collect_list(named_struct('position', {{ position }}, 'text', {{ text }}))),
        each -> each.text
    ), {{ separator }})
{%- endmacro %}
{% macro duckdb__joined_in_order(text, position, separator) -%}
    string_agg({{ text }}, {{ separator }} order by {{ position }})
{%- endmacro %}

{# One row for each whole number from first to last, as column `number`; a table
   expression for a from clause. #}
{% macro numbers(first, last) -%}
    {{ adapter.dispatch('numbers')(first, last) }}
{%- endmacro %}
{% macro default__numbers(first, last) -%}
    (select explode(sequence({{ first }}, {{ last }})) as number)
{%- endmacro %}
{% macro duckdb__numbers(first, last) -%}
    (select cast(unnest(range({{ first }}, {{ last }} + 1)) as integer) as number)
{%- endmacro %}

{# One row for each part of text that a separator parts; for a select list. #}
{% macro parts_of(text, separator) -%}
    {{ adapter.dispatch('parts_of')(text, separator) }}
{%- endmacro %}
{% macro default__parts_of(text, separator) -%}
    explode(split({{ text }}, {{ separator }}))
{%- endmacro %}
{% macro duckdb__parts_of(text, separator) -%}
    unnest(string_split({{ text }}, {{ separator }}))
{%- endmacro %}

{# A row as JSON: name of each of its columns to what it says. #}
{% macro row_as_json(rows_) -%}
    {{ adapter.dispatch('row_as_json')(rows_) }}
{%- endmacro %}
{% macro default__row_as_json(rows_) -%}
    to_json(struct({{ rows_ }}.*))
{%- endmacro %}
{% macro duckdb__row_as_json(rows_) -%}
    to_json({{ rows_ }})
{%- endmacro %}

{# A delivered row as JSON text: name of the column to text, for all that the file said and
   nothing else. Blanks, provenance (columns that begin with _) and numbers of enclosing rows
   (columns that end with _row) are left out; the columns that the layout does not know follow
   under their headings. `row` is the row as JSON, `other` its column of those. An engine takes
   long to plan it: where rows of many tables are put together, it is said of all at once. #}
{% macro whole_row(row, other) -%}
    {{ adapter.dispatch('whole_row')(row, other) }}
{%- endmacro %}
{% macro default__whole_row(row, other) -%}
    {{ json_objects_joined(
        "to_json(map_filter(from_json(" ~ row ~ ", 'map<string,string>'), "
        ~ "(key_, text_) -> not startswith(key_, '_') and not endswith(key_, '_row') "
        ~ "and trim(text_) <> ''))",
        other
    ) }}
{%- endmacro %}
{% macro duckdb__whole_row(row, other) -%}
    {{ json_objects_joined(
        "cast(to_json(map_from_entries(list_transform(list_filter(json_keys(" ~ row
        ~ "), lambda key_: not starts_with(key_, '_') and not ends_with(key_, '_row') "
        ~ "and trim(coalesce(" ~ row ~ " ->> key_, '')) <> ''), "
        ~ "lambda key_: {'k': key_, 'v': " ~ row ~ " ->> key_}))) as varchar)",
        other
    ) }}
{%- endmacro %}

{# Two JSON objects as one, both text; the second may be null. #}
{% macro json_objects_joined(first, second) -%}
    case
        when coalesce({{ second }}, '{}') = '{}' then {{ first }}
        when {{ first }} = '{}' then {{ second }}
        else substr({{ first }}, 1, length({{ first }}) - 1) || ',' || substr({{ second }}, 2)
    end
{%- endmacro %}

{# Leaves the engine the warehouse, its scratch and the seeds to open while models run: no
   statement reads or writes another file, attaches a database or loads an extension, and none
   changes that. Where it is done already it says nothing. #}
{% macro shut_in() -%}
    {{ adapter.dispatch('shut_in')() }}
{%- endmacro %}
{% macro default__shut_in() -%}
{%- endmacro %}
{% macro duckdb__shut_in() -%}
    {%- if execute and not run_query("select current_setting('lock_configuration')").rows[0][0] -%}
        {%- set seeds = graph.nodes.values() | selectattr('resource_type', 'equalto', 'seed') -%}
        {#- dbt may know an unchanged one by where the project was when it was parsed -#}
        {%- set folders = [] -%}
        {%- for root in seeds | map(attribute='root_path') | unique -%}
            {%- do folders.append("'" ~ root | replace("'", "''") ~ "/seeds'") -%}
        {%- endfor -%}
        set allowed_directories = [{{ folders | join(', ') }}];
        set enable_external_access = false;
        set lock_configuration = true
    {%- endif -%}
{%- endmacro %}

{# A whole number that stands for a text, the same every night and in every home: 48 bits of its
   hash, which every tool holds exactly. That no two texts share one is tested where it is used. #}
{% macro integer_key(text) -%}
    {{ adapter.dispatch('integer_key')(text) }}
{%- endmacro %}
{% macro default__integer_key(text) -%}
    cast(conv(substr(md5({{ text }}), 1, 12), 16, 10) as bigint)
{%- endmacro %}
{% macro duckdb__integer_key(text) -%}
    cast('0x' || substr(md5({{ text }}), 1, 12) as bigint)
{%- endmacro %}

{# The value of an earlier row that has one; a window function, its window follows. #}
{% macro lag_of_known(column) -%}
    {{ adapter.dispatch('lag_of_known')(column) }}
{%- endmacro %}
{% macro default__lag_of_known(column) -%}
    lag({{ column }}) ignore nulls
{%- endmacro %}
{% macro duckdb__lag_of_known(column) -%}
    lag({{ column }} ignore nulls)
{%- endmacro %}

{# What is reached from the rows of `starts` over those of `links`, from `id` to other_`id`, over as
   many as there are; each once, its own start among them. A table expression with the columns
   `within`, which both relations have and no link leaves, and `id`, a text. Spark recurs without
   forgetting what it has been at: there, each row of the walk carries all that was reached. #}
{% macro reached(starts, links, within, id) -%}
    {{ adapter.dispatch('reached')(starts, links, within, id) }}
{%- endmacro %}
{% macro default__reached(starts, links, within, id) -%}
    {%- set within_ = within | join(', ') -%}
    (
        with recursive

        neighbours_ as (
            select {{ within_ }}, map_from_entries(collect_list(struct({{ id }}, others))) as others_of
            from (
                select {{ within_ }}, {{ id }}, collect_set(other_{{ id }}) as others
                from {{ links }}
                group by {{ within_ }}, {{ id }}
            ) as others_
            group by {{ within_ }}
        ),

        begun_ as (
            select {{ within_ }}, collect_set({{ id }}) as ids
            from {{ starts }}
            group by {{ within_ }}
        ),

        walk_ ({{ within_ }}, others_of, latest_, reached_) as (
            select {{ within_ }}, neighbours_.others_of, begun_.ids, begun_.ids
            from begun_
            left join neighbours_ using ({{ within_ }})

            union all

            select {{ within_ }}, others_of, new_, array_union(reached_, new_)
            from (
                select {{ within_ }}, others_of, reached_, array_except(
                    flatten(transform(
                        latest_, id_ -> coalesce(others_of[id_], cast(array() as array<string>))
                    )), reached_
                ) as new_
                from walk_
            ) as stepped_
            where size(new_) > 0
        )

        select distinct {{ within_ }}, explode(reached_) as {{ id }}
        from walk_
    )
{%- endmacro %}
{% macro duckdb__reached(starts, links, within, id) -%}
    (
        with recursive walk_ as (
            select {{ within | join(', ') }}, {{ id }}
            from {{ starts }}

            union

            select {{ prefixed('links_', within) | join(', ') }}, links_.other_{{ id }}
            from walk_
            inner join {{ links }} as links_ using ({{ within | join(', ') }}, {{ id }})
        )

        select * from walk_
    )
{%- endmacro %}
