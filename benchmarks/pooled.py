"""Several authorities in one warehouse: one delivers what no night completes with, and the others'
nights go on.

    python -m benchmarks.pooled [--one-in 12] [--folder DIR]

The bundled sample, cut down, is delivered by three authorities: by its own, and by two more that
return the same children under codes of their own. Nights, each a whole one:

    first      all deliver
    postcode   one names a township after a postcode, which the audit lets nobody publish; another
               delivers an indicator
    number     one counts more children than a whole number holds, by which dbt's build stops;
               another corrects its indicator, and the township is mended
    mended     that number is corrected, too

After each of them is told: whose deliveries are held back, whose published rows are others than
before, what the night cost; and it is held that no rows of an authority that is held back have
changed, that the others' news is out, that each one's own folder holds its own rows and no more,
that the three are of one region, of which the totals that are told are theirs, and that the ledger
balances. Exit code 1 where any of it does not hold.
"""

import argparse
import os
import resource
import sys
import time
from pathlib import Path

import duckdb

from benchmarks.crash import Drop
from benchmarks.place import folder_of, machine
from flows.night import Night, run_night
from flows.settings import Settings

OWN, SECOND, THIRD = "332", "333", "336"
ALL = (OWN, SECOND, THIRD)
MOVED = ("ssda903", "cin_census", "indicators")
INDICATORS = "indicators/2012/new.csv"
INDICATOR = (
    "indicator,indicator_name,at_date,value,unit,direction_of_good,target,baseline_date\n"
    "new_one,Something counted anew,2012-03-31,{},children,up,,\n"
)
TOWNSHIPS = "townships/2011/townships.csv"
POSTCODE = "ZZ1 1AA"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--one-in", type=int, default=12, help="of the sample's children")
    parser.add_argument("--folder", type=Path, help="kept")
    options = parser.parse_args()
    with folder_of(options.folder, "pooled") as folder:
        trial = Trial(folder, options.one_in)
        trial.run()
    for wrong in trial.wrong:
        print(f"DOES NOT HOLD: {wrong}")
    sys.exit(bool(trial.wrong))


