"""The laws of the house, read from dbt's manifest and from the code itself."""

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from flows.build import calling_nobody, dbt
from flows.doctor import COSTS
from flows.settings import HOUSE, SAMPLE_KEY, Settings

AUDIENCES = ("looked_after", "rates", "places", "progress")

# The public contract: columns in order; a count, marked +, is followed by its marker.
PROFILE = (
    "children_0_17+ lsoas+ lsoas_top_10_percent+ lsoas_top_20_percent+ child_poverty_percent "
    "looked_after+ looked_after_share looked_after_rate first_episodes+ first_episode_share "
    "children_in_need+ children_in_need_rate child_protection_plans+"
)
PUBLISHED = {
    "children_rates": "la_code la_name at_date measure children+ population_0_17+ population_year "
    "rate_per_10000 rate_lower_95 rate_upper_95 comparator_name comparator_date "
    "comparator_rate_per_10000 comparison",
    "comparator_rates": "la_code la_name at_date measure area_level area_code area_name "
    "neighbour_rank closeness_name children+ rate_per_10000 rate_per_10000_marker "
    "is_rate_derived population_0_17+ is_population_derived limit_lower_998 limit_lower_95 "
    "limit_upper_95 limit_upper_998",
    "first_episode_profile": "la_code cohort_start_date cohort_end_date dimension category_code "
    "category_name parent_category_name sort_order children+ percent percent_lower_95 "
    "percent_upper_95 comparator_name comparator_percent comparison",
    "township_profile": f"la_code township_name at_date {PROFILE}",
    "ward_profile": f"la_code ward_code ward_name township_name at_date {PROFILE} "
    "referrals+ referral_share",
    "lsoa_profile": "la_code lsoa_code lsoa_vintage lsoa_name ward_name township_name "
    "deprivation_index deprivation_release deprivation_rank deprivation_areas "
    "deprivation_decile deprivation_band child_poverty_percent child_poverty_year children_0_17+",
    "priority_lsoas": "la_code priority_order selection_rule township_name ward_name lsoa_code "
    "area_name deprivation_rank deprivation_band children_0_17+",
    "area_outlines": "la_code area_level area boundaries_year outline label_x label_y",
    "time_in_care": "la_code at_date age_at_entry_band children+ median_days share_over_2_years "
    "ended_children+ ended_median_days ended_share_over_2_years",
    "returns_to_care": "la_code at_date records_start_date ceased_children+ returned_children+ "
    "returned_percent returned_percent_lower_95 returned_percent_upper_95 started_children+ "
    "started_again_children+ started_again_percent started_again_percent_lower_95 "
    "started_again_percent_upper_95 started_within_12_months_children+ "
    "started_within_12_months_percent started_within_12_months_percent_lower_95 "
    "started_within_12_months_percent_upper_95",
    "indicator_scorecard": "la_code indicator indicator_name at_date value unit "
    "direction_of_good target change_since_baseline",
    "data_quality_summary": "la_code source collection_year files+ rows_delivered+ rows_loaded+ "
    "rows_superseded+ rows_quarantined+ rule_failures_error+ rule_failures_warning+",
    "rule_summary": "la_code source collection_year rule_code severity rule_text status missing "
    "is_return_failing children_failing+",
    "region_profile": "region_code region_name measure at_date dimension category_code "
    "category_name area_level area_code area_name la_code authorities la_codes children+ percent "
    "population_0_17+ rate_per_10000 rate_lower_95 rate_upper_95 comparison",
    "star_areas": "area_key area_level area_code area_name is_in_area parent_area_key la_code "
    "authority_name township_name ward_name",
    "star_dates": "date_key calendar_date calendar_year calendar_month financial_year "
    "financial_year_name financial_quarter is_31_march",
    "star_figures": "date_key area_key measure_key la_code children+ population_0_17+ "
    "rate_per_10000 share_percent",
    "star_measures": "measure_key measure measure_name unit source source_marts description",
}

Node = dict[str, Any]


