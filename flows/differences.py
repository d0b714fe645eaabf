"""What tonight's deliveries changed: each held against the one whose place it took."""

from dataclasses import dataclass
from datetime import UTC, datetime

from flows.settings import Settings
from flows.warehouse import warehouse

SINCE = """
    select
        newer_path, table_name, older_file_name,
        rows_added, rows_changed, rows_gone, rows_same
    from quality.delivery_differences
    where superseded_at >= ?
    order by superseded_at, newer_path, table_name
"""


@dataclass(frozen=True)
class Difference:
    """One table of a delivery against the delivery it superseded; names and counts."""

    name: str
    table: str
    older: str
    added: int
    changed: int
    gone: int
    same: int

    def __str__(self) -> str:
        """As a line of the night: only what is not nought is told."""
        counts = {"added": self.added, "changed": self.changed, "gone": self.gone}
        told = [f"{count:,} {how}" for how, count in counts.items() if count]
        if told:
            first, how = told[0].rsplit(" ", 1)
            told[0] = f"{first} {'row' if first == '1' else 'rows'} {how}"
        else:
            told = ["no difference"]
        of = self.table.partition("__")[2]
        older = "the delivery before" if self.name.endswith(f"/{self.older}") else self.older
        return f"{self.name}: {', '.join(told)} against {older} ({of})"


def since(settings: Settings, moment: datetime) -> list[Difference]:
    """What was superseded from a moment on, once the models have been built."""
    with warehouse(settings) as connection:
        rows = connection.execute(SINCE, [moment.astimezone(UTC).replace(tzinfo=None)]).fetchall()
    return [Difference(*row) for row in rows]


def lines(found: list[Difference]) -> list[str]:
    """A line for each table that differs; one for a delivery of which none does."""
    differ = [one for one in found if one.added or one.changed or one.gone]
    named = {one.name for one in differ}
    same: dict[str, Difference] = {}
    for one in found:
        if one.name not in named:
            same.setdefault(one.name, one)
    return [str(one) for one in (*differ, *same.values())]
