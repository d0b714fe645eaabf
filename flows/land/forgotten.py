"""Children who were erased on request and are to stay away.

An authority's systems go on delivering a child for years: without a memory of the erasure the
next return would bring the child back unseen. What is kept for that is a fingerprint of the
identifier, wrapped: hidden by a pad that is made with the secret, another for every child (a
random text of 16 bytes, and the fingerprint xor HMAC-SHA256 of that text). Without the secret
nobody can tell from it who the child is, nor whether it is a given child. It is neither the
child's key, which stands in older backups beside the child's rows, nor made of it: another
secret can take the old one's place by wrapping anew, although the identifier is gone.
"""

import hashlib
import hmac
import secrets

import duckdb

from flows.land.layouts import Source

CHILDREN = {"wrapped": "varchar", "la_code": "varchar", "forgotten_at": "timestamp"}

RANDOM_BYTES = 16


def fingerprint(la_code: str | None, child_id: str) -> bytes:
    """What tells a child; never kept as it is, for anybody could try every identifier on it."""
    return hashlib.sha256(f"{la_code or ''}:{child_id.strip().upper()}".encode()).digest()


def wrap(key: bytes, told: bytes) -> str:
    """A fingerprint as it is kept."""
    random = secrets.token_bytes(RANDOM_BYTES)
    return (random + _hidden(key, random, told)).hex()


def unwrap(key: bytes, wrapped: str) -> bytes:
    kept = bytes.fromhex(wrapped)
    return _hidden(key, kept[:RANDOM_BYTES], kept[RANDOM_BYTES:])


def _hidden(key: bytes, random: bytes, told: bytes) -> bytes:
    pad = hmac.digest(key, b"forgotten:" + random, hashlib.sha256)
    return bytes(one ^ other for one, other in zip(told, pad, strict=True))


def of(connection: duckdb.DuckDBPyConnection, key: bytes, la_code: str | None) -> dict[bytes, str]:
    """The children of an authority who are to stay away: fingerprints, as they are kept."""
    kept = connection.execute(
        "select wrapped from landing.forgotten_children "
        "where la_code is not distinct from ? and wrapped is not null",
        [la_code],
    ).fetchall()
    return {unwrap(key, wrapped): wrapped for (wrapped,) in kept}


def any_in(connection: duckdb.DuckDBPyConnection, la_code: str | None) -> bool:
    """Whether some child of the authority is to stay away; of any, where none is named."""
    query = "from landing.forgotten_children where ? is null or la_code = ? limit 1"
    return bool(connection.execute(query, [la_code, la_code]).fetchall())


def leave_out(
    connection: duckdb.DuckDBPyConnection,
    key: bytes,
    la_code: str | None,
    source: Source,
    staged: dict[str, str],
    file_id: str,
) -> dict[str, int]:
    """Have a file's staged relations (by table's name) stand without the rows of children who
    are to stay away; returns how many were left out of each."""
    left_out: dict[str, int] = {}
    if not (away := of(connection, key, la_code)):
        return left_out
    theirs = [
        child_key
        for name, relation in staged.items()
        if (column := source.tables[name].child_id)
        for child, child_key in connection.execute(
            f"select distinct {column.name}, _child_key from {relation} "
            "where _child_key is not null"
        ).fetchall()
        if fingerprint(la_code, child) in away
    ]
    for name, relation in list(staged.items()) if theirs else ():
        described = connection.execute(f"from {relation} limit 0").description or ()
        if "_child_key" not in {column[0] for column in described}:
            continue
        fewer = f"staged_{source.tables[name].identifier}_without_{file_id}"
        connection.execute(
            f"create or replace temp table {fewer} as from {relation} "
            "where not coalesce(list_contains(?, _child_key), false)",
            [theirs],
        )
        [(count,)] = connection.execute(
            f"select (select count(*) from {relation}) - (select count(*) from {fewer})"
        ).fetchall()
        if count:
            staged[name], left_out[name] = fewer, count
    return left_out


def wrap_anew(connection: duckdb.DuckDBPyConnection, old: bytes, new: bytes) -> int:
    """Keep every fingerprint under another secret; how many."""
    kept = connection.execute(
        "select wrapped from landing.forgotten_children where wrapped is not null"
    ).fetchall()
    for (wrapped,) in kept:
        connection.execute(
            "update landing.forgotten_children set wrapped = ? where wrapped = ?",
            [wrap(new, unwrap(old, wrapped)), wrapped],
        )
    return len(kept)
