"""Build a Superset dashboard on the published database, and ask it throughout real refreshes.

    python -m benchmarks.superset --superset VENV [--refreshes 10] [--picture PNG] [--folder DIR]

VENV is an environment of its own with Superset in it (docs/bi.md says how to make one). A home
takes in the bundled sample, cut down as in benchmarks/crash.py; Superset, on 127.0.0.1 and with
a database of its own below DIR, is given the published database read-only, a dataset for
each of some marts, charts and a dashboard, all through its API. Then a change is delivered and
refreshed, over and over, each refresh publishing, while every chart's data are asked for without
a pause and without its cache. Told at the end: answers, errors, how long after each publication
the dashboard shows it, and whether column descriptions arrived. With --picture the dashboard is
rendered by Chromium (chromium on the path) into a PNG.
"""

import argparse
import html
import json
import os
import secrets
import signal
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
from collections import Counter
from pathlib import Path
from typing import Any

import duckdb

from benchmarks.crash import Drop, Nights

PORT = 18088
SLOWEST_START = 300.0  # seconds
CONFIG = """
from datetime import timedelta
SECRET_KEY = {secret!r}
SQLALCHEMY_DATABASE_URI = "sqlite:///{home}/superset.db?timeout=60"
WTF_CSRF_ENABLED = False       # a trial on the loopback; leave it on in earnest
TALISMAN_ENABLED = False
RATELIMIT_ENABLED = False
JWT_ACCESS_TOKEN_EXPIRES = timedelta(days=1)
SUPERSET_WEBSERVER_TIMEOUT = 120
"""
PROBE = "sum(rows_loaded)"  # of data_quality_summary: another number after every delivery


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--superset", type=Path, required=True, help="its own environment")
    parser.add_argument("--refreshes", type=int, default=10)
    parser.add_argument("--one-in", type=int, default=3, help="of the sample's children")
    parser.add_argument("--picture", type=Path)
    parser.add_argument("--folder", type=Path, help="kept, and used again")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="cyp-superset-") as place:
        folder = (options.folder or Path(place)).resolve()
        folder.mkdir(parents=True, exist_ok=True)
        sys.exit(trial(folder, options))


def trial(folder: Path, options: argparse.Namespace) -> int:
    home, drop = folder / "home", Drop(folder / "drop", options.one_in)
    nights = Nights(folder / "drop")
    if not drop.folder.exists():
        drop.fill()
    refresh(nights, home)
    published = home / "published" / "cyp.duckdb"
    with Superset(options.superset.absolute(), folder / "superset") as superset:
        charts, dashboard, described = build(superset, published)
        print(f"dashboard {dashboard} of {len(charts)} charts; {described}", flush=True)
        for number in charts.values():
            superset.ask("GET", f"chart/{number}/data/?force=true")  # fails here if it fails at all
        asking = Asking(superset, charts)
        asking.start()
        before = len(list((home / "nights").iterdir()))  # a folder that is used again goes on
        waits = []
        for number in range(1, options.refreshes + 1):
            drop.deliver(before + number)
            was = published.resolve()
            refresh(nights, home)
            if published.resolve() == was:
                sys.exit(f"Refresh {number} published nothing.")
            waits.append(asking.wait_for(probed(published)))
            print(
                f"{time.strftime('%H:%M:%S')} refresh {number}: shown after {waits[-1]:.1f} s; "
                f"{asking.answers} answers, {sum(asking.errors.values())} errors",
                flush=True,
            )
        asking.stop()
        if options.picture:
            superset.render(dashboard, options.picture.absolute())
    nights.close()
    print(
        f"{options.refreshes} refreshes, {asking.answers} answers, "
        f"{sum(asking.errors.values())} errors; slowest answer {asking.slowest:.2f} s; "
        f"a new version is shown at the latest {max(waits, default=0):.1f} s after the refresh"
    )
    for error, count in asking.errors.most_common(10):
        print(f"  {count} x {error}")
    return 1 if asking.errors else 0


def refresh(nights: Nights, home: Path) -> None:
    ended = nights.run(home)
    if ended.code:
        sys.exit(f"A night ended red: {ended.last_line}")


