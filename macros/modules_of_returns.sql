-- noqa: disable=LT02

{# What rules of the SSDA903 return say of the tables beside headers and episodes. #}

{# The rows of such a table as rules judge them, and whose they are: `birth_date` is what the row
   says itself or, where it does not, what the child's header says. #}
{% macro module_rows_to_judge(table_name, dates) -%}
    select
        rows_.*,
        coalesce(rows_.dob_date, headers.dob_date) as birth_date
    from (
        {{ rows_to_judge('ssda903', table_name, ['dob'] + dates, is_upper=true,
            date_macro='returned_date') }}
    ) as rows_
    left join {{ ref('judged_headers') }} as headers
        on {{ is_same_child('rows_', 'headers') }} and headers.is_first_of_child
{%- endmacro %}

{# Whether two rows are of one child in one return. #}
{% macro is_same_child(rows, others) -%}
    {{ rows }}.la_code = {{ others }}.la_code
    and {{ rows }}.collection_year = {{ others }}.collection_year
    and {{ rows }}.child_key = {{ others }}.child_key
{%- endmacro %}

{# Whether the other row is of the same child in the return of the year before. #}
{% macro is_same_child_last_year(rows, others) -%}
    {{ rows }}.la_code = {{ others }}.la_code
    and {{ rows }}.collection_year - 1 = {{ others }}.collection_year
    and {{ rows }}.child_key = {{ others }}.child_key
{%- endmacro %}

{# How many of some columns of a row are filled. #}
{% macro fields_given(rows, columns) -%}
    (
        {%- for column in columns %}
        {{ '+ ' if not loop.first }}case when {{ rows }}.{{ column }} is null then 0 else 1 end
        {%- endfor %}
    )
{%- endmacro %}

{# The fields of AD1 that tell of an adoption. #}
{% macro adoption_fields() -%}
    {{ return([
        'date_int', 'date_match', 'foster_care', 'nb_adoptr', 'sex_adoptr', 'ls_adoptr'
    ]) }}
{%- endmacro %}

{# The fields of OC3 that tell how a care leaver fares. #}
{% macro leaver_fields() -%}
    {{ return(['in_touch', 'activ', 'accom']) }}
{%- endmacro %}

{# The fields of OC2 asked for every child that was looked after for a year. #}
{% macro health_fields() -%}
    {{ return(['immunisations', 'teeth_check', 'health_assessment', 'substance_misuse']) }}
{%- endmacro %}

{# The fields of OC2 asked for some children only, by their age or for what others say. #}
{% macro further_health_fields() -%}
    {{ return(['convicted', 'health_check', 'intervention_received', 'intervention_offered']) }}
{%- endmacro %}

{# Whether any of some columns says neither yes (1) nor no (0); a blank is no answer. #}
{% macro is_any_no_flag(columns) -%}
    (
        {%- for column in columns %}
        {{ 'or ' if not loop.first }}coalesce({{ column }} not in ('0', '1'), false)
        {%- endfor %}
    )
{%- endmacro %}

{# Whether an episode ended in adoption; of `with_old` in the code of the first years, too. #}
{% macro is_adopted(end_reason, with_old=false) -%}
    {{ end_reason }} in ('E11', 'E12'{{ ", 'E1'" if with_old }})
{%- endmacro %}

{# Whether one span of a child overlaps an earlier one: it begins before that ends, or while it
   is open. Of two that begin on one day the later row is told. #}
{% macro begins_within_earlier(later, earlier, start_date, end_date, end_text) -%}
    (
        (
            {{ earlier }}.{{ start_date }} < {{ later }}.{{ start_date }}
            or (
                {{ earlier }}.{{ start_date }} = {{ later }}.{{ start_date }}
                and {{ earlier }}.row_number < {{ later }}.row_number
            )
        )
        and (
            {{ earlier }}.{{ end_text }} is null
            or {{ earlier }}.{{ end_date }} > {{ later }}.{{ start_date }}
        )
    )
{%- endmacro %}

{# The first day that a date of which some parts are not known can mean (ZZ/ZZ/2015 is from
   1 January 2015); null where the year is not known, or it is no such date. #}
{% macro earliest_day(text) -%}
    coalesce(
        {{ returned_date(text) }},
        {{ uk_date(
            "(replace(substr(" ~ text ~ ", 1, 6), 'ZZ', '01') || substr(" ~ text ~ ", 7))"
        ) }}
    )
{%- endmacro %}

{# Of an episode from `decom_date` to `until_date`, the days since a birthday of the child. #}
{% macro days_since_birthday(age) -%}
    case
        when not is_short_break and until_date > {{ add_years('birth_date', age) }}
            then {{
                days_between(
                    'greatest(decom_date, ' ~ add_years('birth_date', age) ~ ')', 'until_date'
                )
            }}
        else 0
    end
{%- endmacro %}

{# What stands in place of Ofsted's number for a regional adoption agency, which has none. #}
{% macro adoption_agency_urn() -%}
    'XXXXXXX'
{%- endmacro %}
