"""Deliveries past their retention are withdrawn by the night and not let in again."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

import duckdb
import pytest

from flows import erase, log, proof, retention
from flows import night as night_module
from flows.night import begin, document_all, land_all, run_night
from flows.settings import Settings, SettingsError
from flows.status import last_night
from tests.scratch import Scratch
from tests.test_forget import BOTH, CHILD, file_id, found, holding, ledger

Point = Callable[[Settings], None]


@pytest.fixture
def scratch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Scratch:
    """SSDA903 is kept for ten years, and it is the last day of the return of 2010."""
    monkeypatch.setattr(retention, "today", lambda: date(2020, 3, 31))
    scratch = Scratch.at(tmp_path)
    return Scratch(replace(scratch.settings, retention=(("ssda903", 10),)))


def a_day_later(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retention, "today", lambda: date(2020, 4, 1))


def test_a_delivery_is_kept_to_the_last_day_of_its_retention_and_no_longer(
    scratch: Scratch, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings, said = scratch.settings, []
    scratch.deliver("ssda903/2010/a.csv", BOTH)
    scratch.deliver("ssda903/2010/refused.csv", f"CHILD,COLOUR\n{CHILD},red\n")
    scratch.deliver("ssda903/2011/b.csv", BOTH.replace(CHILD, "C3"))
    scratch.deliver(
        "addresses/2001/a.csv", "la_child_id,postcode,from_date\nC1,ZZ1 1AA,2001-01-01\n"
    )
    scratch.deliver("ssda903/2009/never_let_in.csv", BOTH)
    night = begin(settings)
    land_all(settings, night, said.append)
    assert (night.withdrawn, night.past_retention) == ([], ["ssda903/2009/never_let_in.csv"])
    assert len(copies_of(settings)) == 4
    a = file_id(scratch, "ssda903/2010/a.csv")
    refused = file_id(scratch, "ssda903/2010/refused.csv")

    a_day_later(monkeypatch)
    night = begin(settings)
    land_all(settings, night, said.append)
    assert night.withdrawn == [a, refused]
    assert "ssda903/2010/a.csv: past its retention, 2 rows withdrawn" in "\n".join(said)
    assert "3 still in the drop folder" in night.sentence
    assert "Past their retention: 2 withdrawn" in night.sentence
    assert [(name, outcome) for name, outcome, *_ in ledger(scratch)] == [
        ("a.csv", "landed"), ("a.csv", "forgotten"), ("refused.csv", "forgotten"),
        ("b.csv", "landed"),
    ]  # fmt: skip
    assert scratch.one("select count(*) from landing.ssda903__episodes") == 2
    assert holding(settings, CHILD) == []
    assert len(copies_of(settings)) == 2
    document_all(settings)
    assert found(proof.of_delivery(settings, a)) == {}
    assert erase.is_due(settings)  # until a version without them is published
    told = [entry for entry in log.read(settings).entries if entry["what"] == "withdrew"]
    assert [(one["file"], one["rows"], one["why"]) for one in told] == [
        (a, 2, "retention"), (refused, 0, "retention"),
    ]  # fmt: skip

    night = begin(settings)
    land_all(settings, night, said.append)  # and not a second time
    assert night.withdrawn == []
    assert len(night.past_retention) == 3
    assert {landed.outcome for landed in night.landed} == {"unchanged"}


def copies_of(settings: Settings) -> list[Path]:
    return [path for path in settings.archive.rglob("*") if path.is_file()]


def test_a_folder_in_which_all_is_past_its_retention_is_no_empty_one(scratch: Scratch) -> None:
    scratch.deliver("ssda903/2001/a.csv", BOTH)
    night = begin(scratch.settings)
    land_all(scratch.settings, night, lambda line: None)
    assert not night.is_red


def test_what_is_left_of_a_delivery_past_its_retention_is_told(
    scratch: Scratch, monkeypatch: pytest.MonkeyPatch
) -> None:
    scratch.land_one("ssda903/2010/a.csv", BOTH)
    a_day_later(monkeypatch)
    (gone,) = retention.enforce(scratch.settings, "run", lambda line: None)
    erase.settle(scratch.settings)
    retention.prove(scratch.settings, [gone])
    with duckdb.connect(str(scratch.settings.warehouse)) as connection:
        connection.execute("insert into landing.notes (_file_id) values (?)", [gone])
    with pytest.raises(retention.NotWithdrawn, match="warehouse, landing: 1 rows"):
        retention.prove(scratch.settings, [gone])


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("", ()),
        ("ssda903=75", (("ssda903", 75),)),
        (" ssda903 = 75 , cin_census=25,", (("ssda903", 75), ("cin_census", 25))),
    ],
)
def test_retention_is_said_in_years_by_source(
    scratch: Scratch, environment: Point, monkeypatch, text, kept
) -> None:
    environment(scratch.settings)
    monkeypatch.setenv("CYP_RETENTION", text)
    assert Settings.from_environment().retention == kept


@pytest.mark.parametrize(
    "text", ["ssda930=75", "ssda903", "ssda903=0", "ssda903=long", "ssda903=1,ssda903=2", "75"]
)
def test_a_retention_that_makes_no_sense_is_a_plain_sentence(
    scratch: Scratch, environment: Point, monkeypatch, text
) -> None:
    environment(scratch.settings)
    monkeypatch.setenv("CYP_RETENTION", text)
    with pytest.raises(SettingsError, match="CYP_RETENTION says"):
        Settings.from_environment()


def test_a_night_withdraws_first_and_looks_for_what_is_left_last(
    scratch: Scratch, monkeypatch: pytest.MonkeyPatch
) -> None:
    """That what is built and published without a delivery is whole, tests/test_forget.py says."""
    settings = scratch.settings
    scratch.deliver("ssda903/2010/a.csv", BOTH)
    scratch.land()
    a_day_later(monkeypatch)
    stages: list[object] = []
    monkeypatch.setattr(
        night_module,
        "make_all",
        lambda *_, **__: stages.append("make") or erase.settle(settings),
    )
    prove = retention.prove
    monkeypatch.setattr(
        night_module.retention, "prove", lambda *given: stages.append(given[1]) or prove(*given)
    )
    night = run_night(settings)
    assert not night.is_red, night.sentence
    assert night.withdrawn == [file_id(scratch, "ssda903/2010/a.csv")]
    assert stages == ["make", night.withdrawn]
    assert not erase.is_due(settings)
    record = last_night(settings)
    assert record is not None
    assert (record["withdrawn"], record["past_retention"]) == (1, ["ssda903/2010/a.csv"])
    assert "Past their retention: 1 withdrawn, 1 still" in record["sentence"]
