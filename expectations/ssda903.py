"""What we expect of an SSDA903 return (children looked after) before we let it in."""

from collections.abc import Callable

from expectations.phrases import (
    POSTCODE,
    Expectation,
    Suite,
    between,
    coded,
    date,
    declared_columns,
    filled,
    happened,
    has_rows,
    holds,
    in_order,
    key,
    mostly_there,
    once,
    one_of,
    readable,
    rows,
    shaped,
    suite_of_rows,
)

CHILD = (
    "Nothing can be said of a row that names no child. Check that the export fills CHILD in "
    "every row."
)
NOT_YET = (
    "Lies after the return's 31 March, or after today, when nothing of this kind can have "
    "happened. Check the date, and the year of the folder."
)
NO_DATE = "Not a date in the form dd/mm/yyyy: it is read as blank. Correct it at the source."


def headers() -> Suite:
    return suite_of_rows(
        "ssda903 headers, as returned",
        rows(
            "ssda903",
            "headers",
            upper=True,
            birth_date=date("dob"),
            age_at_year_end=f"_collection_year - year({date('dob')})",
            mc_dob_is_readable=readable("mc_dob"),
            dob_is_not_to_come=happened("dob"),
            mc_dob_is_not_to_come=happened("mc_dob"),
        ),
        has_rows(),
        declared_columns("ssda903", "headers"),
        key("child", CHILD),
        once(["child"], "The child is described twice: the later row is taken. Remove one."),
        mostly_there(
            "birth_date",
            "Without dates of birth no age can be worked out. Check that DOB is dd/mm/yyyy.",
        ),
        filled("birth_date", "The age of these children is unknown. Correct DOB at the source."),
        between(
            "age_at_year_end",
            0,
            26,
            "Children in the return are born by its 31 March and care leavers are followed to "
            "their 26th birthday at most. Check DOB, and the year of the folder.",
        ),
        filled("sex", "These children are counted as of unknown sex."),
        coded("sex", "demography", "sexes"),
        filled("ethnic", "These children are counted under Unknown."),
        coded("ethnic", "demography", "ethnic_origins"),
        one_of("mother", ["0", "1"], "MOTHER is 0 or 1, and blank for males."),
        holds("mc_dob_is_readable", NO_DATE),
        holds("dob_is_not_to_come", NOT_YET),
        holds("mc_dob_is_not_to_come", NOT_YET),
    )


def episodes() -> Suite:
    return suite_of_rows(
        "ssda903 episodes, as returned",
        rows(
            "ssda903",
            "episodes",
            upper=True,
            start_date=date("decom"),
            dec_is_readable=readable("dec"),
            ends_after_it_starts=in_order("decom", "dec"),
            starts_by_year_end=happened("decom"),
            ends_by_year_end=happened("dec"),
            end_has_a_reason="(nullif(trim(dec), '') is null) = (nullif(trim(rec), '') is null)",
        ),
        has_rows(),
        declared_columns("ssda903", "episodes"),
        key("child", CHILD),
        key(
            "start_date",
            "An episode without a start cannot be placed in a child's history. Check that "
            "DECOM is filled in the form dd/mm/yyyy.",
        ),
        mostly_there("rne", "Periods of care are told apart by RNE. Check that it is exported."),
        mostly_there("ls", "Short breaks are told by LS. Check that it is exported."),
        filled("rne", "Without RNE the episode is taken to continue the one before."),
        coded("rne", "ssda903", "start_reasons"),
        filled("ls", "The legal status of these episodes is unknown."),
        coded("ls", "ssda903", "legal_statuses"),
        filled("cin", "The category of need of these episodes is unknown."),
        coded("cin", "ssda903", "categories_of_need"),
        filled("place", "The placement of these episodes is unknown."),
        coded("place", "ssda903", "placements"),
        coded("rec", "ssda903", "end_reasons"),
        holds("dec_is_readable", "The episode would count as open. Correct DEC: dd/mm/yyyy."),
        holds("ends_after_it_starts", "DEC lies before DECOM. Correct one of them."),
        holds(
            "starts_by_year_end",
            "Begins after the return's 31 March, or after today. Check the date, and the year of "
            "the folder.",
        ),
        holds("ends_by_year_end", "Ends after the return's 31 March, or after today. Check DEC."),
        holds("end_has_a_reason", "DEC and REC are both given, or neither. Correct one."),
        filled(
            "home_post",
            "Blank is right for short breaks and unaccompanied children; more than one in "
            "twenty is news: these children are of no known place.",
            mostly=0.95,
        ),
        shaped("home_post", POSTCODE, "Not a postcode: the child is of no known place."),
        shaped("pl_post", POSTCODE, "Not a postcode: the placement is of no known place."),
        once(
            ["child", "decom", "rne", "ls", "place", "dec", "rec"],
            "The same episode twice in one return. Remove one.",
        ),
    )


