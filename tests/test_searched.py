"""Before anything is published, it is searched for whatever was delivered of one child."""

import gzip
import time
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest

from flows.land.delivery import pseudonym
from flows.night import Night
from flows.publish.searched import CannotBeSearched, personal_values_in
from flows.settings import Settings
from tests.corpus.workbooks import book
from tests.planted import (
    CHILDREN,
    HOMES,
    PLACEMENT,
    PLACEMENTS,
    WORD,
    WORKER,
    deliver,
    good,
    pupil,
    table,
)  # fmt: skip
from tests.scratch import Scratch

DIGITS = "9073117123456"  # as an identifier, long enough to be nobody else's
PARTED = "AB-12/3456"
HOME, CHILD = "a postcode of a home", "an identifier of a child"


@pytest.fixture(scope="module")
def landed(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    scratch = Scratch.at(tmp_path_factory.mktemp("landed"))
    deliver(good(), scratch.settings.extracts)
    deliver(
        {
            "332/ssda903/2012/header.csv": table(
                "CHILD,SEX,DOB,ETHNIC",
                *(f"{child},1,01/02/2005,WBRI"
                  for child in (DIGITS, PARTED, "1234", "20110331", "UNKNOWN")),
            ),
            "332/addresses/2012/a.csv": table(
                "la_child_id,postcode,from_date", f"{CHILDREN[0]},M1 1ZZ,2010-01-01",
                f"{CHILDREN[1]},Upper Ward,2010-01-01",
            ),
        },
        scratch.settings.extracts,
    )  # fmt: skip
    assert {each.outcome for each in scratch.land().values()} == {"landed"}
    return scratch.settings


def written(content: str | bytes) -> Callable[[Path], object]:
    return lambda path: path.write_bytes(content.encode() if isinstance(content, str) else content)


def in_duckdb(*statements: str) -> Callable[[Path], object]:
    def write(path: Path) -> None:
        with duckdb.connect(str(path)) as database:
            for statement in statements:
                database.execute(statement)

    return write


def in_parquet(query: str) -> Callable[[Path], object]:
    return lambda path: duckdb.sql(f"copy ({query}) to '{path}' (format parquet)")


# A file -> what it holds, and what is told of it.
PLACES: dict[str, tuple[Callable[[Path], object], list[str]]] = {
    "a.csv": (written(f"a,b\n1,{CHILDREN[0].lower()}\n2,{CHILDREN[1]}\n"), [f"{CHILD}, 2 of them"]),
    "b.json": (written(f'{{"told": "in {HOMES[0]}, on"}}'), [HOME]),
    "c.html": (written(f"<a href='?p={HOMES[1].replace(' ', '%20')}'>"), [HOME]),
    "d.txt": (
        written(f"near {PLACEMENTS[0].replace(' ', '').lower()}."), ["a postcode of a placement"]
    ),
    "e.txt": (written("near M1  1ZZ"), [HOME]),
    "f.csv": (written(f"{pupil(3)}\n{PLACEMENT}3\n{WORKER}03\n"), [
        "a placement's number", "a pupil number", "a social worker's number",
    ]),
    "g.duckdb": (in_duckdb(f"create table t as select {DIGITS} as number"), [CHILD]),
    "h.duckdb": (
        in_duckdb("create table t (a int)", f"comment on column t.a is 'not {CHILDREN[4]}'"),
        [CHILD],
    ),
    "i.parquet": (in_parquet(f"select 'of {PARTED}' as a from range(9)"), [CHILD]),
    "j.parquet": (in_parquet(f'select 1 as "{CHILDREN[5]}"'), [CHILD]),
    "k.xlsx": (written(book(["a"], [f"see {CHILDREN[6]}"])), [CHILD]),
    "l.csv.gz": (written(gzip.compress(f"a\n{PARTED.replace('/', ' ')}\n".encode())), [CHILD]),
    # What is published on purpose, or may be anybody's.
    "p.csv": (written("E01009720,E05001236,Upper Ward,North,2011-03-31,1234,unknown\n"), []),
    "q.csv": (written(f"ZZ9,9 ZZ9 ZZ9 8ZA {WORD} 9073117,123456\n"), []),
}  # fmt: skip


def test_what_is_of_one_child_is_told_by_file_and_kind_and_never_by_value(
    landed: Settings, tmp_path: Path
) -> None:
    for name, (put, _) in PLACES.items():
        put(tmp_path / name)
    (tmp_path / "z.json").write_text(pseudonym(landed.key, "332", CHILDREN[8]))
    told = personal_values_in(tmp_path, landed)
    expected = [f"{name}: {kind}" for name, (_, kinds) in PLACES.items() for kind in kinds]
    assert told == [*expected, "z.json: a child's key"]
    said = "\n".join(told)
    for value in (WORD, HOMES[0], pupil(3), DIGITS, PARTED):
        assert value not in said


def test_a_name_that_tells_of_a_child_is_not_repeated(landed: Settings, tmp_path: Path) -> None:
    (tmp_path / f"{CHILDREN[7]}.csv").write_text(f"a\n{HOMES[0]}\n")
    assert personal_values_in(tmp_path, landed) == [
        f"a file whose name is kept back: {HOME}",
        f"a file whose name is kept back (its name): {CHILD}",
    ]


def test_a_file_that_cannot_be_read_is_no_file_to_publish(landed: Settings, tmp_path: Path) -> None:
    (tmp_path / "cut.parquet").write_bytes(b"PAR1 and no more")
    with pytest.raises(CannotBeSearched, match="cannot be read"):
        personal_values_in(tmp_path, landed)


def test_the_key_is_found_as_it_is_and_as_hex(landed: Settings, tmp_path: Path) -> None:
    assert personal_values_in(tmp_path, landed) == []
    for name, content in (("a.txt", landed.key), ("b.txt", landed.key.hex().upper().encode())):
        (tmp_path / name).write_bytes(b"it is " + content)
    assert personal_values_in(tmp_path, landed) == ["a.txt: the key", "b.txt: the key"]


def test_nothing_of_a_child_is_in_what_the_sample_publishes(night: Night, house: Settings) -> None:
    began = time.process_time()
    assert personal_values_in(house.published.resolve(), house) == []
    print(f"searched in {time.process_time() - began:.2f} CPU s")
