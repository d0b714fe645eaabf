-- One row per rule of the SSDA903 return and review that does not meet it.

with

reviews as (

    select * from {{ ref('judged_looked_after_reviews') }}

),

codes as (

    select * from {{ ref('ssda903_codes') }}

),

joined as (

    select
        reviews.*,
        {{ age_on('reviews.birth_date', 'reviews.review_date') }} as age_at_review
    from reviews

),

judged as (

    select
        *,

        -- The date is missing or no date.
        review_date is null as fails_166,

        -- How the child took part is no code, or is told of no review.
        not(
            (review is null and review_code is null)
            or (
                review is not null
                and {{ is_code_of('codes', 'REVIEW_CODE', 'review_code', 'joined') }}
            )
        ) as fails_167,

        -- Coded as under four, and four or older.
        review_code = 'PN0' and age_at_review >= 4 as fails_440,

        -- Coded as four or older, and under four.
        review_code <> 'PN0'
        and {{ is_code_of('codes', 'REVIEW_CODE', 'review_code', 'joined') }}
        and age_at_review < 4 as fails_441

    from joined

)

{{ failures_in('judged') }}
