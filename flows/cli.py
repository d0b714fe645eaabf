"""The command line, `cyp`. Everything heavy is imported by the command that needs it, so that
`cyp --help` answers at once."""

import signal
import sys
import threading
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import click

from flows import collector
from flows import log as actions
from flows.settings import HOUSE, PARTNERS, Settings, SettingsError

EPILOG = """
\b
Settings, from the environment or a .env file:
  CYP_EXTRACTS      folder of delivered files; unset means the bundled sample
  CYP_HOME          where everything is written (default: .cyp in the project)
  CYP_LA            three-digit code for files that name no authority
  CYP_KEY_FILE      file with the secret behind child pseudonyms (default: made once, in CYP_HOME)
  CYP_RETENTION     years that deliveries are kept, e.g. ssda903=75, cin_census=25 (unset: for ever)
  CYP_CRON          when `cyp serve` runs the night (default: 0 2 * * *)
  CYP_TIMEZONE      ... and in which time zone (default: Europe/London)
  CYP_MEMORY_LIMIT  the most memory DuckDB takes (default: 4GB)
  CYP_LIMIT_...     what no honest file exceeds, e.g. CYP_LIMIT_COLUMNS (see docs/running.md)
  PREFECT_API_URL   a Prefect server to run on (default: a temporary one)

\b
Exit codes: 0 all is well; 1 something was refused or failed, and a sentence says what;
2 the command or a setting makes no sense.
"""


def _variables(
    _context: click.Context, _parameter: click.Parameter, given: tuple[str, ...]
) -> dict[str, Any]:
    """name=value pairs as dbt vars; only those that dbt_project.yml knows."""
    if not given:
        return {}
    from flows import declared

    known = declared.read(HOUSE / "dbt_project.yml")["vars"]
    variables = {}
    for pair in given:
        name, equals, text = pair.partition("=")
        if not equals or name not in known:
            raise click.BadParameter(f"{pair!r}. Say name=value, of: {', '.join(sorted(known))}.")
        try:
            variables[name] = _like(known[name], text)
        except ValueError as error:
            raise click.BadParameter(f"{pair!r}: {name} is {error}.") from None
    return variables


def _like(default: Any, text: str) -> Any:
    """A var's text as the kind of its default: true or false, a whole number, a list, a date, else
    text. Raises ValueError, which says what it should be."""
    if isinstance(default, bool):
        if text not in {"true", "false"}:
            raise ValueError("true or false")
        return text == "true"
    if isinstance(default, int):
        if not (text.isascii() and text.isdigit()):
            raise ValueError("a whole number")
        return int(text)
    if isinstance(default, list):
        chosen = [part.strip() for part in text.split(",") if part.strip()]
        if not set(chosen) <= set(default):
            raise ValueError(f"some of {','.join(default)}")
        return chosen
    if _is_date(str(default)) and not _is_date(text):
        raise ValueError("a date such as 2005-04-01")
    return text


