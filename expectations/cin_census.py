"""What we expect of a children in need census before we let it in.

A census without plans, reviews or assessments is possible, so only its header, its
children and their referrals must hold rows.
"""

from collections.abc import Callable

from expectations.phrases import (
    Expectation,
    Suite,
    coded,
    declared_columns,
    filled,
    happened,
    has_rows,
    holds,
    in_order,
    iso_date,
    key,
    mostly_there,
    once,
    one_of,
    readable,
    rows,
    shaped,
    suite_of_rows,
)

NO_DATE = "Not a date in the form yyyy-mm-dd: it is read as blank. Correct it at the source."
NOT_YET = (
    "Lies after the census day, or after today, when nothing of this kind can have happened. "
    "Check the date, and the year of the folder."
)
NO_CHILD = (
    "The element belongs to no child whose LAchildID is filled, so it can be counted for "
    "nobody. Check the identifiers of the children."
)
TRUTHS = ["0", "1", "TRUE", "FALSE"]


def header() -> Suite:
    return suite_of_rows(
        "cin census header, as returned",
        rows(
            "cin_census",
            "header",
            upper=True,
            reference_day=iso_date("reference_date"),
            is_31_march="strftime(" + iso_date("reference_date") + ", '%m-%d') = '03-31'",
        ),
        has_rows("A census without a Header does not say of which year it is."),
        declared_columns("cin_census", "header"),
        filled("reference_day", "The census day cannot be read: the folder's year is taken."),
        holds("is_31_march", "The census day is 31 March. Check the export's settings."),
        shaped("lea", "^[0-9]{3}$", "LEA is the three-digit code of the authority."),
    )


def children() -> Suite:
    return suite_of_rows(
        "cin census children, as returned",
        rows(
            "cin_census",
            "children",
            upper=True,
            birth_or_expected_date=iso_date(
                "coalesce(person_birth_date, expected_person_birth_date)"
            ),
            person_birth_date_is_readable=readable("person_birth_date", iso_date),
            expected_person_birth_date_is_readable=readable("expected_person_birth_date", iso_date),
            is_born_by_the_census=happened("person_birth_date", iso_date),
        ),
        has_rows(),
        declared_columns("cin_census", "children"),
        key("la_child_id", "Nothing can be said of a child without LAchildID."),
        once(["la_child_id"], "The child is in the census twice. Merge the two records."),
        mostly_there(
            "birth_or_expected_date",
            "Without dates of birth no age can be worked out. Check PersonBirthDate.",
        ),
        filled("birth_or_expected_date", "The age of these children is unknown."),
        holds("person_birth_date_is_readable", NO_DATE),
        holds("expected_person_birth_date_is_readable", NO_DATE),
        holds("is_born_by_the_census", "Born after the census day. Check the date."),
        coded("sex", "demography", "sexes"),
        coded("gender_current", "demography", "sexes"),
        filled("ethnicity", "These children are counted under Unknown."),
        coded("ethnicity", "cin_census", "ethnicity"),
    )


def referrals() -> Suite:
    return suite_of_rows(
        "cin census referrals, as returned",
        rows(
            "cin_census",
            "referrals",
            upper=True,
            referral_date=iso_date("cin_referral_date"),
            cin_closure_date_is_readable=readable("cin_closure_date", iso_date),
            cin_referral_date_is_not_to_come=happened("cin_referral_date", iso_date),
            cin_closure_date_is_not_to_come=happened("cin_closure_date", iso_date),
            closes_after_it_opens=in_order("cin_referral_date", "cin_closure_date", iso_date),
            closure_has_a_reason=(
                "(nullif(trim(cin_closure_date), '') is null) = "
                "(nullif(trim(reason_for_closure), '') is null)"
            ),
        ),
        has_rows(),
        declared_columns("cin_census", "referrals"),
        key("_child_key", NO_CHILD),
        key(
            "referral_date",
            "A referral without a date cannot be counted on any day. Check CINreferralDate.",
        ),
        coded("referral_source", "cin_census", "referral_source"),
        coded("primary_need_code", "cin_census", "primary_need"),
        coded("reason_for_closure", "cin_census", "closure_reason"),
        one_of("referral_nfa", TRUTHS, "ReferralNFA is 0 or 1, true or false."),
        holds("cin_closure_date_is_readable", "The case would count as open. " + NO_DATE),
        holds("cin_referral_date_is_not_to_come", NOT_YET),
        holds("cin_closure_date_is_not_to_come", NOT_YET),
        holds("closes_after_it_opens", "Closed before it was referred. Correct one date."),
        holds("closure_has_a_reason", "Closure date and reason are both given, or neither."),
    )


