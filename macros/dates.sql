{# The dd/mm/yyyy text of an SSDA903 return as a date. Text that is no such date is null. #}
{% macro uk_date(text) -%}
    {{ parse_date(
        "trim(" ~ text ~ ")",
        "'^[0-3][0-9]/[01][0-9]/(19|20)[0-9][0-9]$'",
        "'%d/%m/%Y'",
        "'dd/MM/yyyy'"
    ) }}
{%- endmacro %}

{# The yyyy-mm-dd text of a CIN census as a date. A time of day and a time zone after it, as
   XML allows them, are left aside: the day is the one that is written. Text that is no such
   date, or has anything else after it, is null. #}
{% macro iso_date(text) -%}
    {%- set day -%}
        case
            when length(trim({{ text }})) = 10 then trim({{ text }})
            when {{ matches("trim(" ~ text ~ ")",
                            "'^[-0-9]{10}([T ][0-9:.]+)?(Z|[-+][0-9:]+)?$'") }}
                then substr(trim({{ text }}), 1, 10)
        end
    {%- endset -%}
    {{ parse_date(
        "(" ~ day ~ ")",
        "'^(19|20)[0-9][0-9]-[01][0-9]-[0-3][0-9]$'",
        "'%Y-%m-%d'",
        "'yyyy-MM-dd'"
    ) }}
{%- endmacro %}

{# How `unread` tells that a column of a delivery holds no date, written either way. #}
{% macro delivered_date_read(column) -%}
    {{ return({
        'column': column,
        'read': returned_date('delivered.' ~ column),
        'reason': 'date_unreadable',
    }) }}
{%- endmacro %}

{# The financial or collection year of a date, named by the March it ends with:
   1 April 2010 to 31 March 2011 is 2011. #}
{% macro financial_year(date) -%}
    cast(year({{ date }}) + case when month({{ date }}) >= 4 then 1 else 0 end as integer)
{%- endmacro %}

{# The 31 March that ends a collection year. #}
{% macro year_end(collection_year) -%}
    make_date(cast({{ collection_year }} as integer), 3, 31)
{%- endmacro %}

{# Age in completed years on a day. Somebody born on 29 February has a birthday on
   1 March in other years: on 28 February it is not yet their birthday. Null before birth. #}
{% macro age_on(birth_date, day) -%}
    case when {{ birth_date }} <= {{ day }} then
        cast(
            year({{ day }}) - year({{ birth_date }})
            - case
                when month({{ day }}) * 100 + day({{ day }})
                    < month({{ birth_date }}) * 100 + day({{ birth_date }}) then 1
                else 0
            end
            as integer
        )
    end
{%- endmacro %}

{# Whether a day is within 12 months of an earlier one. The anniversary is not; that of 29 February
   is 1 March. #}
{% macro is_within_12_months(earlier, day) -%}
    coalesce({{ age_on(earlier, day) }} = 0, false)
{%- endmacro %}

{# Whether a day is a Saturday or a Sunday. 1 January 1900 was a Monday. #}
{% macro is_weekend(day) -%}
    ({{ days_between("make_date(1900, 1, 1)", day) }} % 7 >= 5)
{%- endmacro %}
