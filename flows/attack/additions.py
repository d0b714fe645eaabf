"""What an attacker can reckon with: every sum and every order that holds between the marts by
their definitions, and what the numbers beside a count say of it.

Each is a relation: a weighted sum of cells lies between two numbers. Children whose start of
care is known, for instance, are those looked after for over two years and those for under two.
"""

from __future__ import annotations

import datetime
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import cast

from flows.attack.known import (
    AREA_COUNTS,
    PARTS_OF_TIME,
    REGION,
    RETURNS,
    TIMES,
    Fields,
    Held,
    Name,
    Row,
    with_limits,
)
from flows.attack.repeated import agree, percentage

ANY = float("inf")
ELSEWHERE = {"out of area", "unknown"}
MEASURES = {
    "looked_after": "looked_after",
    "children_in_need": "children_in_need",
    "child_protection_plans": "child_protection_plan",
}
CHOSEN = re.compile(
    r"next most deprived of (.+), the ward with most first-episode children in (.+)"
)


@dataclass(frozen=True)
class Relation:
    """A weighted sum of cells that lies between `low` and `high`.

    of            in words
    is_certain    by definition: where what was counted is otherwise, the marts are wrong. Else
                  anybody would assume it, and it is left out where it does not hold
    breakdown     a total first, then its parts, where children are told apart by something
    """

    terms: tuple[tuple[Name, float], ...]
    low: float
    high: float
    of: str
    is_certain: bool = True
    breakdown: tuple[Name, ...] = ()


@dataclass(frozen=True)
class Implied:
    """A count that no column shows, as a weighted sum of cells and a constant."""

    name: Name
    terms: tuple[tuple[Name, float], ...]
    constant: float
    kind: str


def total(whole: Name, parts: Iterable[Name], of: str, tells: bool = True) -> Relation:
    """The parts add up to the whole; `tells` says that children are told apart by the part."""
    parts = tuple(parts)
    terms = ((whole, 1.0), *((part, -1.0) for part in parts))
    return Relation(terms, 0, 0, of, breakdown=(whole, *parts) if tells else ())


def same(one: Name, other: Name, of: str) -> Relation:
    return Relation(((one, 1.0), (other, -1.0)), 0, 0, of)


def at_most(one: Name, other: Name, of: str, is_certain: bool = True, fewer: float = 0) -> Relation:
    return Relation(((one, 1.0), (other, -1.0)), -ANY, -fewer, of, is_certain)


def additions(held: Held) -> list[Relation]:
    """Every relation within one version; names what no column shows, with its count."""
    found: list[Relation] = []
    for said in (
        areas, plans, growth, times, longer, cohort, cohort_at_days, returns, from_year_to_year,
        leaders, shares, scorecard, deliveries, regions,
    ):  # fmt: skip
        found += said(held)
    return found


def _days(held: Held) -> dict[tuple[str, datetime.date], dict[str, list[tuple[Name, Row]]]]:
    """The rows of wards and of townships of each authority and day."""
    days: dict[tuple[str, datetime.date], dict[str, list[tuple[Name, Row]]]] = {}
    for mart in ("ward_profile", "township_profile"):
        for key, row in held.of(mart):
            if row.counted:
                day = days.setdefault((str(key[0]), _date(key[2])), defaultdict(list))
                day[mart].append((key, row))
    return days


def _date(value: object) -> datetime.date:
    return cast("datetime.date", value)


def all_of_day(held: Held, la_code: str, day: datetime.date, count: str) -> Name:
    """All children of a count on a day: the cell that shows them, or a name for it."""
    shown = ("children_rates", la_code, day, MEASURES.get(count, ""), "children")
    return shown if shown in held.counts else ("all of the authority", la_code, day, count)