def child_protection_plans() -> Suite:
    return suite_of_rows(
        "cin census child protection plans, as returned",
        rows(
            "cin_census",
            "child_protection_plans",
            upper=True,
            start_date=iso_date("cpp_start_date"),
            cpp_end_date_is_readable=readable("cpp_end_date", iso_date),
            cpp_start_date_is_not_to_come=happened("cpp_start_date", iso_date),
            cpp_end_date_is_not_to_come=happened("cpp_end_date", iso_date),
            ends_after_it_starts=in_order("cpp_start_date", "cpp_end_date", iso_date),
        ),
        declared_columns("cin_census", "child_protection_plans"),
        key("_child_key", NO_CHILD),
        key("start_date", "A plan without a start cannot be counted. Check CPPstartDate."),
        holds("cpp_end_date_is_readable", "The plan would count as open. " + NO_DATE),
        holds("cpp_start_date_is_not_to_come", NOT_YET),
        holds("cpp_end_date_is_not_to_come", NOT_YET),
        holds("ends_after_it_starts", "The plan ends before it starts. Correct one date."),
        coded("initial_category_of_abuse", "cin_census", "category_of_abuse"),
        coded("latest_category_of_abuse", "cin_census", "category_of_abuse"),
        shaped("number_of_previous_cpp", "^[0-9]+$", "The number of earlier plans, 0 or more."),
        once(
            ["_child_key", "cpp_start_date", "referral_row"],
            "The same plan twice under one referral. Remove one.",
        ),
    )


def _elements_of_a_child(
    table: str,
    dates: tuple[str, ...] = (),
    spans: tuple[tuple[str, str], ...] = (),
    code_sets: tuple[tuple[str, str], ...] = (),
    may_be_to_come: tuple[str, ...] = (),
) -> Callable[[], Suite]:
    """The suite of elements that hang on a child or referral: they belong to a child, their
    dates can be read and have come (apart from those that may be planned), their spans end
    after they start, their codes are known."""

    def suite_of_the_table() -> Suite:
        past = [name for name in dates if name not in may_be_to_come]
        worked_out = {f"{name}_is_readable": readable(name, iso_date) for name in dates}
        worked_out |= {f"{name}_is_not_to_come": happened(name, iso_date) for name in past}
        worked_out |= {
            f"{end}_is_not_before_{start}": in_order(start, end, iso_date) for start, end in spans
        }
        expected: list[Expectation] = [holds(f"{name}_is_readable", NO_DATE) for name in dates]
        expected += [holds(f"{name}_is_not_to_come", NOT_YET) for name in past]
        expected += [
            holds(f"{end}_is_not_before_{start}", "Ends before it starts. Correct one date.")
            for start, end in spans
        ]
        for name, code_set in code_sets:
            expected += coded(name, "cin_census", code_set)
        return suite_of_rows(
            f"cin census {table.replace('_', ' ')}, as returned",
            rows("cin_census", table, upper=True, **worked_out),
            declared_columns("cin_census", table),
            key("_child_key", NO_CHILD),
            expected,
        )

    return suite_of_the_table


def other_elements() -> Suite:
    return suite_of_rows(
        "cin census elements of no known table, as returned",
        rows("cin_census", "other_elements"),
        declared_columns("cin_census", "other_elements"),
        filled("element_path", "Kept so that a new element of the census is noticed."),
    )


SUITES: dict[str, Callable[[], Suite]] = {
    "header": header,
    "children": children,
    "disabilities": _elements_of_a_child("disabilities", code_sets=(("disability", "disability"),)),
    "referrals": referrals,
    "assessments": _elements_of_a_child(
        "assessments",
        (
            "assessment_actual_start_date",
            "assessment_internal_review_date",
            "assessment_authorisation_date",
        ),
        (("assessment_actual_start_date", "assessment_authorisation_date"),),
        may_be_to_come=("assessment_internal_review_date",),
    ),
    "assessment_factors": _elements_of_a_child(
        "assessment_factors", code_sets=(("assessment_factor", "assessment_factor"),)
    ),
    "cin_plans": _elements_of_a_child(
        "cin_plans",
        ("cin_plan_start_date", "cin_plan_end_date"),
        (("cin_plan_start_date", "cin_plan_end_date"),),
        may_be_to_come=("cin_plan_end_date",),
    ),
    "section_47s": _elements_of_a_child(
        "section_47s",
        ("s47_actual_start_date", "initial_cpc_target", "date_of_initial_cpc"),
        (("s47_actual_start_date", "date_of_initial_cpc"),),
        may_be_to_come=("initial_cpc_target",),
    ),
    "child_protection_plans": child_protection_plans,
    "reviews": _elements_of_a_child("reviews", ("cpp_review_date",)),
    "pre_proceedings": _elements_of_a_child(
        "pre_proceedings",
        ("pp_start_date", "lbp_sent_date", "initial_pp_meeting_date", "court_app_date"),
    ),
    "other_elements": other_elements,
}