def probed(published: Path) -> int:
    """The number that tells versions apart. `resolve`, because a connection of this process to
    the same path may still be of the version before."""
    with duckdb.connect(str(published.resolve()), read_only=True) as connection:
        [(number,)] = connection.execute(
            f"select {PROBE} from published.data_quality_summary"
        ).fetchall()
    return int(number)


# ---- Superset ----------------------------------------------------------------------------------


class Superset:
    """A Superset server on the loopback, and its API."""

    def __init__(self, venv: Path, home: Path) -> None:
        self.venv, self.home = venv, home
        self.token = ""
        self.password = secrets.token_urlsafe()

    def __enter__(self) -> "Superset":
        self.home.mkdir(exist_ok=True)
        for old in self.home.glob("superset.db*"):
            old.unlink()
        config = self.home / "superset_config.py"
        config.write_text(CONFIG.format(secret=secrets.token_hex(32), home=self.home))
        self.environment = {
            **{name: text for name, text in os.environ.items() if not name.startswith("CYP_")},
            "SUPERSET_CONFIG_PATH": str(config),
            "SUPERSET_HOME": str(self.home),
            "FLASK_APP": "superset.app:create_app()",
            "SCARF_ANALYTICS": "false",
            "DO_NOT_TRACK": "1",
        }
        self._run("db", "upgrade")
        self._run(
            "fab", "create-admin", "--username", "admin", "--firstname", "A", "--lastname", "B",
            "--email", "admin@example.invalid", "--password", self.password,
        )  # fmt: skip
        self._run("init")
        with (self.home / "server.log").open("w") as log:
            self.server = subprocess.Popen(
                [self._program, "run", "-h", "127.0.0.1", "-p", str(PORT), "--with-threads"],
                env=self.environment, cwd=self.home, stdout=log, stderr=log,
                start_new_session=True,
            )  # fmt: skip
        started = time.monotonic()
        while not self.token:
            if self.server.poll() is not None or time.monotonic() - started > SLOWEST_START:
                sys.exit(f"Superset did not start: {self.home / 'server.log'}")
            try:
                told = self.ask(
                    "POST", "security/login",
                    {"username": "admin", "password": self.password, "provider": "db"},
                )  # fmt: skip
                self.token = told["access_token"]
            except (urllib.error.URLError, ConnectionError):
                time.sleep(1)
        return self

    def __exit__(self, *_: object) -> None:
        os.killpg(self.server.pid, signal.SIGTERM)
        self.server.wait(timeout=60)

    @property
    def _program(self) -> str:
        return str(self.venv / "bin" / "superset")

    def _run(self, *words: str) -> None:
        with (self.home / "setup.log").open("a") as log:
            subprocess.run(
                [self._program, *words],
                env=self.environment, cwd=self.home, stdout=log, stderr=log, check=True,
            )  # fmt: skip

    def ask(self, method: str, path: str, body: object = None) -> Any:
        request = urllib.request.Request(
            f"http://127.0.0.1:{PORT}/api/v1/{path}",
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={
                **({} if body is None else {"Content-Type": "application/json"}),
                **({"Authorization": f"Bearer {self.token}"} if self.token else {}),
            },
        )
        with urllib.request.urlopen(request, timeout=120) as answer:  # noqa: S310 - our own
            return json.load(answer)

    def render(self, dashboard: int, picture: Path) -> None:
        """A picture of the dashboard, as a reader sees it who has logged in."""
        page = self.home / "login.html"
        goes_to = html.escape(
            f"http://127.0.0.1:{PORT}/login/?next=/superset/dashboard/{dashboard}/?standalone=2"
        )
        page.write_text(
            f'<form method="post" action="{goes_to}">'
            '<input name="username" value="admin">'
            f'<input name="password" value="{html.escape(self.password)}">'
            "</form><script>document.forms[0].submit()</script>"
        )
        subprocess.run(
            [
                "chromium", "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic",
                "--no-first-run", "--disable-background-networking", "--disable-component-update",
                "--disable-sync", f"--user-data-dir={self.home / 'chromium'}",
                "--window-size=1400,1500", "--virtual-time-budget=90000", "--timeout=120000",
                f"--screenshot={picture}", page.as_uri(),
            ],
            check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=300,
        )  # fmt: skip
        page.unlink()


