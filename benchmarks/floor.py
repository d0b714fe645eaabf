"""What dbt compiled of models and tests, run straight in DuckDB: the floor of a build."""

import json
from collections.abc import Iterable
from graphlib import TopologicalSorter
from pathlib import Path
from typing import Any

import duckdb

from flows.disclosure.decide import decide
from flows.disclosure.regions import decide_regions

INPUTS = ("policies", "counts", "sums", "reaches")


def compiled_in_order(home: Path) -> list[tuple[dict[str, Any], str]]:
    """Nodes of the last build, models and tests, each behind those that it reads, and what dbt
    compiled of them."""
    manifest = json.loads((home / "target/manifest.json").read_text(encoding="utf-8"))
    ran = json.loads((home / "target/run_results.json").read_text(encoding="utf-8"))["results"]
    compiled = {one["unique_id"]: one["compiled_code"] for one in ran}
    nodes = {
        name: node
        for name, node in manifest["nodes"].items()
        if compiled.get(name) and node["resource_type"] in {"model", "test"}
    }
    return [(nodes[name], compiled[name]) for name in _in_order(nodes)]


def _in_order(nodes: dict[str, Any]) -> Iterable[str]:
    """Nodes of a manifest, each behind those that it reads."""
    return TopologicalSorter(
        {name: set(node["depends_on"]["nodes"]) & set(nodes) for name, node in nodes.items()}
    ).static_order()


def run(
    connection: duckdb.DuckDBPyConnection, warehouse: Path, built: list[tuple[dict[str, Any], str]]
) -> None:
    """All of it in a copy of the warehouse, each table made anew in the place of what stands; and
    the decisions, which are Python, in their turn, without their being written."""
    connection.execute(f"attach '{warehouse}' as warehouse")
    connection.execute("use warehouse")
    disclosed = {name: connection.table(f"disclosure.disclosure_{name}") for name in INPUTS}
    disclosed |= {name: connection.table(f"ledger.{name}") for name in ("seen_counts", "seen_sums")}
    for node, compiled in built:
        if node["resource_type"] == "test":
            connection.execute(f"select count(*) from ({compiled}\n)").fetchall()
        elif node["name"] == "disclosure_decisions":
            decide(**disclosed, reasons=connection.table("disclosure.disclosure_reasons"))
        elif node["name"] == "region_decisions":
            decide_regions(
                **disclosed,
                decisions=connection.table("disclosure.disclosure_decisions"),
                totals=connection.table("disclosure.region_counts"),
                region_sums=connection.table("disclosure.region_sums"),
                reasons=connection.table("disclosure.region_reasons"),
            )
        else:
            connection.execute(
                f"create or replace {node['config']['materialized']} "
                f'"{node["schema"]}"."{node["alias"]}" as {compiled}'
            )
