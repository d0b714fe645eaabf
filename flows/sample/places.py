"""Where the invented children live: Dudley's wards, townships and LSOAs, which are facts, and
postcodes, which are invented. The postcodes lie in sectors that the Post Office has not given
out, so that no household has one of them."""

import csv
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from flows.sample.dice import Dice
from flows.sample.files import write_csv

LA_CODE = "332"
ONS_CODE = "E08000027"
OLD_CODE = "00CR"
FACTS = Path(__file__).parent

# The nine LSOAs that the Children and Young People's Plan 2011-14 names: rank of 32,482 and
# the area's name as it prints them. The first five are one for each township; the others lie
# in St Thomas's ward.
PLAN_LSOAS = {
    "E01009786": (4775, "Grosvenor Road/Central Drive"),
    "E01009755": (377, "Wren's Nest"),
    "E01009748": (2953, "Pensnett/Fen's Pool"),
    "E01009833": (2630, "Lye/Claycroft Place"),
    "E01009733": (728, "Halesowen West/Highfields"),
    "E01009889": (1283, "St Thomas's"),
    "E01009891": (1831, "St Thomas's"),
    "E01009892": (4694, "St Thomas's"),
    "E01009893": (2374, "St Thomas's"),
}
ST_THOMASS = "E05001255"
# St Thomas's; Castle and Priory; Netherton, Woodside and St Andrews; St James's.
FOUR_WARDS = ("E05001255", "E05001240", "E05001250", "E05001254")

# How deprived a ward is (the rank round which its LSOAs are invented) and how many of each
# hundred looked-after children of its township come from it.
WARDS = {
    "E05001236": (15000, 15),
    "E05001237": (12000, 28),
    "E05001238": (8500, 30),
    "E05001239": (7500, 38),
    "E05001240": (4500, 25),
    "E05001241": (8500, 35),
    "E05001242": (11000, 30),
    "E05001243": (12000, 22),
    "E05001244": (14000, 18),
    "E05001245": (22000, 8),
    "E05001246": (16000, 16),
    "E05001247": (21000, 8),
    "E05001248": (20000, 9),
    "E05001249": (9000, 45),
    "E05001250": (7000, 18),
    "E05001251": (25000, 9),
    "E05001252": (24000, 10),
    "E05001253": (9000, 9),
    "E05001254": (6500, 16),
    "E05001255": (7500, 32),
    "E05001256": (19000, 13),
    "E05001257": (10000, 30),
    "E05001258": (17000, 21),
    "E05001259": (16000, 15),
}

# No invented LSOA is more deprived than this, so that those the plan names stay the most
# deprived of their township or ward.
RANK_FLOORS = {
    "Brierley Hill": 3100,
    "Dudley Central": 700,
    "Dudley North": 4900,
    "Halesowen": 1500,
    "Stourbridge": 2800,
}
ST_THOMASS_FLOOR = 4900

# Sectors with no real postcode in them.
EMPTY_SECTORS = {
    "B62": "134567",
    "B63": "56789",
    "DY1": "5678",
    "DY2": "123456",
    "DY3": "56789",
    "DY5": "5678",
    "DY6": "12345",
    "DY8": "678",
    "DY9": "123456",
    "WV14": "1235",
}
# Authorities round about: old-style district, its code, a made-up ward and LSOA code.
NEIGHBOURS = {
    ("DY4", "12356"): ("E08000028", "Sandwell"),
    ("B64", "1234"): ("E08000028", "Sandwell"),
    ("WV4", "12"): ("E08000031", "Wolverhampton"),
    ("WV1", "5678"): ("E08000031", "Wolverhampton"),
    ("B31", "6789"): ("E08000025", "Birmingham"),
    ("WS2", "1234"): ("E08000030", "Walsall"),
    ("DY7", "1234"): ("E07000196", "South Staffordshire"),
    ("B61", "1234"): ("E07000234", "Bromsgrove"),
    ("DY10", "6789"): ("E07000239", "Wyre Forest"),
}
INWARD_LETTERS = "ABDEFGHJLNPQRSTUWXYZ"
POSTCODES_PER_LSOA = 15


@dataclass(frozen=True)
class Ward:
    code: str
    name: str
    township: str
    district: str


@dataclass(frozen=True)
class Lsoa:
    code: str
    name: str
    ward: Ward
    lsoa11_code: str
    lsoa11_name: str
    rank: int