def build(superset: Superset, published: Path) -> tuple[dict[str, int], int, str]:
    """The connection, datasets, charts and dashboard. Returns the charts' ids by name, the
    dashboard's, and what arrived of the descriptions."""
    database = superset.ask(
        "POST", "database/",
        {
            "database_name": "CYP, published",
            "sqlalchemy_uri": f"duckdb:///{published}",
            "expose_in_sqllab": True,
            "extra": json.dumps({"engine_params": {"connect_args": {"read_only": True}}}),
        },
    )["id"]  # fmt: skip
    datasets = {
        mart: superset.ask(
            "POST", "dataset/", {"database": database, "schema": "published", "table_name": mart}
        )["id"]
        for mart in ("children_rates", "township_profile", "first_episode_profile",
                     "data_quality_summary")
    }  # fmt: skip
    charts = {
        name: superset.ask(
            "POST", "chart/", chart(name, datasets[mart], kind, params)
        )["id"]
        for name, mart, kind, params in CHARTS
    }  # fmt: skip
    dashboard = superset.ask(
        "POST", "dashboard/", {"dashboard_title": "Children and young people", "published": True}
    )["id"]
    superset.ask(
        "PUT", f"dashboard/{dashboard}",
        {"json_metadata": json.dumps({"positions": positions(charts)})},
    )  # fmt: skip
    columns = superset.ask("GET", f"dataset/{datasets['children_rates']}")["result"]["columns"]
    told = sum(bool(column["description"]) for column in columns)
    return charts, dashboard, f"{told} of {len(columns)} columns arrived with a description"


def metric(column: str, how: str = "SUM") -> dict[str, Any]:
    return {
        "expressionType": "SIMPLE",
        "column": {"column_name": column},
        "aggregate": how,
        "label": column,
    }


def only(column: str, operator: str, value: object) -> dict[str, Any]:
    return {
        "expressionType": "SIMPLE", "clause": "WHERE", "subject": column,
        "operator": operator, "comparator": value,
    }  # fmt: skip


# Name, mart, kind of chart, and its parameters.
CHARTS: list[tuple[str, str, str, dict[str, Any]]] = [
    (
        "Rates per 10,000 children", "children_rates", "echarts_timeseries_line",
        {"x_axis": "at_date", "time_grain_sqla": "P1Y", "groupby": ["measure"],
         "metrics": [metric("rate_per_10000", "MAX")], "show_legend": True, "markerEnabled": True},
    ),
    (
        "Children in need by township", "township_profile", "echarts_timeseries_bar",
        {"x_axis": "township_name", "metrics": [metric("children_in_need", "MAX")], "groupby": []},
    ),
    (
        "Looked after by township", "township_profile", "table",
        {"query_mode": "raw", "server_page_length": 50,
         "all_columns": ["township_name", "at_date", "looked_after", "looked_after_marker"],
         "order_by_cols": ['["township_name", true]', '["at_date", true]']},
    ),
    (
        "First becoming looked after, by age", "first_episode_profile", "echarts_timeseries_bar",
        {"x_axis": "category_name", "metrics": [metric("children", "MAX")], "groupby": [],
         "adhoc_filters": [only("dimension", "==", "age")]},
    ),
    (
        "Rows delivered and loaded", "data_quality_summary", "table",
        {"query_mode": "aggregate", "groupby": ["source", "collection_year"],
         "metrics": [metric("rows_delivered"), metric("rows_loaded")]},
    ),
    (
        "Rows loaded in all", "data_quality_summary", "big_number_total",
        {"metric": metric("rows_loaded"), "y_axis_format": ",d"},
    ),
]  # fmt: skip
PROBING = "Rows loaded in all"


