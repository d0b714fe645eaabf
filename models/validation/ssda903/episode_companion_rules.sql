-- One row per rule of the SSDA903 return and episode that does not meet it, of the rules by which
-- an episode asks for a row of another table.

with

episodes as (

    select * from {{ ref('judged_episodes') }}
    where child_key is not null

),

spells_missing as (

    select * from {{ ref('judged_missing') }}

),

arrangements as (

    select * from {{ ref('judged_previous_permanence') }}

),

social_workers as (

    select * from {{ ref('judged_social_worker_episodes') }}

),

-- The part of each episode of which the history of social workers is asked: one year when it was
-- first collected, two years since.
windowed as (

    select
        *,
        case
            when collection_year <= 2024 then year_start_date
            else {{ add_years('year_start_date', -1) }}
        end as window_start_date,
        case when dec is null then year_end_date else dec_date end as until_date
    from episodes

),

judged as (

    select
        *,

        -- Missing until the 18th birthday, which ended the episode for another reason than E8.
        dec_date = {{ add_years('dob_date', 18) }}
        and coalesce(rec <> 'E8', true)
        and exists (
            select 1 from spells_missing
            where
                {{ is_same_child('windowed', 'spells_missing') }}
                and spells_missing.mis_end_date = windowed.dec_date
        ) as fails_580,

        -- Started care in the year, and earlier permanence is not told, or not in full.
        rne = 'S'
        and decom_date >= year_start_date
        and not exists (
            select 1 from arrangements
            where
                {{ is_same_child('windowed', 'arrangements') }}
                and (
                    arrangements.prev_perm = 'Z1'
                    or {{ fields_given('arrangements', ['prev_perm', 'la_perm', 'date_perm']) }} = 3
                )
        ) as fails_630,

        -- Looked after when the year ended, and no social worker is told in full.
        dec is null
        and not is_short_break
        and not exists (
            select 1 from social_workers
            where
                {{ is_same_child('windowed', 'social_workers') }}
                and {{
                    fields_given('social_workers', ['sw_id', 'sw_decom', 'sw_reason'])
                }} = 3
        ) as fails_sw01stg1,

        -- Care began without a social worker, within a week of it, or ended without one.
        not is_short_break
        and until_date >= window_start_date
        and (
            (
                rne = 'S'
                and decom_date >= window_start_date
                and not exists (
                    select 1 from social_workers
                    where
                        {{ is_same_child('windowed', 'social_workers') }}
                        and social_workers.sw_decom_date <= {{ add_days('windowed.decom_date', 7) }}
                        and (
                            social_workers.sw_dec is null
                            or social_workers.sw_dec_date >= windowed.decom_date
                        )
                )
            )
            or (
                coalesce(rec <> 'X1', true)
                and until_date <= year_end_date
                and not exists (
                    select 1 from social_workers
                    where
                        {{ is_same_child('windowed', 'social_workers') }}
                        and social_workers.sw_decom_date <= windowed.until_date
                        and (
                            social_workers.sw_dec is null
                            or social_workers.sw_dec_date
                            >= {{ add_days('windowed.until_date', -7) }}
                        )
                )
            )
        ) as fails_sw12stg2

    from windowed

)

{{ failures_in('judged') }}
