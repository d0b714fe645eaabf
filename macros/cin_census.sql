{# A yes or no of a CIN census: 1, 0, true or false in any case. Anything else is null. #}
{% macro yes_no(text) -%}
    case
        when lower(trim({{ text }})) in ('1', 'true') then true
        when lower(trim({{ text }})) in ('0', 'false') then false
    end
{%- endmacro %}

{# The sex of a CIN census as M, F or U. Sex came in with 2024-25; before it GenderCurrent
   said 1 male, 2 female, 0 not recorded or unborn, 9 indeterminate. Some systems write the
   old codes under the new name. #}
{% macro census_sex_code(sex, gender) -%}
    case coalesce(nullif(upper(trim({{ sex }})), ''), trim({{ gender }}))
        when 'M' then 'M'
        when '1' then 'M'
        when 'F' then 'F'
        when '2' then 'F'
        when 'U' then 'U'
        when '0' then 'U'
        when '9' then 'U'
    end
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
