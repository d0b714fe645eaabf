-- noqa: disable=LT02

{# The code of an LSOA, in upper case; null for text that is none, such as that of a larger area. #}
{% macro lsoa_code(text) -%}
    case when {{ area_level(area_code(text)) }} = 'lsoa' then {{ area_code(text) }} end
{%- endmacro %}

{# The type of a geometry, if it is one that has an outline (RFC 7946); null for points, lines
   and collections. #}
{% macro outlined_type(geometry_type) -%}
    case when {{ geometry_type }} in ('Polygon', 'MultiPolygon') then {{ geometry_type }} end
{%- endmacro %}

{# Whether two numbers are a place in Great Britain: longitude and latitude in degrees, or easting
   and northing of its National Grid in metres. The sizes tell which, and no place is both; nor
   are latitude and longitude in the wrong order, or a grid of another land, a place here. #}
{% macro is_place(x, y) -%}
    (
        ({{ x }} between -9 and 2.5 and {{ y }} between 49.5 and 61.5)
        or ({{ x }} between 1000 and 700000 and {{ y }} between 1000 and 1300000)
    )
{%- endmacro %}

{# The rings of an outline: lists of places, each a list of two numbers, the first place of a ring
   again at its end. Null where one is no place (not a number, infinite, beyond the land), where a
   ring is not closed or has no inside, and where there is none. #}
{% macro outline_rings(geometry_type, coordinates) -%}
    {{ adapter.dispatch('outline_rings')(geometry_type, coordinates) }}
{%- endmacro %}
{% macro default__outline_rings(geometry_type, coordinates) -%}
    {%- set rings -%}
        flatten(from_json(
            case {{ geometry_type }}
                when 'MultiPolygon' then {{ coordinates }} else '[' || {{ coordinates }} || ']'
            end, 'array<array<array<array<double>>>>'
        ))
    {%- endset -%}
    case when size({{ rings }}) > 0 and forall({{ rings }}, ring -> size(ring) >= 4
        and element_at(ring, 1) = element_at(ring, -1)
        and forall(ring, place -> size(place) >= 2 and {{ is_place('place[0]', 'place[1]') }})
    ) then {{ rings }} end
{%- endmacro %}
{% macro duckdb__outline_rings(geometry_type, coordinates) -%}
    {%- set rings -%}
        flatten(try_cast(
            case {{ geometry_type }}
                when 'MultiPolygon' then {{ coordinates }} else '[' || {{ coordinates }} || ']'
            end as double[][][][]
        ))
    {%- endset -%}
    case when len({{ rings }}) > 0 and len(list_filter({{ rings }}, lambda ring:
        coalesce(len(ring) < 4 or ring[1] <> ring[-1], true)
        or len(list_filter(ring, lambda place:
            not coalesce({{ is_place('place[1]', 'place[2]') }}, false)
        )) > 0
    )) = 0 then {{ rings }} end
{%- endmacro %}

{# One row for each vertex of the outlines of a relation, as a table expression: its `columns`, and
   ring_number and vertex_number from 1, x and y. The relation has geometry_type and coordinates. #}
{% macro vertices_of(relation, columns) -%}
    {{ adapter.dispatch('vertices_of')(relation, columns) }}
{%- endmacro %}
{% macro default__vertices_of(relation, columns) -%}
    (
        select {{ columns | join(', ') }}, ring_number + 1 as ring_number,
            vertex_number + 1 as vertex_number, place[0] as x, place[1] as y
        from {{ relation }}
        lateral view posexplode({{ outline_rings('geometry_type', 'coordinates') }}) as
            ring_number, ring
        lateral view posexplode(ring) as vertex_number, place
    )
{%- endmacro %}
{% macro duckdb__vertices_of(relation, columns) -%}
    (
        select {{ columns | join(', ') }}, ring_number, vertex_number,
            place[1] as x, place[2] as y
        from (
            select {{ columns | join(', ') }}, cast(ring_number as integer) as ring_number,
                cast(generate_subscripts(ring, 1) as integer) as vertex_number,
                unnest(ring) as place
            from (
                select {{ columns | join(', ') }}, generate_subscripts(rings, 1) as ring_number,
                    unnest(rings) as ring
                from (
                    select {{ columns | join(', ') }},
                        {{ outline_rings('geometry_type', 'coordinates') }} as rings
                    from {{ relation }}
                ) as read_
            ) as rings_
        ) as places_
    )
{%- endmacro %}
