"""What we expect of published statistics by area, which may hold the whole nation: held
against one row of counts, worked out where the rows are."""

from collections.abc import Callable

from expectations.contracts import codes
from expectations.phrases import (
    LSOA,
    POSTCODE,
    Suite,
    few,
    has_rows,
    suite,
    summary,
)

NO_ROWS = "Without rows there is nothing to load. Check that this is the whole file."
NO_AREA = (
    "A row without the code of an area (such as E01000001) cannot be placed. Check that "
    "the file is the publisher's own, with its codes."
)
NO_NUMBER = (
    "Rows that hold no number at all. Check that the sheet with the figures was delivered, "
    "with its values rather than its formulas."
)

# The first two numbers of an outline.
FIRST_PLACE = r"^[\[\s]*(-?[0-9.]+)\s*,\s*(-?[0-9.]+)"

# How publishers write that there is no figure: c, x, [x], .. and others
_NO_FIGURE = ", ".join(f"'{marker}'" for marker in codes("quality", "no_figure_markers"))

# A heading with % in it is of a percentage, but not "less than 60% of median income".
# A delivered row again, from its cells: what is asked of it is asked of any of them.
_ROW_OF_CELLS = f"""(
    select
        _sheet, _row,
        bool_or(
            (length(cell) = 9 and regexp_matches(cell, '^[EWSNKJ][0-9]{{8}}$'))
            or (
                length(cell) in (4, 6)
                and regexp_matches(cell, '^[0-9]{{2}}[A-Z]{{2}}([A-Z]{{2}})?$')
            )
        ) as has_area_code,
        bool_or(length(cell) = 9 and regexp_matches(cell, '{LSOA}')) as has_lsoa,
        bool_or(number is not null) as has_number,
        bool_or(number is not null or lower(cell) in ({_NO_FIGURE})) as has_figure,
        bool_or(number < 0) as has_negative,
        bool_or(about like '%rank%' and (number is null or number < 1)) as has_bad_rank,
        bool_or(regexp_matches(about, '(^|[^0-9])%|percent') and abs(number) > 100)
            as has_bad_percent,
        count(*) filter (where regexp_matches(cell, '^[0-9]{{3}}$')) as three_digit_codes
    from (
        select
            _sheet, _row, trim(value) as cell, lower(heading) as about,
            try_cast(replace(replace(trim(value), ',', ''), '%', '') as double) as number
        from {{rows}}
    )
    group by _sheet, _row
)"""


def _cells(**concerns: str) -> str:
    """A look at one row of counts of the delivered rows that each concern is true of."""
    return summary(**concerns).replace("{rows}", _ROW_OF_CELLS)


def deprivation() -> Suite:
    return suite(
        "deprivation, as published",
        _cells(
            rows_without_area="not has_area_code",
            rows_without_lsoa="not has_lsoa",
            rows_without_number="not has_number",
            rows_with_bad_rank="has_bad_rank",
        ),
        has_rows(NO_ROWS),
        few("rows_without_area", NO_AREA),
        few("rows_without_number", NO_NUMBER),
        few(
            "rows_without_lsoa",
            "Figures for authorities rather than LSOAs are kept, but give no ranks to places.",
            severity="warning",
        ),
        few(
            "rows_with_bad_rank",
            "A rank is a number from 1. Check the column headed rank.",
            severity="warning",
            share=0,
        ),
    )


def child_poverty() -> Suite:
    return suite(
        "child poverty, as published",
        _cells(
            rows_without_area="not has_area_code",
            rows_without_figure="not has_figure",
            rows_with_negative="has_negative",
            rows_with_bad_percent="has_bad_percent",
        ),
        has_rows(NO_ROWS),
        few("rows_without_figure", NO_NUMBER, share=0.5),
        few(
            "rows_without_area",
            "Areas given by name alone cannot be placed. Ask the publisher's tool for codes.",
            severity="warning",
        ),
        few("rows_with_negative", "No count is below 0.", severity="warning", share=0),
        few("rows_with_bad_percent", "No percentage is above 100.", severity="warning", share=0),
    )


def population() -> Suite:
    return suite(
        "population estimates, as published",
        _cells(
            rows_without_area="not has_area_code",
            rows_without_number="not has_number",
            rows_with_negative="has_negative",
        ),
        has_rows(NO_ROWS),
        few("rows_without_area", NO_AREA),
        few("rows_without_number", NO_NUMBER),
        few("rows_with_negative", "No population is below 0.", severity="warning", share=0),
    )


def comparators() -> Suite:
    return suite(
        "comparators, as published",
        _cells(
            rows_without_figure="not has_figure",
            rows_with_bad_percent="has_bad_percent",
        ),
        has_rows(NO_ROWS),
        few("rows_without_figure", NO_NUMBER, share=0.5),
        few(
            "rows_with_bad_percent",
            "A percentage above 100 can be right (a change), but is worth a look.",
            severity="warning",
            share=0,
        ),
    )


def statistical_neighbours() -> Suite:
    return suite(
        "statistical neighbours, as published",
        _cells(rows_without_neighbours="three_digit_codes < 2"),
        has_rows(NO_ROWS),
        few(
            "rows_without_neighbours",
            "Each row names an authority and its neighbours by three-digit codes. Check that "
            "the sheet of neighbour groups was delivered.",
            share=0.5,
        ),
        few(
            "rows_without_neighbours",
            "These rows name no neighbours. Check their codes.",
            severity="warning",
        ),
    )


