"""Each suite lets good rows pass and catches what it claims to catch."""

from functools import cache

import duckdb
import pytest
import yaml

from expectations import INBOUND, OUTBOUND
from expectations.contracts import HOUSE, codes, columns, published_columns
from expectations.published import MARTS, Delivered
from flows import audit
from flows.audit import at_the_door, hold, looked_at_together, name_at_the_door
from tests.landing import GOOD, fill, make_landing
from tests.marts import good_rows

# What makes each critical expectation fail, as SQL on the good rows of a table. The name is
# the column of the finding; an unreadable value is as bad as none.
NOTHING = "delete from {table}"
SPOILS: dict[str, dict[str | None, str]] = {
    "ssda903__headers": {
        None: NOTHING,
        "birth_date": "update {table} set dob = '2005' where _row > 10",
    },
    "ssda903__episodes": {
        None: NOTHING,
        "start_date": "update {table} set decom = '31/02/2010' where _row > 37",
        "rne": "update {table} set rne = ' ' where _row > 10",
        "ls": "update {table} set ls = null where _row > 10",
    },
    "cin_census__header": {None: NOTHING},
    "cin_census__children": {
        None: NOTHING,
        "la_child_id": "update {table} set la_child_id = null where _row > 37",
        "birth_or_expected_date": "update {table} set person_birth_date = null where _row > 10",
    },
    "cin_census__referrals": {
        None: NOTHING,
        "referral_date": "update {table} set cin_referral_date = '01/04/2010' where _row > 37",
    },
    "cin_census__child_protection_plans": {
        "start_date": "update {table} set cpp_start_date = '' where _row > 37",
    },
    "deprivation__cells": {
        None: NOTHING,
        "rows_without_area_share": "update {table} set value = 'n/a' where heading = 'Area code'",
        "rows_without_number_share": "update {table} set value = 'n/a' where heading = 'Rank'",
    },
    "child_poverty__cells": {
        None: NOTHING,
        "rows_without_figure_share": "update {table} set value = '?' where heading like '%low%'",
    },
    "population__cells": {
        None: NOTHING,
        "rows_without_area_share": "update {table} set value = 'n/a' where heading = 'Area code'",
        "rows_without_number_share": "update {table} set value = 'n/a' where heading = 'Rank'",
    },
    "comparators__cells": {
        None: NOTHING,
        "rows_without_figure_share": "update {table} set value = 'so so' where heading = 'Rank'",
    },
    "comparators__statistical_neighbours": {
        None: NOTHING,
        "rows_without_neighbours_share": "update {table} set value = 'a' where column_number = 1",
    },
    "comparators__census_ethnic_groups": {
        None: NOTHING,
        "rows_without_area_share": "update {table} set area_code = null",
        "rows_without_category_share": "update {table} set category_code = ' '",
        "rows_without_number_share": "update {table} set observation = 'many'",
    },
    "postcodes__postcodes": {
        None: NOTHING,
        "unreadable_postcodes_share": "update {table} set pcds = 'B6' where _row > 37",
        "without_authority_share": "update {table} set la_code = null where _row > 10",
    },
    "lookups__lsoa_wards": {
        None: NOTHING,
        "without_lsoa_share": "update {table} set lsoa11_code = 'Dudley 001A'",
    },
    "lookups__lsoa_changes": {
        None: NOTHING,
        "without_two_vintages_share": "update {table} set lsoa01_code = null",
    },
    "boundaries__areas": {
        None: NOTHING,
        "without_lsoa_share": "update {table} set lsoa_code = 'E02000001'",
        "without_outline_share": "update {table} set geometry_type = 'Point'",
        "elsewhere_share": "update {table} set coordinates = '[[[52.4, -2.1], [52.5, -2.1]]]'",
    },
    "townships__townships": {
        None: NOTHING,
        "la_code": "update {table} set la_code = null where _row > 37",
        "ward_code": "update {table} set ward_code = null where _row > 37",
        "township_name": "update {table} set township_name = '' where _row > 37",
        "la_code, ward_code": "update {table} set ward_code = 'W1' where _row = 2",
    },
    "townships__area_names": {
        None: NOTHING,
        "lsoa_code": "update {table} set lsoa_code = null where _row > 37",
    },
    "addresses__addresses": {
        None: NOTHING,
        "la_child_id": "update {table} set la_child_id = null where _row > 37",
        "postcode": "update {table} set postcode = '' where _row > 37",
        "from_day": "update {table} set from_date = 'May' where _row > 37",
    },
    "providers__providers": {
        None: NOTHING,
        "urn": "update {table} set urn = null where _row > 37",
    },
    "indicators__indicators": {
        None: NOTHING,
        "indicator": "update {table} set indicator = null where _row > 37",
        "at_day": "update {table} set at_date = '2011' where _row > 37",
        "value_number": "update {table} set value = 'many' where _row > 37",
        "authority, indicator, at_day": "update {table} set indicator = 'i1' where _row = 2",
    },
}
for _table in INBOUND:
    if _table.startswith("ssda903__"):
        SPOILS.setdefault(_table, {})["child"] = "update {table} set child = ' ' where _row > 37"
    elif _table.startswith("cin_census__") and _table != "cin_census__header":
        SPOILS.setdefault(_table, {}).setdefault(
            "_child_key", "update {table} set _child_key = null where _row > 37"
        )
