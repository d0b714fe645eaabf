-- One row per rule of the SSDA903 return and social worker's episode that does not meet it.

with

spells as (

    select * from {{ ref('judged_social_worker_episodes') }}

),

children as (

    select * from {{ ref('children_with_episodes') }}

),

codes as (

    select * from {{ ref('ssda903_codes') }}

),

-- A child's episodes in order of start; a row without a readable start has no place among them.
ordered as (

    select
        file_id,
        row_number,
        lag(row_number) over (
            partition by la_code, collection_year, child_key
            order by sw_decom_date asc, sw_dec_date asc nulls last, row_number asc
        ) is not null as has_previous,
        lag(sw_dec_date) over (
            partition by la_code, collection_year, child_key
            order by sw_decom_date asc, sw_dec_date asc nulls last, row_number asc
        ) as previous_dec_date,
        row_number() over (
            partition by la_code, collection_year, child_key
            order by sw_decom_date desc, sw_dec_date desc nulls first, row_number desc
        ) = 1 as is_latest
    from spells
    where child_key is not null and sw_decom_date is not null

),

joined as (

    select
        spells.*,
        coalesce(ordered.has_previous, false) as has_previous,
        ordered.previous_dec_date,
        coalesce(ordered.is_latest, false) as is_latest,
        ordered.row_number is not null as is_ordered,
        coalesce(
            abs({{ days_between('ordered.previous_dec_date', 'spells.sw_decom_date') }}) <= 7, false
        ) as is_within_a_week_of_previous,
        coalesce(children.is_looked_after_at_year_end, false) as is_looked_after_at_year_end
    from spells
    left join ordered
        on spells.file_id = ordered.file_id and spells.row_number = ordered.row_number
    left join children on {{ is_same_child('spells', 'children') }}

),

judged as (

    select
        *,

        -- No first day, or before April 2023 no social worker.
        sw_decom is null
        or (sw_decom_date < make_date(2023, 4, 1) and sw_id is null) as fails_sw01astg1,

        -- No first day, or from April 2023 no social worker or no reason.
        sw_decom is null
        or (
            sw_decom_date >= make_date(2023, 4, 1) and (sw_id is null or sw_reason is null)
        ) as fails_sw01bstg1,

        -- The social worker's number does not begin with SW or XX, or is only that.
        coalesce(substr(sw_id, 1, 2) not in ('SW', 'XX'), true)
        or (collection_year >= 2026 and length(sw_id) < 4) as fails_sw02stg1,

        -- No social worker, no first day or no reason.
        sw_id is null or sw_decom is null or sw_reason is null as fails_sw03stg1,

        -- The first day is no date; in the first two years not even in part.
        sw_decom is not null
        and sw_decom_date is null
        and (
            collection_year >= 2026 or {{ date_or_its_parts('sw_decom') }} is null
        ) as fails_sw04stg1,

        -- The last day is no date; in the first two years not even in part.
        sw_dec is not null
        and sw_dec_date is null
        and (
            collection_year >= 2026 or {{ date_or_its_parts('sw_dec') }} is null
        ) as fails_sw05stg1,

        -- It begins after the year.
        sw_decom_date > year_end_date as fails_sw06stg2,

        -- It ends after the year, or before it: since its second year, before the year before.
        sw_dec_date > year_end_date
        or sw_dec_date < case
            when collection_year <= 2024 then year_start_date
            else {{ add_years('year_start_date', -1) }}
        end as fails_sw07stg2,

        -- It is open, and a later one began.
        is_ordered and not is_latest and sw_dec is null as fails_sw08stg2,

        -- It ends on its first day; since its third year, before its fourth.
        sw_dec_date = sw_decom_date
        or (
            collection_year >= 2026
            and sw_dec_date < {{ add_days('sw_decom_date', 3) }}
        ) as fails_sw09stg2,

        -- It does not follow the one before within a week; since its second year, unless it is a
        -- first contact.
        has_previous
        and not is_within_a_week_of_previous
        and (collection_year <= 2024 or coalesce(sw_reason <> 'FCONTA', true)) as fails_sw10stg2,

        -- The same, of what is no first contact.
        has_previous
        and not is_within_a_week_of_previous
        and coalesce(sw_reason <> 'FCONTA', true) as fails_sw10astg2,

        -- A first contact before the social worker before had gone.
        has_previous
        and sw_reason = 'FCONTA'
        and sw_decom_date <= previous_dec_date as fails_sw10bstg2,

        -- The one before ended well before the year did, and this one does not follow it closely.
        has_previous
        and previous_dec_date <= {{ add_days('year_end_date', -5) }}
        and abs({{ days_between('previous_dec_date', 'sw_decom_date') }}) > 5 as fails_sw11astg2,

        -- The last one ends in the last days of the year, of a child that stays in care.
        is_latest
        and is_looked_after_at_year_end
        and sw_dec_date between {{ add_days('year_end_date', -5) }} and year_end_date
            as fails_sw11bstg2,

        -- The reason is no code, or is missing where it is asked for.
        case
            when sw_reason is null
                then collection_year <= 2024 or sw_decom_date >= make_date(2023, 4, 1)
            else not {{ is_code_of('codes', 'SW_REASON', 'sw_reason', 'joined') }}
        end as fails_sw13stg1,

        -- It is open, and a later one began.
        is_ordered and not is_latest and sw_dec is null as fails_sw14stg2,

        -- The last one has ended, of a child that stays in care.
        is_latest and is_looked_after_at_year_end and sw_dec is not null as fails_sw17stg2,

        -- It does not end after its first day.
        sw_dec_date <= sw_decom_date as fails_sw18stg2,

        -- One that stands before it in the file begins on the same day.
        exists(
            select 1 from spells
            where
                {{ is_same_child('joined', 'spells') }}
                and spells.sw_decom_date = joined.sw_decom_date
                and spells.row_number < joined.row_number
        ) as fails_sw19stg2

    from joined

)

{{ failures_in('judged') }}
