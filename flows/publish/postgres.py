"""Copy what has been published into a PostgreSQL database, for tools that read no files.

The tables of ``cyp.duckdb`` are loaded into a schema beside the one that readers use, and
the two are swapped by renames, all in one transaction: a reader sees last night's tables or
tonight's, waits for nothing, and a load that fails or is killed leaves no trace. Last
night's tables are dropped after that, and by the next load where somebody is still reading.

The schema's comment names the data package it was loaded from, so that asking the database
says whether it stands. A schema that has no such comment is somebody else's and is left alone.
Who may use the schema may read the tables: that is carried over from the old one to the new.

The connection's URL holds a password, and the driver's messages may quote it or a value:
neither is ever repeated.
"""

import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb

TYPES = {
    "BIGINT": "bigint",
    "BOOLEAN": "boolean",
    "DATE": "date",
    "DOUBLE": "double precision",
    "INTEGER": "integer",
    "TIMESTAMP": "timestamp",
    "VARCHAR": "text",
}
OURS = "Loaded by CYP Warehouse from data package "
# In seconds: a server that does not answer, and a reader who does not let go of old tables.
PATIENCE = 10


class NotLoaded(Exception):
    """The database was not given the new tables; the message says why."""


def load(published: Path, url: str) -> dict[str, int]:
    """Put the tables of the published folder in the place of those before; rows by table.
    Raises NotLoaded, and the tables that were there stand."""
    from psycopg import sql

    rows: dict[str, int] = {}
    with (
        duckdb.connect(str(published / "cyp.duckdb"), read_only=True) as source,
        _connected(url) as database,
    ):
        (schema,) = _asked(source, "select distinct schema_name from duckdb_tables()")[0]
        fresh, last = f"{schema}_next", f"{schema}_last"
        with _told(schema):
            _drop(database, last)
        with _told(schema), database.transaction():
            is_there = _hold_ours(database, schema)
            _hold_ours(database, fresh)
            database.execute(
                sql.SQL("drop schema if exists {} cascade").format(sql.Identifier(fresh))
            )
            database.execute(sql.SQL("create schema {}").format(sql.Identifier(fresh)))
            database.execute(
                sql.SQL("comment on schema {} is {}").format(
                    sql.Identifier(fresh), sql.Literal(OURS + _hash(published))
                )
            )
            for table in _tables(source):
                rows[table] = _fill(source, database, schema, fresh, table, _keys(published))
            if is_there:
                _let_the_same_read(database, schema, fresh)
                _rename(database, schema, last)
            _rename(database, fresh, schema)
        with _told(schema):
            _drop(database, last, is_due=False)
    return rows


def stands(published: Path, url: str) -> bool:
    """Whether the database has what lies in the published folder."""
    with duckdb.connect(str(published / "cyp.duckdb"), read_only=True) as source:
        (schema,) = _asked(source, "select distinct schema_name from duckdb_tables()")[0]
    with _connected(url) as database, _told(schema):
        found = _about(database, schema)
    return found is not None and found[0] == OURS + _hash(published)


def take_away(url: str) -> None:
    """Leave nothing there that was loaded."""
    from psycopg import sql

    with _connected(url) as database, _told("cyp"):
        for (schema,) in database.execute(
            "select nspname from pg_namespace "
            "where starts_with(obj_description(oid, 'pg_namespace'), %s)",
            [OURS],
        ).fetchall():
            database.execute(sql.SQL("drop schema {} cascade").format(sql.Identifier(schema)))


@contextmanager
def _connected(url: str) -> Iterator[Any]:
    try:
        import psycopg
    except ImportError:
        raise NotLoaded(
            "CYP_POSTGRES is set, but the driver is not installed: "
            "uv pip install 'psycopg[binary]'."
        ) from None
    failed = None
    try:
        database = psycopg.connect(url, autocommit=True, connect_timeout=PATIENCE)
    except psycopg.Error as error:
        failed = error.sqlstate or "no answer, or CYP_POSTGRES is not an address"
    if failed:
        # Outside the except block, so that what the driver said is not even the context.
        raise NotLoaded(
            f"PostgreSQL did not let us in ({failed}); the address is that of CYP_POSTGRES, which "
            "is not repeated because it holds a password."
        )
    with database:
        database.execute(f"set lock_timeout = '{PATIENCE}s'")
        database.execute("set client_min_messages = warning")
        yield database


@contextmanager
def _told(schema: str) -> Iterator[None]:
    """Say what failed in our own words."""
    import psycopg

    failed: psycopg.Error | None = None
    try:
        yield
    except psycopg.Error as error:
        failed = error
    if failed is None:
        return
    why = {
        "DependentObjectsStillExist": "something made in the database, such as a view, depends on "
        f"tables of schema {schema}_last: drop it; let it be a query of the tool instead",
        "LockNotAvailable": f"somebody holds tables of schema {schema}_last since last night",
        "InsufficientPrivilege": "the user may not create schemas in that database, or does not "
        f"own schema {schema}",
    }.get(type(failed).__name__, f"{type(failed).__name__}, {failed.sqlstate or 'no answer'}")
    raise NotLoaded(
        f"PostgreSQL was not given the new tables ({why}). Those of the last time stand there."
    )


