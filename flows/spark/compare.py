"""Whether two engines publish the same: every cell of every public mart."""

from pathlib import Path

import duckdb

from flows.manifest import PublicModel

# Real numbers are added up in another order on another engine; the last digits of a sum are not
# the same then. What is published is rounded, so nothing else may differ.
CLOSE = 1e-9


def differences(
    warehouse: Path, models: list[PublicModel], published: Path
) -> dict[str, tuple[int, int]]:
    """Of each mart, how many cells were held against each other and how many differ. `published`
    has a folder of Parquet files for each; a row that only one engine has differs in every cell."""
    found = {}
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        for model in models:
            files = str(published / model.name / "*.parquet").replace("'", "''")
            columns = ", ".join(f'"{name}"' for name in model.column_names)
            connection.execute(
                f"create or replace temp view theirs as select {columns} from '{files}'"
            )
            connection.execute(
                f"create or replace temp view ours as select {columns} from {model.relation}"
            )
            found[model.name] = _cells(connection, model)
    return found


def _cells(connection: duckdb.DuckDBPyConnection, model: PublicModel) -> tuple[int, int]:
    """Rows are put beside each other in the order of all that is not a real number: no mart has
    two rows that agree in all of that."""
    exact = [each.name for each in model.columns if each.data_type != "double"]
    real = [each.name for each in model.columns if each.data_type == "double"]
    order = ", ".join(f'"{name}" nulls last' for name in exact + real)
    same = [f'ours."{name}" is not distinct from theirs."{name}"' for name in exact]
    same += [
        f'(ours."{name}" is not distinct from theirs."{name}" or coalesce(abs(ours."{name}" - '
        f'theirs."{name}") <= {CLOSE} * greatest(1, abs(ours."{name}")), false))'
        for name in real
    ]
    different = " + ".join(
        f"case when ours._n is null or theirs._n is null or not ({each}) then 1 else 0 end"
        for each in same
    )
    [(rows, unequal)] = connection.execute(
        f"select count(*), coalesce(sum({different}), 0) from "
        f"(select row_number() over (order by {order}) as _n, * from ours) as ours full join "
        f"(select row_number() over (order by {order}) as _n, * from theirs) as theirs using (_n)"
    ).fetchall()
    return int(rows) * len(model.columns), int(unequal)