@pytest.fixture(scope="session")
def manifest(tmp_path_factory: pytest.TempPathFactory) -> Node:
    """dbt's own account of the project; parsing needs no warehouse."""
    home = tmp_path_factory.mktemp("parsed")
    settings = Settings(extracts=home, is_sample=True, home=home, la_code=None, key=SAMPLE_KEY)
    dbt(settings, "parse")
    found: Node = json.loads((settings.target / "manifest.json").read_text(encoding="utf-8"))
    return found


@pytest.fixture(scope="session")
def models(manifest: Node) -> list[Node]:
    return [node for node in manifest["nodes"].values() if node["resource_type"] == "model"]


def layer(unique_id: str, manifest: Node) -> str:
    """The layer, or the audience, that a node lives in."""
    if unique_id in manifest["sources"]:
        return "source"
    node = manifest["nodes"][unique_id]
    if node["resource_type"] == "seed":
        return "seeds"
    folders: list[str] = node["fqn"][1:]
    return folders[1] if folders[0] == "marts" else folders[0]


MAY_REFER_TO = {
    "staging": {"source", "seeds"},
    "intermediate": {"staging", "intermediate", "seeds"},
    "core": {"staging", "intermediate", "core", "seeds"},
    **{audience: {"core", audience, "seeds"} for audience in AUDIENCES},
    "disclosure": {"source", *AUDIENCES, "quality", "validation", "disclosure", "seeds"},
    "published": {*AUDIENCES, "disclosure", "seeds"},
    "quality": {"source", "staging", "intermediate", "core", "quality", "seeds", *AUDIENCES},
    "validation": {"source", "staging", "core", "validation", "seeds"},
}


def test_every_model_refers_only_to_layers_it_may_refer_to(
    manifest: Node, models: list[Node]
) -> None:
    strays = [
        f"{model['name']} -> {needed}"
        for model in models
        for needed in model["depends_on"]["nodes"]
        if layer(needed, manifest) not in MAY_REFER_TO[layer(model["unique_id"], manifest)]
    ]
    assert not strays


def test_a_staging_model_reads_its_own_source_the_ledger_of_deliveries_and_code_sets(
    manifest: Node, models: list[Node]
) -> None:
    strays = [
        f"{model['name']} -> {needed}"
        for model in models
        if layer(model["unique_id"], manifest) == "staging"
        for needed in model["depends_on"]["nodes"]
        if layer(needed, manifest) == "source"
        and manifest["sources"][needed]["source_name"] not in {model["fqn"][2], "landing"}
    ]
    assert not strays


def test_every_model_opens_with_its_grain(models: list[Node]) -> None:
    marks = {"sql": "--", "python": "#"}
    assert not [
        m["name"]
        for m in models
        if not m["raw_code"].lstrip().startswith(f"{marks[m['language']]} One row per")
    ]


def test_every_description_begins_with_the_grain(models: list[Node]) -> None:
    assert not [m["name"] for m in models if not m["description"].startswith("One row per")]


def test_every_model_is_named_for_its_layer(manifest: Node, models: list[Node]) -> None:
    shapes = {
        "staging": r"stg_[a-z0-9_]+__[a-z0-9_]+",
        "intermediate": r"int_[a-z0-9_]+",
        "core": r"(dim|fct|cohort)_[a-z0-9_]+",
    }
    strays = [
        model["name"]
        for model in models
        if not re.fullmatch(
            shapes.get(layer(model["unique_id"], manifest), r"[a-z0-9_]+"), model["name"]
        )
        or re.search(r"(^|_)lac(_|$)", model["name"])
    ]
    assert not strays


def test_every_column_that_is_named_is_described(manifest: Node, models: list[Node]) -> None:
    seeds = [node for node in manifest["nodes"].values() if node["resource_type"] == "seed"]
    assert not [
        f"{node['name']}.{column['name']}"
        for node in [*models, *seeds]
        for column in node["columns"].values()
        if not column["description"].strip()
    ]
    assert not [node["name"] for node in seeds if not node["description"].strip()]


