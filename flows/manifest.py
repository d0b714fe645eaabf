"""What dbt's manifest says of the models that leave the house: those with ``access: public``.

There is no second list of them.
"""

import json
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from flows.settings import PUBLIC, Settings

NATIONAL = "national"  # what data_quality_summary says of files that belong to no authority
SAFE = "_safe"  # <mart>_safe: what each audience may see of a mart


class NothingBuilt(Exception):
    """Nothing has been built yet, or not to its end."""


@dataclass(frozen=True)
class PublicColumn:
    name: str
    data_type: str
    description: str
    unit: str | None


@dataclass(frozen=True)
class PublicModel:
    """A model that may leave: where it stands in the warehouse and what it says of itself. `safe`
    is the relation of what each audience may see of it; None where all may see all of it."""

    name: str
    schema: str
    description: str
    columns: tuple[PublicColumn, ...]
    safe: str | None = None

    @property
    def relation(self) -> str:
        return f"{self.schema}.{self.name}"

    def rows_for(
        self, audience: str, within: str = "", la_code: str = "", region_code: str = ""
    ) -> str:
        """Its rows as an audience may see them, a relation or a query in brackets; `within` is
        the database, with a dot, where that is not the one that is open. Of one authority where
        its code is given: those that are its own, or nobody's. Of one region where its code is."""
        if audience == PUBLIC or self.safe is None:
            rows = f"{within}{self.relation}"
        else:
            columns = ", ".join(self.column_names)
            rows = f"(select {columns} from {within}{self.safe} where audience = '{audience}')"
        if region_code:
            return f"(select * from {rows} where region_code = '{region_code}')"
        if not la_code:
            return rows
        if "la_code" in self.column_names:
            return f"(select * from {rows} where la_code in ('{la_code}', '{NATIONAL}'))"
        if "area_key" in self.column_names:
            areas = f"select area_key from {within}{self.schema}.star_areas"
            return f"(select * from {rows} where area_key in ({areas} where la_code = '{la_code}'))"
        return rows

    @property
    def is_of_regions(self) -> bool:
        return "region_code" in self.column_names

    @property
    def column_names(self) -> tuple[str, ...]:
        return tuple(column.name for column in self.columns)


def public_models(settings: Settings) -> list[PublicModel]:
    """The enabled models of the last build with public access, by name."""
    path = settings.target / "manifest.json"
    if not (path.exists() and settings.warehouse.exists()):
        raise NothingBuilt("Nothing has been built yet: run the build first (cyp refresh does).")
    if settings.unfinished.exists():
        raise NothingBuilt(
            "The last build did not come to its end, so what is in the warehouse may be half of "
            "one night and half of another: build again (cyp build, or cyp refresh)."
        )
    told = path.stat()
    return list(_public_models(path, told.st_ino, told.st_mtime_ns, told.st_size))


@lru_cache(maxsize=1)
def _public_models(path: Path, *_as_it_is: int) -> list[PublicModel]:
    """Read once for the audit and the publication of a night: it is five megabytes."""
    nodes = json.loads(path.read_text(encoding="utf-8"))["nodes"].values()
    safe = {
        node["name"].removesuffix(SAFE): f"{node['schema']}.{node['name']}"
        for node in nodes
        if node["resource_type"] == "model" and node["name"].endswith(SAFE)
    }
    return sorted(
        (
            PublicModel(
                name=node["name"],
                schema=node["schema"],
                description=_one_line(node["description"]),
                columns=tuple(
                    PublicColumn(
                        name=column["name"],
                        data_type=(column.get("data_type") or "varchar").lower(),
                        description=_one_line(column["description"]),
                        unit=column.get("meta", {}).get("unit"),
                    )
                    for column in node["columns"].values()
                ),
                safe=safe.get(node["name"]),
            )
            for node in nodes
            if node["resource_type"] == "model" and node.get("access") == "public"
        ),
        key=lambda model: model.name,
    )


def _one_line(text: str) -> str:
    return " ".join((text or "").split())