def areas(held: Held) -> Iterator[Relation]:
    """Wards make a township, and townships the authority, on every day."""
    for (la_code, day), marts in _days(held).items():
        for count in (*AREA_COUNTS, "referrals"):
            whole = all_of_day(held, la_code, day, count)
            for mart in ("ward_profile", "township_profile"):
                names = [(mart, *key, count) for key, _ in marts[mart]]
                names = [name for name in names if name in held.counts]
                if not names:
                    continue
                held.counts.setdefault(whole, sum(held.counts[name] for name in names))
                yield total(whole, names, f"areas of the authority: {count}")
            if count == "referrals":
                continue
            wards = defaultdict(list)
            for key, row in marts["ward_profile"]:
                wards[row.counted.get("township_name")].append(("ward_profile", *key, count))
            for township, names in wards.items():
                of = ("township_profile", la_code, township, day, count)
                if of in held.counts and all(name in held.counts for name in names):
                    yield total(of, names, f"wards of a township: {count}")


def plans(held: Held) -> Iterator[Relation]:
    """A child on a protection plan is a child in need. The census does not force it (a plan may
    outlast its referral), but anybody would assume it."""
    for mart in ("ward_profile", "township_profile"):
        for key, _ in held.of(mart):
            yield from _no_more(
                held, (mart, *key, "child_protection_plans"), (mart, *key, "children_in_need")
            )
    for (la_code, day, measure), _ in held.of("children_rates"):
        if measure == "child_protection_plan":
            need = ("children_rates", la_code, day, "children_in_need", "children")
            yield from _no_more(held, ("children_rates", la_code, day, measure, "children"), need)


def _no_more(held: Held, fewer: Name, more: Name) -> Iterator[Relation]:
    if fewer in held.counts and more in held.counts:
        yield at_most(fewer, more, "children on plans are in need", is_certain=False)


def _growing(held: Held, steps: int = 1) -> Iterator[tuple[Name, Name]]:
    """The first episodes of an area up to a day, and up to a later day, so many days of the
    mart on at most."""
    for mart in ("ward_profile", "township_profile"):
        areas_: dict[Name, list[datetime.date]] = defaultdict(list)
        for key, _ in held.of(mart):
            if (mart, *key, "first_episodes") in held.counts:
                areas_[key[:2]].append(_date(key[2]))
        for area, days in areas_.items():
            names = [(mart, *area, day, "first_episodes") for day in sorted(days)]
            for i, name in enumerate(names):
                for later in names[i + 1 : i + 1 + steps]:
                    yield name, later


def growth(held: Held) -> Iterator[Relation]:
    """First episodes up to a day are among those up to the next."""
    for one, next_one in _growing(held):
        yield at_most(one, next_one, "first episodes from day to day")


def times(held: Held) -> Iterator[Relation]:
    """Bands make all, over and under two years make those with a known start, and all looked
    after on a day are in the rates."""
    days: dict[Name, list[object]] = defaultdict(list)
    for key, row in held.of("time_in_care"):
        if not row.counted:
            continue
        days[key[:2]].append(key[2])
        for prefix, (share, median, children) in TIMES.items():
            known, over, under = (("time_in_care", *key, prefix + part) for part in PARTS_OF_TIME)
            counted = ("time_in_care", *key, children)
            if row.counted.get(prefix + PARTS_OF_TIME[0]) is None or counted not in held.counts:
                continue
            held.counts[known] = float(row.counted[prefix + PARTS_OF_TIME[0]])
            held.counts[over] = float(row.counted[prefix + PARTS_OF_TIME[1]])
            held.counts[under] = held.counts[known] - held.counts[over]
            yield total(known, (over, under), "over and under two years")
            if key[2] in ("all", "unknown"):
                yield at_most(known, counted, "children with a known start")
            else:
                yield same(known, counted, "the start is known of children in a band")
            # Whoever has the share has the counts that it is of.
            if row.shown.get(share) is not None:
                for name in (known, over, under):
                    count = held.counts[name]
                    yield Relation(((name, 1.0),), count, count, share)
            elif row.shown.get(median) is not None:
                yield Relation(((known, 1.0),), 1, ANY, median)
    for day, bands in days.items():
        if "all" not in bands:
            continue
        for column in (
            *(p + c for p in TIMES for c in PARTS_OF_TIME),
            *(c[2] for c in TIMES.values()),
        ):
            names = [("time_in_care", *day, band, column) for band in bands if band != "all"]
            whole = ("time_in_care", *day, "all", column)
            if names and whole in held.counts and all(name in held.counts for name in names):
                yield total(whole, names, "bands of age at entry", tells=column in TIMES_OF_ALL)
        looked_after = ("children_rates", *day, "looked_after", "children")
        everybody = ("time_in_care", *day, "all", "children")
        if looked_after in held.counts and everybody in held.counts:
            yield same(looked_after, everybody, "looked after on the day")