def test_a_seed_that_gains_a_column_builds_in_a_home_that_has_it_without(manifest: Node) -> None:
    """dbt fills a seed's old table unless told to make it anew, and fails on the column."""
    seeds = [node for node in manifest["nodes"].values() if node["resource_type"] == "seed"]
    assert seeds
    assert not [seed["name"] for seed in seeds if not seed["config"]["full_refresh"]]


def test_every_model_names_its_columns(models: list[Node]) -> None:
    """That these are all the columns there are is held against the warehouse, below."""
    assert not [model["name"] for model in models if not model["columns"]]


def test_every_column_in_the_warehouse_is_described(
    night: object, house: Settings, models: list[Node]
) -> None:
    import duckdb

    described = {(m["schema"], m["name"], column) for m in models for column in m["columns"]}
    # What each audience may see of a mart has the mart's columns.
    described |= {
        ("disclosure", f"{m['name']}_safe", column)
        for m in models
        if m["access"] == "public"
        for column in m["columns"]
    }
    with duckdb.connect(str(house.warehouse), read_only=True) as warehouse:
        built = warehouse.execute(
            "select table_schema, table_name, column_name from information_schema.columns"
        ).fetchall()
    modelled = {(m["schema"], m["name"]) for m in models}
    assert not sorted(
        column for column in built if column[:2] in modelled and column not in described
    )


def test_the_public_contract_is_what_is_published(models: list[Node]) -> None:
    found = {
        model["name"]: list(model["columns"]) for model in models if model["access"] == "public"
    }
    assert found == {mart: list(columns_of(mart)) for mart in PUBLISHED}


def test_published_models_and_no_others_are_public_under_an_enforced_contract(
    manifest: Node, models: list[Node]
) -> None:
    for model in models:
        is_published = layer(model["unique_id"], manifest) == "published"
        assert (model["access"] == "public") == is_published, model["name"]
        if is_published:
            assert model["config"]["contract"]["enforced"], model["name"]
            assert model["schema"] == "published", model["name"]
            assert all(column["data_type"] for column in model["columns"].values()), model["name"]


def test_whoever_counts_people_for_readers_says_so_to_disclosure_control(
    manifest: Node, models: list[Node]
) -> None:
    """A published mart comes from what an audience may see of it, unless all of it is of areas.
    What other publishers count is not for us to decide on, but for what it tells of our own."""
    by_name = {model["name"]: model for model in models}
    of_areas = {"lsoa_profile", "priority_lsoas", "area_outlines"}
    of_others = {"comparator_rates"}
    star = {mart for mart in PUBLISHED if mart.startswith("star_")}
    own = set(PUBLISHED) - of_areas - of_others - star

    def read_by(model: str) -> set[str]:
        return {needed.rsplit(".", 1)[-1] for needed in by_name[model]["depends_on"]["nodes"]}

    for mart in {*own, *of_others, "star_figures"}:
        assert read_by(mart) == {f"{mart}_safe"}, mart
    assert "children_rates_safe" in read_by("comparator_rates_safe")
    # The star repeats what audiences may see of others, and counts nothing.
    repeated = {f"{mart}_safe" for mart in own} | {"published_measures"}
    for model in {*star - {"star_figures"}, "star_figures_safe"}:
        assert read_by(model) <= repeated, model
    # What authorities of a region count together is added up from what disclosure control knows.
    own -= {"region_profile"}
    assert read_by("region_profile") == {"region_profile_safe"}
    assert read_by("region_profile_counted") == {"region_members"}
    assert read_by("region_members") - {"disclosure_counts"} == {
        "children_rates_counted", "local_authorities",
    }  # fmt: skip
    # What shares by ward are of stands in no mart: it is added up from one.
    assert read_by("area_totals") == {"ward_profile_counted"}
    decided = {f"{mart}_counted" for mart in own} | {"area_totals"}
    # Of areas, what names the one that most children come from, and settles a tie.
    ordered = {"priority_lsoas_counted", "lsoa_profile_counted"}
    assert read_by("disclosure_counts") == decided | ordered