@dataclass(frozen=True)
class Postcode:
    """One line of the directory; ward and LSOA of another authority's are made up."""

    pcds: str
    la_code: str
    ward_code: str
    lsoa_code: str
    introduced: str
    terminated: str


@cache
def wards() -> dict[str, Ward]:
    with (FACTS / "wards.csv").open(encoding="utf-8", newline="") as file:
        return {row[0]: Ward(*row) for row in list(csv.reader(file))[1:]}


@cache
def lsoas() -> dict[str, Lsoa]:
    with (FACTS / "lsoas.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))[1:]
    dice = Dice(2007)
    ranks = {rank for rank, _ in PLAN_LSOAS.values()}
    made: dict[str, Lsoa] = {}
    for code, name, ward_code, lsoa11_code, lsoa11_name in rows:
        ward = wards()[ward_code]
        rank, _ = PLAN_LSOAS.get(code, (0, ""))
        while not rank:
            rank = WARDS[ward_code][0] * dice.between(45, 165) // 100 + dice.below(100)
            floor = ST_THOMASS_FLOOR if ward_code == ST_THOMASS else RANK_FLOORS[ward.township]
            if rank in ranks or not floor < rank <= 32482:
                rank = 0
        ranks.add(rank)
        made[code] = Lsoa(code, name, ward, lsoa11_code, lsoa11_name, rank)
    return made


@cache
def postcodes() -> dict[str, Postcode]:
    """The directory, by postcode."""
    dice = Dice(2011)
    made: dict[str, Postcode] = {}
    codes = sorted(lsoas())
    for place, code in enumerate(codes):
        lsoa = lsoas()[code]
        for number in range(POSTCODES_PER_LSOA):
            ward = lsoa.ward
            if number == 0 and code not in PLAN_LSOAS:
                # As in life, some postcodes lie in another ward than most of their LSOA.
                ward = lsoas()[codes[(place + 1) % len(codes)]].ward
            _add(
                made,
                dice,
                lsoa.ward.district,
                EMPTY_SECTORS[lsoa.ward.district],
                (ONS_CODE, ward.code, code),
            )
    for number, ((district, sectors), (la_code, _)) in enumerate(sorted(NEIGHBOURS.items())):
        for each in range(30):
            ward_code, lsoa_code = f"E05009{number:02d}{each % 4}", f"E01098{number:02d}{each % 7}"
            _add(made, dice, district, sectors, (la_code, ward_code, lsoa_code))
    return dict(sorted(made.items()))


def _add(
    made: dict[str, Postcode], dice: Dice, district: str, sectors: str, area: tuple[str, str, str]
) -> None:
    pcds = ""
    while not pcds or pcds in made:
        letters = dice.pick(INWARD_LETTERS) + dice.pick(INWARD_LETTERS)
        pcds = f"{district} {dice.pick(sectors)}{letters}"
    introduced = 198001
    if dice.chance(20):
        introduced = dice.between(1985, 2009) * 100 + dice.between(1, 12)
    terminated = ""
    if dice.chance(8):
        terminated = str(dice.between(2003, 2010) * 100 + dice.between(1, 12))
        introduced = 198001
    made[pcds] = Postcode(pcds, *area, introduced=str(introduced), terminated=terminated)


@cache
def _homes() -> tuple[dict[str, list[str]], list[str]]:
    """Postcodes of each of Dudley's LSOAs, and those of other authorities."""
    inside: dict[str, list[str]] = {}
    outside: list[str] = []
    for postcode in postcodes().values():
        if postcode.la_code == ONS_CODE:
            inside.setdefault(postcode.lsoa_code, []).append(postcode.pcds)
        else:
            outside.append(postcode.pcds)
    return inside, outside


@cache
def _weights(township: str) -> tuple[dict[str, int], dict[str, dict[str, int]]]:
    """Of a township: wards with their weights; LSOAs of each ward, the poorer the heavier."""
    ward_weights = {
        code: WARDS[code][1] for code, ward in wards().items() if ward.township == township
    }
    lsoa_weights: dict[str, dict[str, int]] = {code: {} for code in ward_weights}
    for lsoa in lsoas().values():
        if lsoa.ward.code in lsoa_weights:
            lsoa_weights[lsoa.ward.code][lsoa.code] = 1 + 400000 // (lsoa.rank + 2000)
    return ward_weights, lsoa_weights


def home_in(dice: Dice, township: str) -> str:
    ward_weights, lsoa_weights = _weights(township)
    lsoa_code = dice.weigh(lsoa_weights[dice.weigh(ward_weights)])
    return dice.pick(_homes()[0][lsoa_code])


def home_out_of_area(dice: Dice) -> str:
    return dice.pick(_homes()[1])


def home_in_no_directory(dice: Dice) -> str:
    """A postcode that reads well and that no directory has."""
    while True:
        letters = dice.pick(INWARD_LETTERS) + dice.pick(INWARD_LETTERS)
        pcds = f"DY{dice.pick('12')} {dice.pick('56')}{letters}"
        if pcds not in postcodes():
            return pcds


def ward_of(pcds: str) -> Ward | None:
    """The ward of Dudley in which a postcode lies; None elsewhere or unknown."""
    found = postcodes().get(pcds)
    return wards().get(found.ward_code) if found else None


def township_of(pcds: str) -> str:
    """The township of a postcode; blank elsewhere or unknown."""
    ward = ward_of(pcds)
    return ward.township if ward else ""


def as_typed(dice: Dice, pcds: str) -> str:
    """A postcode as people key it: now and then without its space or in lower case."""
    if not pcds or not dice.chance(6):
        return pcds
    return dice.pick((pcds.replace(" ", ""), pcds.lower(), pcds.replace(" ", "  ")))


def write(folder: Path) -> list[Path]:
    """The postcode directory, the lookups and the list of townships."""
    made = [lsoas()[code] for code in sorted(lsoas())]
    la = (ONS_CODE, "Dudley")
    changed = {"E01009755", "E01009761"}
    return [
        write_csv(
            folder / "postcodes/2011/ONSPD_MAY_2011_Dudley.csv",
            (
                "pcd",
                "pcd2",
                "pcds",
                "dointr",
                "doterm",
                "oscty",
                "oslaua",
                "osward",
                "usertype",
                "oseast1m",
                "osnrth1m",
                "oacode",
                "oaind",
                "casward",
                "park",
                "soa1",
            ),
            [_directory_line(postcode) for postcode in postcodes().values()],
        ),
        write_csv(
            folder / "lookups/2011/LSOA01_WD11_LAD11_lookup.csv",
            ("LSOA01CD", "LSOA01NM", "WD11CD", "WD11NM", "LAD11CD", "LAD11NM"),
            [(lsoa.code, lsoa.name, lsoa.ward.code, lsoa.ward.name, *la) for lsoa in made],
        ),
        write_csv(
            folder / "lookups/2011/LSOA01_LSOA11_LAD11_changes.csv",
            ("LSOA01CD", "LSOA01NM", "LSOA11CD", "LSOA11NM", "CHGIND", "LAD11CD", "LAD11NM"),
            [
                (
                    lsoa.code,
                    lsoa.name,
                    lsoa.lsoa11_code,
                    lsoa.lsoa11_name,
                    "M" if lsoa.code in changed else "U",
                    *la,
                )
                for lsoa in made
            ],
        ),
        write_csv(
            folder / "townships/2011/townships.csv",
            ("la_code", "ward_code", "ward_name", "township_name"),
            [(LA_CODE, ward.code, ward.name, ward.township) for ward in wards().values()],
        ),
        write_csv(
            folder / "townships/2011/area_names.csv",
            ("lsoa_code", "area_name"),
            [(code, name) for code, (_, name) in sorted(PLAN_LSOAS.items())],
        ),
    ]


def _directory_line(postcode: Postcode) -> tuple[str, ...]:
    outward, inward = postcode.pcds.split()
    east, north = 385000 + _spread(postcode.pcds, 9000), 283000 + _spread(inward, 9000)
    return (
        f"{outward:<4}{inward}",
        f"{outward:<4} {inward}",
        postcode.pcds,
        postcode.introduced,
        postcode.terminated,
        "E99999999",
        postcode.la_code,
        postcode.ward_code,
        "0",
        str(east),
        str(north),
        "",
        "",
        "",
        "E99999999",
        postcode.lsoa_code,
    )


def _spread(text: str, size: int) -> int:
    """A number below size that depends on the text alone."""
    number = 0
    for letter in text:
        number = (number * 31 + ord(letter)) % 1_000_003
    return number % size
