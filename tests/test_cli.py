"""The command line as a user meets it: quick help, plain sentences, exit codes."""

import os
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from flows import cli, doctor
from flows.land import prepare
from flows.lock import alone
from flows.night import Night
from flows.quarantine import Chosen
from flows.settings import HOUSE, SAMPLE_KEY, Settings, SettingsError
from flows.status import refusal_said

STEPS = ("land", "build", "audit", "publish", "docs")
COMMANDS = (
    "refresh", *STEPS, "quarantine", "forget", "rotate-key", "log", "figures", "sample", "status",
    "serve", "validate", "doctor", "page",
)  # fmt: skip

Point = Callable[[Settings], None]


def run(*arguments: str) -> int:
    """The exit code of `cyp` with these arguments."""
    with pytest.raises(SystemExit) as ended:
        cli.main(arguments)
        sys.exit(0)
    return int(ended.value.code or 0)


@pytest.fixture
def empty(tmp_path: Path) -> Settings:
    """A home in which nothing has happened, and a drop folder with nothing in it."""
    extracts = tmp_path / "extracts"
    extracts.mkdir()
    return Settings(extracts, False, tmp_path / "home", None, b"the key of an empty home")


def test_the_page_is_named_and_opened(
    empty: Settings,
    environment: Point,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    environment(empty)
    opened: list[str] = []
    monkeypatch.setattr(cli.click, "launch", lambda address: opened.append(address) or 0)
    assert run("page", "--open") == 1
    assert "cyp refresh publishes one" in capsys.readouterr().err
    empty.page.parent.mkdir(parents=True)
    empty.page.write_text("<!DOCTYPE html>")
    assert run("page") == 0
    assert capsys.readouterr().out == f"{empty.page}\n"
    assert not opened
    assert run("page", "--open") == 0
    assert opened == [empty.page.as_uri()]
    monkeypatch.setattr(cli.click, "launch", lambda address: 1)
    assert run("page", "--open") == 1


def test_help_answers_at_once_and_names_every_command() -> None:
    started = time.process_time()
    took = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-m", "flows.cli", "--help"], cwd=HOUSE, capture_output=True, text=True
    )
    took = time.perf_counter() - took
    assert done.returncode == 0
    assert all(f"\n  {command} " in done.stdout for command in COMMANDS)
    assert "CYP_EXTRACTS" in done.stdout
    assert "Exit codes" in done.stdout
    assert took < 5, f"{took:.1f} s on a busy machine; 0.1 s on an idle one"
    assert time.process_time() - started < 1


def test_help_imports_nothing_heavy() -> None:
    code = "import sys, flows.cli; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], cwd=HOUSE, capture_output=True, text=True)
    heavy = {"dbt", "prefect", "great_expectations", "duckdb", "pandas", "lxml", "openpyxl"}
    assert not heavy & set(done.stdout.split())


