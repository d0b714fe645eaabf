"""Suppression that is broken on purpose, in ways that are sure to tell a withheld small count: what
an attacker must find in what is shown of one authority."""

import random
from collections.abc import Iterator
from dataclasses import dataclass

import duckdb

from flows.attack import Version
from flows.attack.known import LAYOUTS
from flows.disclosure.ledger import COUNTED

# column of a decision -> column of the mart
SHOWN_AS = {"people": "value"}


@dataclass(frozen=True)
class Count:
    """A count that decisions are about, of a mart's row and column."""

    count_id: str
    mart: str
    column: str
    row_key: str
    role: str
    counted: int
    reason: str | None

    @property
    def is_shown_somewhere(self) -> bool:
        """Whether it has a column of its own, so that showing it is possible."""
        return self.mart in LAYOUTS and self.column in LAYOUTS[self.mart].counts


@dataclass(frozen=True)
class Break:
    """What is shown though it was withheld: counts, or columns beside them; and whom that tells."""

    kind: str
    tells: Count
    shown: tuple[tuple[str, str, str], ...]  # mart, row_key, column


class Authority:
    """What one audience may see of one authority, and what it may not."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, la_code: str, audience: str) -> None:
        self.la_code, self.audience = la_code, audience
        self.policy = connection.execute(
            "select suppress_up_to, rounds_to, lowest_level from disclosure.disclosure_policies "
            "where audience = ?",
            [audience],
        ).fetchall()[0]
        self.counts = {
            row[0]: Count(row[0], row[1], SHOWN_AS.get(row[2], row[2]), *row[3:])
            for row in connection.execute(
                """
                select
                    counts.count_id, counts.mart, counts.column_name, counts.row_key, counts.role,
                    counts.counted, decisions.reason
                from disclosure.disclosure_counts as counts
                left join disclosure.disclosure_decisions as decisions
                    on counts.count_id = decisions.count_id and decisions.audience = ?
                where counts.la_code = ? order by counts.count_id
                """,
                [audience, la_code],
            ).fetchall()
        }
        added: dict[str, list[tuple[Count, int]]] = {}
        for sum_id, count_id, sign in connection.execute(
            "select sum_id, count_id, sign from disclosure.disclosure_sums "
            "where count_id in (select unnest(?)) order by all",
            [list(self.counts)],
        ).fetchall():
            added.setdefault(sum_id, []).append((self.counts[count_id], sign))
        # Of a delivery, rows may have been refused besides, which nobody counts.
        self.additions = [
            [count for count, _ in members]
            for members in added.values()
            if sum(sign * count.counted for count, sign in members) == 0
        ]

    def version(self, shown: tuple[tuple[str, str, str], ...] = ()) -> Version:
        """What is shown, with what is shown besides."""
        marts = {mart: self._mart(mart, shown) for mart in COUNTED}
        marts["lsoa_profile"] = self._of("published.lsoa_profile")
        counted = {mart: self._of(relation) for mart, relation in COUNTED.items()}
        return Version(marts, counted | {"lsoa_profile": self._of("places.lsoa_profile_counted")})

    def _of(self, relation: str) -> str:
        return f"(select * from {relation} where la_code = '{self.la_code}')"

    def _mart(self, mart: str, shown: tuple[tuple[str, str, str], ...]) -> str:
        columns: dict[str, list[str]] = {}
        for of, row_key, column in shown:
            if of == mart:
                columns.setdefault(column, []).append(row_key)
        keys = [key for key in LAYOUTS[mart].keys if not key.startswith("cohort_")]
        row = ", ".join(f"safe.{key}" for key in keys)
        told = ", ".join(
            f"case when concat_ws('|', {row}) in ({', '.join(map(_text, rows))}) "
            f"then counted.{column} else safe.{column} end as {column}"
            for column, rows in columns.items()
        )
        return (
            f"(select safe.* exclude (audience) {f'replace ({told})' if told else ''} "
            f"from disclosure.{mart}_safe as safe inner join {COUNTED[mart]} as counted "
            f"on {' and '.join(f'safe.{key} = counted.{key}' for key in keys)} "
            f"where safe.audience = '{self.audience}' and safe.la_code = '{self.la_code}')"
        )

    def small(self) -> list[Count]:
        """The small counts that are withheld from a column."""
        return [
            count
            for count in self.counts.values()
            if count.reason == "small" and count.is_shown_somewhere and count.counted > 0
        ]


def breaks(
    connection: duckdb.DuckDBPyConnection, authority: Authority, dice: random.Random
) -> Iterator[Break]:
    """Every way of breaking, again and again in turn; none where nothing small is withheld. Each is
    made only where it is certain that it tells."""
    small = authority.small()
    ways = [_itself, _beside]
    if authority.policy[1] == 1 and authority.policy[2] == "ward":
        ways += [_worked_out, _forgotten]  # what is rounded cannot be worked out exactly
    left = 4 * len(ways)
    while small and left:
        way = ways[left % len(ways)]
        left -= 1
        dice.shuffle(small)
        for count in small:
            if found := way(connection, authority, count):
                yield found
                break


def _itself(_: duckdb.DuckDBPyConnection, __: Authority, count: Count) -> Break:
    return Break("shown itself", count, (_place(count),))


def _beside(
    connection: duckdb.DuckDBPyConnection, authority: Authority, count: Count
) -> Break | None:
    """A number that repeats the count, beside it."""
    row = connection.execute(
        f"select * from {authority.version().truth[count.mart]} "
        f"where concat_ws('|', {_keys(count.mart)}) = ?",
        [count.row_key],
    )
    fields = dict(
        zip([column[0] for column in row.description or ()], row.fetchall()[0], strict=True)
    )
    for column in LAYOUTS[count.mart].counts[count.column]:
        if fields.get(column) is not None:
            return Break("a number beside it", count, ((count.mart, count.row_key, column),))
    return None


def _worked_out(_: duckdb.DuckDBPyConnection, authority: Authority, count: Count) -> Break | None:
    """All others of one addition are shown, none of them small."""
    for members in authority.additions:
        others = [other for other in members if other.count_id != count.count_id]
        if len(others) == len(members) or not all(other.is_shown_somewhere for other in others):
            continue
        withheld = [other for other in others if other.reason]
        if all(other.reason != "small" for other in withheld):
            return Break("worked out", count, tuple(map(_place, withheld)))
    return None


def _forgotten(_: duckdb.DuckDBPyConnection, authority: Authority, count: Count) -> Break | None:
    """Nothing in a mart, or else in any, is withheld for others' sake, and that tells the count."""
    for marts in ({count.mart}, set(COUNTED)):
        shown = {
            other.count_id
            for other in authority.counts.values()
            if other.mart in marts and other.reason == "others" and other.is_shown_somewhere
        }
        for members in authority.additions:
            hidden = [o for o in members if o.count_id not in shown and not _is_known(o)]
            if shown and [other.count_id for other in hidden] == [count.count_id]:
                told = tuple(_place(authority.counts[count_id]) for count_id in sorted(shown))
                return Break("others forgotten", count, told)
    return None


def _is_known(count: Count) -> bool:
    return count.reason is None and count.is_shown_somewhere


def _place(count: Count) -> tuple[str, str, str]:
    return count.mart, count.row_key, count.column


def _keys(mart: str) -> str:
    return ", ".join(key for key in LAYOUTS[mart].keys if not key.startswith("cohort_"))


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"