def test_counts_are_whole_numbers_and_markers_are_text(models: list[Node]) -> None:
    for model in models:
        if model["name"] in PUBLISHED:
            types = {name: c["data_type"] for name, c in model["columns"].items()}
            for count in counts_of(model["name"]):
                assert types[count] == "integer", f"{model['name']}.{count}"
                assert types[f"{count}_marker"] == "varchar", f"{model['name']}.{count}_marker"


def test_every_source_and_landed_table_is_described(manifest: Node) -> None:
    sources = manifest["sources"].values()
    assert not [source["unique_id"] for source in sources if not source["description"].strip()]
    assert not [s["source_name"] for s in sources if not s["source_description"].strip()]


def test_what_bi_reads_is_an_exposure_of_every_published_mart(manifest: Node) -> None:
    read = {
        needed.rsplit(".", 1)[-1]
        for exposure in manifest["exposures"].values()
        for needed in exposure["depends_on"]["nodes"]
    }
    assert read == set(PUBLISHED)


def test_every_macro_begins_with_a_sentence_about_it() -> None:
    bare = []
    for path in (HOUSE / "macros").rglob("*.sql"):
        text = path.read_text(encoding="utf-8")
        for macro in re.finditer(r"{%-? macro (?!\w+__)(\w+)", text):
            if not text[: macro.start()].rstrip().endswith("#}"):
                bare.append(f"{path.name}: {macro.group(1)}")
    assert not bare


# Python


def modules(*folders: str) -> Iterator[tuple[Path, ast.Module]]:
    for folder in folders:
        for path in sorted((HOUSE / folder).rglob("*.py")):
            yield path.relative_to(HOUSE), ast.parse(path.read_text(encoding="utf-8"))


def imported(tree: ast.Module) -> set[str]:
    names = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module.split(".")[0])
    return names


def test_only_the_nightly_flow_imports_prefect() -> None:
    found = [
        path.as_posix()
        for path, tree in modules("flows", "expectations")
        if "prefect" in imported(tree)
    ]
    assert found == ["flows/nightly.py"]


def test_expectations_know_neither_the_flows_nor_the_engine() -> None:
    for path, tree in modules("expectations"):
        assert not imported(tree) & {"flows", "duckdb"}, path


def test_only_the_settings_read_the_environment() -> None:
    """A switch that a library reads when it is imported may be set where it is imported."""
    reading = set()
    for path, tree in modules("flows", "expectations"):
        switches = {
            id(target.value)
            for node in ast.walk(tree)
            if isinstance(node, ast.Assign)
            for target in node.targets
            if isinstance(target, ast.Subscript)
        }
        reading |= {
            path.as_posix()
            for node in ast.walk(tree)
            if isinstance(node, ast.Attribute)
            and node.attr in {"environ", "getenv", "putenv"}
            and id(node) not in switches
        }
    assert reading == {"flows/settings.py"}


def test_every_python_module_opens_with_what_it_is_for() -> None:
    assert not [
        path
        for path, tree in modules("flows", "expectations", "tests", "benchmarks")
        if tree.body and not ast.get_docstring(tree)
    ]


# One authority


def test_nothing_about_one_authority_is_in_models_seeds_macros_or_code() -> None:
    """The lists of all authorities name every one of them; the sample is one on purpose."""
    theirs = re.compile(r"Dudley|\b332\b|E08000027|\b00CR\b")
    exempt = {
        HOUSE / "seeds" / "places" / "local_authorities.csv",
        HOUSE / "seeds" / "validation" / "upn_authorities.csv",
    }
    places = [HOUSE / place for place in ("models", "seeds", "macros", "flows", "expectations")]
    files = [path for place in places for path in place.rglob("*") if path.is_file()]
    files += [HOUSE / "dbt_project.yml", HOUSE / "profiles.yml", HOUSE / "prefect.yaml"]
    named = [
        path.relative_to(HOUSE).as_posix()
        for path in files
        if path not in exempt
        and "__pycache__" not in path.parts
        and not path.is_relative_to(HOUSE / "flows" / "sample")
        and theirs.search(path.read_text(encoding="utf-8"))
    ]
    assert not named


