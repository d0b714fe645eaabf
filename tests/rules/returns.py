"""A sound child of each return, what a case lays over it, and the files of a return."""

import csv
import io
from collections.abc import Iterator
from typing import Any
from xml.sax.saxutils import escape

from flows.land.layouts import sources
from tests.rules.cases import Given

# The tables of SSDA903 as cases name them, as files are called, and as they are landed.
SSDA903 = {
    "Header": "headers",
    "Episodes": "episodes",
    "UASC": "uasc",
    "Reviews": "reviews",
    "OC2": "oc2",
    "OC3": "oc3",
    "AD1": "ad1",
    "PlacedAdoption": "placed_for_adoption",
    "PrevPerm": "previous_permanence",
    "Missing": "missing",
    "SWEpisodes": "social_worker_episodes",
    "DoLo": "deprivation_of_liberty",
}
ALWAYS_THERE = ("Header", "Episodes")


def sound_in_ssda903(year: int) -> Given:
    return {
        "Header": {
            "SEX": "M" if year >= 2025 else "1",
            "DOB": "01/02/2012",
            "ETHNIC": "WBRI",
            "UPN": "UN1",
        },
        "Episodes": {
            "DECOM": f"01/06/{year - 1}",
            "RNE": "S",
            "LS": "C2",
            "CIN": "N1",
            "PLACE": "U6",
            "PLACE_PROVIDER": "PR1",
        },
    }


def sound_in_the_census(year: int, born: int) -> Given:
    """Eight years old, in need since June, without assessment or plan."""
    return {
        "ChildIdentifiers": {
            "LAchildID": "{child}",
            "UPNunknown": "UN2",
            "PersonBirthDate": f"{born}-02-01",
            **({"Sex": "M"} if year >= 2025 else {"GenderCurrent": "1"}),
        },
        "ChildCharacteristics": {"Ethnicity": "WBRI", "Disabilities": {"Disability": "NONE"}},
        "CINdetails": {
            "CINreferralDate": f"{year - 1}-06-03",
            "ReferralSource": "1A",
            "PrimaryNeedCode": "N1",
            "ReferralNFA": "0",
        },
    }


def sound_header(year: int, la_code: str) -> Given:
    return {
        "CollectionDetails": {
            "Collection": "CIN", "Year": str(year), "ReferenceDate": f"{year}-03-31",
        },
        "Source": {"SourceLevel": "L", "LEA": la_code},
    }  # fmt: skip


def laid_over(sound: Any, given: Any) -> Any:
    """What a case says laid over a sound child: field by field, and of a list its first."""
    match sound, given:
        case dict(), dict():
            return sound | {key: laid_over(sound.get(key), value) for key, value in given.items()}
        case dict(), [first, *others]:
            return [laid_over(sound, first), *others]
    return given


def filled_in(given: Any, **words: str) -> Any:
    match given:
        case dict():
            return {key: filled_in(value, **words) for key, value in given.items()}
        case list():
            return [filled_in(value, **words) for value in given]
        case str():
            for word, text in words.items():
                given = given.replace("{" + word + "}", text)
    return given


def ssda903_files(year: int, children: list[tuple[str, Given]], is_whole: bool) -> dict[str, str]:
    """The files of a return by name: all tables, or of one that is not whole those that a child
    has or names; what a child says is null is not delivered."""
    layouts = sources()["ssda903"].tables
    laid = [
        (child, laid_over(sound_in_ssda903(year), _without(given, "others")))
        for child, given in children
    ]
    told = {table for _, tables in laid for table in tables}
    assert told <= set(SSDA903), told - set(SSDA903)
    withheld = {table for _, tables in laid for table, rows in tables.items() if rows is None}
    wanted = (set(SSDA903) if is_whole else told | set(ALWAYS_THERE)) - withheld
    files = {}
    for table in sorted(wanted):
        headings = [
            column.name.upper()
            for column in layouts[SSDA903[table]].columns
            if not column.name.startswith("_")
        ]
        text = io.StringIO()
        writer = csv.DictWriter(text, headings, lineterminator="\r\n")
        writer.writeheader()
        for child, tables in laid:
            header = next(_rows(tables.get("Header")), {})
            for row in _rows(tables.get(table)):
                dob = {"DOB": header.get("DOB")} if "DOB" in headings else {}
                writer.writerow(
                    filled_in({"CHILD": child, **dob, **row}, child=child, **_years(year))
                )
        files[f"{SSDA903[table]}.csv"] = text.getvalue()
    return files


def census_files(year: int, la_code: str, children: list[tuple[str, Given, int]]) -> dict[str, str]:
    """The one file of a census. A child comes with the year in which it was born."""
    header = sound_header(year, la_code)
    told = []
    for child, given, born in children:
        header = laid_over(header, given.get("Header", {}))
        laid = laid_over(sound_in_the_census(year, born), _without(given, "others", "Header"))
        told.append(_element("Child", filled_in(laid, child=child, **_years(year))))
    head = _element("Header", filled_in(header, **_years(year)))
    return {"census.xml": f"<Message>\n{head}<Children>\n{''.join(told)}</Children>\n</Message>\n"}


def _years(year: int) -> dict[str, str]:
    return {"year": str(year), "last": str(year - 1), "next": str(year + 1)}


def _without(given: Given, *keys: str) -> Given:
    return {key: value for key, value in given.items() if key not in keys}


def _rows(given: Any) -> Iterator[Given]:
    if given is not None:
        yield from given if isinstance(given, list) else [given]


def _element(name: str, content: Any) -> str:
    match content:
        case None:
            return ""
        case list():
            return "".join(_element(name, one) for one in content)
        case dict():
            inner = "".join(_element(key, value) for key, value in content.items())
            return f"<{name}>\n{inner}</{name}>\n"
    return f"<{name}>{escape(str(content))}</{name}>\n"
