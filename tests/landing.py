"""Landing tables with invented rows, made from the layouts, for tests of the two doors."""

from pathlib import Path

import duckdb

from expectations.contracts import columns
from flows.audit import prepare

WHOLE_NUMBERS = {"_row", "_line", "_collection_year", "column_number"}

EXTRACT_FILES = """
    create table landing.extract_files (
        file_id varchar, path varchar, file_name varchar, sha256 varchar, bytes bigint,
        source varchar, table_name varchar, la_code varchar, collection_year integer,
        rows_delivered integer, rows_landed integer, rows_forgotten integer,
        landed_at timestamp, outcome varchar,
        superseded_by varchar, reason varchar
    )
"""
# What a good row of each table says, as SQL over its number i (from 1). Columns that are not
# named are blank.
_CHILD = {"child": "'C' || i", "dob": "'01/02/2005'"}
_CELLS = {
    "_sheet": "'one'",
    "column_number": "1 + i % 2",
    "heading": "if(i % 2 = 0, 'Area code', 'Rank')",
    "value": "if(i % 2 = 0, printf('E01%06d', i), '1,248')",
    "_row": "i // 2",
}
GOOD: dict[str, dict[str, str]] = {
    "ssda903__headers": {**_CHILD, "sex": "'1'", "ethnic": "'WBRI'", "mother": "'0'"},
    "ssda903__episodes": {
        "child": "'C' || i",
        "decom": "'01/04/2010'",
        "rne": "'S'",
        "ls": "'C2'",
        "cin": "'N1'",
        "place": "'U6'",
        "home_post": "'ZZ1 1AA'",
        "dec": "if(i % 2 = 0, '30/06/2010', null)",
        "rec": "if(i % 2 = 0, 'E4A', null)",
    },
    "ssda903__missing": {**_CHILD, "mis_start": "'01/04/2010'"},
    **{
        f"ssda903__{table}": _CHILD
        for table in ("reviews", "uasc", "oc2", "oc3", "ad1", "placed_for_adoption",
                      "previous_permanence", "social_worker_episodes", "deprivation_of_liberty")
    },
    "cin_census__header": {"reference_date": "'2011-03-31'", "lea": "'332'"},
    "cin_census__children": {
        "la_child_id": "'C' || i",
        "person_birth_date": "'2005-02-01'",
        "sex": "'M'",
        "ethnicity": "'WBRI'",
    },
    "cin_census__referrals": {
        "cin_referral_date": "'2010-04-01'",
        "referral_source": "'6'",
        "primary_need_code": "'N1'",
        "referral_nfa": "'false'",
    },
    "cin_census__child_protection_plans": {
        "cpp_start_date": "'2010-04-01'",
        "initial_category_of_abuse": "'NEG'",
        "latest_category_of_abuse": "'NEG'",
        "number_of_previous_cpp": "'0'",
    },
    **{
        f"cin_census__{table}": {}
        for table in ("disabilities", "assessments", "assessment_factors", "cin_plans",
                      "section_47s", "reviews", "pre_proceedings")
    },
    "cin_census__other_elements": {"element_path": "'Child/New'", "value": "'1'"},
    "deprivation__cells": _CELLS,
    "child_poverty__cells": {**_CELLS, "heading": "if(i % 2 = 0, 'Area code', '% low income')",
                             "value": "if(i % 2 = 0, printf('E01%06d', i), '22.8%')"},
    "population__cells": _CELLS,
    "comparators__cells": _CELLS,
    "comparators__statistical_neighbours": {**_CELLS, "value": "cast(300 + i as varchar)"},
    "comparators__census_ethnic_groups": {
        "area_code": "'E08000027'", "category_code": "'1'", "observation": "'1,248'",
    },
    "postcodes__postcodes": {
        "pcds": "printf('ZZ%d 1AA', i % 10)",
        "la_code": "'E08000027'",
        "lsoa11_code": "'E01009720'",
    },
    "lookups__lsoa_wards": {"lsoa11_code": "'E01009720'", "ward_code": "'E05001236'"},
    "lookups__lsoa_changes": {
        "lsoa01_code": "'E01009720'", "lsoa11_code": "'E01009720'", "change_code": "'U'",
    },
    "boundaries__areas": {
        "lsoa_code": "printf('E01%06d', i)", "geometry_type": "'Polygon'",
        "coordinates": "'[[[-2.1, 52.4], [-2.1, 52.5], [-2.0, 52.5], [-2.1, 52.4]]]'",
    },
    "townships__townships": {
        "la_code": "'332'", "ward_code": "'W' || i", "ward_name": "'Ward'",
        "township_name": "'Town'",
    },
    "townships__area_names": {"lsoa_code": "printf('E01%06d', i)", "area_name": "'Estate'"},
    "addresses__addresses": {
        "la_child_id": "'C' || i", "postcode": "'ZZ1 1AA'", "from_date": "'2010-04-01'",
    },
    "providers__providers": {
        "urn": "printf('SC%06d', i)", "place_codes": "'K1,K2'", "provider_codes": "'PR4'",
        "postcode": "'ZZ1 1AA'",
    },
    "indicators__indicators": {
        "indicator": "'i' || i", "at_date": "'31/03/2011'", "value": "'1,281'",
        "direction_of_good": "'up'",
    },
}  # fmt: skip


def make_landing(connection: duckdb.DuckDBPyConnection) -> None:
    """The empty landing schema and the table of findings."""
    connection.execute("create schema landing")
    connection.execute(EXTRACT_FILES)
    prepare(connection)
    connection.execute(
        "create table landing.notes (_file_id varchar, _sheet varchar, _line integer, text varchar)"
    )
    for table in GOOD:
        source, name = table.split("__")
        declared = ", ".join(
            f"{column} {'integer' if _is_whole(column) else 'varchar'}"
            for column in columns(source, name)
        )
        connection.execute(f"create table landing.{table} ({declared})")


def fill(
    connection: duckdb.DuckDBPyConnection, table: str, file_id: str = "f1", rows: int = 40
) -> None:
    """Good rows of one file."""
    source, name = table.split("__")
    told = {
        "_file_id": f"'{file_id}'",
        "_row": "i",
        "_line": "i + 1",
        "_la_code": "'332'",
        "_collection_year": "2011",
        "_child_key": "substr(md5(cast(i as varchar)), 1, 20)",
        **GOOD[table],
    }
    values = ", ".join(told.get(column, "null") for column in columns(source, name))
    connection.execute(
        f"insert into landing.{table} select {values} from range(1, {rows + 1}) as t(i)"
    )


def ledger(
    connection: duckdb.DuckDBPyConnection,
    table: str,
    file_id: str,
    rows: int,
    *,
    outcome: str = "landed",
    la_code: str | None = "332",
) -> None:
    """A line of the ledger for a file and table."""
    connection.execute(
        "insert into landing.extract_files (file_id, path, file_name, source, table_name, la_code, "
        "collection_year, rows_delivered, rows_landed, landed_at, outcome) "
        "values (?, ?, ?, ?, ?, ?, 2011, ?, ?, now(), ?)",
        [
            file_id, f"332/{file_id}.csv", f"{file_id}.csv", table.split("__", maxsplit=1)[0],
            table, la_code, rows, rows, outcome,
        ],
    )  # fmt: skip


def column_of(path: Path, query: str) -> list[object]:
    """One column of a query on a database of its own connection."""
    with duckdb.connect(str(path), read_only=True) as connection:
        return [row[0] for row in connection.execute(query).fetchall()]


def _is_whole(column: str) -> bool:
    return column in WHOLE_NUMBERS or (column.endswith("_row") and column != "_row")