# Elements of no known table are kept to be noticed, and nothing hangs on them; of children
# it is the identifier that is looked at.
del SPOILS["cin_census__other_elements"], SPOILS["cin_census__children"]["_child_key"]

# A second spoil where one column has two critical expectations.
TWICE = {
    "townships__area_names": "update {table} set lsoa_code = 'E01000001' where _row = 2",
}


@pytest.fixture(scope="module")
def landing():
    with duckdb.connect() as connection:
        make_landing(connection)
        for table in GOOD:
            fill(connection, table)
        yield connection


@pytest.fixture
def door(landing, monkeypatch):
    """Examines one table after a statement on it, and puts the good rows back. An examination
    takes its time for each expectation: where only the critical ones are asked of, only those
    are held."""

    def examine(table, statement=None, *, only_critical=False):
        if only_critical:
            monkeypatch.setattr(audit, "_inbound", critical_of)
        landing.execute("begin")
        if statement:
            landing.execute(statement.format(table=f"landing.{table}"))
        findings = at_the_door(landing, table, f"landing.{table}", "f1")
        landing.execute("rollback")
        return findings

    return examine


@cache
def critical_of(table):
    suite = INBOUND[table]()
    suite.expectations = [each for each in suite.expectations if is_critical(each)]
    return suite


def criticals(findings):
    return {(found.expectation, found.column) for found in findings if found.is_critical}


def is_critical(each):
    return each.severity.value == "critical"


def promise(each):
    """What is expected of which columns, whether of the rows or of their counts."""
    of = (each.meta or {}).get("of")
    of = of or {"type": each.expectation_type, "kwargs": each.configuration.kwargs}
    columns = of["kwargs"].get("column_list") or [of["kwargs"].get("column")]
    return of["type"], ", ".join(columns) if any(columns) else None


def test_every_landed_table_has_a_suite_and_good_rows():
    declared = {
        table["identifier"]
        for path in (HOUSE / "models" / "staging").glob("*/_*__sources.yml")
        for source in yaml.safe_load(path.read_text())["sources"]
        for table in source["tables"]
        if "identifier" in table
    }
    assert declared == set(INBOUND) == set(GOOD)


@pytest.mark.parametrize("table", INBOUND)
def test_good_rows_pass(door, table):
    assert [str(found) for found in door(table) if found.is_critical] == []


@pytest.mark.parametrize("table", INBOUND)
def test_every_critical_expectation_of_a_landed_table_fails_on_what_it_forbids(door, table):
    seen = set()
    for column, statement in SPOILS.get(table, {}).items():
        found = criticals(door(table, statement, only_critical=True))
        assert column in {column for _, column in found}
        seen |= found
    if table in TWICE:
        seen |= criticals(door(table, TWICE[table], only_critical=True))
    seen.add(("expect_table_columns_to_match_set", None))  # seen in the test below
    promised = {
        promise(each) for each in INBOUND[table]().expectations if each.severity.value == "critical"
    }
    assert promised - seen == set()


