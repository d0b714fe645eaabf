"""Schema landing: its tables, made empty from the layouts, and the key it is held to."""

import hashlib
import hmac
from datetime import datetime

import duckdb

from flows.land import forgotten, ledger
from flows.land.layouts import sources
from flows.settings import Settings, SettingsError
from flows.warehouse import transaction, warehouse

MADE_WITH = {"key_check": "varchar", "changed_at": "timestamp"}  # when by cyp rotate-key, last
ERASURES = {
    "begun_at": "timestamp",
    "what": "varchar",  # 'delivery' or 'child', never which; or 'key', when another took its place
    "la_code": "varchar",
    "rows_forgotten": "integer",
    "removed_at": "timestamp",  # when nothing was left of it in landing, archive and what is built
    "finished_at": "timestamp",  # when what was published before was gone too
}
NOTES = {"_file_id": "varchar", "_sheet": "varchar", "_line": "integer", "text": "varchar"}


def prepare(settings: Settings) -> None:
    """Make the warehouse and every empty landing table; a column that a layout has gained
    since is added to the table it belongs to."""
    settings.home.mkdir(parents=True, exist_ok=True)
    own = {
        "extract_files": ledger.COLUMNS,
        "notes": NOTES,
        "made_with": MADE_WITH,
        "forgotten_children": forgotten.CHILDREN,
        "erasures": ERASURES,
    }
    wanted = own | {
        table.identifier: {column.name: column.data_type for column in table.columns}
        for source in sources().values()
        for table in source.tables.values()
    }
    with warehouse(settings) as connection, transaction(connection):
        connection.execute("create schema if not exists landing")
        there: dict[str, set[str]] = {}
        for table, column in connection.execute(
            "select table_name, column_name from information_schema.columns "
            "where table_schema = 'landing'"
        ).fetchall():
            there.setdefault(table, set()).add(column)
        for table, columns in wanted.items():
            if table not in there:
                declared = ", ".join(f"{column} {kind}" for column, kind in columns.items())
                connection.execute(f"create table landing.{table} ({declared})")
            else:
                for column in columns.keys() - there[table]:
                    connection.execute(
                        f"alter table landing.{table} add column {column} {columns[column]}"
                    )
        connection.execute(
            "insert into landing.made_with (key_check) select ? "
            "where not exists (from landing.made_with)",
            [key_check(settings.key)],
        )


def hold_to_key(settings: Settings) -> None:
    """Raises SettingsError where the warehouse was begun with another key: the same child would
    get a second pseudonym, or invented children would come to stand beside real ones."""
    made_with, changed_at = made_with_key(settings)
    if made_with in {None, key_check(settings.key)}:
        return
    if settings.is_sample:
        raise SettingsError(
            f"CYP_EXTRACTS is unset, which means the bundled sample, but {settings.home} holds "
            "other deliveries. Set CYP_EXTRACTS, or CYP_HOME to another folder."
        )
    if changed_at:
        raise SettingsError(
            f"The warehouse in {settings.home} was given another key on "
            f"{changed_at:%Y-%m-%d %H:%M} UTC (cyp rotate-key), and this is not that one: set "
            "CYP_KEY_FILE to the file that holds it, and unset CYP_KEY."
        )
    raise SettingsError(
        f"The warehouse in {settings.home} was begun with another key (or holds the bundled "
        "sample): every child would get a second pseudonym. Give CYP_KEY or CYP_KEY_FILE as they "
        "were, or set CYP_HOME to another folder."
    )


def made_with_key(settings: Settings) -> tuple[str | None, datetime | None]:
    """The check of the key that the warehouse is held to, or None where nothing has been landed
    in it; and when that key took another's place."""
    if not settings.warehouse.exists():
        return None, None
    with warehouse(settings) as connection:
        try:
            found = connection.execute("select * from landing.made_with")
        except duckdb.CatalogException:
            return None, None
        names = [column[0] for column in found.description or ()]
        rows = [dict(zip(names, row, strict=True)) for row in found.fetchall()]
    return (rows[0]["key_check"], rows[0].get("changed_at")) if rows else (None, None)


def key_check(key: bytes) -> str:
    """Tells one key from another, and not what it is."""
    return hmac.digest(key, b"which key this is", hashlib.sha256).hex()[:16]
