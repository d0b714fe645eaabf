"""`cyp` in which something goes wrong: python -m tests.harmed WRONG[,WRONG...] WORDS..."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb

from flows import build, cli, night
from flows.audit import Finding, Seen
from flows.land import Extract
from flows.settings import Settings

dbt, find, at_the_door = build.dbt, night.find, night.at_the_door


def no_column_tests() -> None:
    """Nothing wrong; dbt's tests of columns are two thirds of what it does."""

    def run(settings: Settings, *words: str, **options: Any) -> None:
        less = ("--exclude", "test_type:generic") if words[0] == "build" else ()
        dbt(settings, *words, *less, **options)

    build.dbt = run


def two_nodes() -> None:
    """Of everything, dbt builds a model and holds one test of its own file."""

    def run(settings: Settings, *words: str, **options: Any) -> None:
        chosen = ("int_children_settled", "every_delivered_row_is_accounted_for")
        dbt(settings, words[0], "--indirect-selection", "cautious", "--select", *chosen, **options)

    build.dbt = run


def nothing_built() -> None:
    def run(*_: Any, **__: Any) -> None:
        raise build.BuildFailed("dbt build failed at a_model.")

    build.dbt = run


def vanishing() -> None:
    """A file that is gone when it is its turn."""

    def found(settings: Settings) -> list[Extract]:
        extracts = find(settings)
        for path in Path(settings.extracts).rglob("vanishing.csv"):
            path.unlink()
        return extracts

    night.find = found


def examined_badly() -> None:
    """The examination of one table ends in an error of its own, raised over one of the engine's:
    both repeat a delivered value."""

    def examine(
        connection: duckdb.DuckDBPyConnection,
        table: str,
        relation: str,
        file_id: str,
        seen: Seen | None,
    ) -> list[Finding]:
        if table != "ssda903__uasc":
            return at_the_door(connection, table, relation, file_id, seen)
        try:
            connection.execute(f"select cast(duc as integer) from {relation}").fetchall()
        except duckdb.Error as error:
            raise ValueError(str(error)) from error
        raise AssertionError("the engine read what it cannot read")

    night.at_the_door = examine


WRONGS: dict[str, Callable[[], None]] = {
    wrong.__name__: wrong
    for wrong in (
        no_column_tests, two_nodes, nothing_built, vanishing, examined_badly,
    )
}  # fmt: skip


if __name__ == "__main__":
    for chosen in filter(None, sys.argv[1].split(",")):
        WRONGS[chosen]()
    cli.main(sys.argv[2:])
