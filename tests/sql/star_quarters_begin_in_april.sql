-- Days of star_dates whose quarter is not the one that a calendar on the wall says.

select
    calendar_date,
    financial_quarter
from {{ ref('star_dates') }}
where
    financial_quarter <> case
        when calendar_month in (4, 5, 6) then 1
        when calendar_month in (7, 8, 9) then 2
        when calendar_month in (10, 11, 12) then 3
        else 4
    end
