-- Limits worked out elsewhere: exact Poisson and Byar's from the chi-squared quantiles and
-- Breslow and Day's formula, Wilson's from his own. A row here is a limit that has moved.

with

counts as (

    select
        checks.count_of_children,
        checks.lower_known,
        checks.upper_known
    from (
        values
        (0, 0.0, 3.6889),
        (1, 0.0253, 5.5716),
        (5, 1.6235, 11.6683),
        (9, 4.1154, 17.0848),
        (10, 4.7874, 18.3915),
        (622, 574.0719, 672.8613)
    ) as checks (count_of_children, lower_known, upper_known)

),

shares as (

    select
        checks.part,
        checks.whole,
        checks.lower_known,
        checks.upper_known
    from (
        values
        (0, 10, 0.0, 27.7533),
        (10, 10, 72.2467, 100.0),
        (5, 10, 23.6593, 76.3407),
        (1206, 1450, 81.1597, 85.0098)
    ) as checks (part, whole, lower_known, upper_known)

),

compared as (

    select
        'count' as kind,
        count_of_children as part,
        {{ count_lower_95('count_of_children') }} as lower_95,
        {{ count_upper_95('count_of_children') }} as upper_95,
        lower_known,
        upper_known
    from counts

    union all

    select
        'share' as kind,
        part,
        {{ wilson_lower('part', 'whole') }} as lower_95,
        {{ wilson_upper('part', 'whole') }} as upper_95,
        lower_known,
        upper_known
    from shares

)

select * from compared
where
    abs(lower_95 - lower_known) > 0.0001
    or abs(upper_95 - upper_known) > 0.0001
    or lower_95 is null
    or upper_95 is null