def test_every_command_explains_itself(capsys: pytest.CaptureFixture[str]) -> None:
    for command in COMMANDS:
        assert run(command, "--help") == 0
        assert len(capsys.readouterr().out.splitlines()) > 3, command


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("CYP_LA", "Borough", "CYP_LA is 'Borough'"),
        ("CYP_EXTRACTS", "/no/such/folder", "which is not a folder"),
        ("CYP_TIMEZONE", "Europe/Borough", "no known time zone"),
        ("CYP_MEMORY_LIMIT", "plenty", "say it as 4GB"),
        ("CYP_KEY_FILE", "/no/such/key", "which is not there"),
        ("CYP_DOCS_URL", "intranet/models.html", "no address of a page"),
    ],
)
def test_a_setting_that_makes_no_sense_is_a_plain_sentence_and_exit_2(
    name: str,
    value: str,
    sentence: str,
    empty: Settings,
    environment: Point,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    environment(empty)
    monkeypatch.delenv("CYP_KEY")
    monkeypatch.setenv(name, value)
    assert run("status") == 2
    complaint = capsys.readouterr().err
    assert sentence in complaint
    assert "Traceback" not in complaint


@pytest.mark.parametrize(
    "pair",
    [
        "no_such_var=1",
        "public_suppress_up_to",
        "public_suppress_up_to=few",
        "public_suppress_up_to=-3",
        "public_suppress_up_to=true",
        "public_noughts_are_shown=2",
        "partners_sensitive=nothing",
        "cohort_start_date=01/04/2005",
        "cohort_end_date=2009-13-45",
        "episode_repairs=gap,guess",
    ],
)
def test_a_var_that_dbt_does_not_know_is_exit_2(
    pair: str, empty: Settings, environment: Point, capsys: pytest.CaptureFixture[str]
) -> None:
    environment(empty)
    assert run("build", "--var", pair) == 2
    assert pair in capsys.readouterr().err


def test_vars_keep_the_kind_of_their_default() -> None:
    variables = cli._variables(
        None,  # type: ignore[arg-type]
        None,  # type: ignore[arg-type]
        (
            "public_suppress_up_to=3",
            "cohort_start_date=2005-04-01",
            "deprivation_release=2010",
            "episode_repairs=gap, overlap",
        ),
    )
    assert variables == {
        "public_suppress_up_to": 3,
        "cohort_start_date": "2005-04-01",
        "deprivation_release": "2010",
        "episode_repairs": ["gap", "overlap"],
    }


def test_settings_come_from_a_dotenv_file_and_the_environment_wins(
    tmp_path: Path, environment: Point, empty: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    environment(empty)
    (tmp_path / ".env").write_text("CYP_LA=123\nCYP_CRON=5 5 * * *\n")
    monkeypatch.setenv("CYP_CRON", "6 6 * * *")
    settings = Settings.from_environment()
    assert (settings.la_code, settings.cron) == ("123", "6 6 * * *")


def test_a_dotenv_file_may_begin_with_a_mark_as_windows_writes_it(
    tmp_path: Path, environment: Point, empty: Settings
) -> None:
    environment(empty)
    (tmp_path / ".env").write_text("CYP_LA=123\n", encoding="utf-8-sig")
    assert Settings.from_environment().la_code == "123"
    (tmp_path / ".env").write_text("CYP_LA=123\n", encoding="utf-16")
    with pytest.raises(SettingsError, match="save it as UTF-8"):
        Settings.from_environment()


@pytest.mark.parametrize(
    ("step", "sentence"),
    [
        ("build", "Nothing has been landed"),
        ("audit", "Nothing has been built"),
        ("publish", "Nothing has been built"),
    ],
)
def test_a_step_before_its_turn_says_what_to_do_first(
    step: str,
    sentence: str,
    empty: Settings,
    environment: Point,
    capsys: pytest.CaptureFixture[str],
) -> None:
    environment(empty)
    assert run(step) == 1
    assert sentence in capsys.readouterr().err


def test_a_key_is_made_once_and_is_its_owners_only(
    empty: Settings, environment: Point, monkeypatch: pytest.MonkeyPatch
) -> None:
    environment(empty)
    monkeypatch.delenv("CYP_KEY")
    first = Settings.from_environment().key
    assert len(first) == 64
    assert Settings.from_environment().key == first
    assert first.decode() not in repr(Settings.from_environment())


def test_a_key_that_is_gone_is_not_made_anew_beside_its_warehouse(
    empty: Settings,
    environment: Point,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    environment(empty)
    monkeypatch.delenv("CYP_KEY")
    kept = Settings.from_environment().home / "key"
    (empty.home / "warehouse.duckdb").touch()
    assert Settings.from_environment().key == kept.read_bytes()
    kept.unlink()
    assert run("land") == 2
    assert "Put the key back" in capsys.readouterr().err
    assert not kept.exists()


def test_the_samples_key_is_the_samples_whatever_else_is_set(
    empty: Settings, environment: Point, monkeypatch: pytest.MonkeyPatch
) -> None:
    environment(empty)
    monkeypatch.setenv("CYP_KEY", "an authority's key")
    assert Settings.from_environment().key == b"an authority's key"
    monkeypatch.delenv("CYP_EXTRACTS")
    assert Settings.from_environment().key == SAMPLE_KEY


def test_invented_children_are_not_landed_beside_real_ones(
    empty: Settings,
    environment: Point,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    environment(empty)
    prepare(replace(empty, key=b"an authority's key"))
    monkeypatch.delenv("CYP_EXTRACTS")
    for command in ("land", "refresh"):
        assert run(command) == 2
        assert "CYP_EXTRACTS is unset" in capsys.readouterr().err
    assert not (empty.home / "sample").exists()


def test_a_home_within_the_drop_folder_is_exit_2(
    empty: Settings, environment: Point, capsys: pytest.CaptureFixture[str]
) -> None:
    environment(replace(empty, home=empty.extracts / "cyp"))
    assert run("land") == 2
    assert "lies within CYP_EXTRACTS" in capsys.readouterr().err


def test_a_home_that_cannot_be_made_is_exit_2(
    empty: Settings, environment: Point, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").touch()
    environment(replace(empty, home=tmp_path / "file" / "home"))
    assert run("status") == 2
    assert "cannot be made" in capsys.readouterr().err


@pytest.mark.skipif(os.name != "posix", reason="modes are POSIX's")
def test_readers_can_walk_through_a_home_that_a_key_was_made_in(
    empty: Settings, environment: Point, monkeypatch: pytest.MonkeyPatch
) -> None:
    environment(empty)
    monkeypatch.delenv("CYP_KEY")
    before = os.umask(0o022)
    try:
        home = Settings.from_environment().make_home()
    finally:
        os.umask(before)
    assert home.stat().st_mode & 0o777 == 0o755
    assert (home / "key").stat().st_mode & 0o777 == 0o600


def test_a_schedule_that_makes_no_sense_is_a_plain_sentence(empty: Settings) -> None:
    from flows import nightly

    with pytest.raises(SettingsError, match="CYP_CRON is 'every night'"):
        nightly.serve(replace(empty, cron="every night"), {})


def test_land_by_itself_writes_the_data_docs_of_what_it_examined(
    empty: Settings, environment: Point, capsys: pytest.CaptureFixture[str]
) -> None:
    environment(empty)
    place = empty.extracts / "332" / "townships" / "2011"
    place.mkdir(parents=True)
    (place / "t.csv").write_text(
        "la_code,ward_code,ward_name,township_name\n332,E05001236,Amblecote,Stourbridge\n"
    )
    assert run("land") == 0
    index = empty.docs / "data_docs" / "index.html"
    assert "332/townships/2011/t.csv" in index.read_text(encoding="utf-8")
    assert str(empty.docs) in capsys.readouterr().out


def test_figures_asked_for_during_a_refresh_say_that_one_is_running(
    empty: Settings, environment: Point, capsys: pytest.CaptureFixture[str]
) -> None:
    environment(empty)
    prepare(empty)
    with alone(empty):
        assert run("figures") == 1
    assert "A cyp command is already running" in capsys.readouterr().err


def test_a_second_refresh_says_that_one_is_running(
    empty: Settings, environment: Point, capsys: pytest.CaptureFixture[str]
) -> None:
    environment(empty)
    with alone(empty):
        assert run("refresh") == 1
    assert "A cyp command is already running" in capsys.readouterr().err


def test_doctor_names_what_each_missing_source_costs(
    empty: Settings, environment: Point, capsys: pytest.CaptureFixture[str]
) -> None:
    environment(empty)
    folder = empty.extracts / "ssda903"
    for year in (2009, 2010, 2012):
        (folder / str(year)).mkdir(parents=True)
        (folder / str(year) / "episodes.csv").write_text("CHILD\n")
    (empty.extracts / "ssda930").mkdir()
    assert run("doctor") == 0
    said = capsys.readouterr().out
    assert "ssda903: 2009 to 2010, 2012" in said
    assert "CYP_LA is unset" in said
    assert "ssda930 is no source we know" in said
    for source, cost in doctor.COSTS.items():
        assert source == "ssda903" or f"{source}: {cost}" in said


def test_doctor_finds_the_folders_of_several_authorities(
    empty: Settings, environment: Point, capsys: pytest.CaptureFixture[str]
) -> None:
    environment(empty)
    place = empty.extracts / "301" / "cin_census" / "2011"
    place.mkdir(parents=True)
    (place / "census.xml").write_text("<Message/>")
    assert run("doctor") == 0
    said = capsys.readouterr().out
    assert "cin_census: 2011" in said
    assert "CYP_LA is unset" not in said


def test_doctor_names_folders_that_are_no_source_or_year_of_an_authority(
    empty: Settings, environment: Point, capsys: pytest.CaptureFixture[str]
) -> None:
    environment(empty)
    for folder in ("SSDA903/2011", "ssda903/2010-11", "annexa/2011"):
        (empty.extracts / "301" / folder).mkdir(parents=True)
    (empty.extracts / "301" / "SSDA903" / "2011" / "episodes.csv").write_text("CHILD\n")
    assert run("doctor") == 0
    said = capsys.readouterr().out
    assert "ssda903: 2011" in said
    assert "2010-11 is no year such as 2011" in said
    assert "annexa is no source we know" in said


def test_a_misspelt_limit_is_told(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("CYP_LIMIT_FILEBYTES", "8")
    assert run("doctor") == 2
    assert "CYP_LIMIT_FILEBYTES is no limit" in capsys.readouterr().err


def test_a_refused_file_is_named_once() -> None:
    assert refusal_said("a/b.csv", "file a/b.csv, line 3: torn") == "a/b.csv, line 3: torn"
    assert refusal_said("a/b.csv", "the disk is full") == "a/b.csv: the disk is full"


@pytest.mark.parametrize(
    ("file", "chosen"),
    [
        ("x.csv", Chosen(file_name="x.csv")),
        ("301/SSDA903/2009/x.csv", Chosen("ssda903", 2009, "301", "x.csv")),
        ("ssda903/2009/below/x.csv", Chosen("ssda903", 2009, None, "below/x.csv")),
        ("below/x.csv", Chosen(file_name="below/x.csv")),
        (None, Chosen()),
    ],
)
def test_a_file_of_the_quarantine_may_be_named_by_its_path(
    file: str | None, chosen: Chosen
) -> None:
    assert Chosen.of_file(file, None, None, None) == chosen


def test_status_before_the_first_night_says_what_to_do(
    empty: Settings, environment: Point, capsys: pytest.CaptureFixture[str]
) -> None:
    environment(empty)
    assert run("status") == 0
    assert "none yet: cyp refresh" in capsys.readouterr().out


def test_status_after_a_night_shows_what_stands(
    night: Night, copied: Settings, environment: Point, capsys: pytest.CaptureFixture[str]
) -> None:
    environment(copied)
    assert run("status") == 0
    said = capsys.readouterr().out
    assert "green" in said
    assert "cin_census" in said
    assert "first_episode_profile" in said or "first-episode-profile" in said


def test_a_sample_is_written_only_into_an_empty_folder(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    place = tmp_path / "drop"
    assert run("sample", str(place)) == 0
    assert any(place.rglob("*.xml"))
    assert run("sample", str(place)) == 2
    assert "is not empty" in capsys.readouterr().err


def test_figures_exit_code_says_whether_all_agree(
    copied: Settings, environment: Point, capsys: pytest.CaptureFixture[str]
) -> None:
    environment(replace(copied, is_sample=True))
    assert run("figures") == 0
    assert " 0 differ." in capsys.readouterr().out


def test_figures_of_the_sample_held_against_other_marts_say_that_they_are_the_samples(
    empty: Settings, environment: Point, capsys: pytest.CaptureFixture[str]
) -> None:
    environment(empty)
    prepare(empty)
    assert run("figures") == 1
    assert "cyp figures FILE" in capsys.readouterr().out