def chart(name: str, dataset: int, kind: str, params: dict[str, Any]) -> dict[str, Any]:
    """A chart as the API takes it, with the query that its data are asked for by."""
    raw = params.get("query_mode") == "raw"
    columns = [params[name] for name in ("x_axis",) if name in params] + params.get("groupby", [])
    query = {
        "columns": params["all_columns"] if raw else columns,
        "metrics": [] if raw else params.get("metrics") or [params["metric"]],
        "filters": [
            {"col": each["subject"], "op": each["operator"], "val": each["comparator"]}
            for each in params.get("adhoc_filters", [])
        ],
        "orderby": [json.loads(each) for each in params.get("order_by_cols", [])],
        "row_limit": 1000,
    }  # fmt: skip
    form = {"datasource": f"{dataset}__table", "viz_type": kind, "row_limit": 1000, **params}
    return {
        "slice_name": name,
        "datasource_id": dataset,
        "datasource_type": "table",
        "viz_type": kind,
        "params": json.dumps(form),
        "query_context": json.dumps(
            {
                "datasource": {"id": dataset, "type": "table"},
                "force": True,
                "queries": [query],
                "result_format": "json",
                "result_type": "full",
                "form_data": form,
            }
        ),
    }


def positions(charts: dict[str, int]) -> dict[str, Any]:
    """Two charts to a row."""
    names = list(charts)
    rows = [names[first : first + 2] for first in range(0, len(names), 2)]
    told: dict[str, Any] = {
        "DASHBOARD_VERSION_KEY": "v2",
        "ROOT_ID": {"type": "ROOT", "id": "ROOT_ID", "children": ["GRID_ID"]},
        "GRID_ID": {
            "type": "GRID", "id": "GRID_ID", "parents": ["ROOT_ID"],
            "children": [f"ROW-{number}" for number, _ in enumerate(rows)],
        },
    }  # fmt: skip
    for number, row in enumerate(rows):
        told[f"ROW-{number}"] = {
            "type": "ROW", "id": f"ROW-{number}", "parents": ["ROOT_ID", "GRID_ID"],
            "children": [f"CHART-{charts[name]}" for name in row],
            "meta": {"background": "BACKGROUND_TRANSPARENT"},
        }  # fmt: skip
        for name in row:
            told[f"CHART-{charts[name]}"] = {
                "type": "CHART", "id": f"CHART-{charts[name]}", "children": [],
                "parents": ["ROOT_ID", "GRID_ID", f"ROW-{number}"],
                "meta": {"chartId": charts[name], "sliceName": name, "width": 6, "height": 50},
            }  # fmt: skip
    return told


class Asking(threading.Thread):
    """Asks for every chart's data, over and over, each answer fresh from the database."""

    def __init__(self, superset: Superset, charts: dict[str, int]) -> None:
        super().__init__(daemon=True)
        self.superset, self.charts = superset, charts
        self.answers = 0
        self.slowest = 0.0
        self.shown: object = None
        self.errors: Counter[str] = Counter()
        self.ended = threading.Event()

    def run(self) -> None:
        while not self.ended.is_set():
            for name, number in self.charts.items():
                began = time.monotonic()
                try:
                    told = self.superset.ask("GET", f"chart/{number}/data/?force=true")
                    rows = told["result"][0]["data"]
                    if not rows:
                        self.errors[f"{name}: no rows"] += 1
                    if name == PROBING:
                        self.shown = next(iter(rows[0].values()))
                    self.answers += 1
                except urllib.error.HTTPError as error:
                    self.errors[f"{name}: {error.code} {error.read()[:200]!r}"] += 1
                except Exception as error:
                    self.errors[f"{name}: {type(error).__name__}"] += 1
                self.slowest = max(self.slowest, time.monotonic() - began)

    def wait_for(self, number: int) -> float:
        """Seconds until the dashboard shows what has just been published."""
        began = time.monotonic()
        while self.shown != number:
            if time.monotonic() - began > 60:
                self.errors["the new version was not shown within 60 s"] += 1
                break
            time.sleep(0.05)
        return time.monotonic() - began

    def stop(self) -> None:
        self.ended.set()
        self.join()


if __name__ == "__main__":
    main()