class Trial:
    """The home, its drop folder, and what did not hold."""

    def __init__(self, folder: Path, one_in: int) -> None:
        self.drop = folder / "drop"
        self.settings = Settings(
            self.drop, False, folder / "home", None, b"a key for pooled authorities"
        )
        self.wrong: list[str] = []
        Drop(self.drop, one_in).fill()
        for code in (SECOND, THIRD):
            self.move(code)

    def move(self, code: str) -> None:
        """The returns of the sample's authority as another's."""
        for source in MOVED:
            for path in (self.drop / OWN / source).rglob("*.*"):
                text = path.read_text(encoding="utf-8").replace(f"<LEA>{OWN}<", f"<LEA>{code}<")
                self.put(code, path.relative_to(self.drop / OWN).as_posix(), text)

    def put(self, code: str, name: str, text: str) -> None:
        path = self.drop / code / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")

    def run(self) -> None:
        print(f"{machine()}; CPU seconds of all processes\n")
        print("| night | held back | rows that are others | night, CPU s | clock, s |")
        print("|---|---|---|---:|---:|")
        self.night("first", held=[], changed=[*ALL])
        townships = (self.drop / OWN / TOWNSHIPS).read_text(encoding="utf-8")
        head, first, *rest = townships.splitlines()
        renamed = f"{first.rsplit(',', 1)[0]},{POSTCODE}"
        self.put(OWN, TOWNSHIPS, "\n".join([head, renamed, *rest, ""]))
        self.put(THIRD, INDICATORS, INDICATOR.format(12))
        self.night("postcode", held=[OWN], changed=[THIRD])
        self.put(OWN, TOWNSHIPS, townships)
        self.put(SECOND, INDICATORS, INDICATOR.format("99999999999"))
        self.put(THIRD, INDICATORS, INDICATOR.format(13))
        self.night("number", held=[SECOND], changed=[OWN, THIRD])
        self.put(SECOND, INDICATORS, INDICATOR.format(9))
        self.night("mended", held=[], changed=[SECOND])

    def night(self, name: str, held: list[str], changed: list[str]) -> None:
        before = published(self.settings)
        began, cpu = time.perf_counter(), _cpu()
        told = run_night(self.settings, report=lambda line: print(f"    {line}", file=sys.stderr))
        took, spent = time.perf_counter() - began, _cpu() - cpu
        after = published(self.settings)
        others = [code for code in ALL if before.get(code) != after.get(code)]
        were = [one.la_code for one in told.held_back]
        print(
            f"| {name} | {', '.join(were) or '-'} | {', '.join(others) or '-'} | {spent:.0f} "
            f"| {took:.0f} |",
            flush=True,
        )
        print(f"    {told.sentence}", file=sys.stderr, flush=True)
        self.hold(were == held, f"{name}: held back are {were}, not {held}")
        self.hold(others == changed, f"{name}: other rows have {others}, not {changed}")
        self.hold(told.is_red == bool(held), f"{name}: {told.sentence}")
        self.hold(told.published is not None, f"{name}: nothing was published")
        for one in told.held_back:
            self.hold(one.is_proven, f"{name}: it was not told whose fault it is")
        self.hold_folders(name, told)
        self.hold_region(name)

    def hold_folders(self, name: str, told: Night) -> None:
        """Each authority's own folder against the rows of all."""
        for audience, place in self.settings.outputs.items():
            everybody = rows_of(place / "cyp.duckdb")
            for code in ALL:
                own = rows_of(place / code / "cyp.duckdb")
                theirs = {
                    (mart, row) for mart, row, la_code in everybody if la_code in {code, "national"}
                }
                there = {(mart, row) for mart, row, la_code in own if la_code is not None}
                self.hold(there == theirs, f"{name}: {code}'s own folder for {audience}")
        with duckdb.connect(str(self.settings.warehouse), read_only=True) as connection:
            [(held, broken)] = connection.execute(
                "select coalesce(sum(rows_held_back), 0), count(*) filter (where "
                "outcome <> 'refused' and rows_delivered <> rows_loaded + rows_superseded "
                "+ rows_held_back + rows_quarantined + rows_forgotten) from quality.extract_ledger"
            ).fetchall()
        self.hold(not broken, f"{name}: the ledger does not balance")
        self.hold(bool(held) == bool(told.held_back), f"{name}: {held} rows are held back")

    def hold_region(self, name: str) -> None:
        """The folder of the region against what the authorities counted."""
        [place] = self.settings.published.glob("region_*")
        with duckdb.connect(str(self.settings.warehouse), read_only=True) as connection:
            connection.execute(f"attach '{(place / 'cyp.duckdb').resolve()}' as told (read_only)")
            [(totals, withheld, others)] = connection.execute(
                """
                with counted as (
                    select at_date, measure, sum(children) as children, count(*) as authorities
                    from rates.children_rates_counted group by all
                )
                select
                    count(children_shown), count(*) - count(children_shown),
                    count(*) filter (where abs(children_shown - children) > 5 or authorities <> 3)
                from (
                    select told.children as children_shown, counted.children, told.authorities
                    from told.published.region_profile as told
                    inner join counted using (at_date, measure)
                    where told.area_level = 'region' and told.dimension = 'all'
                )
                """
            ).fetchall()
        print(f"    {totals} totals of the region told, {withheld} withheld", file=sys.stderr)
        self.hold(
            totals > 0 and not others, f"{name}: {others} totals of the region are not theirs"
        )

    def hold(self, is_so: bool, otherwise: str) -> None:
        if not is_so:
            self.wrong.append(otherwise)


def published(settings: Settings) -> dict[str | None, set[tuple[str, str]]]:
    """What readers see of each authority."""
    found: dict[str | None, set[tuple[str, str]]] = {}
    database = settings.published / "cyp.duckdb"
    for mart, row, la_code in rows_of(database) if database.exists() else ():
        found.setdefault(la_code, set()).add((mart, row))
    return found


def rows_of(database: Path) -> list[tuple[str, str, str | None]]:
    """Every row of every mart as text, with its authority; None where it says of none."""
    rows = []
    with duckdb.connect(str(database.resolve()), read_only=True) as connection:
        marts = connection.execute(
            "select table_name, bool_or(column_name = 'la_code') from duckdb_columns() "
            "where schema_name = 'published' group by all order by all"
        ).fetchall()
        for mart, is_by_authority in marts:
            of = "la_code" if is_by_authority else "null"
            rows += connection.execute(
                f"select '{mart}', cast(columns_ as varchar), {of} from "
                f"(select {of} as la_code, rows_ as columns_ from published.{mart} as rows_)"
            ).fetchall()
    return rows


def _cpu() -> float:
    """CPU seconds of this process and of those that it started."""
    return sum(
        used.ru_utime + used.ru_stime
        for used in map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    )


if __name__ == "__main__":
    os.environ.setdefault("DO_NOT_TRACK", "1")
    main()
