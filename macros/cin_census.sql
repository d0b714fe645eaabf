{# A yes or no of a CIN census: 1, 0, true or false in any case. Anything else is null. #}
{% macro yes_no(text) -%}
    case
        when lower(trim({{ text }})) in ('1', 'true') then true
        when lower(trim({{ text }})) in ('0', 'false') then false
    end
{%- endmacro %}

{# How `unread` tells that a column of the census holds no date, yyyy-mm-dd. #}
{% macro census_date_read(column) -%}
    {{ return({
        'column': column,
        'read': iso_date('returned.' ~ column),
        'reason': 'date_unreadable',
    }) }}
{%- endmacro %}

{# How `unread` tells that a column of the census holds neither yes nor no. #}
{% macro yes_no_read(column) -%}
    {{ return({
        'column': column,
        'read': yes_no('returned.' ~ column),
        'reason': 'flag_unreadable',
    }) }}
{%- endmacro %}

{# How `unread` tells that a column of the census holds no whole number. #}
{% macro census_number_read(column) -%}
    {{ return({
        'column': column,
        'read': returned_integer('returned.' ~ column),
        'reason': 'number_unreadable',
    }) }}
{%- endmacro %}

{# The join of a delivered code to its code set in the codes of the census, for `code_in_force`
   and `unread`. `codes` is the name under which it is joined. #}
{% macro join_census_codes(codes, code_set, column) -%}
    left join census_codes as {{ codes }}
        on
            {{ codes }}.code_set = '{{ code_set }}'
            and {{ returned_code('returned.' ~ column) }} = {{ codes }}.code
{%- endmacro %}

{# Whether a case of need counts on a day: referred by then with further action, and not
   closed by then. Closed on the day itself is closed. #}
{% macro is_in_need_on(day, referral_date, closure_date, is_no_further_action) -%}
    (
        {{ referral_date }} <= {{ day }}
        and ({{ closure_date }} is null or {{ closure_date }} > {{ day }})
        and not coalesce({{ is_no_further_action }}, false)
    )
{%- endmacro %}

{# Whether a child protection plan counts on a day: started by then and not ended by then.
   Ended on the day itself is ended. #}
{% macro is_on_plan_on(day, start_date, end_date) -%}
    ({{ start_date }} <= {{ day }} and ({{ end_date }} is null or {{ end_date }} > {{ day }}))
{%- endmacro %}
