-- One row per audience, authority and 31 March: what the shares of wards and townships are shares
-- of, as the audience may know it.

{%- set key = ['la_code', 'at_date'] %}
{%- set counts = ['all_looked_after', 'all_first_episodes', 'all_referrals'] %}

with

counted as (

    select * from {{ ref('area_totals') }}

),

withheld as (

    {{ withheld_of('area_profiles', counts) }}

)

select
    policies.audience,
    counted.la_code,
    counted.at_date,
{%- for count in counts %}
    {{ shown(count) }} as {{ count }}{{ ',' if not loop.last }}
{%- endfor %}
{{ from_counted_for_all(key) }}
