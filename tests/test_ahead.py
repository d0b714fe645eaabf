"""Files that are read before their turn: what is let in, in which order, and whose a fault is."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, nullcontext
from dataclasses import astuple
from pathlib import Path

import duckdb
import pytest

from flows import land, night
from flows.errors import StepFailed
from flows.land import Ahead, Extract, ahead, forgotten
from flows.land.landing import Landing
from flows.land.staged import Staged
from tests.scratch import Scratch
from tests.test_land import EPISODE, EPISODES, census

YEARS = range(2005, 2012)
BAD = "ssda903/2011/b.csv"


@pytest.fixture
def scratch(tmp_path: Path) -> Scratch:
    return delivered(tmp_path / "one")


def delivered(folder: Path) -> Scratch:
    """A return a year with one row more in each, a census, and a return that is refused."""
    scratch = Scratch.at(folder)
    for at, year in enumerate(YEARS):
        scratch.deliver(f"ssda903/{year}/a.csv", EPISODES + EPISODE * (at + 1), at)
    scratch.deliver(BAD, EPISODES + EPISODE + '"never closed', 9)
    scratch.deliver("cin_census/2011/census.xml", census(), 9)
    return scratch


@contextmanager
def reading(scratch: Scratch) -> Iterator[Ahead]:
    settings = scratch.settings
    with land.door(settings), Ahead(land.find(settings), settings, lambda _: None) as read:
        yield read


def landed(scratch: Scratch, read: Ahead | None = None) -> list[tuple[object, ...]]:
    outcomes = [
        land.land(extract, scratch.settings, ahead=read) for extract in land.find(scratch.settings)
    ]
    return [(one.name, one.outcome, one.reason, one.tables) for one in outcomes]


def held(scratch: Scratch) -> list[tuple[object, ...]]:
    """What landing and the ledger hold, in the order in which it came."""
    return [
        *scratch.rows("from landing.ssda903__episodes"),
        *scratch.rows("from landing.cin_census__children"),
        *scratch.rows("select * exclude (landed_at) from landing.extract_files"),
    ]


def of_year(scratch: Scratch, year: int) -> Extract:
    [extract] = [one for one in land.find(scratch.settings) if one.name.endswith(f"{year}/a.csv")]
    return extract


def has_been_read(read: Ahead, extract: Extract) -> bool:
    with ExitStack() as closing:
        return read.take(extract, closing) is not None


def test_what_is_read_ahead_is_landed_as_it_would_be_otherwise(
    scratch: Scratch, tmp_path: Path
) -> None:
    other = delivered(tmp_path / "other")
    with reading(scratch) as read:
        outcomes = landed(scratch, read)
    assert outcomes == landed(other)
    assert held(scratch) == held(other)


def test_it_is_handed_over_once_unless_something_is_wrong_with_it(scratch: Scratch) -> None:
    extracts = land.find(scratch.settings)
    with reading(scratch) as read:
        names = {extract.name for extract in extracts if not has_been_read(read, extract)}
        again = [extract for extract in extracts if has_been_read(read, extract)]
    assert (names, again) == ({BAD}, [])
    assert scratch.one("select count(*) from landing.extract_files") == 0


def test_a_file_that_is_large_waits_for_its_turn(
    scratch: Scratch, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ahead, "MOST_BYTES", len(EPISODES + EPISODE * 2))
    with reading(scratch) as read:
        names = [one.name for one in land.find(scratch.settings) if has_been_read(read, one)]
    assert names == ["ssda903/2005/a.csv", "ssda903/2006/a.csv"]


def test_a_file_that_has_changed_since_is_landed_as_it_was_and_anew_the_next_night(
    scratch: Scratch,
) -> None:
    with reading(scratch) as read:
        extract = of_year(scratch, 2005)
        read._begun[extract].result()
        scratch.deliver(extract.name, EPISODES + EPISODE * 9)
        first = land.land(extract, scratch.settings, ahead=read)
    second = land.land(extract, scratch.settings)
    assert (first.tables, second.tables) == ({"ssda903__episodes": 1}, {"ssda903__episodes": 9})
    assert first.file_id != second.file_id


def test_what_has_come_in_meanwhile_is_not_let_in_twice(scratch: Scratch) -> None:
    """As when one file lies in two folders that say the same of it."""
    with reading(scratch) as read:
        extract = of_year(scratch, 2005)
        read._begun[extract].result()
        outcomes = [land.land(extract, scratch.settings, ahead=one).outcome for one in (None, read)]
    assert outcomes == ["landed", "unchanged"]
    assert scratch.one("select count(*) from landing.ssda903__episodes") == 1


def test_of_files_that_are_read_together_each_is_landed_and_told_as_it_would_be_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One has no dates, one is the same as another, one tells of a child who is to stay away, and
    a code that is none is in each."""
    monkeypatch.setattr(ahead, "WAITING", 1)
    monkeypatch.setattr(ahead, "READERS", 1)
    sizes: list[int] = []
    next_batch = Ahead._next_batch

    def noted(read: Ahead) -> list[Extract]:
        batch = next_batch(read)
        sizes.append(len(batch))
        return batch

    monkeypatch.setattr(Ahead, "_next_batch", noted)
    together = landed_in_a_night(with_what_is_odd(tmp_path / "together"))
    assert max(sizes) > 3
    monkeypatch.setattr(night, "Ahead", lambda *_: nullcontext())
    assert landed_in_a_night(with_what_is_odd(tmp_path / "alone")) == together
    outcomes = dict(one[:2] for one in together[0])
    assert outcomes.pop("ssda903/2007/a.csv") == outcomes.pop(BAD) == "refused"
    assert sorted(outcomes.values()) == ["landed"] * 6 + ["refused", "unchanged"]