def test_doctor_knows_what_each_source_costs_when_it_is_missing() -> None:
    sources = {
        source["name"]
        for path in (HOUSE / "models" / "staging").rglob("_*__sources.yml")
        for source in yaml.safe_load(path.read_text(encoding="utf-8"))["sources"]
    }
    assert sources - {"landing", "quality"} == set(COSTS)


def columns_of(mart: str) -> Iterator[str]:
    for column in PUBLISHED[mart].split():
        yield column.rstrip("+")
        if column.endswith("+"):
            yield f"{column.rstrip('+')}_marker"


def counts_of(mart: str) -> list[str]:
    return [column.rstrip("+") for column in PUBLISHED[mart].split() if column.endswith("+")]


def test_dbts_page_loads_nothing_from_outside() -> None:
    """What it names besides are links for a reader to follow, licences and XML's namespaces."""
    import dbt.task.docs

    (place,) = dbt.task.docs.__path__
    page = calling_nobody((Path(place) / "index.html").read_text(encoding="utf-8"))
    loaded = re.findall(
        r"(?:\.src=|<script[^>]* src=|<img[^>]* src=|url\()[\"']?(?:https?:)?//([^/\"']+)", page
    )
    assert set(loaded) <= {"nobody.invalid"}
    assert not re.findall(
        r"[a-z0-9.-]*(?:snowplow|cloudfront|google-analytics|fonts\.g)[a-z.]*\.(?:com|net)", page
    )


# Birth dates


def test_a_birth_date_goes_no_further_than_intermediate(
    night: object, house: Settings, manifest: Node, models: list[Node]
) -> None:
    """Beyond it there are ages, and the month of birth that they can be worked out from, by name
    and by what is there: a column may hold a child's birthday where something of the child's
    began that day, and so in a few rows, but not in most."""
    import duckdb

    within = {"staging", "intermediate", "quality", "validation"}
    beyond = {m["schema"] for m in models if layer(m["unique_id"], manifest) not in within}
    born = "(select distinct child_key, birth_date from intermediate.int_children_settled)"
    with duckdb.connect(str(house.warehouse), read_only=True) as warehouse:
        columns = warehouse.execute(
            "select table_schema, table_name, column_name, data_type "
            "from information_schema.columns where list_contains(?, table_schema)",
            [sorted(beyond)],
        ).fetchall()
        named = [c for c in columns if re.search(r"birth|dob|born", c[2]) and c[3] != "BOOLEAN"]
        assert [(table, column) for _, table, column, _ in named if column != "is_unborn"] == [
            ("dim_children", "birth_month")
        ]
        days = "select count(*) from core.dim_children where day(birth_month) <> 1"
        assert warehouse.execute(days).fetchall() == [(0,)]
        of_children = {(s, t) for s, t, column, _ in columns if column == "child_key"}
        assert len(of_children) > 4
        checked = 0
        for schema, table, column, kind in columns:
            if (schema, table) not in of_children or kind not in {"DATE", "TIMESTAMP", "VARCHAR"}:
                continue
            [(rows, birthdays)] = warehouse.execute(
                f"select count(told.{column}), count(*) filter ("
                f"try_cast(told.{column} as date) = born.birth_date and day(born.birth_date) <> 1) "
                f"from {schema}.{table} as told inner join {born} as born using (child_key)"
            ).fetchall()
            assert birthdays <= rows / 10, f"{schema}.{table}.{column}"
            checked += 1
        assert checked > 20
        public = warehouse.execute(
            "select distinct table_name from information_schema.columns "
            "where table_schema in ('published', 'disclosure') and column_name = 'child_key'"
        ).fetchall()
        assert not public
