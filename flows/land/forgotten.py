"""Children who were erased on request and are to stay away.

An authority's systems go on delivering a child for years: without a memory of the erasure the
next return would bring the child back unseen. What is kept for that is no identifier and not
the child's key either, which stands in older backups beside the child's rows, but a pseudonym
of that key: nobody can tell from it who the child is, and without the secret nobody can tell
even whether it is a given child.
"""

import hashlib
import hmac

import duckdb

CHILDREN = {"pseudonym": "varchar", "la_code": "varchar", "forgotten_at": "timestamp"}


def pseudonym_of(key: bytes, child_key: str) -> str:
    """What is kept of a child whose key is `child_key`."""
    return hmac.digest(key, f"forgotten:{child_key}".encode(), hashlib.sha256).hex()[:32]


def any_in(connection: duckdb.DuckDBPyConnection, la_code: str | None) -> bool:
    """Whether some child of the authority is to stay away; of any, where none is named."""
    query = "from landing.forgotten_children where ? is null or la_code = ? limit 1"
    return bool(connection.execute(query, [la_code, la_code]).fetchall())


def leave_out(
    connection: duckdb.DuckDBPyConnection, key: bytes, staged: dict[str, str]
) -> dict[str, int]:
    """Have staged relations (by table's name), tables or views, stand without the rows of
    children who are to stay away; returns how many were left out of each."""
    kept = connection.execute("select pseudonym from landing.forgotten_children").fetchall()
    away = {pseudonym for (pseudonym,) in kept}
    left_out: dict[str, int] = {}
    for name, relation in list(staged.items()) if away else ():
        columns = {row[0] for row in connection.execute(f"describe {relation}").fetchall()}
        if "_child_key" not in columns:
            continue
        keys = connection.execute(
            f"select distinct _child_key from {relation} where _child_key is not null"
        ).fetchall()
        if theirs := [child for (child,) in keys if pseudonym_of(key, child) in away]:
            staged[name] = f"{relation}_without"
            connection.execute(
                f"create or replace temp table {staged[name]} as from {relation} "
                "where not coalesce(list_contains(?, _child_key), false)",
                [theirs],
            )
            left_out[name] = connection.execute(
                f"select (select count(*) from {relation}) - (select count(*) from {staged[name]})"
            ).fetchall()[0][0]
    return left_out