def _rows_of_a_child(
    table: str,
    dates: tuple[str, ...] = (),
    spans: tuple[tuple[str, str], ...] = (),
    may_be_to_come: tuple[str, ...] = (),
) -> Callable[[], Suite]:
    """The suite of a table of which only the child is needed today: its dates can be read, have
    come (apart from those that may be planned) and its spans end after they start."""

    def suite_of_the_table() -> Suite:
        past = [name for name in dates if name not in may_be_to_come]
        worked_out = {f"{name}_is_readable": readable(name) for name in dates}
        worked_out |= {f"{name}_is_not_to_come": happened(name) for name in past}
        worked_out |= {f"{end}_is_not_before_{start}": in_order(start, end) for start, end in spans}
        expected: list[Expectation] = [holds(f"{name}_is_readable", NO_DATE) for name in dates]
        expected += [holds(f"{name}_is_not_to_come", NOT_YET) for name in past]
        expected += [
            holds(f"{end}_is_not_before_{start}", "Ends before it starts. Correct one date.")
            for start, end in spans
        ]
        return suite_of_rows(
            f"ssda903 {table.replace('_', ' ')}, as returned",
            rows("ssda903", table, upper=True, **worked_out),
            declared_columns("ssda903", table),
            key("child", CHILD),
            expected,
        )

    return suite_of_the_table


SUITES: dict[str, Callable[[], Suite]] = {
    "headers": headers,
    "episodes": episodes,
    "reviews": _rows_of_a_child("reviews", ("dob", "review")),
    "uasc": _rows_of_a_child("uasc", ("dob", "duc"), may_be_to_come=("duc",)),
    "oc2": _rows_of_a_child("oc2", ("dob",)),
    "oc3": _rows_of_a_child("oc3", ("dob",)),
    "ad1": _rows_of_a_child("ad1", ("dob", "date_int", "date_match")),
    "placed_for_adoption": _rows_of_a_child(
        "placed_for_adoption",
        ("dob", "date_placed", "date_placed_ceased"),
        (("date_placed", "date_placed_ceased"),),
    ),
    # DATE_PERM may be partial (zz/zz/2015), so it is not held to a date.
    "previous_permanence": _rows_of_a_child("previous_permanence", ("dob",)),
    "missing": _rows_of_a_child(
        "missing", ("dob", "mis_start", "mis_end"), (("mis_start", "mis_end"),)
    ),
    "social_worker_episodes": _rows_of_a_child(
        "social_worker_episodes", ("dob", "sw_decom", "sw_dec"), (("sw_decom", "sw_dec"),)
    ),
    "deprivation_of_liberty": _rows_of_a_child(
        "deprivation_of_liberty",
        ("dob", "dolo_start", "dolo_end"),
        (("dolo_start", "dolo_end"),),
        may_be_to_come=("dolo_end",),  # an order says until when it holds
    ),
}