def _about(database: Any, schema: str) -> tuple[str | None, bool] | None:
    """A schema's comment, and whether it is empty; None where there is no such schema."""
    found: tuple[str | None, bool] | None = database.execute(
        "select obj_description(oid, 'pg_namespace'), "
        "not exists (select from pg_class where relnamespace = pg_namespace.oid) "
        "from pg_namespace where nspname = %s",
        [schema],
    ).fetchone()
    return found


def _hold_ours(database: Any, schema: str) -> bool:
    """Whether the schema is there. Raises NotLoaded where it is somebody else's."""
    found = _about(database, schema)
    if found and not (found[0] or "").startswith(OURS) and not found[1]:
        raise NotLoaded(
            f"The database has a schema {schema} with tables that were not loaded from here. "
            "Rename it, or let CYP_POSTGRES name another database."
        )
    return found is not None


def _drop(database: Any, schema: str, *, is_due: bool = True) -> None:
    """Drop what was replaced. Where it is not due yet, one who still reads it is left alone.
    A view that depends on it is not dropped with it."""
    from psycopg import errors, sql

    if not _hold_ours(database, schema):
        return
    tables = database.execute(
        "select relname from pg_class join pg_namespace on pg_namespace.oid = relnamespace "
        "where nspname = %s and relkind = 'r'",
        [schema],
    ).fetchall()
    try:
        with database.transaction():
            if not is_due:
                database.execute("set local lock_timeout = '1s'")
            for (table,) in tables:
                database.execute(sql.SQL("drop table {}").format(sql.Identifier(schema, table)))
            database.execute(sql.SQL("drop schema {}").format(sql.Identifier(schema)))
    except errors.LockNotAvailable:
        if is_due:
            raise


def _fill(
    source: duckdb.DuckDBPyConnection,
    database: Any,
    schema: str,
    fresh: str,
    table: str,
    keys: dict[str, list[str]],
) -> int:
    """Make one table, load it and describe it; return its rows."""
    from psycopg import sql

    name = sql.Identifier(fresh, table)
    [(told,)] = _asked(source, "select comment from duckdb_tables() where table_name = ?", table)
    columns = _asked(
        source,
        "select column_name, data_type, comment from duckdb_columns() "
        "where table_name = ? order by column_index",
        table,
    )
    declared = [
        sql.SQL("{} {}").format(sql.Identifier(column), sql.SQL(TYPES[kind]))
        for column, kind, _ in columns
    ]
    if key := keys.get(table):
        declared.append(
            sql.SQL("primary key ({})").format(sql.SQL(", ").join(map(sql.Identifier, key)))
        )
    database.execute(sql.SQL("create table {} ({})").format(name, sql.SQL(", ").join(declared)))
    found = source.execute(f'select * from {schema}."{table}"')
    count = 0
    with database.cursor().copy(sql.SQL("copy {} from stdin").format(name)) as copy:
        while rows := found.fetchmany(1000):
            count += len(rows)
            for row in rows:
                copy.write_row(row)
    comment = sql.SQL("comment on table {} is {}")
    database.execute(comment.format(name, sql.Literal(told)))
    for column, _, told in columns:
        database.execute(
            sql.SQL("comment on column {} is {}").format(
                sql.Identifier(fresh, table, column), sql.Literal(told)
            )
        )
    database.execute(sql.SQL("analyze {}").format(name))
    return count


def _let_the_same_read(database: Any, old: str, fresh: str) -> None:
    from psycopg import sql

    allowed = database.execute(
        "select case grantee when 0 then 'public' else grantee::regrole::text end "
        "from pg_namespace, aclexplode(nspacl) as granted "
        "where nspname = %s and privilege_type = 'USAGE' and grantee <> nspowner",
        [old],
    ).fetchall()
    for (role,) in allowed:  # regrole quotes a name where that is needed
        for grant in ("usage on schema {}", "select on all tables in schema {}"):
            database.execute(
                sql.SQL(f"grant {grant} to {{}}").format(sql.Identifier(fresh), sql.SQL(role))
            )


def _rename(database: Any, schema: str, name: str) -> None:
    from psycopg import sql

    database.execute(
        sql.SQL("alter schema {} rename to {}").format(sql.Identifier(schema), sql.Identifier(name))
    )


def _tables(source: duckdb.DuckDBPyConnection) -> list[str]:
    found = _asked(source, "select table_name from duckdb_tables() order by table_name")
    return [table for (table,) in found]


def _keys(published: Path) -> dict[str, list[str]]:
    package = json.loads((published / "datapackage.json").read_text(encoding="utf-8"))
    return {
        Path(resource["path"]).stem: resource["schema"]["primaryKey"]
        for resource in package["resources"]
        if "schema" in resource
    }


def _hash(published: Path) -> str:
    return hashlib.sha256((published / "datapackage.json").read_bytes()).hexdigest()


def _asked(source: duckdb.DuckDBPyConnection, query: str, *values: str) -> list[tuple[Any, ...]]:
    return source.execute(query, list(values)).fetchall()