def with_what_is_odd(folder: Path) -> Scratch:
    scratch = delivered(folder)
    scratch.deliver("ssda903/2007/a.csv", EPISODES + EPISODE.replace("/20", "/") * 3, 1)
    for year in YEARS:
        row = EPISODE.replace("C1", "C2" if year == 2010 else "C3").replace("S,", "?,")
        with (scratch.settings.extracts / f"ssda903/{year}/a.csv").open("a") as file:
            file.write(row)
    same = scratch.settings.extracts / "ssda903/2009/a.csv"
    scratch.deliver("SSDA903/2009/a.csv", same.read_text(), 2)
    away = forgotten.wrap(scratch.settings.key, forgotten.fingerprint("332", "C2"))
    with duckdb.connect(str(scratch.settings.warehouse)) as connection:
        connection.execute(
            "insert into landing.forgotten_children by name select ? as wrapped, '332' as la_code",
            [away],
        )
    return scratch


def landed_in_a_night(scratch: Scratch) -> tuple[list[tuple[object, ...]], ...]:
    run = night.begin(scratch.settings)
    night.land_all(scratch.settings, run, lambda _: None)
    outcomes: list[tuple[object, ...]] = [
        (one.name, one.outcome, one.reason, one.tables) for one in run.landed
    ]
    return outcomes, [astuple(found) for found in run.findings], held(scratch)


@pytest.mark.parametrize("times", [1, 9])
def test_what_fails_beside_others_is_tried_by_itself(
    scratch: Scratch, monkeypatch: pytest.MonkeyPatch, times: int
) -> None:
    """The engine that all share may have been broken by another file; what fails again is the
    file's own fault, and the others go on."""
    insert = Landing._insert
    failures = [duckdb.FatalException("the database has been invalidated")] * times

    def broken(landing: Landing, staged: Staged) -> dict[str, int]:
        if failures and "2007" in landing.extract.name:
            raise failures.pop()
        return insert(landing, staged)

    monkeypatch.setattr(Landing, "_insert", broken)
    monkeypatch.setattr(night, "_examination", lambda _: None)
    told = night.begin(scratch.settings)
    night.land_all(scratch.settings, told, lambda _: None)
    refused = [refusal.name for refusal in told.refused]
    assert refused == ([BAD] if times == 1 else ["ssda903/2007/a.csv", BAD])
    assert sum(one.outcome == "landed" for one in told.landed) == len(YEARS) + 2 - len(refused)
    assert len(failures) == max(0, times - 2)


def test_readers_stop_when_the_night_does(scratch: Scratch) -> None:
    """And leave nothing that holds the warehouse open, or is on record."""
    with pytest.raises(StepFailed), reading(scratch) as read:
        read._begun[of_year(scratch, 2005)].result()
        raise StepFailed("stopped")
    assert [path for path in scratch.settings.archive.rglob("*") if path.is_file()] == []
    with duckdb.connect(str(scratch.settings.warehouse), config={"threads": 1}) as connection:
        assert connection.execute("from landing.extract_files").fetchall() == []
