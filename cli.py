"""The command line: parse, call, print, exit code. Everything else is imported where a command needs it."""

from __future__ import annotations

import gc
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

import click
from click.core import ParameterSource

from commands.ledgers import ledgers
from commands.policies import policies
from commands.shared import (
    checking,
    encoding_name,
    language,
    own_parameters,
    print_json,
    project_file,
    refusals,
    roster_file,
    said_kinds,
    show_made,
    to_day,
)
from engine import VERSION
from engine.delivery import FORMATS

FAIL_ON = ("critical", "high", "medium", "low", "info", "suspect", "never")


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(VERSION, prog_name="fundcheck", message="%(prog)s %(version)s")
@click.option("--debug", is_flag=True, help="Show tracebacks of internal faults.")
def main(debug: bool) -> None:
    """Check how trade unions use their funds: 工会经费使用核查.

    Policies are judged against ledger rows, and every finding cites the clause it rests on.
    Exit codes: 0 nothing at the threshold, 1 findings, 2 wrong usage or policy, 3 input not judged,
    4 too much not evaluable, 5 internal fault.
    """
    gc.set_threshold(100_000)  # rows hold each other in no circles; to look for some at every 700th takes a fifth of the time
    _bear_every_character()


def _bear_every_character() -> None:
    """Show a character that the screen's encoding lacks (code page 936 lacks many of names) by its number, and never fail by it."""
    from io import TextIOWrapper

    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            # A screen that claims to be ASCII is one whose settings are lost; `click` takes it for UTF-8 too.
            stream.reconfigure(
                encoding="utf-8" if stream.encoding.lower() in ("ascii", "us-ascii", "ansi_x3.4-1968") else None,
                errors="backslashreplace",
            )


def _engine(context: click.Context, parameter: click.Parameter, value: str) -> str:
    from engine.stores.opening import is_engine

    if not is_engine(value):
        raise click.BadParameter(
            f"`{value}` is no engine. write duckdb, postgresql://host/database, spark://host:port or local[2]."
        )
    return value


def _share(context: click.Context, parameter: click.Parameter, value: str) -> Decimal:
    try:
        share = Decimal(value)
    except InvalidOperation:
        share = Decimal(-1)
    if not share.is_finite() or not 0 <= share <= 1:
        raise click.BadParameter(f"`{value}` is no share. write a number from 0 to 1, such as 0.1.")
    return share


@main.command()
@click.argument("paths", nargs=-1, metavar="[PATH]...")
@said_kinds
@click.option("--pack", "packs", multiple=True, metavar="NAME|DIR", help="Add a pack of policies; repeatable.")
@click.option("--no-core", is_flag=True, help="Leave out the core pack.")
@click.option("--policy", "only", multiple=True, metavar="CODE", help="Judge these policies only; repeatable.")
@own_parameters
@encoding_name
@click.option("--as-of", callback=to_day, metavar="DATE", help="Day to judge deadlines from; default: today.")
@click.option(
    "--format", "formats", multiple=True, type=click.Choice(FORMATS), help="Output format; default: terminal; repeatable."
)
@click.option(
    "--output", "outputs", multiple=True, metavar="FILE", help="File of the format at the same place; `-` is the screen."
)
@project_file
@click.option("--waivers", type=click.Path(dir_okay=False), metavar="FILE", help="Waivers beside those of the project file.")
@roster_file
@click.option("--by", type=click.Choice(["unit"]), help="A report for each unit: every --output names a folder.")
@click.option("--fail-on", type=click.Choice(FAIL_ON), default="medium", show_default=True, help="Exit 1 from this severity on.")
@click.option(
    "--max-not-evaluable", callback=_share, default="0.1", show_default=True, metavar="SHARE", help="Exit 4 above this share."
)
@click.option("--engine", callback=_engine, default="duckdb", show_default=True, metavar="duckdb|postgresql://…|spark://…|local[N]",
              help="Where rows are judged.")  # fmt: skip
@click.option("--privacy", type=click.Choice(["public", "working", "full"]), default="public", show_default=True,
              help="How names and numbers are shown.")  # fmt: skip
