"""Published statistics: deprivation, child poverty, population, comparators, indicators.

What the plan prints and what the department has published is carried over; the rest is
invented to fit round it, on Dudley's real list of LSOAs; of other authorities see
`elsewhere`."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from flows.sample import elsewhere
from flows.sample.dice import Dice
from flows.sample.files import write_csv
from flows.sample.places import OLD_CODE, ONS_CODE, Lsoa, lsoas

AREAS_2007 = 32482

# Children aged 0-17 of the LSOAs that the plan names; for those of St Thomas's it prints
# the children aged 0-16, and the second number here is that.
PLAN_CHILDREN = {
    "E01009786": (416, 0),
    "E01009755": (537, 0),
    "E01009748": (407, 0),
    "E01009833": (481, 0),
    "E01009733": (354, 0),
    "E01009889": (431, 407),
    "E01009891": (520, 492),
    "E01009892": (389, 367),
    "E01009893": (638, 604),
}
CHILDREN_MID_2010 = 65540

# The borough's children aged 0-17. 2009 and 2010 follow the department's published rates.
CHILDREN_BY_YEAR = {
    2001: 68920,
    2002: 68610,
    2003: 68240,
    2004: 67830,
    2005: 67410,
    2006: 67020,
    2007: 66600,
    2008: 66120,
    2009: 65660,
    2010: CHILDREN_MID_2010,
}

# The department's figures for 31 March 2010: children in need, rate; child protection plans,
# rate; looked after, children aged 0-17 (hundreds rounded). England in need is the rate as
# first published, which is the one the plan prints (later 341).
ENGLAND_2010 = ("375900", "339", "39100", "36", "64400", "11012300")
AUTHORITIES_2010 = {
    "330": ("Birmingham", "7173", "283.2", "1241", "49", "2033", "253300"),
    "332": ("Dudley", "2706", "412.1", "171", "26", "613", "65700"),
    "333": ("Sandwell", "2739", "396.6", "189", "27.4", "505", "69100"),
    "335": ("Walsall", "2778", "458.9", "277", "45.8", "497", "60500"),
    "336": ("Wolverhampton", "1855", "352.4", "243", "46.2", "402", "52600"),
    "350": ("Bolton", "1952", "312.6", "367", "58.8", "481", "62400"),
    "894": ("Telford and Wrekin", "1165", "307.3", "177", "46.7", "270", "37900"),
}
# Children looked after per 10,000 as the department prints it, in whole numbers.
LOOKED_AFTER_RATES_2010 = {
    "330": "80",
    "332": "93",
    "333": "73",
    "335": "82",
    "336": "76",
    "350": "77",
    "894": "71",
}

# Dudley's statistical neighbours in the set of 2021; that of 2011 is no longer published.
NEIGHBOURS = (
    ("372", "Rotherham"),
    ("894", "Telford and Wrekin"),
    ("887", "Medway"),
    ("359", "Wigan"),
    ("371", "Doncaster"),
    ("888", "Lancashire"),
    ("813", "North Lincolnshire"),
    ("830", "Derbyshire"),
    ("357", "Tameside"),
    ("891", "Nottinghamshire"),
)

# Children under 18 by ethnic group, Census 2001. The counts are invented; every share, and
# every group's share, is the one the plan prints.
CENSUS_2001 = (
    ("White: British", 62913),
    ("White: Irish", 74),
    ("White: Other White", 421),
    ("White: Gypsy/Roma", 0),
    ("Mixed: White and Black Caribbean", 1422),
    ("Mixed: White and Black African", 69),
    ("Mixed: White and Asian", 499),
    ("Mixed: Other Mixed", 211),
    ("Asian or Asian British: Indian", 1346),
    ("Asian or Asian British: Pakistani", 2627),
    ("Asian or Asian British: Bangladeshi", 12),
    ("Asian or Asian British: Other Asian", 346),
    ("Black or Black British: Caribbean", 501),
    ("Black or Black British: African", 68),
    ("Black or Black British: Other Black", 140),
    ("Chinese or Other Ethnic Group: Chinese", 209),
    ("Any other ethnic group", 142),
)


def write(folder: Path) -> list[Path]:
    return [
        _deprivation(folder),
        _child_poverty(folder),
        *_populations(folder),
        *_comparators(folder),
        _indicators(folder),
    ]


def _in_order() -> list[Lsoa]:
    return [lsoas()[code] for code in sorted(lsoas())]


def _deprivation(folder: Path) -> Path:
    return write_csv(
        folder / "deprivation/2007/IMD_2007_Dudley.csv",
        (
            "LSOA",
            "LA CODE",
            "LA NAME",
            "GOR CODE",
            "GOR NAME",
            "IMD SCORE",
            "RANK OF IMD (where 1 is most deprived)",
        ),
        [
            (lsoa.code, OLD_CODE, "Dudley", "F", "West Midlands", _score(lsoa.rank), lsoa.rank)
            for lsoa in _in_order()
        ],
    )


def _score(rank: int) -> str:
    """A score that falls as the rank rises, from 82 to 1."""
    hundredths = 100 + 8100 * (AREAS_2007 - rank) ** 2 // AREAS_2007**2
    return f"{hundredths // 100}.{hundredths % 100:02d}"


@cache
def children_by_lsoa() -> dict[str, int]:
    """Children aged 0-17 at mid-2010; they add up to the borough's."""
    dice = Dice(65540)
    made = {code: children for code, (children, _) in PLAN_CHILDREN.items()}
    others = [code for code in sorted(lsoas()) if code not in made]
    weights = {
        code: dice.between(230, 380) + 60000 // (lsoas()[code].rank + 500) for code in others
    }
    left = CHILDREN_MID_2010 - sum(made.values())
    total = sum(weights.values())
    made |= {code: left * weight // total for code, weight in weights.items()}
    for code in others[: CHILDREN_MID_2010 - sum(made.values())]:
        made[code] += 1
    return made


def _child_poverty(folder: Path) -> Path:
    """In HMRC's words, the workbook's two lines of headings joined; counts rounded to 5,
    shares as fractions of the unrounded counts."""
    dice = Dice(116)
    groups = (
        "Children in IS/JSA families",
        "Children in families in receipt of CTC (<60% median income) or IS/JSA",
        "Children in Child Benefit families",
        "% of Children in low-income families",
    )
    header = ["LSOA code", "LSOA name", "Local Authority Code", "Local Authority"]
    header += [f"{group} | {ages}" for group in groups for ages in ("Under 16", "All Children")]
    rows: list[tuple[object, ...]] = []
    totals = [0] * 6
    for lsoa in _in_order():
        every = children_by_lsoa()[lsoa.code] * dice.between(98, 108) // 100
        younger = every * 86 // 100
        per_mille = 40 + 470 * (AREAS_2007 - lsoa.rank) ** 2 // AREAS_2007**2
        per_mille += dice.between(-20, 30)
        poor, poor_younger = every * per_mille // 1000, younger * min(per_mille + 8, 990) // 1000
        counts = [poor_younger * 8 // 10, poor * 8 // 10, poor_younger, poor, younger, every]
        totals = [total + count for total, count in zip(totals, counts, strict=True)]
        rows.append((lsoa.code, lsoa.name, OLD_CODE, "Dudley", *_poverty_cells(counts)))
    rows.insert(0, (ONS_CODE, "Dudley", OLD_CODE, "Dudley", *_poverty_cells(totals)))
    return write_csv(folder / "child_poverty/2007/HMRC_LSOA_2007_Dudley.csv", header, rows)


def _poverty_cells(counts: list[int]) -> list[str]:
    rounded = [str((count + 2) // 5 * 5) for count in counts]
    shares = [_thousandths(counts[2], counts[4]), _thousandths(counts[3], counts[5])]
    return rounded + shares


def _thousandths(part: int, whole: int) -> str:
    return f"0.{(2000 * part + whole) // (2 * whole):03d}"


def _populations(folder: Path) -> Iterator[Path]:
    for year, children in CHILDREN_BY_YEAR.items():
        yield write_csv(
            folder / f"population/{year}/children_0_17_mid_{year}.csv",
            (
                "time_period",
                "time_identifier",
                "geographic_level",
                "country_code",
                "country_name",
                "region_code",
                "region_name",
                "old_la_code",
                "new_la_code",
                "la_name",
                "age_group",
                "population_estimate",
            ),
            [
                (
                    year,
                    "Reporting year",
                    "Local authority",
                    "E92000001",
                    "England",
                    "E12000005",
                    "West Midlands",
                    "332",
                    ONS_CODE,
                    "Dudley",
                    "Children aged 0 to 17 years",
                    children,
                )
            ],
        )
    yield write_csv(
        folder / "population/2010/mid_2010_LSOA01_single_year_of_age.csv",
        (
            "LSOA Code",
            "LSOA Name",
            "LA Code",
            "LA Name",
            "All Ages",
            *(str(age) for age in range(90)),
            "90+",
        ),
        _single_years(),
    )


def _single_years() -> Iterator[list[object]]:
    dice = Dice(90)
    for lsoa in _in_order():
        children = children_by_lsoa()[lsoa.code]
        to_16 = PLAN_CHILDREN.get(lsoa.code, (0, 0))[1]
        if to_16:
            ages = [*_spread(dice, to_16, [100] * 17), children - to_16]
        else:
            ages = _spread(dice, children, [100] * 18)
        grown = children * dice.between(310, 430) // 100
        curve = [110] * 12 + [95] * 20 + [85] * 20 + [60] * 10 + [32] * 10 + [22]
        adults = _spread(dice, grown, curve)
        yield [lsoa.code, lsoa.name, ONS_CODE, "Dudley", sum(ages) + sum(adults), *ages, *adults]


def _spread(dice: Dice, people: int, curve: list[int]) -> list[int]:
    """People over single years of age, near the curve, adding up to all of them."""
    weights = [weight * dice.between(80, 120) for weight in curve]
    ages = [people * weight // sum(weights) for weight in weights]
    for place in range(people - sum(ages)):
        ages[place % len(ages)] += 1
    return ages


def _comparators(folder: Path) -> Iterator[Path]:
    """Tables of the department with every authority, neighbours and a census."""
    told = _figures_of_2010()
    yield _children_in_need(folder, told)
    yield _looked_after(folder, told)
    pairs = [heading for number in range(1, 11) for heading in (f"SN{number}", "SNP")]
    yield write_csv(
        folder / "comparators/2011/statistical_neighbours.csv",
        ("LA num", "LA Name", "LA number", "GOInd", "GOReg", *pairs),
        [
            (
                "332",
                "Dudley",
                "332",
                "8",
                "West Midlands",
                *(cell for code, _ in NEIGHBOURS for cell in (code, "Very Close")),
            )
        ],
    )
    yield write_csv(
        folder / "comparators/2011/census_2001_under_18_ethnic_group.csv",
        (
            "2001 Local authorities Code",
            "2001 Local authorities",
            "Ethnic group (17 categories) Code",
            "Ethnic group (17 categories)",
            "Observation",
        ),
        [
            (ONS_CODE, "Dudley", number, label, count)
            for number, (label, count) in enumerate(CENSUS_2001, 1)
        ],
    )


@dataclass(frozen=True)
class _Told:
    """What the tables of 2010 tell of an area: children aged 0-17 in hundreds, and counts with
    their rates as printed."""

    hundreds: int
    in_need: tuple[str, str]
    plans: tuple[str, str]
    looked_after: tuple[str, str]


@cache
def _figures_of_2010() -> dict[str, _Told]:
    """By authority: seven as the department published them, the others invented."""
    told = {
        code: _Told(
            int(children) // 100,
            (in_need, in_need_rate),
            (plans, plans_rate),
            (looked_after, LOOKED_AFTER_RATES_2010[code]),
        )
        for code, (_, in_need, in_need_rate, plans, plans_rate, looked_after, children)
        in AUTHORITIES_2010.items()
    }  # fmt: skip
    published = list(told.values())
    in_need, _, plans, _, looked_after, children = (int(figure) for figure in ENGLAND_2010)
    others = elsewhere.children(told, children // 100 - sum(each.hundreds for each in published))
    counts = [
        elsewhere.counts(seed, others, everywhere - sum(known))
        for seed, everywhere, known in (
            (341, in_need, [int(each.in_need[0]) for each in published]),
            (36, plans, [int(each.plans[0]) for each in published]),
            (58, looked_after, [int(each.looked_after[0]) for each in published]),
        )
    ]
    for code, hundreds in others.items():
        printed = [
            (elsewhere.printed(of[code]), elsewhere.rate(of[code], hundreds, decimals))
            for of, decimals in zip(counts, (1, 1, 0), strict=True)
        ]
        told[code] = _Told(hundreds, *printed)
    return {code: told[code] for code in sorted(told)}


def _regions(told: dict[str, _Told]) -> Iterator[tuple[elsewhere.Named, _Told]]:
    """Regions in the order of their codes, as what is printed of their authorities comes to."""
    authorities = elsewhere.named()
    for region in sorted({each.region_code for each in authorities.values()}):
        within = [told[code] for code in told if authorities[code].region_code == region]
        hundreds = sum(each.hundreds for each in within)
        sums = [
            elsewhere.nearest_ten(int(count) for count, _ in of if count != "x")
            for of in (
                [each.in_need for each in within],
                [each.plans for each in within],
                [each.looked_after for each in within],
            )
        ]
        printed = [
            (str(count), elsewhere.rate(count, hundreds, decimals))
            for count, decimals in zip(sums, (1, 1, 0), strict=True)
        ]
        any_of_it = next(each for each in authorities.values() if each.region_code == region)
        yield any_of_it, _Told(hundreds, *printed)


def _children_in_need(folder: Path, told: dict[str, _Told]) -> Path:
    rows: list[tuple[str, ...]] = [("National", "921", "England", *ENGLAND_2010[:4])]
    rows += [
        ("GOR", elsewhere.GOVERNMENT_OFFICES[of.region_code], of.region, *each.in_need, *each.plans)
        for of, each in _regions(told)
    ]
    rows += [
        ("LA", code, elsewhere.named()[code].name, *each.in_need, *each.plans)
        for code, each in told.items()
    ]
    return write_csv(
        folder / "comparators/2010/children_in_need_31_march_2010.csv",
        (
            "geog_l",
            "geog_c",
            "geog_n",
            "CINAt310310",
            "CINRatePer10K",
            "CPPAt310310",
            "CPPAt310310RatePer10k",
        ),
        rows,
    )


def _looked_after(folder: Path, told: dict[str, _Told]) -> Path:
    measure = "Children looked after at 31 March each year"
    start = ("2010", "Reporting year")
    country = ("E92000001", "England")
    none = ("", "", "")
    rows: list[tuple[str, ...]] = [
        (
            *start,
            "National",
            *country,
            "",
            "",
            *none,
            measure,
            ENGLAND_2010[5],
            ENGLAND_2010[4],
            "58",
        )
    ]
    for of, each in _regions(told):
        figures = (f"{each.hundreds}00", *each.looked_after)
        region = (of.region_code, of.region)
        rows.append((*start, "Regional", *country, *region, *none, measure, *figures))
    for code, each in told.items():
        of = elsewhere.named()[code]
        figures = (f"{each.hundreds}00", *each.looked_after)
        names = (of.region_code, of.region, code, of.name, of.ons_code)
        rows.append((*start, "Local authority", *country, *names, measure, *figures))
    return write_csv(
        folder / "comparators/2010/children_looked_after_31_march_2010.csv",
        (
            "time_period",
            "time_identifier",
            "geographic_level",
            "country_code",
            "country_name",
            "region_code",
            "region_name",
            "old_la_code",
            "la_name",
            "new_la_code",
            "population_count",
            "population_estimate",
            "number",
            "rate_per_10000",
        ),
        rows,
    )


def _indicators(folder: Path) -> Path:
    common_assessments = "Children and young people supported by the common assessment framework"
    reoffending = "Reoffending by young people, index (2005 = 100)"
    first_time = "First-time entrants to the youth justice system, index (2005 = 100)"
    early_years = "Early years settings judged at least good by Ofsted"
    return write_csv(
        folder / "indicators/2011/plan_indicators.csv",
        (
            "indicator",
            "indicator_name",
            "at_date",
            "value",
            "unit",
            "direction_of_good",
            "target",
            "baseline_date",
        ),
        [
            (
                "common_assessments",
                common_assessments,
                "2010-03-31",
                "499",
                "children",
                "up",
                "",
                "2010-03-31",
            ),
            (
                "common_assessments",
                common_assessments,
                "2011-03-31",
                "1281",
                "children",
                "up",
                "1000",
                "2010-03-31",
            ),
            ("reoffending", reoffending, "2005-12-31", "100", "index", "down", "", "2005-12-31"),
            ("reoffending", reoffending, "2010-12-31", "53.5", "index", "down", "60", "2005-12-31"),
            (
                "first_time_entrants",
                first_time,
                "2005-12-31",
                "100",
                "index",
                "down",
                "",
                "2005-12-31",
            ),
            (
                "first_time_entrants",
                first_time,
                "2010-12-31",
                "71.9",
                "index",
                "down",
                "75",
                "2005-12-31",
            ),
            ("early_years_good", early_years, "2011-03-31", "80.4", "%", "up", "80", ""),
        ],
    )