TIMES_OF_ALL = {children for _, _, children in TIMES.values()}


def longer(held: Held) -> Iterator[Relation]:
    """Children looked after for over two years were looked after a year ago, and two years ago,
    in the same band at entry. Mended returns may have it otherwise; anybody would assume it."""
    for key, _ in held.of("time_in_care"):
        day = _date(key[1])
        over = ("time_in_care", *key, PARTS_OF_TIME[1])
        for years in (1, 2):
            if (day.month, day.day) == (2, 29):
                continue
            then = ("time_in_care", key[0], day.replace(year=day.year - years), key[2], "children")
            if over in held.counts and then in held.counts:
                yield at_most(over, then, "looked after for over two years", is_certain=False)


def dimensions(held: Held) -> dict[Name, dict[str, dict[str, Row]]]:
    """The cohorts: la_code and window -> dimension -> category -> row."""
    cohorts: dict[Name, dict[str, dict[str, Row]]] = {}
    for key, row in held.of("first_episode_profile"):
        if ("first_episode_profile", *key, "children") in held.counts:
            cohort_ = cohorts.setdefault(key[:3], defaultdict(dict))
            cohort_[str(key[3])][str(key[4])] = row
    return cohorts


def in_cohort(cohort_: Name, dimension: str, category: str) -> Name:
    return ("first_episode_profile", *cohort_, dimension, category, "children")


def ages_of(band: str) -> tuple[int, float] | None:
    """First and last age of a band by its code: under 1, 1-4, 16+; None where it has none."""
    if found := re.fullmatch(r"under (\d+)", band):
        return 0, int(found[1]) - 1
    if found := re.fullmatch(r"(\d+)-(\d+)", band):
        return int(found[1]), int(found[2])
    if found := re.fullmatch(r"(\d+)\+?", band):
        return int(found[1]), ANY if band.endswith("+") else int(found[1])
    return None


def cohort(held: Held) -> Iterator[Relation]:
    """Every dimension makes all children; what lies within a category makes the category."""
    for key, found in dimensions(held).items():
        for dimension, rows in list(found.items()):
            if dimension == "all":
                continue
            names = [
                in_cohort(key, dimension, category)
                for category, row in rows.items()
                if dimension != "age_band" or _parent(row) != "plan"
            ]
            if "all" in found["all"]:
                yield total(in_cohort(key, "all", "all"), names, f"the cohort by {dimension}")
        yield from _within(key, found, "ethnic_group", "ethnic_origin")
        yield from _within(key, found, "township", "ward")
        for band in found["age_band"]:
            # of the plan's bands, the department's too, where some make it up exactly
            for dimension in ("age", "age_band"):
                parts = _ages_within(band, dimension, found[dimension])
                if parts:
                    names = [in_cohort(key, dimension, part) for part in parts]
                    yield total(in_cohort(key, "age_band", band), names, f"{dimension} in a band")
        for other in ("township", "deprivation_decile"):
            if "out of area" in found["ward"] and "out of area" in found[other]:
                yield same(
                    in_cohort(key, other, "out of area"),
                    in_cohort(key, "ward", "out of area"),
                    "homes out of area",
                )


