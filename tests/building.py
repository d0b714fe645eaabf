"""Nights of tests that are not about dbt's tests of columns, two thirds of what dbt does."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from flows import build
from flows.settings import Settings


@contextmanager
def models_only() -> Iterator[None]:
    """What is built within is seeds and models, and the tests that are files of their own: by one
    of those each night holds the ledger."""
    whole = build.dbt

    def dbt(settings: Settings, *words: str, **options: Any) -> None:
        less = ("--exclude", "test_type:generic") if words[0] == "build" else ()
        whole(settings, *words, *less, **options)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(build, "dbt", dbt)
        yield
