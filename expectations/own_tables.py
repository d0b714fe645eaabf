"""What we expect of the simple tables an authority writes for itself: townships, area names,
addresses, indicators and providers."""

from collections.abc import Callable

from expectations.phrases import (
    POSTCODE,
    Suite,
    date,
    declared_columns,
    filled,
    has_rows,
    holds,
    in_order,
    key,
    once,
    one_of,
    readable,
    rows,
    shaped,
    suite_of_rows,
)


def townships() -> Suite:
    return suite_of_rows(
        "townships, as delivered",
        rows("townships", "townships"),
        has_rows(),
        declared_columns("townships", "townships"),
        key("la_code", "Each ward belongs to an authority: fill la_code (three digits)."),
        key("ward_code", "Wards are matched by code: fill ward_code."),
        key("township_name", "The table says in which township a ward lies: fill it."),
        shaped("la_code", "^[0-9]{3}$", "The three-digit code of the authority."),
        once(
            ["la_code", "ward_code"],
            "A ward in two townships would be counted twice. Keep one row for each ward.",
            severity="critical",
        ),
        filled("ward_name", "The ward is shown by its code."),
    )


def area_names() -> Suite:
    return suite_of_rows(
        "area names, as delivered",
        rows("townships", "area_names"),
        has_rows(),
        declared_columns("townships", "area_names"),
        key("lsoa_code", "Names are matched by LSOA code: fill lsoa_code."),
        once(
            ["lsoa_code"],
            "An LSOA with two names would be shown twice. Keep one row for each LSOA.",
            severity="critical",
        ),
        filled("area_name", "The area is shown by its code."),
    )


def addresses() -> Suite:
    return suite_of_rows(
        "addresses, as delivered",
        rows(
            "addresses",
            "addresses",
            from_day=date("from_date"),
            to_date_is_readable=readable("to_date"),
            ends_after_it_starts=in_order("from_date", "to_date"),
        ),
        has_rows(),
        declared_columns("addresses", "addresses"),
        key("la_child_id", "An address of nobody places nobody: fill la_child_id."),
        key("postcode", "The postcode is what places the child: fill it."),
        key("from_day", "An address counts from a day on: fill from_date (dd/mm/yyyy or ISO)."),
        shaped("postcode", POSTCODE, "Not a postcode: the child is of no known place."),
        holds("to_date_is_readable", "The address would count as current. Correct to_date."),
        holds("ends_after_it_starts", "to_date lies before from_date. Correct one of them."),
    )


def indicators() -> Suite:
    return suite_of_rows(
        "indicators, as delivered",
        rows(
            "indicators",
            "indicators",
            authority="coalesce(nullif(trim(la_code), ''), _la_code, '')",
            at_day=date("at_date"),
            value_number="try_cast(replace(trim(value), ',', '') as double)",
            good_is="lower(trim(direction_of_good))",
            baseline_date_is_readable=readable("baseline_date"),
        ),
        has_rows(),
        declared_columns("indicators", "indicators"),
        key("indicator", "Fill the short name that the indicator keeps from year to year."),
        key("at_day", "A value is of a day: fill at_date (dd/mm/yyyy or ISO)."),
        key("value_number", "A value that is no number cannot be compared: correct it."),
        once(
            ["authority", "indicator", "at_day"],
            "An indicator with two values on one day would be published twice. Keep one.",
            severity="critical",
        ),
        one_of(
            "good_is",
            ["up", "down", "none"],
            "up, down or none: without it a change is neither good nor bad.",
        ),
        holds("baseline_date_is_readable", "Without a baseline no change is worked out."),
    )


def providers() -> Suite:
    return suite_of_rows(
        "providers, as delivered",
        rows(
            "providers",
            "providers",
            end_is_readable=readable("registration_end_date"),
        ),
        has_rows(),
        declared_columns("providers", "providers"),
        key("urn", "Placements are matched by number: fill urn."),
        shaped("urn", "^(SC[0-9]{6}|[0-9]{7})$", "Not a number of Ofsted's: no placement has it."),
        shaped("postcode", POSTCODE, "Not a postcode: no placement is there."),
        holds("end_is_readable", "The provider would count as registered. Correct the date."),
        once(["urn", "postcode"], "One row for each place of a provider is enough."),
    )


SUITES: dict[str, Callable[[], Suite]] = {
    "townships__townships": townships,
    "townships__area_names": area_names,
    "addresses__addresses": addresses,
    "indicators__indicators": indicators,
    "providers__providers": providers,
}
