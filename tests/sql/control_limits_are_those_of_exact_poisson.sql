-- Limits worked out elsewhere: the counts whose exact Poisson intervals of 95% and 99.8% just reach
-- what is expected, from the gamma distribution. A row here is a control limit that strays
-- further from them than its macro says.

with

known as (

    select
        limits.expected,
        limits.side,
        limits.z_name,
        limits.limit_known,
        limits.may_stray
    from (
        values
        (10, 'lower', '95', 3.834, 0.2),
        (10, 'upper', '95', 17.127, 0.2),
        (10, 'lower', '99.8', 1.371, 0.2),
        (10, 'upper', '99.8', 21.571, 0.2),
        (50, 'lower', '95', 36.138, 0.1),
        (50, 'upper', '95', 64.811, 0.1),
        (50, 'lower', '99.8', 29.153, 0.1),
        (50, 'upper', '99.8', 73.713, 0.1),
        (2000, 'lower', '95', 1912.325, 0.01),
        (2000, 'upper', '95', 2088.622, 0.01),
        (2000, 'lower', '99.8', 1862.737, 0.01),
        (2000, 'upper', '99.8', 2140.113, 0.01),
        (1, 'lower', '95', 0.0, 0.0),
        (1, 'lower', '99.8', 0.0, 0.0)
    ) as limits (expected, side, z_name, limit_known, may_stray)

),

worked_out as (

    select
        *,
        case
            when side = 'lower' and z_name = '95'
                then {{ control_limit_lower('expected', normal_deviate()) }}
            when side = 'upper' and z_name = '95'
                then {{ control_limit_upper('expected', normal_deviate()) }}
            when side = 'lower'
                then {{ control_limit_lower('expected', normal_deviate_998()) }}
            else {{ control_limit_upper('expected', normal_deviate_998()) }}
        end as limit_found
    from known

)

select * from worked_out
where abs(limit_found - limit_known) > may_stray or limit_found is null
