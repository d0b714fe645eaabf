"""The same models on Apache Spark, in an environment of its own: `make test-spark`."""

from pathlib import Path

import pytest

from flows.manifest import public_models
from flows.night import Night
from flows.settings import Settings

pytest.importorskip("pyspark", reason="Spark is tried by make test-spark, which installs it")
pytest.importorskip("dbt.adapters.spark", reason="Spark is tried by make test-spark")

from flows.spark import compare, engine, landing
from flows.spark.build import Built, build

Run = tuple[Path, Built]


@pytest.fixture(scope="module")
def run(house: Settings, night: Night, tmp_path_factory: pytest.TempPathFactory) -> Run:
    """All that dbt builds and tests, on Spark, from what the night landed."""
    scratch = tmp_path_factory.mktemp("spark")
    relations = landing.export(house, scratch / "landed")
    with engine.local_spark(scratch) as session:
        engine.register(session, scratch / "landed", relations)
        return scratch, build(scratch)


def test_every_seed_model_unit_test_and_data_test_passes(run: Run) -> None:
    _, built = run
    print(built.sentence)
    assert built.failed == ()
    kinds = {kind for kind, _ in built.counts}
    assert {"seed", "model", "unit_test", "test"} <= kinds
    assert not [status for _, status in built.counts if status == "skipped"]


def test_what_is_published_is_the_same_cell_by_cell(house: Settings, run: Run) -> None:
    scratch, _ = run
    found = compare.differences(
        house.warehouse, public_models(house), scratch / "tables" / "published.db"
    )
    print(found)
    assert {mart: unequal for mart, (_, unequal) in found.items() if unequal} == {}
    assert sum(cells for cells, _ in found.values()) > 0
