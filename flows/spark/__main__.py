"""Build what a home has landed on Spark, and hold what is published against DuckDB's.

python -m flows.spark [--scratch FOLDER] [what dbt is to do, `build` when nothing is said]
"""

import sys
from pathlib import Path

import click

from flows.manifest import public_models
from flows.settings import Settings
from flows.spark import compare, engine, landing
from flows.spark.build import build


@click.command(context_settings={"ignore_unknown_options": True})
@click.option("--scratch", type=click.Path(path_type=Path), help="Where Spark keeps its tables.")
@click.option("--threads", default=2, show_default=True, help="Cores that Spark may use.")
@click.argument("words", nargs=-1, type=click.UNPROCESSED)
def main(scratch: Path | None, threads: int, words: tuple[str, ...]) -> None:
    """Build on Apache Spark on this machine what the night built on DuckDB, and compare."""
    settings = Settings.from_environment(is_keyless=True)
    scratch = scratch or settings.home / "spark"
    relations = landing.export(settings, scratch / "landed")
    click.echo(f"landed    {len(relations)} tables as Parquet")
    with engine.local_spark(scratch, threads) as session:
        engine.register(session, scratch / "landed", relations)
        built = build(scratch, *words)
    click.echo(f"dbt       {built.sentence}")
    unequal = 0
    published = scratch / "tables" / "published.db"
    if published.is_dir():
        found = compare.differences(settings.warehouse, public_models(settings), published)
        for mart, (cells, different) in found.items():
            click.echo(f"compared  {mart}: {cells} cells, {different} differ")
            unequal += different
    sys.exit(bool(built.failed or unequal))


if __name__ == "__main__":
    main()
