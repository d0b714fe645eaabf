"""Importing this loads dbt, for processes that fork it: its imports, which are a third of a small
build, and what it works out when it first reads a project (how each of its classes is written
down and read again), which is a few seconds more."""

import sys
import tempfile
from pathlib import Path

import dbt.adapters.duckdb
import dbt.task.build  # noqa: F401
import pandas  # noqa: F401
from dbt.adapters.duckdb.connections import DuckDBConnectionManager
from dbt.adapters.factory import reset_adapters
from dbt.cli.main import cli

import flows.disclosure  # noqa: F401

# A project that has one of each kind.
PROJECT = {
    "dbt_project.yml": "{name: loaded, profile: a, flags: {send_anonymous_usage_stats: false}}",
    "profiles.yml": "a: {target: a, outputs: {a: {type: duckdb, path: ':memory:'}}}",
    "seeds/one.csv": "one\n1\n",
    "models/two.sql": "select one from {{ ref('one') }}",
    "models/three.sql": "select one from {{ ref('two') }}",
    "models/two.yml": """{
        sources: [{name: four, tables: [{name: five}]}],
        models: [{name: two, columns: [{name: one, data_tests: [unique]}]}],
        unit_tests: [{
            name: one_is_one, model: three,
            given: [{input: ref('two'), rows: [{one: 1}]}],
            expect: {rows: [{one: 1}]},
        }],
    }""",
}


def read_a_project() -> None:
    words, sys.argv = sys.argv, ["dbt"]
    with tempfile.TemporaryDirectory() as folder:
        for name, text in PROJECT.items():
            path = Path(folder, name)
            path.parent.mkdir(exist_ok=True)
            path.write_text(text, encoding="utf-8")
        places = ("project-dir", "profiles-dir", "target-path", "log-path")
        for _ in range(2):  # the second time it reads what it wrote down the first
            cli(
                # the static parser has threads, which no fork would have
                ["parse", "--quiet", "--log-level-file", "none", "--no-static-parser"]
                + [word for name in places for word in (f"--{name}", folder)],
                standalone_mode=False,
            )
    DuckDBConnectionManager.close_all_connections()
    reset_adapters()
    sys.argv = words


read_a_project()