def test_files_that_are_looked_at_together_are_told_what_each_would_be_told_alone(landing):
    """Of some rows that are good, some that are spoilt, and of none; keys that stand twice in
    two files and in one."""
    names = {"f1": "good.csv", "f2": "of C1 in zz-c12345.csv", "f3": "empty.csv"}
    landing.execute("begin")
    tables = [table for table in INBOUND if table.startswith(("ssda903__", "cin_census__"))]
    told = {}
    for table in tables:
        landing.execute(f"create temp table staged_{table} as from landing.{table}")
        landing.execute(f"update staged_{table} set _file_id = 'f1'")
        for chosen in ("_row > 1", "_row = 6"):  # which is there twice
            landing.execute(
                f"insert into staged_{table} select * replace ('f2' as _file_id) "
                f"from landing.{table} where {chosen}"
            )
        spoilt = [column for column in GOOD[table] if not column.startswith("_")][:3]
        for at, column in enumerate(spoilt):
            landing.execute(
                f"update staged_{table} set {column} = 'zz-c12345' where _file_id = 'f2' "
                f"and _row in ({at + 2}, {at + 3})"
            )
    for is_together in (False, True):
        relations = {table: f"staged_{table}" for table in tables} if is_together else {}
        seen = looked_at_together(landing, relations, names)
        assert {table for one in seen.values() for table in one.rows} == set(relations)
        told[is_together] = [
            found
            for table in tables
            for file_id, name in names.items()
            for own in [f"(from staged_{table} where _file_id = '{file_id}')"]
            for found in (
                *at_the_door(landing, table, own, file_id, seen[file_id]),
                *name_at_the_door(landing, table, own, file_id, name, seen[file_id]),
            )
        ]
    landing.execute("rollback")
    assert told[True] == told[False]
    assert {found.file_id for found in told[True]} == {"f2", "f3"}
    assert {found.expectation for found in told[True]} >= {
        "expect_file_name_to_hold_no_identifier", "expect_compound_columns_to_be_unique",
        "expect_table_row_count_to_be_between",
    }  # fmt: skip


@pytest.mark.parametrize("table", INBOUND)
def test_a_missing_column_is_critical_whatever_else_it_is_needed_for(door, table):
    looked_at = [name for name in GOOD[table] if not name.startswith("_")] or ["_child_key"]
    column = "value" if "value" in looked_at else looked_at[0]
    spoil = f"alter table {{table}} drop column {column}"
    assert criticals(door(table, spoil, only_critical=True))


@pytest.mark.parametrize(
    ("table", "statement", "column"),
    [
        ("ssda903__episodes", "update {table} set ls = 'ZZ' where _row = 1", "ls"),
        ("ssda903__episodes", "update {table} set home_post = null where _row > 37", "home_post"),
        ("ssda903__episodes", "update {table} set home_post = '?' where _row = 1", "home_post"),
        ("ssda903__episodes", "update {table} set decom = 'May' where _row = 1", "start_date"),
        (
            "ssda903__episodes",
            "update {table} set dec = '31/03/2010', rec = 'X1' where _row = 1",
            "ends_after_it_starts",
        ),
        ("ssda903__episodes", "update {table} set dec = '1st May' where _row = 2",
         "dec_is_readable"),
        ("ssda903__episodes", "update {table} set rec = null where _row = 2", "end_has_a_reason"),
        ("ssda903__episodes", "update {table} set decom = '01/04/2011' where _row = 1",
         "starts_by_year_end"),
        ("ssda903__episodes", "update {table} set dec = '01/04/2011' where _row = 2",
         "ends_by_year_end"),
        # Of a return that is still being gathered, the day itself is what is to come.
        ("ssda903__episodes",
         "update {table} set _collection_year = 2100, "
         "decom = strftime(current_date + 1, '%d/%m/%Y'), dec = null, rec = null where _row = 1",
         "starts_by_year_end"),
        ("ssda903__headers", "update {table} set dob = '01/04/2011' where _row = 1",
         "dob_is_not_to_come"),
        ("ssda903__headers", "update {table} set mc_dob = '2099-01-01' where _row = 1",
         "mc_dob_is_not_to_come"),
        ("ssda903__reviews", "update {table} set review = '01/04/2011' where _row = 1",
         "review_is_not_to_come"),
        ("ssda903__headers", "update {table} set child = 'C1' where _row = 2", "child"),
        ("ssda903__headers", "update {table} set dob = '01/02/1955' where _row = 1",
         "age_at_year_end"),
        ("ssda903__missing", "update {table} set mis_end = '01/03/2010' where _row = 1",
         "mis_end_is_not_before_mis_start"),
        ("cin_census__header", "update {table} set reference_date = '2011-03-30'", "is_31_march"),
        ("cin_census__referrals", "update {table} set referral_nfa = 'perhaps' where _row = 1",
         "referral_nfa"),
        ("cin_census__referrals", "update {table} set cin_closure_date = '2009-04-01'",
         "closes_after_it_opens"),
        ("cin_census__referrals", "update {table} set cin_referral_date = '2011-04-01'",
         "cin_referral_date_is_not_to_come"),
        ("cin_census__children", "update {table} set person_birth_date = '2011-04-01'",
         "is_born_by_the_census"),
        ("cin_census__child_protection_plans", "update {table} set cpp_end_date = '2011-04-01'",
         "cpp_end_date_is_not_to_come"),
        ("cin_census__reviews", "update {table} set cpp_review_date = '2011-04-01'",
         "cpp_review_date_is_not_to_come"),
        ("child_poverty__cells", "update {table} set value = '101%' where value = '22.8%'",
         "rows_with_bad_percent_share"),
        ("deprivation__cells", "update {table} set value = '0' where heading = 'Rank'",
         "rows_with_bad_rank_share"),
        ("population__cells", "update {table} set value = '-3' where heading = 'Rank'",
         "rows_with_negative_share"),
        ("postcodes__postcodes", "update {table} set lsoa11_code = null", "without_lsoa_share"),
    ],
)  # fmt: skip
def test_what_is_odd_but_usable_is_a_warning(door, table, statement, column):
    findings = door(table, statement)
    assert not criticals(findings)
    assert column in {found.column for found in findings if found.severity == "warning"}


