"""Several authorities in one warehouse: when a night does not come to its end, whose deliveries
that is about is found out, and those are held back, so that it ends for the others.

Whose they are is not read from what a check said but tried: the same check is held against the
rows of one authority alone. So no check has to name authorities, and there is no second copy of
any. What is held back stays in landing and in the ledger (`held back`); what it had superseded
stands again, and the next night lets it in and tries again.
"""

import json
import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

import duckdb

from flows.build import BuildFailed, FailedNode, LedgerBroken
from flows.land import ledger
from flows.proof import STAMP
from flows.publish import Refused
from flows.settings import Settings
from flows.warehouse import transaction, warehouse

# A relation as dbt writes it into compiled SQL, and where its rows say whose they are.
RELATION = re.compile(r'"warehouse"\."(\w+)"\."(\w+)"')
WHOSE = ("la_code", "_la_code")
_NAMED = 3  # as many deliveries of an authority as one sentence can name


@dataclass(frozen=True)
class HeldBack:
    """The new deliveries of one authority, without which the night was completed.

    why       what the night failed at with them
    is_proven whether that is of this authority; otherwise it may be another's that is held back
    """

    la_code: str
    la_name: str
    paths: tuple[str, ...]
    why: str
    is_proven: bool

    def __str__(self) -> str:
        named = ", ".join(self.paths[:_NAMED])
        more = f" and {len(self.paths) - _NAMED} more" if len(self.paths) > _NAMED else ""
        whose = "" if self.is_proven else " (whose fault it is could not be told)"
        return (
            f"{self.la_name} ({self.la_code}) is held back: {named}{more}. {self.why}{whose} What "
            "it delivered before goes on standing, and the next night tries again."
        )


def let_in_again(settings: Settings) -> list[str]:
    """What was held back gets another try. Returns the paths of the deliveries."""
    with warehouse(settings) as connection, transaction(connection):
        return ledger.let_in_again(connection)


def hold_back(
    settings: Settings, why: str, failure: BuildFailed | LedgerBroken | Refused | Collection[str]
) -> list[HeldBack]:
    """Hold back what those authorities have delivered since the last publication that a failure
    is about: a build's, or one that names them (the ledger's, an audit's, a publication's). Where
    that cannot be told, everybody's. Nothing is held back where one authority is alone, or where
    no new delivery can be at fault."""
    with warehouse(settings) as connection:
        if len(ledger.authorities(connection)) < 2:
            return []
        new = ledger.delivered_since(connection, _last_published(settings))
        if isinstance(failure, BuildFailed):
            named = whose(connection, failure.nodes)
        elif isinstance(failure, LedgerBroken | Refused):
            named = set(failure.la_codes)
            if not named:  # what nobody has delivered is at fault, such as a file that is held open
                return []
        else:
            named = set(failure)
        guilty = sorted(named & new.keys() if named else new)
        names = _names(connection)  # before: what is not there would end the transaction
        with transaction(connection):
            paths = {la_code: ledger.hold_back(connection, new[la_code]) for la_code in guilty}
    return [
        HeldBack(la_code, names.get(la_code, "Authority"), tuple(paths[la_code]), why, bool(named))
        for la_code in guilty
    ]


def whose(connection: duckdb.DuckDBPyConnection, nodes: Iterable[FailedNode]) -> set[str]:
    """The authorities by whose rows alone any of these fails, too; none where one fails without
    any rows of theirs."""
    found = connection.execute(
        "select schema_name || '.' || table_name, min(column_name) from duckdb_columns() "
        "where database_name = current_database() and list_contains(?, column_name) group by all",
        [WHOSE],
    ).fetchall()
    columns = dict(found)
    everybody = ledger.authorities(connection)
    named: set[str] = set()
    for node in nodes:
        if node.sql and not _fails(connection, node, "", columns):
            named |= {code for code in everybody if _fails(connection, node, code, columns)}
    return named


def _fails(
    connection: duckdb.DuckDBPyConnection, node: FailedNode, la_code: str, columns: dict[str, str]
) -> bool:
    """Whether a test finds something in, or a model cannot be made of, the rows of one authority
    and those that are nobody's. What an engine says may quote a record: it is not repeated."""

    def of_one(relation: re.Match[str]) -> str:
        column = columns.get(f"{relation[1]}.{relation[2]}")
        return f"(from {relation[0]} where {column} = '{la_code}')" if column else relation[0]

    sql = RELATION.sub(of_one, node.sql)
    try:
        if not node.is_test:
            connection.execute(f"create or replace temp table tried as ({sql}\n)")
            return False
        [(rows,)] = connection.execute(f"select count(*) from ({sql}\n) as found").fetchall()
        return bool(rows)
    except duckdb.Error:
        return True


def _last_published(settings: Settings) -> datetime | None:
    """When what readers hold was published, as the ledger of deliveries tells time."""
    package = settings.published / "datapackage.json"
    if not package.exists():
        return None
    version = json.loads(package.read_text(encoding="utf-8"))["version"]
    return datetime.strptime(f"{version}+0000", f"{STAMP}Z%z").replace(tzinfo=None)


def _names(connection: duckdb.DuckDBPyConnection) -> dict[str, str]:
    """Names of authorities; none where the build has not come so far."""
    try:
        found = connection.execute(
            "select la_code, la_name from reference.local_authorities where is_main_code"
        ).fetchall()
    except duckdb.CatalogException:
        found = []
    return dict(found)
