-- One row per audience and count that its policy withholds by itself, with the reason: small, of an
-- area of too few children or below the lowest level, part of a breakdown that would say of nearly
-- everybody in which part they are, or none where some were withheld last time.

with

counts as (

    select * from {{ ref('disclosure_counts') }}

),

sums as (

    select * from {{ ref('disclosure_sums') }}

),

seen_counts as (

    select * from {{ source('ledger', 'seen_counts') }}

),

-- of each audience, the counts that its policy takes for sensitive
sensitive as (

    select
        counts.*,
        policies.audience,
        policies.suppress_up_to,
        policies.noughts_are_shown,
        policies.minimum_population,
        policies.lowest_level,
        policies.fewest_elsewhere
    from counts
    cross join {{ ref('disclosure_policies') }} as policies
    where
        position(',' || counts.measure || ',' in ',' || policies.sensitive || ',') > 0

),

levels as (

    select
        area_level,
        height
    from (
        values ('ward', 1), ('township', 2), ('la', 3)
    ) as heights (area_level, height) -- noqa: AL05

),

-- parts that lie beside each other, and among which most may be in one
breakdowns as (

    select
        sums.sum_id,
        max(case when sums.sign = -1 then counts.counted end) as whole,
        max(case when sums.sign = 1 then counts.counted end) as largest_part
    from sums
    inner join counts on sums.count_id = counts.count_id
    where
        sums.addition in (
            'wards of a township', 'townships of an authority', 'wards of an authority',
            'categories of the cohort', 'categories of a wider category', 'ages of a band',
            'bands of a wider band',
            'bands of time in care', 'lengths of time in care',
            'returns of children who ceased', 'starts of children looked after before',
            'starts soon after care', 'how soon children start again'
        )
    group by sums.sum_id
    having count(*) > 2

),

-- what a nought tells to be one, too: the whole of an addition its parts, and a part the whole
-- when nothing else is in it; a ward the deciles that its children could be in, and back
tells as (

    select
        sums.count_id,
        others.count_id as other_count_id
    from sums
    inner join sums as others
        on
            sums.sum_id = others.sum_id
            and (sums.sign = -1 or others.sign = -1)

    union all

    select
        ward_count_id as count_id,
        decile_count_id as other_count_id
    from {{ ref('disclosure_reaches') }}

    union all

    select
        decile_count_id as count_id,
        ward_count_id as other_count_id
    from {{ ref('disclosure_reaches') }}

),

noughts as (

    select
        audience,
        count_id
    from sensitive
    where role = 'shown' and counted = 0

),

noughts_told as ( -- noqa: ST03

    select
        noughts.audience,
        noughts.count_id,
        tells.other_count_id
    from noughts
    inner join tells on noughts.count_id = tells.count_id
    inner join noughts as others
        on
            noughts.audience = others.audience
            and tells.other_count_id = others.count_id

),

parts_of_breakdowns_withheld as ( -- noqa: ST03

    select distinct
        sensitive.audience,
        sensitive.count_id
    from sensitive
    inner join sums
        on
            sensitive.count_id = sums.count_id
            and sums.sign = 1
    inner join breakdowns on sums.sum_id = breakdowns.sum_id
    where
        sensitive.role = 'shown'
        and breakdowns.whole > sensitive.suppress_up_to
        and breakdowns.whole - breakdowns.largest_part < sensitive.fewest_elsewhere

),

-- Of a breakdown that is withheld the noughts are, too, and with them every nought that tells one.
dominated as (

    select
        audience,
        count_id
    from {{ reached(
        'parts_of_breakdowns_withheld', 'noughts_told', ['audience'], 'count_id'
    ) }} as reached_ -- noqa: AL05

),

-- Nobody is left of a count that was withheld last time: shown now, it would say of whoever has
-- gone from the total where they were.
gone as (

    select distinct
        sensitive.audience,
        sensitive.count_id
    from sensitive
    inner join seen_counts
        on
            sensitive.audience = seen_counts.audience
            and sensitive.count_id = seen_counts.count_id
    where
        sensitive.role = 'shown'
        and sensitive.counted = 0
        and seen_counts.counted > 0
        and seen_counts.is_withheld

),

reasons as (

    select
        audience,
        count_id,
        'small' as reason
    from sensitive
    where
        (counted between 1 and suppress_up_to)
        or (counted = 0 and role = 'shown' and not noughts_are_shown)

    union all

    select
        sensitive.audience,
        sensitive.count_id,
        'area' as reason
    from sensitive
    inner join levels on sensitive.area_level = levels.area_level
    inner join levels as lowest on sensitive.lowest_level = lowest.area_level
    where
        sensitive.role = 'shown'
        and (
            sensitive.area_population < sensitive.minimum_population
            or levels.height < lowest.height
        )

    union all

    select
        audience,
        count_id,
        'dominance' as reason
    from dominated

    union all

    select
        audience,
        count_id,
        'gone' as reason
    from gone

)

select
    audience,
    count_id,
    max(reason) as reason
from reasons
group by audience, count_id