def test_what_may_be_planned_may_be_to_come(door):
    later = "update {table} set dolo_start = '01/04/2011', dolo_end = '01/09/2011'"
    columns = {found.column for found in door("ssda903__deprivation_of_liberty", later)}
    assert "dolo_end_is_not_to_come" not in columns
    assert "dolo_start_is_not_to_come" in columns


def test_a_few_bad_keys_are_let_in_and_more_than_one_in_twenty_are_not(door):
    spoil = "update {table} set decom = '2010' where _row > "
    few = door("ssda903__episodes", spoil + "38")
    assert not criticals(few)
    assert [(found.rows_checked, found.rows_unexpected) for found in few
            if found.column == "start_date"] == [(40, 2)]  # fmt: skip
    assert criticals(door("ssda903__episodes", spoil + "37"))


@pytest.mark.parametrize("text", ["2010-04-01", "01/04/2010", " 01/04/2010 "])
def test_dates_of_a_return_are_read_as_staging_reads_them(door, text):
    assert not criticals(door("ssda903__episodes", f"update {{table}} set decom = '{text}'"))


@pytest.mark.parametrize("text", ["01/04/10", "2010", "April", "31/02/2010", "04/13/2010"])
def test_what_is_no_date_is_refused(door, text):
    assert criticals(door("ssda903__episodes", f"update {{table}} set decom = '{text}'"))


def test_counts_of_a_summary_are_those_of_the_rows(door):
    (found,) = [
        found
        for found in door("postcodes__postcodes", "update {table} set pcds = null where _row > 37")
        if found.is_critical
    ]
    assert (found.rows_checked, found.rows_unexpected) == (40, 3)


def test_every_code_set_that_a_suite_asks_for_is_in_the_seeds():
    asked = {
        "ssda903": ["start_reasons", "legal_statuses", "categories_of_need", "placements",
                    "end_reasons"],
        "demography": ["sexes", "ethnic_origins"],
        "quality": ["no_figure_markers"],
        "cin_census": ["ethnicity", "disability", "referral_source", "primary_need",
                       "closure_reason", "assessment_factor", "category_of_abuse"],
    }  # fmt: skip
    assert [(folder, name) for folder, names in asked.items() for name in names
            if not codes(folder, name)] == []  # fmt: skip


# At the way out


def marts():
    """The marts that have a contract to be held to."""
    found = []
    for name in MARTS:
        try:
            published_columns(name)
        except LookupError:
            continue
        found.append(name)
    return found


DELIVERED = Delivered(("332",), True)


def held(rows, name, delivered=DELIVERED, *only):
    """What is not met, of all expectations or only of some kinds (an examination takes time)."""
    suite = OUTBOUND[name](delivered)
    suite.expectations = [each for each in suite.expectations if not only or asked(each)[0] in only]
    with duckdb.connect() as connection:
        connection.register("frame", rows)
        look = suite.meta["look"].replace("{rows}", "frame")
        return [check for check in hold(connection.sql(look).df(), suite) if not check.is_met]


def asked(each):
    """Type and arguments of what is expected of the rows that were counted."""
    of = each.meta["of"] if each.meta else {"type": each.expectation_type, "kwargs": {}}
    return of["type"], of["kwargs"]


@pytest.mark.parametrize("name", marts())
def test_a_good_mart_may_leave(name):
    assert held(good_rows(name), name) == []


def test_rows_set_aside_may_be_withheld_with_those_superseded_and_the_loaded_ones_told():
    """As when a corrected file of as many rows holds one that is set aside."""
    rows = good_rows("data_quality_summary")
    for count in ("rows_superseded", "rows_quarantined"):
        rows[count] = None
        rows[f"{count}_marker"] = "c"
    assert held(rows, "data_quality_summary") == []