def _parent(row: Row) -> str | None:
    parent: str | None = row.counted.get("parent_category_name")
    return parent


def _within(
    key: Name, found: dict[str, dict[str, Row]], outer: str, inner: str
) -> Iterator[Relation]:
    """The inner dimension's categories make the outer one's, by their parents."""
    parts = defaultdict(list)
    for category, row in found[inner].items():
        of = category if category in ELSEWHERE else _parent(row) or "unknown"
        parts[of].append(in_cohort(key, inner, category))
    for category, row in found[outer].items():
        name = category if outer == "township" else row.counted.get("category_name")
        names = parts.get(category if category in ELSEWHERE else str(name))
        if names:
            yield total(in_cohort(key, outer, category), names, f"{inner} within {outer}")


def _ages_within(band: str, dimension: str, rows: dict[str, Row]) -> list[str]:
    """The categories that make up a band exactly; none where they do not."""
    if band == "unknown":
        return ["unknown"] if dimension == "age" and "unknown" in rows else []
    span = ages_of(band)
    if span is None:
        return []
    within = {
        category: ages
        for category, row in rows.items()
        if (ages := ages_of(category)) and span[0] <= ages[0] and ages[1] <= span[1]
        if category != band and (dimension == "age" or _parent(row) != "plan")
    }
    reached: float = span[0] - 1
    for first, last in sorted(within.values()):
        if first != reached + 1:
            return []
        reached = last
    return list(within) if within and reached == span[1] else []


def cohort_at_days(held: Held) -> Iterator[Relation]:
    """First episodes up to a day: the entry years until then, and from the end of the window on
    the cohort's own wards and townships."""
    days = _days(held)
    for key, found in dimensions(held).items():
        end = _date(key[2])
        years = [int(year) for year in found["entry_year"] if year.isdigit()]
        for (la_code, day), marts in days.items():
            if la_code != key[0]:
                continue
            whole = all_of_day(held, la_code, day, "first_episodes")
            if whole in held.counts and years and (day.month, day.day) == (3, 31):
                until = [in_cohort(key, "entry_year", str(y)) for y in years if y <= day.year]
                yield total(whole, until, "entry years up to a day", tells=False)
            for mart, dimension in (("ward_profile", "ward"), ("township_profile", "township")):
                for area, _ in marts[mart]:
                    at_day = (mart, *area, "first_episodes")
                    category = str(area[1])
                    if category.lower() in ELSEWHERE:
                        category = category.lower()
                    if at_day not in held.counts or category not in found[dimension]:
                        continue
                    ever = in_cohort(key, dimension, category)
                    if day >= end:
                        yield same(at_day, ever, f"the cohort's {dimension} at the end")
                    else:
                        yield at_most(at_day, ever, f"the cohort's {dimension} up to a day")


def returns(held: Held) -> Iterator[Relation]:
    """Whoever ceased has returned or has not; whoever started had been here before or had not,
    lately or longer ago. Of all whose care ended, the others could not come back."""
    for key, _ in held.of("returns_to_care"):
        for part, whole in (
            *RETURNS.values(),
            ("started_within_12_months_children", "started_again_children"),
        ):
            some, all_ = (("returns_to_care", *key, count) for count in (part, whole))
            if some in held.counts and all_ in held.counts:
                others = ("returns_to_care", *key, f"{whole} less {part}")
                held.counts[others] = held.counts[all_] - held.counts[some]
                yield total(all_, (some, others), f"{part} of {whole}")
        ceased = ("returns_to_care", *key, "ceased_children")
        ended = ("time_in_care", *key, "all", "ended_children")
        if ceased in held.counts and ended in held.counts:
            for_good = ("returns_to_care", *key, "ended_children less ceased_children")
            held.counts[for_good] = held.counts[ended] - held.counts[ceased]
            yield total(ended, (ceased, for_good), "care that ended for good", tells=False)