@click.option("--lang", type=click.Choice(["zh", "en"]), default="zh", show_default=True, help="Language of messages.")
def check(
    paths: tuple[str, ...], formats: tuple[str, ...], outputs: tuple[str, ...], no_core: bool, engine: str,
    project: str | None, waivers: str | None, roster: str | None, by: str | None, **options: Any,
) -> None:  # fmt: skip
    """Judge ledgers: files or folders; the kind of each is recognised from its headers.

    Without PATH, the ledgers named in the project file are judged. What is given here wins over the project file.
    """
    import os
    from importlib import import_module

    from engine.stores.opening import is_in_database, opened
    from ledgers.files import begin_reading

    context = click.get_current_context()
    named = [*paths, *(place.partition("#")[0] for _, place in options["said"] if not is_in_database(place))]
    readers = context.with_resource(begin_reading(named))
    readers.meanwhile(lambda: [*map(import_module, ("engine.check", "engine.project"))])  # takes half a second

    from engine.check import check as run_check
    from engine.delivery import deliver, deliver_by_unit, load_writer, pair_outputs, spare_ledgers
    from engine.project import NAME, ask, find_project

    given = {name: value for name, value in options.items() if context.get_parameter_source(name) != ParameterSource.DEFAULT}
    given |= {"as_of": options["as_of"], "paths": paths, "readers": readers} | ({"core": False} if no_core else {})
    if secret := os.environ.get("FUNDCHECK_KEY", "").encode():
        given["key"] = secret
    if not all(path.strip() for path in named):
        raise click.UsageError("an empty path names no ledger. write . for the current folder.")
    with refusals():
        pairs = pair_outputs(formats, outputs)
        for name, _ in pairs:  # some libraries take long to load, too
            load_writer(name)
    if by and (onscreen := [name for name, path in pairs if path == "-" and name != "terminal"]):
        raise click.UsageError(f"--by unit writes a file for each unit: give {onscreen[0]} an --output FOLDER.")
    with refusals():
        if roster:
            from engine.roster import read_roster

            given["roster"] = read_roster(Path(roster))
        file = Path(project) if project else find_project(named[0] if named else None)
        request = ask(file, given, Path(waivers) if waivers else None)
        if not request.paths and not request.said and engine == "duckdb":
            raise click.UsageError(f"name at least one ledger file or folder, --ledger KIND=PATH, or `ledgers` in {NAME}.")
        spared = [*named, *request.paths, *filter(None, (waivers, roster, str(file or "")))]
        spare_ledgers([path for _, path in pairs], spared)
        with opened(engine, request._replace(by_unit=bool(by)), paths=bool(named)) as request:
            with _progress() as progress:
                report = run_check(request, progress)
            if by:
                deliver_by_unit(report, request, pairs, spared)
            else:
                for name, path in pairs:
                    deliver(report, name, path)
    sys.exit(report.summary["exit_code"])


@contextmanager
def _progress() -> Iterator[Callable[[str], None]]:
    """Show on stderr what is being done, where somebody looks at it."""
    if not (sys.stderr and sys.stderr.isatty()):
        yield lambda step: None
        return
    from rich.console import Console

    with Console(stderr=True).status("…") as status:
        yield lambda step: status.update(f"{step}…")


@main.command()
@click.argument("paths", nargs=-1, required=True, metavar="PATH...")
@roster_file
@encoding_name
@project_file
@click.option("--format", "form", type=click.Choice(["terminal", "json", "xlsx", "docx"]), default="terminal", show_default=True,
              help="Output format.")  # fmt: skip
@click.option("--output", metavar="FILE", help="File to write; needed for xlsx and docx.")
@language
def receive(
    paths: tuple[str, ...], project: str | None, roster: str | None, form: str, output: str | None, **options: Any
) -> None:
    """Write the receipt of electronic data (电子数据接收单): files, sizes, hashes, rows, sums, units, versions; nothing is judged.

    Exit 3 where a file or sheet could not be read.
    """
    from engine import receipt_forms
    from engine.delivery import spare_ledgers, write_with
    from engine.project import ask, find_project
    from engine.receipt import receive as list_received

    context = click.get_current_context()
    given = {name: value for name, value in options.items() if context.get_parameter_source(name) != ParameterSource.DEFAULT}
    if output in (None, "-") and form in ("xlsx", "docx"):
        raise click.UsageError(f"{form} is no text: give it an --output FILE.")
    with refusals():
        if roster:
            from engine.roster import read_roster

            given["roster"] = read_roster(Path(roster))
        file = Path(project) if project else find_project(paths[0])
        request = ask(file, {**given, "as_of": date.today(), "paths": paths}, None)
        spare_ledgers([output or "-"], [*paths, *filter(None, (roster, str(file or "")))])
        receipt = list_received(request)
        write_with(getattr(receipt_forms, f"write_{form}"), receipt, output or "-", for_people=form == "terminal")
    sys.exit(receipt.exit_code)


@main.command()
@click.argument("folder", default=".", type=click.Path(exists=True, file_okay=False))
@click.option("--schema", is_flag=True, help="Print the JSON Schema of project files for editors instead.")
def init(folder: str, schema: bool) -> None:
    """Write a project file, with comments, for the ledgers found in a folder; never over one that exists."""
    with refusals():
        if schema:
            from engine.project import project_schema

            print_json(project_schema())
            return
        from engine.draft import draft_project

        click.echo(f"已写入 / written: {draft_project(Path(folder))}")


@main.command()
@click.argument("folder", default="fundcheck-demo", type=click.Path(file_okay=False))
def demo(folder: str) -> None:
    """Write the example ledgers into FOLDER (default: ./fundcheck-demo) and check them; exit 0 where their faults are found."""
    from ledgers.examples import example_ledgers
    from ledgers.written import write_files

    with refusals():
        write_files(Path(folder), example_ledgers())
        try:
            main.main(checking(folder), prog_name="fundcheck", standalone_mode=False)
        except SystemExit as ended:
            if ended.code != 1:
                raise
    click.echo("预设的问题已查出（退出码 1 表示有发现）。 / The planted faults were found (exit code 1 means: findings).")
    show_made(folder, checking(folder))


main.add_command(policies)
main.add_command(ledgers)

if __name__ == "__main__":
    main()