def census_ethnic_groups() -> Suite:
    return suite(
        "census ethnic groups, as published",
        summary(
            rows_without_area="coalesce(trim(area_code), '') = ''",
            rows_without_category="coalesce(trim(category_code), trim(category_name), '') = ''",
            rows_without_number="try_cast(replace(observation, ',', '') as double) is null",
        ),
        has_rows(NO_ROWS),
        few("rows_without_area", NO_AREA),
        few("rows_without_category", "A count of no ethnic group. Check the categories."),
        few("rows_without_number", NO_NUMBER),
    )


def postcodes() -> Suite:
    vintages = "coalesce(lsoa01_code, '') || coalesce(lsoa11_code, '') || coalesce(lsoa21_code, '')"
    return suite(
        "postcode directory, as published",
        summary(
            unreadable_postcodes=(
                f"pcds is null or not regexp_matches(upper(trim(pcds)), '{POSTCODE}')"
            ),
            without_authority="coalesce(trim(la_code), '') = ''",
            without_lsoa=f"trim({vintages}) = ''",
        ),
        has_rows(NO_ROWS),
        few(
            "unreadable_postcodes",
            "The postcode is what the directory is looked up by. Check that the column of "
            "postcodes (pcds) was exported.",
        ),
        few(
            "without_authority",
            "Without an authority a home cannot be told from one out of area. Deliver ONSPD "
            "or NSPL with its authority column.",
            share=0.5,
        ),
        few(
            "without_authority",
            "Outside the United Kingdom's authorities (islands, large users); more is news.",
            severity="warning",
        ),
        few(
            "without_lsoa",
            "Homes at these postcodes have no LSOA, hence no deprivation rank. ONSPD holds "
            "2001, 2011 and 2021 codes.",
            severity="warning",
        ),
    )


def lsoa_wards() -> Suite:
    lsoas = "coalesce(lsoa01_code, lsoa11_code, lsoa21_code, '')"
    return suite(
        "LSOA to ward lookup, as published",
        summary(
            without_lsoa=f"not regexp_matches(trim({lsoas}), '^[EWSN][0-9]{{8}}$')",
            without_ward="coalesce(trim(ward_code), '') = ''",
        ),
        has_rows(NO_ROWS),
        few("without_lsoa", "The lookup is by LSOA code. Deliver the file with its codes."),
        few(
            "without_ward",
            "These LSOAs belong to no ward: they are left out of ward and township profiles.",
            severity="warning",
        ),
    )


def lsoa_changes() -> Suite:
    vintages = (
        "cast(lsoa01_code is not null as integer) + cast(lsoa11_code is not null as integer) "
        "+ cast(lsoa21_code is not null as integer)"
    )
    return suite(
        "LSOA change lookup, as published",
        summary(
            without_two_vintages=f"{vintages} < 2",
            unknown_changes="upper(trim(change_code)) not in ('U', 'S', 'M', 'X')",
        ),
        has_rows(NO_ROWS),
        few("without_two_vintages", "A change is from one LSOA code to another. Check both."),
        few(
            "unknown_changes",
            "Unchanged, split, merged or irregular (U, S, M, X) are the known changes.",
            severity="warning",
            share=0,
        ),
    )


def boundaries() -> Suite:
    """Whether each outline can be read is looked at in the warehouse, where those that cannot are
    set aside; here, whether it is a file of outlines of LSOAs, and where the first place of each
    lies."""
    across, up = (
        f"try_cast(regexp_extract(coordinates, '{FIRST_PLACE}', {part}) as double)"
        for part in (1, 2)
    )
    return suite(
        "boundaries, as published",
        summary(
            without_lsoa=f"not regexp_matches(upper(trim(coalesce(lsoa_code, ''))), '{LSOA}')",
            without_outline="coalesce(geometry_type not in ('Polygon', 'MultiPolygon'), true) "
            "or coordinates is null",
            elsewhere=f"not ({across} between -9 and 2.5 and {up} between 49.5 and 61.5) "
            f"and not ({across} between 1000 and 700000 and {up} between 1000 and 1300000)",
        ),
        has_rows(NO_ROWS),
        few(
            "without_lsoa",
            "Areas are matched by LSOA code, a property such as LSOA21CD. Deliver the boundaries "
            "of LSOAs, not of larger areas.",
        ),
        few("without_outline", "An area without a polygon cannot be drawn."),
        few(
            "elsewhere",
            "Neither longitude and latitude in degrees (WGS84) nor metres of the British National "
            "Grid. Export the boundaries in one of the two.",
        ),
    )


SUITES: dict[str, Callable[[], Suite]] = {
    "deprivation__cells": deprivation,
    "child_poverty__cells": child_poverty,
    "population__cells": population,
    "comparators__cells": comparators,
    "comparators__statistical_neighbours": statistical_neighbours,
    "comparators__census_ethnic_groups": census_ethnic_groups,
    "postcodes__postcodes": postcodes,
    "lookups__lsoa_wards": lsoa_wards,
    "lookups__lsoa_changes": lsoa_changes,
    "boundaries__areas": boundaries,
}
