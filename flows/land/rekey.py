"""Landing under another key: whatever was made with the old one is made anew with the new."""

from dataclasses import dataclass
from datetime import UTC, datetime

import duckdb

from flows.land import forgotten
from flows.land.delivery import pseudonym, texts
from flows.land.layouts import sources
from flows.land.schema import key_check
from flows.warehouse import handed

CHILDREN = 50_000  # held in memory at a time


class NotDerived(Exception):
    """Some child's key does not follow from the identifier beside it; nothing was changed."""


@dataclass(frozen=True)
class Rekeyed:
    """What was made anew: keys of children, rows that bear one, memories of erased children."""

    children: int
    rows: int
    forgotten: int


def derive_anew(connection: duckdb.DuckDBPyConnection, old: bytes, new: bytes) -> Rekeyed:
    """Within the caller's transaction: every `_child_key` from the delivered identifier, what is
    kept of forgotten children, and the check that tells which key it is. Raises NotDerived."""
    children = _children(connection, old, new)
    rows = 0
    for source in sources().values():
        for table in source.tables.values():
            if not any(column.name == "_child_key" for column in table.columns):
                continue
            relation = f"landing.{table.identifier}"
            changed = _number(
                connection,
                f"update {relation} as landed set _child_key = renewed.new_key from renewed "
                "where landed._child_key = renewed.old_key",
            )
            bearing = f"select count(*) from {relation} where _child_key is not null"
            if changed != _number(connection, bearing):
                raise NotDerived(
                    f"Some keys in {relation} belong to no identifier that was delivered, so the "
                    "key was not changed. Withdraw the deliveries that they came with (cyp "
                    "forget), deliver them anew and try again."
                )
            rows += changed
    wrapped = forgotten.wrap_anew(connection, old, new)
    connection.execute(
        "update landing.made_with set key_check = ?, changed_at = ?",
        [key_check(new), datetime.now(UTC).replace(tzinfo=None)],
    )
    return Rekeyed(children, rows, wrapped)


def _children(connection: duckdb.DuckDBPyConnection, old: bytes, new: bytes) -> int:
    """Relation `renewed`: each child's old key and new one; how many. The secrets stay out of
    the engine, as they do when a file is landed."""
    delivered = " union ".join(
        f"select coalesce(_la_code, '') as la_code, {table.child_id.name} as child, _child_key "
        f"from landing.{table.identifier} where _child_key is not null"
        for source in sources().values()
        for table in source.tables.values()
        if table.child_id
    )
    # Within a transaction a table's own row numbers do not begin at nought.
    connection.execute(
        "create or replace temp table delivered_children as "
        f"select *, row_number() over () as number from ({delivered})"
    )
    connection.execute(
        "create or replace temp table renewed_each (old_key varchar, new_key varchar)"
    )
    number = _number(connection, "select count(*) from delivered_children")
    for first in range(0, number, CHILDREN):
        found = connection.execute(
            "select la_code, child, _child_key from delivered_children "
            "where number > ? and number <= ?",
            [first, first + CHILDREN],
        ).fetchall()
        if any(pseudonym(old, la_code, child) != key for la_code, child, key in found):
            raise NotDerived(
                "Some children's keys do not follow from the identifiers beside them, as if the "
                "warehouse had been altered by hand, so the key was not changed."
            )
        keys = {
            "old_key": texts([key for *_, key in found]),
            "new_key": texts([pseudonym(new, la_code, child) for la_code, child, _ in found]),
        }
        with handed(connection, "keys", keys):
            connection.execute("insert into renewed_each from keys")
    connection.execute(
        "create or replace temp table renewed as select distinct * from renewed_each"
    )
    connection.execute("drop table delivered_children")
    return _number(connection, "select count(*) from renewed")


def _number(connection: duckdb.DuckDBPyConnection, statement: str) -> int:
    return int(connection.execute(statement).fetchall()[0][0])
