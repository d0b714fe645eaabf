"""Identifiers are hidden by a key that nobody can guess, that is nowhere but where it is kept, and
that can be changed."""

import base64
import gzip
import hashlib
import os
import sys
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import duckdb
import pytest

from flows import cli, erase, rotate
from flows.land import hold_to_key, prepare
from flows.land.delivery import pseudonym
from flows.land.rekey import NotDerived
from flows.land.schema import key_check, made_with_key
from flows.night import begin
from flows.settings import SAMPLE_KEY, Settings, SettingsError, read_key
from tests.conftest import KEY
from tests.scratch import Scratch
from tests.test_forget import BOTH, CHILD, OTHER
from tests.test_land import census

GOOD = "correct horse battery staple"
POSIX = pytest.mark.skipif(os.name != "posix", reason="modes are POSIX's")

Point = Callable[[Settings], None]


def run(*arguments: str) -> int:
    with pytest.raises(SystemExit) as ended:
        cli.main(arguments)
        sys.exit(0)
    return int(ended.value.code or 0)


def saying(home: Path, key: bytes) -> list[str]:
    """Files of a home whose bytes, packed or not, hold a key as it is or written otherwise."""
    forms = {key, key.hex().encode(), base64.b64encode(key)[:-4], key.decode().encode("utf-16-le")}
    return [
        path.relative_to(home).as_posix()
        for path in home.rglob("*")
        if path.is_file() and any(form in part for part in _unpacked(path) for form in forms)
    ]


def _unpacked(path: Path) -> Iterator[bytes]:
    content = path.read_bytes()
    yield content
    if content.startswith(b"\x1f\x8b"):
        yield gzip.decompress(content)
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as packed:
            yield from map(packed.read, packed.namelist())


# Keys that are taken