def from_year_to_year(held: Held) -> Iterator[Relation]:
    """Returns to care beside those of the years around, beside who is looked after, and beside the
    cohort. But for the first, mended returns may have it otherwise; anybody would assume it."""
    soon, started = "started_within_12_months_children", "started_children"
    for key, _ in held.of("returns_to_care"):
        la_code, day = str(key[0]), _date(key[1])
        last, this, next_ = (
            ("returns_to_care", la_code, _years_later(day, years)) for years in (-1, 0, 1)
        )
        then, now = (("time_in_care", la_code, _years_later(day, n), "all") for n in (-1, 0))
        returned, came = (*this, "returned_children"), [(*then, "children"), (*this, started)]
        left = [(*now, "children"), (*now, "ended_children")]
        yield from _among(
            held, [returned], [(*this, soon), (*next_, soon)], "returns are starts", is_certain=True
        )
        yield from _among(
            held, [(*this, soon)], [returned, (*last, "returned_children")], "starts are returns"
        )
        yield from _among(held, left[:1], came, "who is here was here or came")
        yield from _among(held, left, came, "who is here or has left was here or came")
        yield from _among(held, came, left, "who was here or came is here or has left")
        yield from _among(
            held,
            [(*now, PARTS_OF_TIME[2])],
            [(*this, started), (*last, started)],
            "who is here for under two years came in them",
        )
        first = (*this, f"{started} less started_again_children")
        for entered in _entering(held, la_code, day.year):
            yield from _among(held, [first], [entered], "who starts first is of the cohort")
            yield from _among(held, [entered], [first], "who is of the cohort starts first")
            yield from _among(held, [entered], [(*this, started)], "who is of the cohort starts")


def _among(
    held: Held, these: Sequence[Name], those: Sequence[Name], of: str, is_certain: bool = False
) -> Iterator[Relation]:
    """The children of some counts are all among those of others, where all are counted."""
    if all(name in held.counts for name in (*these, *those)):
        terms = (*((name, 1.0) for name in these), *((name, -1.0) for name in those))
        yield Relation(terms, -ANY, 0, of, is_certain)


def _years_later(day: datetime.date, years: int) -> datetime.date:
    """The same day some years later; 29 February becomes 28 February."""
    is_leap_day = (day.month, day.day) == (2, 29)
    return day.replace(year=day.year + years, day=28 if is_leap_day else day.day)


def _entering(held: Held, la_code: str, year: int) -> Iterator[Name]:
    """The children of each cohort of an authority who entered care in a year."""
    for key, found in dimensions(held).items():
        if key[0] == la_code and str(year) in found["entry_year"]:
            yield in_cohort(key, "entry_year", str(year))


def leaders(held: Held) -> Iterator[Relation]:
    """The list of priority LSOAs names the township that most first-episode children come from,
    and its ward that most come from. Of two that as many come from it would name the one with more
    children in its LSOAs, else the one whose code is first."""
    named: dict[str, tuple[str, str]] = {}
    for (la_code, _), row in held.of("priority_lsoas"):
        if said := CHOSEN.fullmatch(str(row.public("selection_rule"))):
            named[str(la_code)] = (said[1], said[2])
    residents = _residents(held)
    for key, found in dimensions(held).items():
        ward_name, township = named.get(str(key[0]), ("", ""))
        if township not in found["township"]:
            continue
        for other in set(found["township"]) - ELSEWHERE - {township}:
            yield _behind(key, "township", other, township, residents)
        wards = {c: row for c, row in found["ward"].items() if _parent(row) == township}
        leading = [c for c, row in wards.items() if row.counted.get("category_name") == ward_name]
        if len(leading) == 1:
            for other in set(wards) - set(leading):
                yield _behind(key, "ward", other, leading[0], residents)


