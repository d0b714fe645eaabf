"""What is missing in the settings or the extracts, and what each missing source costs."""

import os
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from flows import private
from flows.settings import Settings

# What stays empty in the published marts when a source has not been delivered.
COSTS = {
    "ssda903": (
        "no looked-after children: first_episode_profile, time_in_care and returns_to_care are "
        "empty, as are looked_after and first_episodes in the profiles and in children_rates"
    ),
    "cin_census": (
        "no children in need or protection plans: those rows of children_rates are absent, as "
        "are children_in_need, child_protection_plans and referrals in the profiles"
    ),
    "deprivation": (
        "no ranks, bands or deciles: lsoa_profile and priority_lsoas are empty, as are the "
        "deprivation columns of the profiles and the dimension deprivation_decile of "
        "first_episode_profile"
    ),
    "child_poverty": "child_poverty_percent and child_poverty_year stay empty in the profiles",
    "population": (
        "no children_0_17 or population_0_17, so no rates: rate_per_10000, its limits and its "
        "comparison stay empty in children_rates and in the profiles"
    ),
    "postcodes": (
        "no postcode can be placed: every child counts as of unknown place in the profiles and "
        "in the dimensions township, ward and deprivation_decile"
    ),
    "lookups": (
        "LSOAs cannot be put into wards except through the postcode directory: lsoas, ward_name "
        "and township_name may stay empty in the profiles"
    ),
    "boundaries": (
        "area_outlines is empty, and the page shows LSOAs as tiles in rows instead of on a map"
    ),
    "townships": (
        "no townships: township_profile and priority_lsoas are empty, township_name stays empty"
    ),
    "comparators": (
        "nothing to compare with: the comparator and comparison columns stay empty, as does "
        "comparator_rates"
    ),
    "addresses": (
        "children in need are placed by their looked-after home only; most count as of unknown "
        "place in the profiles"
    ),
    "indicators": "indicator_scorecard is empty",
    "providers": "rules that ask Ofsted's register about a placement are skipped",
}

PACKAGES = ("duckdb", "dbt-core", "dbt-duckdb", "great-expectations", "prefect")
ROOM = 2 * 1024**3  # bytes free below which a refresh may not fit


@dataclass(frozen=True)
class Check:
    """One thing looked at. mark: ok, note (worth knowing), missing (costs something),
    broken (a refresh would fail)."""

    mark: str
    sentence: str


def examine(settings: Settings) -> list[Check]:
    """Everything `cyp doctor` looks at. Changes nothing."""
    return [
        *_versions(),
        *_places(settings),
        *_identity(settings),
        *_sources(settings),
    ]


def _versions() -> Iterator[Check]:
    python = ".".join(str(number) for number in sys.version_info[:3])
    supported = (3, 11) <= sys.version_info[:2] < (3, 14)
    yield Check("ok" if supported else "broken", f"Python {python} (3.11 to 3.13 are supported)")
    for package in PACKAGES:
        try:
            yield Check("ok", f"{package} {version(package)}")
        except PackageNotFoundError:
            yield Check("broken", f"{package} is not installed: make refresh sets it up")


def _places(settings: Settings) -> Iterator[Check]:
    existing = settings.home
    while not existing.exists():
        existing = existing.parent
    if os.access(existing, os.W_OK):
        yield Check("ok", f"CYP_HOME {settings.home} can be written")
    else:
        yield Check("broken", f"CYP_HOME {settings.home} cannot be written by this user")
    free = shutil.disk_usage(existing).free
    mark = "ok" if free > ROOM else "note"
    yield Check(mark, f"{free / 1024**3:.1f} GB free there")
    if opened := private.opened(settings):
        names = ", ".join(place.name for place in opened)
        yield Check("note", f"others can open {names}; the next command that works there closes it")
    elif os.name == "posix" and settings.warehouse.exists():
        yield Check("ok", "what is written is its owner's only, apart from what is published")
    if settings.prefect_api:
        yield Check("ok", f"Prefect server {settings.prefect_api}")
    else:
        yield Check("ok", "no Prefect server is set; each refresh starts a temporary one")


def _identity(settings: Settings) -> Iterator[Check]:
    if settings.is_sample:
        yield Check("note", "CYP_EXTRACTS is unset: the bundled sample is used, invented children")
    elif os.access(settings.extracts, os.R_OK):
        yield Check("ok", f"CYP_EXTRACTS {settings.extracts}")
    else:
        yield Check("broken", f"CYP_EXTRACTS {settings.extracts} cannot be read by this user")
    for source, years in settings.retention:
        yield Check("ok", f"{source} is kept for {years} years (CYP_RETENTION)")
    if settings.la_code:
        yield Check("ok", f"CYP_LA {settings.la_code}")
    elif not settings.is_sample and not _authorities(settings.extracts):
        yield Check(
            "missing",
            "CYP_LA is unset and no folder of CYP_EXTRACTS names an authority: SSDA903 files, "
            "which name none themselves, cannot be told whose they are",
        )


def _sources(settings: Settings) -> Iterator[Check]:
    if settings.is_sample and not settings.extracts.is_dir():
        yield Check("note", "the sample has not been written yet: cyp refresh writes it")
        return
    places = (settings.extracts, *_authorities(settings.extracts))
    for source, cost in COSTS.items():
        years = sorted(
            {
                year.name
                for place in places
                for folder in _folders(place)
                if folder.name.lower() == source
                for year in _folders(folder)
                if _is_year(year) and any(year.iterdir())
            }
        )
        if years:
            yield Check("ok", f"{source}: {_spans(years)}")
        else:
            yield Check("missing", f"{source}: {cost}")
    known = {*COSTS, *(authority.name for authority in _authorities(settings.extracts))}
    for place in places:
        for folder in _folders(place):
            if folder.name.lower() not in known:
                yield Check("note", f"{folder} is no source we know; every file in it is refused")
            elif folder.name.lower() in COSTS:
                for year in _folders(folder):
                    if not _is_year(year):
                        yield Check(
                            "note",
                            f"{year} is no year such as 2011; every file in it is refused",
                        )


def _is_year(folder: Path) -> bool:
    return len(folder.name) == 4 and folder.name.isdecimal()


def _folders(place: Path) -> list[Path]:
    return sorted(
        folder for folder in place.iterdir() if folder.is_dir() and not folder.name.startswith(".")
    )


def _authorities(extracts: Path) -> list[Path]:
    if not extracts.is_dir():
        return []
    return sorted(
        folder
        for folder in extracts.iterdir()
        if folder.is_dir() and folder.name.isdigit() and len(folder.name) == 3
    )


def _spans(years: list[str]) -> str:
    """2002, 2003, 2004, 2007 as 2002 to 2004, 2007; gaps are worth seeing."""
    spans: list[list[str]] = []
    for year in years:
        if spans and int(year) == int(spans[-1][-1]) + 1:
            spans[-1].append(year)
        else:
            spans.append([year])
    return ", ".join(span[0] if len(span) == 1 else f"{span[0]} to {span[-1]}" for span in spans)