@pytest.fixture
def real(tmp_path: Path, environment: Point, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """Settings of real extracts in the environment, without a key."""
    (tmp_path / "extracts").mkdir()
    settings = Settings(tmp_path / "extracts", False, tmp_path / "home", "332", b"")
    environment(settings)
    monkeypatch.delenv("CYP_KEY")
    return settings


@pytest.mark.parametrize(
    ("key", "sentence"),
    [
        (SAMPLE_KEY.decode(), "the bundled sample's key, which everybody has"),
        (f" {SAMPLE_KEY.decode()}\n", "the bundled sample's key, which everybody has"),
        ("fifteen letters", "a weak key"),
        ("abcdeabcdeabcdeabcde", "a weak key"),
    ],
)
@pytest.mark.parametrize("place", ["CYP_KEY", "CYP_KEY_FILE", "home"])
def test_a_key_that_is_known_or_can_be_guessed_is_refused_wherever_it_comes_from(
    real: Settings, tmp_path: Path, monkeypatch, capsys, key: str, sentence: str, place: str
) -> None:
    file = real.home / "key" if place == "home" else tmp_path / "file"
    file.parent.mkdir(exist_ok=True)
    file.write_text(key)
    file.chmod(0o600)
    if place != "home":
        monkeypatch.setenv(place, key if place == "CYP_KEY" else str(file))
    assert run("status") == 2
    said = capsys.readouterr().err
    assert sentence in said
    assert "cyp rotate-key" in said  # which is let in, to give it up
    assert key.strip() not in said
    assert Settings.from_environment(is_key_to_go=True).key.strip() == key.strip().encode()


@POSIX
def test_a_key_that_others_can_read_is_refused(
    real: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert len(Settings.from_environment().key) == 64  # made in the home
    (real.home / "key").chmod(0o640)
    with pytest.raises(SettingsError, match=r"home/key can be read by others: chmod 600"):
        Settings.from_environment()
    file = tmp_path / "file"
    file.write_text(GOOD)
    monkeypatch.setenv("CYP_KEY_FILE", str(file))
    file.chmod(0o604)
    with pytest.raises(SettingsError, match=r"file can be read by others: chmod 600"):
        Settings.from_environment()
    file.chmod(0o400)
    assert Settings.from_environment().key == GOOD.encode()
    if os.geteuid() == 0:
        os.chown(file, 4711, 4711)
        with pytest.raises(SettingsError, match="another user's"):
            Settings.from_environment()
    monkeypatch.setenv("CYP_KEY_FILE", str(tmp_path))
    tmp_path.chmod(0o700)
    with pytest.raises(SettingsError, match="cannot be read"):
        Settings.from_environment()
    monkeypatch.delenv("CYP_KEY_FILE")
    (tmp_path / ".env").write_text(f"CYP_KEY={GOOD}\n")
    (tmp_path / ".env").chmod(0o644)
    with pytest.raises(SettingsError, match=r"\.env holds CYP_KEY and others can read it"):
        Settings.from_environment()
    (tmp_path / ".env").chmod(0o600)
    assert Settings.from_environment().key == GOOD.encode()


def test_no_process_that_we_start_is_handed_the_key(real: Settings, monkeypatch) -> None:
    monkeypatch.setenv("CYP_KEY", GOOD)
    told = Settings.from_environment().environment()
    assert not [name for name, value in told.items() if GOOD in value or name == "CYP_KEY"]
    assert GOOD not in repr(Settings.from_environment())


def test_identifiers_cannot_be_tried_out_without_the_key() -> None:
    """Every identifier of six digits in plain hashes, and under another key, finds nobody."""
    hidden = {pseudonym(KEY, "332", f"{number:06}") for number in range(0, 100_000, 997)}
    for number in range(100_000):
        text = f"{number:06}"
        for told in (text, f"332:{text}"):
            plain = {hashlib.sha256(told.encode()).hexdigest()[:20],
                     hashlib.md5(told.encode()).hexdigest()[:20]}  # noqa: S324 # fmt: skip
            assert not plain & hidden
        assert pseudonym(SAMPLE_KEY, "332", text) not in hidden


# Another key


@pytest.fixture
def scratch(tmp_path: Path, environment: Point, monkeypatch: pytest.MonkeyPatch) -> Scratch:
    """Children of two authorities, one of them erased, in a home that keeps its own key; what
    would be built is left unbuilt."""
    (tmp_path / "extracts").mkdir()
    environment(Settings(tmp_path / "extracts", False, tmp_path / "home", "332", b""))
    monkeypatch.delenv("CYP_KEY")
    monkeypatch.setenv("CYP_LA", "332")
    monkeypatch.setattr(rotate, "make_again", lambda *_: None)
    scratch = Scratch(Settings.from_environment())
    prepare(scratch.settings)
    scratch.land_one("ssda903/2010/a.csv", BOTH)
    scratch.land_one("cin_census/2011/a.xml", census(child=f" {OTHER.lower()} "))
    scratch.land_one("333/ssda903/2010/a.csv", BOTH.replace("U1", "U4"))
    erase.child(scratch.settings, "332", CHILD, may_return=False)
    erase.resume(scratch.settings)
    return scratch


def keys(scratch: Scratch) -> set[tuple[str, str]]:
    """The keys that landing holds, by authority."""
    tables = scratch.rows(
        "select table_name from duckdb_columns() where column_name = '_child_key' "
        "and schema_name = 'landing'"
    )
    held = " union ".join(
        f"select _la_code, _child_key from landing.{table}" for (table,) in tables
    )
    return set(scratch.rows(held))


def expected(key: bytes) -> set[tuple[str, str]]:
    theirs = (("332", OTHER), ("333", OTHER), ("333", CHILD))
    return {(la_code, pseudonym(key, la_code, child)) for la_code, child in theirs}


def test_another_key_makes_anew_whatever_landing_holds_of_the_old_one(scratch, capsys):
    old = scratch.settings.key
    assert keys(scratch) == expected(old)
    assert run("rotate-key") == 0
    assert (
        "3 children in 5 rows have another key, and 1 who are forgotten" in capsys.readouterr().out
    )
    settings = Settings.from_environment()
    assert settings.key != old
    assert read_key(settings.home / "key") == settings.key
    assert keys(scratch) == expected(settings.key)
    hold_to_key(settings)
    for key in (old, settings.key):
        assert set(saying(settings.home, key)) <= {"key"}
    for gone in expected(old):  # from every block of the file, too
        assert gone[1].encode() not in settings.warehouse.read_bytes()
    later = Scratch(settings).land_one("ssda903/2011/b.csv", BOTH)
    assert later.tables == {"ssda903__episodes": 1}  # the erased child stays away
    assert keys(scratch) == expected(settings.key)


def test_a_key_that_is_kept_elsewhere_is_its_owners_to_put_in_place(
    scratch, tmp_path, monkeypatch, capsys
):
    file, new = tmp_path / "file", tmp_path / "new"
    (scratch.settings.home / "key").rename(file)
    monkeypatch.setenv("CYP_KEY_FILE", str(file))
    assert run("rotate-key") == 2
    assert "--to FILE" in capsys.readouterr().err
    assert run("rotate-key", "--to", str(file)) == 2
    assert "the key that is in use" in capsys.readouterr().err
    monkeypatch.setenv("CYP_NEW_KEY_FILE", str(new))
    assert run("rotate-key") == 0
    assert f"set CYP_KEY_FILE={new}" in capsys.readouterr().out
    assert keys(scratch) == expected(read_key(new))
    assert run("land") == 2
    assert "was given another key on" in capsys.readouterr().err
    assert run("rotate-key") == 0  # as after a run that was killed: nothing is left to do
    assert "has that key already" in capsys.readouterr().out
    monkeypatch.setenv("CYP_KEY_FILE", str(new))
    hold_to_key(Settings.from_environment())
    assert not (scratch.settings.home / "key").exists()


def test_a_weak_key_and_the_samples_can_be_given_up(scratch, tmp_path, monkeypatch, capsys):
    settings = replace(scratch.settings, home=tmp_path / "weak", key=SAMPLE_KEY)
    prepare(settings)
    monkeypatch.setenv("CYP_HOME", str(settings.home))
    monkeypatch.setenv("CYP_KEY", SAMPLE_KEY.decode())
    assert run("land") == 2
    monkeypatch.setenv("CYP_NEW_KEY_FILE", str(tmp_path / "new"))
    assert run("rotate-key") == 0
    assert "unset CYP_KEY" in capsys.readouterr().out
    assert made_with_key(settings)[0] == key_check(read_key(tmp_path / "new"))


@pytest.mark.parametrize(
    ("at", "is_new"),
    [
        ("flows.rotate.make_key", False),
        ("flows.rotate.derive_anew", False),
        ("flows.erase._mark", False),
        ("flows.rotate.os.replace", True),
        ("flows.rotate.log.add", True),
        ("flows.erase._rewrite", True),
    ],
)
def test_a_change_of_key_that_is_killed_holds_the_old_key_or_the_new_one(
    scratch, monkeypatch, at, is_new
):
    old = scratch.settings.key

    def killed(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(at, killed)
        assert run("rotate-key") == 1
    settings = Settings.from_environment()
    assert (settings.key != old) == is_new
    begin(settings)  # as every command that writes does first
    assert keys(scratch) == expected(settings.key)
    assert erase.is_due(settings)
    assert run("rotate-key") == 0
    again = Settings.from_environment()
    assert again.key not in {old, settings.key}
    assert keys(scratch) == expected(again.key)
    assert not again.new_key.exists()


def test_a_key_that_does_not_follow_from_its_identifier_stops_the_change(scratch, capsys):
    before = keys(scratch)
    with duckdb.connect(str(scratch.settings.warehouse)) as connection:
        connection.execute(
            "update landing.cin_census__referrals set _child_key = 'altered by hand'"
        )
    assert run("rotate-key") == 1
    assert "so the key was not changed" in capsys.readouterr().err
    settings = Settings.from_environment()
    assert settings.key == scratch.settings.key
    hold_to_key(settings)
    assert keys(scratch) == before | {("332", "altered by hand")}
    with duckdb.connect(str(settings.warehouse)) as connection:
        connection.execute("update landing.ssda903__episodes set child = 'C9'")
    with pytest.raises(NotDerived, match="altered by hand"):
        rotate.rotate(settings, None, None, print)


# What a home holds: tests/test_incremental.py has the whole path, of every table under another key


def marts(settings: Settings) -> dict[str, list[tuple[object, ...]]]:
    with duckdb.connect(str((settings.published / "cyp.duckdb").resolve())) as connection:
        names = connection.execute("select table_name from duckdb_tables() order by 1").fetchall()
        return {
            name: connection.execute(f"from published.{name} order by all").fetchall()
            for (name,) in names
        }


def child_keys(settings: Settings) -> set[str]:
    with duckdb.connect(str(settings.warehouse), read_only=True) as connection:
        found = connection.execute("select child_key from core.dim_children").fetchall()
    return {key for (key,) in found}