Residents = dict[tuple[str, str, str], float]


def _behind(key: Name, dimension: str, code: str, leading: str, residents: Residents) -> Relation:
    """Fewer come from a place than from the one that is named, or as many, if a tie lets it be."""
    first = min(
        (leading, code), key=lambda c: (-residents.get((str(key[0]), dimension, c), 0.0), c)
    )
    return at_most(
        in_cohort(key, dimension, code),
        in_cohort(key, dimension, leading),
        f"the {dimension} that most come from",
        fewer=1 if residents and first == code else 0,
    )


def _residents(held: Held) -> Residents:
    """Children of each authority's wards and townships, as its map of LSOAs adds them up (the ward
    of an LSOA is public); empty where there is no map."""
    found: Residents = defaultdict(float)
    for (la_code, _), row in held.of("lsoa_profile"):
        children = float(row.public("children_0_17") or 0)
        found[str(la_code), "ward", str(row.public("ward_code"))] += children
        found[str(la_code), "township", str(row.public("township_name"))] += children
    return found


def shares(held: Held) -> Iterator[Relation]:
    """A share or rate to one decimal says of the count, and of what it is a share of, all but
    what the rounding took. One that repeats a rounded count says no more than the count does."""
    for mart in ("ward_profile", "township_profile"):
        for key, row in held.of(mart):
            for count, column in (
                ("looked_after", "looked_after_share"),
                ("first_episodes", "first_episode_share"),
                ("referrals", "referral_share"),
            ):
                whole = all_of_day(held, str(key[0]), _date(key[2]), count)
                yield from _share(held, (mart, *key, count), whole, row.shown.get(column), column)
            for count, column in (
                ("looked_after", "looked_after_rate"),
                ("children_in_need", "children_in_need_rate"),
            ):
                yield from _rate(held, (mart, *key, count), row, column, "children_0_17")
    for key, row in held.of("children_rates"):
        name = ("children_rates", *key, "children")
        yield from _rate(held, name, row, "rate_per_10000", "population_0_17")
        if any(row.shown.get(column) is not None for column in ("rate_lower_95", "rate_upper_95")):
            yield from _limits(held, name)
    for key, row in held.of("first_episode_profile"):
        whole = in_cohort(key[:3], "all", "all")
        name = ("first_episode_profile", *key, "children")
        if name != whole:
            yield from _share(held, name, whole, row.shown.get("percent"), "percent")
        limits = ("percent_lower_95", "percent_upper_95")
        if any(row.shown.get(column) is not None for column in limits):
            yield from _limits(held, name)
            yield from _limits(held, whole)
    for key, row in held.of("returns_to_care"):
        for percent, of in RETURNS.items():
            name, whole = (("returns_to_care", *key, count) for count in of)
            yield from _share(held, name, whole, row.shown.get(percent), percent)
            if any(row.shown.get(column) is not None for column in with_limits(percent)[1:]):
                yield from _limits(held, name)
                yield from _limits(held, whole)


def _limits(held: Held, name: Name) -> Iterator[Relation]:
    """Of how many children limits are is worked out by trying: a count that is withheld beside
    them is told."""
    if name in held.counts and held.cells.get(name, 0) is None:
        count = held.counts[name]
        yield Relation(((name, 1.0),), count, count, "limits")


HALF = 0.05 + 1e-9


def _share(held: Held, name: Name, whole: Name, share: float | None, of: str) -> Iterator[Relation]:
    if share is None or name not in held.counts or whole not in held.counts:
        return
    told = held.cells.get(name)
    rounding, _ = held.rounding_of(name)
    if rounding > 1 and told is not None:
        if agree(share, percentage(told, rounded(held.counts[whole], rounding))):
            return  # it repeats two rounded counts
        if agree(share, percentage(told, held.counts[whole])):
            low, high = _whole_of(share, told)
            yield Relation(((whole, 1.0),), low, high, f"its {of}")
            return
    yield Relation(((name, 100.0), (whole, -(share + HALF))), -ANY, 0, f"its {of}")
    yield Relation(((name, 100.0), (whole, -(share - HALF))), 0, ANY, f"its {of}")


