-- A delivered row is loaded, superseded, held back, quarantined or forgotten on request, and
-- nothing else.
-- A file and table returned here has lost rows between the reader and the models, or gained
-- some, and nothing is published until it is known which.
{{ config(severity='error') }}

select
    file_id,
    table_name,
    rows_delivered,
    rows_loaded,
    rows_superseded,
    rows_held_back,
    rows_quarantined,
    rows_forgotten
from {{ ref('extract_ledger') }}
where
    outcome <> 'refused'
    and rows_delivered
    <> rows_loaded + rows_superseded + rows_held_back + rows_quarantined + rows_forgotten
