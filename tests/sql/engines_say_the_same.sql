-- What each macro that words something for an engine has to come to, whichever engine this is. A
-- row here is a macro that says something else.

with

days as (

    select
        make_date(2020, 1, 1) as new_year,
        make_date(2020, 2, 29) as leap_day,
        make_date(2020, 3, 1) as march

),

texts as (

    select
        1 as place,
        'first' as word,
        '29/02/2012' as day_text,
        cast(null as integer) as known

    union all

    select
        2 as place,
        'second' as word,
        '30/02/2012' as day_text,
        7 as known

    union all

    select
        3 as place,
        'third' as word,
        '01/03/12' as day_text,
        cast(null as integer) as known

),

delivered as (

    select
        'f' as _file_id,
        12 as child_row,
        'Ann' as name,
        '  ' as blank,
        cast(null as string) as missing,
        7 as number,
        '{"Extra":"1"}' as _other

),

outlines as (

    select
        'E1' as code,
        'Polygon' as geometry_type,
        '[[[0.5,52],[1,52],[1,53],[0.5,52]]]' as coordinates

    union all

    select
        'E2' as code,
        'MultiPolygon' as geometry_type,
        '[[[[0.5,52],[1,52],[1,53],[0.5,52]]],[[[2,52],[2.1,52],[2.1,53],[2,52]]]]' as coordinates

    union all

    -- not closed
    select
        'E3' as code,
        'Polygon' as geometry_type,
        '[[[0.5,52],[1,52],[1,53],[0.5,54]]]' as coordinates

),

starts as ( -- noqa: ST03

    select
        'everybody' as audience,
        'a' as node_id

),

links as ( -- noqa: ST03

    select
        'everybody' as audience,
        node_id,
        other_node_id
    from (
        values ('a', 'b'), ('b', 'a'), ('b', 'c'), ('c', 'a'), ('d', 'e')
    ) as pairs (node_id, other_node_id) -- noqa: AL05

),

later as (

    select
        place,
        {{ lag_of_known('known') }} over (order by place asc nulls last) as known_before
    from texts

),

found as (

    select
        'days_between' as macro,
        cast({{ days_between('new_year', 'march') }} as string) as found,
        '60' as expected
    from days

    union all

    select
        'days_between, backwards' as macro,
        cast({{ days_between('march', 'leap_day') }} as string) as found,
        '-1' as expected
    from days

    union all

    select
        'add_days' as macro,
        cast({{ add_days('march', -1) }} as string) as found,
        '2020-02-29' as expected
    from days

    union all

    select
        'add_years' as macro,
        cast({{ add_years('leap_day', 1) }} as string) as found,
        '2021-02-28' as expected
    from days

    union all

    select
        'matches' as macro,
        {{ joined_in_order(
            "case when " ~ matches('word', "'^[fs][a-z]+$'") ~ " then 'yes' else 'no' end",
            'place'
        ) }} as found,
        'yes yes no' as expected
    from texts

    union all

    select
        'joined_in_order' as macro,
        {{ joined_in_order('word', '-place', "', '") }} as found,
        'third, second, first' as expected
    from texts

    union all

    select
        'parse_date' as macro,
        {{ joined_in_order(
            "coalesce(cast(" ~ uk_date('day_text') ~ " as string), 'none')", 'place'
        ) }} as found,
        '2012-02-29 none none' as expected
    from texts

    union all

    select
        'numbers' as macro,
        {{ joined_in_order('cast(number as string)', 'number') }} as found,
        '3 4 5' as expected
    from {{ numbers(3, 5) }} as counted -- noqa: AL05

    union all

    select
        'parts_of' as macro,
        {{ joined_in_order('part', 'length(part)') }} as found,
        'a bc def' as expected
    from (select {{ parts_of("'def,a,bc'", "','") }} as part) as parts

    union all

    select
        'whole_row' as macro,
        {{ whole_row(row_as_json('rows_'), '_other') }} as found,
        '{"name":"Ann","number":"7","Extra":"1"}' as expected
    from delivered as rows_ -- noqa: AL05

    union all

    select
        'all_but' as macro,
        cast(max(place) as string) as found,
        '3' as expected
    from (select {{ all_but(['known', 'word'], 'texts') }} from texts) as fewer

    union all

    select
        'lag_of_known' as macro,
        {{ joined_in_order(
            "coalesce(cast(known_before as string), 'none')", 'place'
        ) }} as found,
        'none none 7' as expected
    from later

    union all

    select
        'reached' as macro,
        {{ joined_in_order('node_id', 'ascii(node_id)') }} as found,
        'a b c' as expected
    from {{ reached('starts', 'links', ['audience'], 'node_id') }} as reached_ -- noqa: AL05

    union all

    select
        'integer_key' as macro,
        cast({{ integer_key("'abc'") }} as string) as found,
        '158335321521362' as expected

    union all

    select
        'outline_rings' as macro,
        {{ joined_in_order(
            "case when " ~ outline_rings('geometry_type', 'coordinates')
                ~ " is null then 'none' else code end", 'ascii(substr(code, 2))'
        ) }} as found,
        'E1 E2 none' as expected
    from outlines

    union all

    select
        'vertices_of' as macro,
        {{ joined_in_order(
            "code || ':' || cast(ring_number as string) || '.' || cast(vertex_number as string)",
            'ascii(substr(code, 2)) * 100 + ring_number * 10 + vertex_number'
        ) }} as found,
        'E1:1.1 E1:1.2 E1:1.3 E1:1.4 E2:1.1 E2:1.2 E2:1.3 E2:1.4 E2:2.1 E2:2.2 E2:2.3 E2:2.4'
            as expected
    from {{ vertices_of('outlines', ['code']) }} as vertices -- noqa: AL05

)

select * from found
where found is distinct from expected
