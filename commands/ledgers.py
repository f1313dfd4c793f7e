"""Show the kinds of ledger, how ledgers are read, and write ledgers to fill in or to try."""

from __future__ import annotations

import sys
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from commands.shared import checking, encoding_name, refusals, said_kinds, show_made, to_day, to_parameters

if TYPE_CHECKING:
    from ledgers.checks import Checks
    from ledgers.kinds import Kind


@click.group()
def ledgers() -> None:
    """List and show the kinds of ledger."""


@ledgers.command("list")
def list_kinds() -> None:
    """List the kinds of ledger, a line each."""
    from ledgers.kinds import load_kinds

    with refusals():
        for kind in load_kinds().values():
            click.echo(f"{kind.kind:<18}  {len(kind.columns):>3}  {kind.title.zh}  {kind.title.en}")


def _kind(context: click.Context, parameter: click.Parameter, value: str) -> Kind:
    from ledgers.kinds import load_kinds

    with refusals():
        kinds = load_kinds()
        if value not in kinds:
            raise click.UsageError(f"no kind `{value}`. known: {', '.join(kinds)}.")
        return kinds[value]


@ledgers.command("show")
@click.argument("kind", callback=_kind)
def show_kind(kind: Kind) -> None:
    """Show one kind: columns, types, headers that are recognised, codes, what is required."""
    from engine.manual import describe_kind

    click.echo(describe_kind(kind))


@ledgers.command("inspect")
@click.argument("paths", nargs=-1, metavar="[PATH]...")
@said_kinds
@encoding_name
@click.option("--project", type=click.Path(dir_okay=False), metavar="FILE", help="Project file; default as for check.")
@click.option("--format", "form", type=click.Choice(["terminal", "json"]), default="terminal", show_default=True, help="Format.")
@click.option("--lang", type=click.Choice(["zh", "en"]), default="zh", show_default=True, help="Language of messages.")
def inspect_ledgers(form: str, lang: str, **given: Any) -> None:
    """Show how ledgers are read: files or folders, a section for each layout, and a mapping to paste into the project file.

    Names and numbers of persons are shown by their shape only. Exit 0: all was understood, 3: something could not be read.
    """
    from engine.mapping import describe, document, look_into, understood

    named = [*given["paths"], *(place.partition("#")[0] for _, place in given["said"])]
    if not named or not all(path.strip() for path in named):
        raise click.UsageError("name at least one ledger file or folder, or --ledger KIND=PATH.")
    with refusals():
        shapes, notes, kinds = look_into(given.pop("project"), {**given, "as_of": date.today()})
        click.echo((document if form == "json" else describe)(shapes, notes, kinds, lang))
    sys.exit(0 if understood(shapes, notes) else 3)


@ledgers.command("template")
@click.argument("kind", callback=_kind)
@click.option("--output", metavar="FILE.xlsx", type=click.Path(dir_okay=False), help="Workbook to write; default: KIND.xlsx.")
@click.option("--with-checks", is_flag=True, help="Add formulas and colours that judge each row while it is filled in.")
@click.option("--pack", "packs", multiple=True, metavar="NAME|DIR", help="With checks: add a pack of policies; repeatable.")
@click.option("--no-core", is_flag=True, help="With checks: leave out the core pack.")
@click.option("--param", "parameters", multiple=True, callback=to_parameters, metavar="CODE.NAME=VALUE",
              help="With checks: set a policy's parameter.")  # fmt: skip
@click.option("--as-of", callback=to_day, metavar="DATE", help="With checks: day to judge from; default: today.")
@click.option("--unit", default="", metavar="NAME", help="With checks: whose ledger it is.")
@click.option("--campaign", default="", metavar="NAME", help="With checks: for which campaign.")
def write_template(kind: Kind, output: str | None, with_checks: bool, **given: Any) -> None:
    """Write a workbook to fill in for one kind: headers, drop-downs, and a sheet that explains each column.

    With --with-checks a column beside the ledger says of each row what to look at (请核对) and what is missing (缺数据), in Excel,
    WPS and LibreOffice; policies that need more than one row are listed as not checked.
    """
    from ledgers.template import template
    from ledgers.written import write_new

    path = Path(output or f"{kind.kind}.xlsx")
    if path.suffix.lower() != ".xlsx":
        raise click.UsageError(f"{path}：模板是 .xlsx 工作簿，请改文件名。 / a template is an .xlsx workbook; rename it.")
    context = click.get_current_context()
    if not with_checks and any(context.get_parameter_source(name) != ParameterSource.DEFAULT for name in given):
        raise click.UsageError("这些选项只用于带核对的模板，请加 --with-checks。 / these options go with --with-checks; add it.")
    with refusals():
        write_new(path, template(kind, _checks(kind, **given) if with_checks else None))
        click.echo(f"written: {path}")


def _checks(kind: Kind, no_core: bool, unit: str, campaign: str, **given: Any) -> Checks:
    from engine.check import Request
    from engine.filling import compile_checks

    checks = compile_checks(Request(core=not no_core, **given), kind, unit, campaign)
    click.echo(f"表内核对 {len(checks.compiled)} 条规则，另有 {len(checks.left)} 条核查时才判断 / {len(checks.compiled)} policies are checked in "
               f"the workbook, {len(checks.left)} by fundcheck check only")  # fmt: skip
    return checks


def _sampled(context: click.Context, parameter: click.Parameter, values: tuple[str, ...]) -> tuple[str, ...]:
    from ledgers.stories import SETTINGS

    for value in values:
        if value not in SETTINGS:
            raise click.BadParameter(f"`{value}` is none of {', '.join(SETTINGS)}.")
    return values or tuple(SETTINGS)


@ledgers.command("sample")
@click.argument("folder", type=click.Path(file_okay=False))
@click.option("--rows", type=click.IntRange(1, 100_000), default=100, show_default=True, help="Rows of each judged ledger.")
@click.option("--seed", type=int, default=1, show_default=True, help="Another number, other ledgers.")
@click.option(
    "--kind",
    "wanted",
    multiple=True,
    callback=_sampled,
    metavar="KIND",
    help="Only these of the judged kinds; default: all; repeatable.",
)
@click.option(
    "--format", "form", type=click.Choice(["xlsx", "csv"]), default="xlsx", show_default=True, help="Format of the files."
)
def write_sample(folder: str, rows: int, seed: int, wanted: tuple[str, ...], form: str) -> None:
    """Write made-up ledgers into FOLDER, and their planted faults into __planted.csv, which check passes over.

    Each kind comes with the ledgers that it is judged against. Every policy of the shipped packs finds something, if the ledger is
    large enough.
    """
    from ledgers.kinds import load_kinds
    from ledgers.sample import sample
    from ledgers.written import write_files
    from policies.load import load_library, shipped_packs

    with refusals():
        write_files(Path(folder), sample(load_kinds(), wanted, rows=rows, seed=seed, form=form))
        packs = [pack for pack in shipped_packs() if pack != "core"]
        limits = load_library(packs).asked_for()
        show_made(folder, checking(folder, packs, [f"{limit}={example}" for limit, example in limits.items()]))
