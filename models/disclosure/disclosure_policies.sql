-- One row per audience that marts are published for, with its policy of disclosure control.
-- In the order of strictness: what one audience is shown, the next one is taken to know as well.

{%- for audience in ['public', 'partners'] %}
    {%- if not loop.first %}

        union all
    {%- endif %}

    select
        '{{ audience }}' as audience,
        cast({{ loop.index }} as integer) as sort_order,
        cast({{ var(audience ~ '_suppress_up_to') }} as integer) as suppress_up_to,
        cast({{ 1 if var(audience ~ '_noughts_are_shown') else 0 }} as integer) = 1
            as noughts_are_shown,
        cast({{ var(audience ~ '_rounds_to') }} as integer) as rounds_to,
        cast({{ var(audience ~ '_least_interval') }} as integer) as least_interval,
        cast({{ var(audience ~ '_least_interval_if_unchanged') }} as integer)
            as least_interval_if_unchanged,
        cast({{ var(audience ~ '_minimum_population') }} as integer) as minimum_population,
        '{{ var(audience ~ "_lowest_level") }}' as lowest_level,
        cast({{ var(audience ~ '_fewest_elsewhere') }} as integer) as fewest_elsewhere,
        '{{ var(audience ~ "_sensitive") | join(",") }}' as sensitive,
        -- of regions, the same for all readers, and nothing less strict than for the public
        cast({{ var('region_fewest_authorities') }} as integer) as region_fewest_authorities,
        cast(
            {{ [var('region_suppress_up_to'), var('public_suppress_up_to')] | map('int') | max }}
            as integer
        ) as region_suppress_up_to,
        cast({{ var('region_rounds_to') }} as integer) as region_rounds_to
{%- endfor %}
