"""Nights of tests that are not about dbt's data tests, which are two thirds of what dbt does."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from flows import build
from flows.settings import Settings


@contextmanager
def models_only() -> Iterator[None]:
    """What is built within is seeds and models. The home is one that has been built before, so
    that the test by which each night holds the ledger lies there compiled."""
    whole = build.dbt

    def dbt(settings: Settings, *words: str, **options: Any) -> None:
        less = ("--exclude-resource-type", "test") if words[0] == "build" else ()
        whole(settings, *words, *less, **options)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(build, "dbt", dbt)
        yield
