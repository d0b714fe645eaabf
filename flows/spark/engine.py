"""Engines that speak Spark, as a session in this process: dbt-spark finds it and uses it."""

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from flows.spark.landing import Relation

# Many small statements: what is compiled and planned anew for each costs more than it saves.
SMALL = {
    "spark.sql.shuffle.partitions": "2",
    "spark.sql.adaptive.enabled": "false",
    "spark.sql.codegen.wholeStage": "false",
    "spark.sql.codegen.factoryMode": "NO_CODEGEN",
    "spark.default.parallelism": "2",
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.driver.memory": "3g",
    "spark.driver.extraJavaOptions": " ".join(
        (
            "-XX:TieredStopAtLevel=1",
            "-XX:+UseSerialGC",
            "-XX:ReservedCodeCacheSize=256m",  # with the 48 of its own, compiling stops half-way
        )
    ),
    "spark.log.level": "OFF",
}

# What the models take for granted of any engine.
MEANT = {
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.ansi.enabled": "false",  # dbt-spark sets it so
}


@contextmanager
def local_spark(scratch: Path, threads: int = 2) -> Iterator[Any]:
    """Apache Spark in this process and a Java machine of its own."""
    from pyspark.sql import SparkSession

    logging.getLogger("SQLQueryContextLogger").disabled = True  # it would repeat whole statements
    builder = SparkSession.builder.master(f"local[{threads}]").appName("cyp")
    settings = (
        SMALL
        | MEANT
        | {
            "spark.sql.warehouse.dir": str(scratch / "tables"),
            "spark.local.dir": str(scratch / "local"),
            "spark.sql.catalogImplementation": "in-memory",
        }
    )
    for name, value in settings.items():
        builder = builder.config(name, value)
    session = builder.getOrCreate()
    try:
        yield session
    finally:
        session.stop()


def register(session: Any, landed: Path | str, relations: Sequence[Relation]) -> None:
    """Make the landed files tables of the session's catalogue; nothing is copied. `landed` may be
    a path in an object store."""
    for schema in sorted({schema for schema, _ in relations}):
        session.sql(f"create schema if not exists {schema}")
    for schema, table in relations:
        session.sql(f"drop table if exists {schema}.{table}")
        session.sql(
            f"create table {schema}.{table} using parquet location '{landed}/{schema}/{table}'"
        )