@pytest.mark.parametrize("name", marts())
def test_every_expectation_of_a_mart_fails_on_what_it_forbids(name):
    """One row is spoilt for each expectation, so that one examination shows them all."""
    expectations = OUTBOUND[name](DELIVERED).expectations
    spoilt = good_rows(name, len(expectations))
    rowwise = set()
    for row, each in enumerate(expectations):
        if changes := _spoil(each):
            kind, kwargs = asked(each)
            rowwise.add((kind, kwargs.get("column")))
            for column, value in changes.items():
                spoilt[column] = spoilt[column].astype(object)
                spoilt.loc[row, column] = value
    unmet = held(spoilt, name)
    assert {check.severity for check in unmet} == {"critical"}
    assert rowwise - {
        (check.expectation, None if "pair" in check.expectation else check.column)
        for check in unmet
    } == set()  # fmt: skip
    assert not [check for check in unmet if "could not be evaluated" in check.note]


@pytest.mark.parametrize("name", marts())
def test_a_mart_that_is_out_of_shape_may_not_leave(name):
    good = good_rows(name)
    columns_moved = good[list(reversed(good.columns))]
    cases = [
        (columns_moved, DELIVERED, "expect_table_columns_to_match_ordered_list"),
        (
            good.iloc[[0, 0]],
            DELIVERED,
            "expect_compound_columns_to_be_unique"
            if len(MARTS[name].keys) > 1
            else "expect_column_values_to_be_unique",
        ),
    ]
    if not (MARTS[name].is_windowed or MARTS[name].is_of_regions):
        cases.append((good.iloc[:0], DELIVERED, "expect_table_row_count_to_be_between"))
        if "la_code" in good:
            two = Delivered(("332", "333"), True)
            cases.append((good, two, "expect_column_distinct_values_to_contain_set"))
    for rows, delivered, kind in cases:
        assert kinds(held(rows, name, delivered, kind)) == {kind}


@pytest.mark.parametrize("name", marts())
def test_an_empty_mart_whose_inputs_were_never_delivered_is_a_warning(name):
    unmet = held(good_rows(name).iloc[:0], name, Delivered((), False))
    assert {check.severity for check in unmet} == (
        set() if MARTS[name].is_optional or MARTS[name].is_of_regions else {"warning"}
    )


def kinds(checks):
    return {check.expectation for check in checks if check.severity == "critical"}


def _spoil(each):
    """Column -> value that breaks a row-wise expectation and as little else as can be."""
    kind, kwargs = asked(each)
    column = kwargs.get("column")
    condition = kwargs.get("row_condition")
    if kind == "expect_column_values_to_not_be_null":
        if not condition:
            return {column: None}
        return {column.removesuffix("_marker"): None, column: None}
    if kind == "expect_column_values_to_not_be_in_set":
        return {column: DELIVERED.suppress_up_to}
    if kind == "expect_column_values_to_be_null":
        if column.endswith("_marker"):
            return {column: "c"}
        count = condition["column"]["name"]
        return {count: None, f"{count}_marker": "c"}
    if kind == "expect_column_values_to_be_in_set":
        if condition:
            return {column.removesuffix("_marker"): None, column: "?"}
        return {column: "neither"}
    if kind == "expect_column_values_to_not_match_regex":
        return {column: "at dy8 1aa"}
    if kind == "expect_column_values_to_be_between":
        return {column: -1}
    if kind == "expect_column_pair_values_a_to_be_greater_than_b":
        larger, smaller = kwargs["column_A"], kwargs["column_B"]
        return {larger: 10.0, smaller: 90.0}
    return {}


@pytest.mark.parametrize(
    ("text", "is_personal"),
    [
        ("DY8 1AA", True), ("b645aa", True), ("0a1b2c3d4e5f60718293", True),
        ("A123456789012", True), ("E01009720", False), ("00CRGB", False), ("top 10%", False),
        ("NI 111 first-time entrants", False), ("imd_2010", False), ("16+", False),
        ("St Thomas's", False), ("31 March 2011", False),
    ],
)  # fmt: skip
def test_what_looks_personal(text, is_personal):
    rows = good_rows("data_quality_summary")
    rows["source"] = text
    kind = "expect_column_values_to_not_match_regex"
    assert (kind in kinds(held(rows, "data_quality_summary", DELIVERED, kind))) == is_personal


def test_the_columns_of_a_landed_table_are_those_of_its_layout():
    assert columns("ssda903", "episodes")[:3] == ("_file_id", "_row", "_line")