def _is_date(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def with_variables(command: Callable[..., None]) -> Callable[..., None]:
    return click.option(
        "--var",
        "--vars",
        "variables",
        multiple=True,
        metavar="NAME=VALUE",
        callback=_variables,
        help="Override a var of dbt_project.yml, such as deprivation_index=idaci. Repeatable.",
    )(command)


@click.group(
    epilog=EPILOG,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(package_name="cyp-warehouse", prog_name="cyp")
@click.pass_context
def cyp(context: click.Context) -> None:
    """From an authority's statutory returns to published, disclosure-controlled marts.

    `cyp refresh` does the whole night's work; land, build, audit and publish are its steps,
    one at a time. `cyp doctor` says what is missing before you start.
    """
    actions.command = context.invoked_subcommand or ""


@cyp.command()
@with_variables
@click.option("--full", "is_full", is_flag=True, help="Build and publish everything, new or not.")
def refresh(variables: dict[str, Any], is_full: bool) -> None:
    """The whole night: land, build, audit, publish, Data Docs.

    On the bundled sample when CYP_EXTRACTS is unset. Only what is new, and what depends on it,
    is read and built. What is refused does not stop the rest; what fails leaves the last
    published version standing.
    """
    settings = Settings.from_environment()
    _say(f"cyp refresh: {_whence(settings)} -> {settings.home}")
    from flows.lock import alone, lent

    with alone(settings):
        _night().begin(settings)  # to say at once, before Prefect starts, what is in the way
        settings.prepare_prefect()
        from flows import nightly
        from flows.status import last_night

        _say("prefect   starting" + ("" if settings.prefect_api else " a temporary server"))
        with lent(settings):
            ended = nightly.refresh(variables, is_full=is_full)
    night = last_night(settings)
    if night is None or night["sentence"] != ended:
        _complain(ended, 1)  # it ended before a night could begin
        return
    _say("\n" + _summary(settings, night))
    sys.exit(1 if night["is_red"] else 0)


@cyp.command()
def land() -> None:
    """Land new and changed files only."""

    def work(settings: Settings, night: Any) -> None:
        _night().land_all(settings, night)
        _night().document_all(settings)

    _stage(work)


@cyp.command()
@with_variables
def build(variables: dict[str, Any]) -> None:
    """Build and test all models with dbt."""

    def work(settings: Settings, _: Any) -> None:
        _night().need_deliveries(settings)
        _night().build_all(settings, variables)

    _stage(work)


@cyp.command()
def audit() -> None:
    """Hold the marts against their suites."""

    def work(settings: Settings, night: Any) -> None:
        _night().audit_all(settings, night)
        _night().document_all(settings)

    _stage(work)


@cyp.command()
def publish() -> None:
    """Audit the marts; if they pass, publish them at a stroke."""

    def work(settings: Settings, night: Any) -> None:
        if _night().audit_all(settings, night):
            _night().publish_all(settings, night)
        _night().document_all(settings)

    _stage(work)


@cyp.command()
def docs() -> None:
    """Write the models' documentation and Data Docs as pages.

    They open from a folder with no network; both stay in the house.
    """

    def work(settings: Settings, _: Any) -> None:
        from flows.build import document

        _say(f"models    {document(settings)}")
        _night().document_all(settings)

    _stage(work)


@cyp.command()
@click.option("--open", "is_opened", is_flag=True, help="Open it in the browser.")
def page(is_opened: bool) -> None:
    """Say where the page of the last publication is.

    It opens from its folder, with no network.
    """
    settings = Settings.from_environment()
    index = settings.page
    if not index.exists():
        _complain("There is no page yet: cyp refresh publishes one.", 1)
        return
    _say(str(index))
    if is_opened and click.launch(index.as_uri()):
        _complain("No browser could be started; open the file above.", 1)


@cyp.command()
@click.argument("folder", required=False, type=click.Path(file_okay=False, path_type=Path))
def sample(folder: Path | None) -> None:
    """Write the sample's invented extracts to FOLDER."""
    from flows.sample import write

    place = (folder or Path("sample")).resolve()
    if place.exists() and any(place.iterdir()):
        raise click.UsageError(f"{place} is not empty.")
    written = write(place)
    _say(f"{len(written)} files of invented children written to {place}")


@cyp.command()
@click.argument("file", required=False, type=click.Path(exists=True, dir_okay=False))
def figures(file: str | None) -> None:
    """Compare the plan's printed figures with the marts.

    FILE is a CSV of figures to compare instead of the plan's. Exit code 1 when any differs.
    """
    from flows import erase
    from flows.figures import recompute
    from flows.lock import alone

    settings = Settings.from_environment()
    if not settings.warehouse.exists():
        raise SettingsError(f"Nothing has been built in {settings.home} yet: cyp refresh.")
    with alone(settings):
        erase.resume(settings)
        found = recompute(settings, Path(file) if file else None)
    rows = [("id", "figure", "of", "printed", "recomputed", "")] + [
        (
            figure.id,
            figure.figure,
            figure.dimensions,
            figure.printed,
            figure.recomputed or "-",
            "agrees" if figure.agrees else f"DIFFERS {figure.note}".rstrip(),
        )
        for figure in found
    ]
    widths = [max(len(row[column]) for row in rows) for column in range(5)]
    for row in rows:
        texts = [row[column].ljust(widths[column]) for column in range(3)]
        numbers = [row[column].rjust(widths[column]) for column in (3, 4)]
        _say("  ".join([*texts, *numbers, row[5]]).rstrip())
    differ = sum(not figure.agrees for figure in found)
    _say(f"\n{len(found)} figures, {len(found) - differ} agree, {differ} differ.")
    if differ and file is None and not settings.is_sample:
        _say(
            "These are the figures printed in the sample's plan, and these marts are not of the "
            "sample. Hold your own against them: cyp figures FILE."
        )
    sys.exit(1 if differ else 0)


@cyp.command()
@click.option("--conversions", is_flag=True, help="Values that did not convert, not whole rows.")
@click.option("--source", help="Of one source, such as ssda903.")
@click.option("--year", type=int, help="Of one collection year.")
@click.option("--la", metavar="CODE", help="Of one authority; `national` for files of none.")
@click.option("--file", "file_name", metavar="FILE", help="Of one file, by name or path.")
@click.option(
    "--export",
    "export_to",
    metavar="FILE.csv",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write them whole, as they were delivered, for those who mend the source.",
)
def quarantine(
    conversions: bool,
    source: str | None,
    year: int | None,
    la: str | None,
    file_name: str | None,
    export_to: Path | None,
) -> None:
    """What was set aside, by file and reason, and what to do.

    Only counts are printed. An export holds the rows as they were delivered: personal data,
    readable by its owner only.
    """
    from flows import erase
    from flows.lock import alone
    from flows.quarantine import Chosen, export, lines, need_a_delivery

    settings = Settings.from_environment()
    relation = "conversions" if conversions else "quarantine"
    chosen = Chosen.of_file(file_name, source, year, la)
    with alone(settings):
        erase.resume(settings)  # what was built may still hold what is being forgotten
        need_a_delivery(settings, chosen)
        written = export(settings, relation, chosen, export_to) if export_to else 0
        if export_to:
            actions.add(settings, "exported", relation=relation, rows=written)
        for line in lines(settings, relation, chosen):
            _say(line)
    if export_to:
        _say(
            f"{written:,} written to {export_to}. It holds personal data as it was delivered: "
            "only you can read it; hand it on as you would the delivery, and delete it when all "
            "is mended."
        )


@cyp.command()
@click.argument("files", nargs=-1, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--source", help="Rules of one source: ssda903, cin_census or across_sources.")
@click.option("--year", type=int, help="Of one collection year; of FILES that name none, theirs.")
@click.option("--la", metavar="CODE", help="Of one authority; of FILES that name none, theirs.")
@click.option("--rule", "rules", metavar="CODE", multiple=True, help="Of one rule. Repeatable.")
@click.option(
    "--severity",
    "severities",
    type=click.Choice(("error", "query", "warning")),
    multiple=True,
    help="Of one severity. Repeatable.",
)
@click.option(
    "--out",
    metavar="FILE.xlsx|FILE.csv|-",
    type=click.Path(dir_okay=False, path_type=Path),
    help="List every row to look at, in the order of its file; - prints it without children.",
)
@click.option("--strict", is_flag=True, help="Exit code 1 when a rule of severity error found any.")
def validate(
    files: tuple[Path, ...],
    source: str | None,
    year: int | None,
    la: str | None,
    rules: tuple[str, ...],
    severities: tuple[str, ...],
    out: Path | None,
    strict: bool,
) -> None:
    """What the rules of the returns found, and where.

    Of what was built last; or of FILES alone, without a warehouse: a census, tables of SSDA903,
    of one year or of two, of which the earlier is last year. What lies in a folder
    SOURCE/YEAR/, or LA/SOURCE/YEAR/, is told by it, postcodes and providers too. Only counts are
    printed. A file that is written names the children: it is readable by its owner only.
    """
    from flows import erase
    from flows.lock import alone
    from flows.single_return import judged
    from flows.validate import Asked, hold_out

    if la and not (len(la) == 3 and la.isascii() and la.isdigit()):
        raise click.UsageError("--la is an authority's three-digit DfE code.")
    if year and not 1990 <= year <= 2100:
        raise click.UsageError("--year is a collection year, such as 2025.")
    settings = Settings.from_environment(is_keyless=bool(files))
    if out:
        hold_out(settings, out)
    say = _aside if out == Path("-") else _say
    asked = Asked(source, year, None if files else la, severities, rules)
    if files:
        with judged(settings, list(dict.fromkeys(files)), la, year, say) as alone_with_them:
            has_errors = _validated(alone_with_them, asked, out, say)
    else:
        with alone(settings):
            erase.resume(settings)  # what was built may still hold what is being forgotten
            has_errors = _validated(settings, asked, out, say)
    sys.exit(1 if strict and has_errors else 0)


def _validated(
    settings: Settings, asked: Any, out: Path | None, say: Callable[[str], None]
) -> bool:
    """Say what the rules found, and write it; whether there are errors."""
    from flows.validate import export, lines, need_a_rule, summary

    need_a_rule(settings, asked)
    found = summary(settings, asked)
    if out:
        written = export(settings, asked, out, sys.stdout)
        actions.add(settings, "exported", relation="rule_failures", rows=written)
    for line in lines(found):
        say(line)
    if out and out != Path("-"):
        say(
            f"{written:,} written to {out}. It names children: only you can read it; hand it on as "
            "you would the return, and delete it when all is mended."
        )
    return bool(found.has_errors)


@cyp.command()
@click.argument("file", required=False)
@click.option("--child", is_flag=True, help="Erase a child; its identifier is asked for.")
@click.option("--la", "la_code", metavar="CODE", help="Whose child, where it is not CYP_LA.")
@click.option("--may-return", is_flag=True, help="Let later deliveries in with the child.")
@with_variables
def forget(
    file: str | None, child: bool, la_code: str | None, may_return: bool, variables: dict[str, Any]
) -> None:
    """Withdraw a delivery, or erase a child, and prove it.

    FILE is a delivery's path below the drop folder, or its id. With --child the identifier is
    asked for, unseen, or read from standard input; never give it as an argument. Everything is
    made and published again without it. The drop folder itself is not touched.
    """
    from flows.forget import forget_child, forget_delivery

    if bool(file) == child:
        raise click.UsageError("Say which delivery, or --child; not both.")
    if (la_code or may_return) and not child:
        raise click.UsageError("--la and --may-return are of a child.")
    settings = Settings.from_environment()
    if file:
        forget_delivery(settings, file, variables, _say)
        return
    forget_child(settings, _child_id(), la_code, variables, _say, may_return=may_return)


def _child_id() -> str:
    """Asked for twice, because nothing brings back a child who was erased by a slip of the pen."""
    if sys.stdin.isatty():
        asked = click.prompt("Identifier of the child", hide_input=True, confirmation_prompt=True)
        return str(asked).strip()
    if given := sys.stdin.readline().strip():
        return given
    raise click.UsageError("No identifier was given: type it when asked, or pipe it in.")


@cyp.command()
@click.option(
    "--to",
    "new_file",
    metavar="FILE",
    envvar="CYP_NEW_KEY_FILE",
    type=click.Path(dir_okay=False, path_type=Path),
    help="The file with the new key; one that is not there is made.",
)
@with_variables
def rotate_key(new_file: Path | None, variables: dict[str, Any]) -> None:
    """Give the warehouse another key, and make everything again.

    Every child gets another pseudonym; what is published stays the same. Without --to a new
    key is made in CYP_HOME, where the old one was. With CYP_KEY or CYP_KEY_FILE set, --to is
    needed, and the setting is yours to change afterwards.
    """
    from flows.rotate import rotate

    rotate(Settings.from_environment(is_key_to_go=True), new_file, variables, _say)


@cyp.command()
@click.option("--head", metavar="HASH", help="Fail unless the log once ended with this hash.")
def log(head: str | None) -> None:
    """Who ran, landed, published and forgot what.

    Each line is held against the one before it; exit code 1 where one was altered or taken
    out. Keep the hash it ends with elsewhere, and ask for it later with --head.
    """
    chain = actions.read(Settings.from_environment())
    for line in actions.lines(chain):
        _say(line)
    if chain.broken:
        _complain(f"The log does not hold: {chain.broken}.", 1)
    if head and not any(one.startswith(head.lower()) for one in chain.hashes):
        _complain("The log does not hold: it never ended with that hash, or was written anew.", 1)
    plural = "entry" if len(chain.entries) == 1 else "entries"
    _say(
        f"{len(chain.entries):,} {plural}; the chain holds; it ends with {chain.head or 'nothing'}"
    )


@cyp.command()
def status() -> None:
    """How the last night ended, what stands, what is published."""
    from flows.status import lines

    for line in lines(Settings.from_environment()):
        _say(line)


@cyp.command()
def doctor() -> None:
    """What is missing in settings or extracts, and its cost."""
    from flows.doctor import examine

    checks = examine(Settings.from_environment())
    for check in checks:
        _say(f"{check.mark:8} {check.sentence}")
    sys.exit(1 if any(check.mark == "broken" for check in checks) else 0)


@cyp.command()
@with_variables
def serve(variables: dict[str, Any]) -> None:
    """Keep the nightly schedule until stopped.

    Runs `cyp refresh` on CYP_CRON in CYP_TIMEZONE, one at a time, with Prefect's page on
    127.0.0.1:4200 (or on the server that PREFECT_API_URL names).
    """
    from flows.serving import serve as keep_serving

    keep_serving(Settings.from_environment(), variables, _say)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run a command. Whatever goes wrong is one plain sentence and an exit code."""
    if threading.current_thread() is threading.main_thread():
        # Asked to stop by a service manager is the same as by a person: what was done is noted.
        signal.signal(signal.SIGTERM, signal.default_int_handler)
    collector.seldom()
    try:
        cyp.main(args=arguments, prog_name="cyp", standalone_mode=False)
    except click.ClickException as error:
        error.show()
        sys.exit(2)
    except SettingsError as error:
        _complain(str(error), 2)
    except (click.Abort, KeyboardInterrupt):
        _complain("Stopped.", 1)
    except Exception as error:
        from flows.errors import spoken

        _complain(str(spoken(error)), 1)


def _stage(work: Callable[[Settings, Any], Any]) -> None:
    """One step of the night, alone in the home, with its own record of findings."""
    from flows.lock import alone

    settings = Settings.from_environment()
    with alone(settings):
        night = _night().begin(settings)
        actions.add(settings, "began", run=night.run_id)
        if settings.is_sample:
            _night().write_sample(settings, _say)
        work(settings, night)
        actions.add(settings, "ended", run=night.run_id, is_red=night.is_red)
    if night.is_red:
        _complain(night.sentence, 1)


def _night() -> Any:
    from flows import night

    return night


def _summary(settings: Settings, night: dict[str, Any]) -> str:
    """How it ended, where things are, and a line to paste."""
    from flows.status import refusal_said, set_aside

    database = settings.published / "cyp.duckdb"
    lines = [("RED: " if night["is_red"] else "Done. ") + night["sentence"]]
    lines += [f"  refused  {refusal_said(*refusal)}" for refusal in night["refused"].items()]
    if aside := set_aside(settings):
        lines.append(f"  aside    {aside}")
    if warnings := night["findings"]["warning"]:
        plural = "" if warnings == 1 else "s"
        lines.append(f"  {warnings} warning{plural} at the doors: see the Data Docs")
    stages = ", ".join(f"{stage} {seconds:.0f} s" for stage, seconds in night["seconds"].items())
    lines.append(f"  took     {stages}")
    lines.append(f"  docs     {settings.docs}")
    if night["published"] or night["stands_since"]:
        lines += [
            f"  marts    {settings.published} (DuckDB, Parquet, CSV, data dictionary)",
            f"  page     {settings.page}",
            f"  partners {settings.outputs[PARTNERS]} (the same under the partnership's policy)",
            "Query it:",
            f'  {_python()} -c "import duckdb; duckdb.connect('
            f"r'{database}', read_only=True).sql('from published.children_rates').show()\"",
        ]
    return "\n".join(lines)


def _python() -> str:
    """The interpreter, as short as one can type it from here."""
    python = Path(sys.executable)
    here = Path.cwd()
    return str(python.relative_to(here)) if python.is_relative_to(here) else str(python)


def _whence(settings: Settings) -> str:
    return "the bundled sample" if settings.is_sample else str(settings.extracts)


def _say(line: str) -> None:
    click.echo(line)


def _aside(line: str) -> None:
    """Beside what goes to standard output."""
    click.echo(line, err=True)


def _complain(sentence: str, code: int) -> None:
    click.echo(f"cyp: {sentence}", err=True)
    sys.exit(code)


if __name__ == "__main__":
    main()