def rounded(count: float, to: int) -> float:
    """Halves up, as the house rounds."""
    return count if to == 1 else float(int((count + to / 2) // to * to))


def _whole_of(share: float, part: float) -> tuple[float, float]:
    """What a known part is a share of."""
    least = 100 * part / (share + HALF)
    return least, 100 * part / (share - HALF) if share > HALF else ANY


def of_regions(held: Held) -> dict[Name, list[Name]]:
    """The cells of authorities that a cell of a region adds up, or of the one that it is of."""
    cohorts = list(dimensions(held))
    found: dict[Name, list[Name]] = {}
    for key, row in held.of(REGION):
        _, measure, day, dimension, category, _ = key
        names: list[Name] = []
        for la_code in str(row.public("la_codes")).split(", "):
            if measure == "started":
                names.append(("returns_to_care", la_code, day, "started_children"))
            elif measure != "first_episodes":
                names.append(("children_rates", la_code, day, measure, "children"))
            else:
                names += [
                    in_cohort(one, str(dimension), str(category))
                    for one in cohorts
                    if one[0] == la_code and one[2] == day
                ]
        if (REGION, *key, "children") in held.counts:
            found[REGION, *key, "children"] = [name for name in names if name in held.counts]
    return found


def regions(held: Held) -> Iterator[Relation]:
    """Authorities of a region make the region, and what it says of one is of that one."""
    for name, parts in of_regions(held).items():
        row = held.row(name)
        yield total(name, parts, "authorities of a region", tells=False)
        whole = (*name[:4], "all", "all", *name[6:])
        if name != whole and whole in held.counts:
            yield from _share(held, name, whole, row.shown.get("percent"), "percent")
        yield from _rate(held, name, row, "rate_per_10000", "population_0_17")
        if any(row.shown.get(column) is not None for column in ("rate_lower_95", "rate_upper_95")):
            yield from _limits(held, name)


def _rate(held: Held, name: Name, row: Row, column: str, people: str) -> Iterator[Relation]:
    rate, population = row.shown.get(column), row.public(people)
    if rate is None or not population or name not in held.counts:
        return
    told = held.cells.get(name)
    rounding, _ = held.rounding_of(name)
    if rounding > 1 and told is not None and agree(rate, percentage(100 * told, population)):
        return
    low, high = ((rate + side) * population / 10000 for side in (-HALF, HALF))
    yield Relation(((name, 1.0),), low, high, f"its {column}")


def scorecard(held: Held) -> Iterator[Relation]:
    """A figure less its change is the figure at the baseline; one that is its own baseline is
    that figure."""
    for key, row in held.of("indicator_scorecard"):
        name = ("indicator_scorecard", *key, "value")
        first = row.counted.get("baseline_value")
        if name not in held.counts or first is None:
            continue
        baseline = ("indicator at its baseline", *key[:2], float(first))
        held.counts[baseline] = float(first)
        change = row.shown.get("change_since_baseline")
        told = held.cells[name]
        repeats = (
            told is not None
            and held.rounding > 1
            and agree(change, told - rounded(float(first), held.rounding))
        )
        if change is not None and not repeats:
            low, high = change - 1e-6, change + 1e-6
            yield Relation(((name, 1.0), (baseline, -1.0)), low, high, "change since the baseline")
        if held.counts[name] == held.counts[baseline]:
            yield same(name, baseline, "the baseline itself")


def deliveries(held: Held) -> Iterator[Relation]:
    """Rows delivered were loaded, superseded or set aside. Some may have been refused or
    forgotten; where none were, anybody would assume so."""
    for key, _ in held.of("data_quality_summary"):
        names = [
            ("data_quality_summary", *key, f"rows_{what}")
            for what in ("delivered", "loaded", "superseded", "quarantined")
        ]
        if not all(name in held.counts for name in names):
            continue
        terms = tuple((name, 1.0 if i == 0 else -1.0) for i, name in enumerate(names))
        yield Relation(terms, 0, ANY, "what became of rows")
        yield Relation(terms, -ANY, 0, "what became of rows", is_certain=False)


def deciles(held: Held) -> dict[str, list[Relation]]:
    """By authority: the children of a ward are in the deciles that its LSOAs lie in (or in
    none that is known), so many from each ward and decile as nobody says.

    An LSOA's children are counted in the ward of their postcode, which need not be the ward
    that fits the LSOA best: whether what was counted can have come about so, is to be seen.
    """
    found: dict[str, list[Relation]] = {}
    touched: dict[tuple[str, str, str], set[str]] = defaultdict(set)
    for (la_code, _), row in held.of("lsoa_profile"):
        fields: Fields = {**row.counted, **row.shown}
        decile = fields.get("deprivation_decile")
        ward = (str(la_code), str(fields.get("township_name")), str(fields.get("ward_name")))
        touched[ward].add("unknown" if decile is None else str(int(decile)))
    for key, cohort_ in dimensions(held).items():
        la_code = str(key[0])
        rows = cohort_["deprivation_decile"]
        if not rows or not any(ward[0] == la_code for ward in touched):
            continue
        known = set(rows) - {"out of area"}
        from_wards: dict[str, list[Name]] = defaultdict(list)
        relations = []
        marker = tuple(
            held.counts[in_cohort(key, dimension, category)]
            for dimension in ("ward", "deprivation_decile")
            for category in sorted(cohort_[dimension])
        )
        for code, row in cohort_["ward"].items():
            if code == "out of area":
                continue
            name = (la_code, str(_parent(row)), str(row.counted.get("category_name")))
            reached = (touched.get(name, known) | {"unknown"}) & known
            if code == "unknown":
                reached = known
            flows = [("ward in a decile", *key, code, decile, marker) for decile in sorted(reached)]
            for flow in flows:
                from_wards[str(flow[-2])].append(flow)
            relations.append(total(in_cohort(key, "ward", code), flows, "deciles", tells=False))
        for decile in sorted(known):
            whole = in_cohort(key, "deprivation_decile", decile)
            relations.append(total(whole, from_wards[decile], "wards", tells=False))
        found.setdefault(la_code, []).extend(relations)
    return found


def implied(held: Held, growth_years: int) -> Iterator[Implied]:
    """Counts of children that no column shows but that would be as bad to know: what first
    episodes grow by from day to day, the children on either side of a share, how many of an
    area's children are not counted, totals, baselines."""
    for one, later in _growing(held, growth_years):
        terms = ((later, 1.0), (one, -1.0))
        yield Implied(later, terms, 0.0, f"growth since {_date(one[3])}")
    for name in held.counts:
        if name in held.cells:
            continue
        kind = {
            "all of the authority": "a total that shares tell",
            "indicator at its baseline": "the baseline that the change tells",
        }.get(str(name[0]), "the children that a share is of")
        yield Implied(name, ((name, 1.0),), 0.0, kind)
    for mart, people in (
        ("ward_profile", "children_0_17"),
        ("township_profile", "children_0_17"),
        ("children_rates", "population_0_17"),
    ):
        for key, row in held.of(mart):
            population = row.public(people)
            counts = (
                ("children",)
                if mart == "children_rates"
                else ("looked_after", "children_in_need", "child_protection_plans")
            )
            for count in counts:
                name = (mart, *key, count)
                if population and name in held.counts:
                    kind = "the area's children who are not counted"
                    yield Implied(name, ((name, -1.0),), float(population), kind)
