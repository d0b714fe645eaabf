-- One row per rule of the codes of the SSDA903 episodes and row that does not meet it.

with

episodes as (

    select * from {{ ref('judged_episodes') }}

),

start_reasons as (

    select * from {{ ref('start_reasons') }}

),

legal_statuses as (

    select * from {{ ref('legal_statuses') }}

),

categories_of_need as (

    select * from {{ ref('categories_of_need') }}

),

placements as (

    select * from {{ ref('placements') }}

),

end_reasons as (

    select * from {{ ref('end_reasons') }}

),

ssda903_codes as (

    select * from {{ ref('ssda903_codes') }}

),

judged as (

    select
        episodes.*,

        -- The reason for the new episode is no code of the year.
        episodes.rne is not null and start_reasons.start_reason_code is null as fails_143,

        -- The legal status is no code of the year.
        episodes.ls is not null and legal_statuses.legal_status_code is null as fails_144,

        -- The category of need is no code of the year.
        episodes.cin is not null and categories_of_need.category_of_need_code is null
            as fails_145,

        -- The placement is no code of the year.
        episodes.place is not null and placements.placement_code is null as fails_146,

        -- The reason for the end is no code of the year. When E1 and E4 went out is not known,
        -- only that the earliest rules known refuse them.
        episodes.rec is not null and (
            end_reasons.end_reason_code is null
            or (episodes.rec in ('E1', 'E4') and episodes.collection_year >= 2023)
        ) as fails_149,

        -- The provider is no code, or stands where the placement has none.
        episodes.place_provider is not null and (
            providers.code is null
            or episodes.placement_group in ('temporary', 'other')
        ) as fails_178,

        -- The reason for the change of placement is no code of the year.
        episodes.reason_place_change is not null and reasons_for_change.code is null
            as fails_1009

    from episodes
    left join start_reasons
        on
            episodes.rne = start_reasons.start_reason_code
            and {{ is_in_force_in('start_reasons', 'episodes.collection_year') }}
    left join legal_statuses
        on
            episodes.ls = legal_statuses.legal_status_code
            and {{ is_in_force_in('legal_statuses', 'episodes.collection_year') }}
    left join categories_of_need
        on
            episodes.cin = categories_of_need.category_of_need_code
            and {{ is_in_force_in('categories_of_need', 'episodes.collection_year') }}
    left join placements
        on
            episodes.place = placements.placement_code
            and {{ is_in_force_in('placements', 'episodes.collection_year') }}
    left join end_reasons
        on
            episodes.rec = end_reasons.end_reason_code
            and {{ is_in_force_in('end_reasons', 'episodes.collection_year') }}
    left join ssda903_codes as providers
        on
            providers.code_set = 'PLACE_PROVIDER'
            and episodes.place_provider = providers.code
            and {{ is_in_force_in('providers', 'episodes.collection_year') }}
    left join ssda903_codes as reasons_for_change
        on
            reasons_for_change.code_set = 'REASON_PLACE_CHANGE'
            and episodes.reason_place_change = reasons_for_change.code
            and {{ is_in_force_in('reasons_for_change', 'episodes.collection_year') }}

)

{{ failures_in('judged') }}
