"""The command line: parse, call, print, exit code. Everything else is imported where a command needs it."""

from __future__ import annotations

import gc
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import date
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from engine import VERSION
from engine.delivery import FORMATS

if TYPE_CHECKING:
    from ledgers.kinds import Kind
    from policies.load import Library

SAMPLED = (
    "aid_payment", "budget_execution", "total_row", "subsidy", "activity", "education_subsidy", "mutual_aid_claim", "training",
    "model_allowance",
)  # fmt: skip
FAIL_ON = ("critical", "high", "medium", "low", "info", "suspect", "never")
BUG = "这是程序的缺陷，不是台账的问题。请带上此信息报告给开发者。 / This is a bug in fundcheck; please report it with this text."


@contextmanager
def refusals() -> Iterator[None]:
    """Turn refused files into their sentences and exit 2, and an internal fault into one sentence and exit 5."""
    from declared import Refused

    try:
        yield
    except Refused as refused:
        for problem in refused.problems:
            click.echo(str(problem), err=True)
        sys.exit(2)
    except (click.exceptions.Exit, click.ClickException, click.Abort, BrokenPipeError):
        raise
    except Exception as error:
        from engine.delivery import Undeliverable
        from engine.stores.store import StoreFailed

        if isinstance(error, Undeliverable):
            raise click.UsageError(str(error)) from error
        if isinstance(error, StoreFailed):
            from ledgers.english import in_english

            english = click.get_current_context().params.get("lang") == "en"
            click.echo(in_english(str(error)) if english else str(error), err=True)
            sys.exit(3)
        if click.get_current_context().find_root().params.get("debug"):
            raise
        # Where, and not what it says: a message may quote a cell.
        click.echo(f"fundcheck: {type(error).__name__} ({_place_of(error)})\n{BUG}", err=True)
        sys.exit(5)


def _place_of(error: Exception) -> str:
    from traceback import extract_tb

    frames = extract_tb(error.__traceback__)
    return " < ".join(f"{Path(frame.filename).name}:{frame.lineno}" for frame in reversed(frames[-3:]))


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


def _said(context: click.Context, parameter: click.Parameter, values: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    pairs = [value.partition("=") for value in values]
    for kind, _, path in pairs:
        if not kind or not path.partition("#")[0]:
            raise click.BadParameter(f"`{kind}={path}`: write KIND=PATH or KIND=PATH#SHEET.")
    return tuple((kind, path) for kind, _, path in pairs)


def _engine(context: click.Context, parameter: click.Parameter, value: str) -> str:
    from engine.stores.opening import is_engine

    if not is_engine(value):
        raise click.BadParameter(
            f"`{value}` is no engine. write duckdb, postgresql://host/database, spark://host:port or local[2]."
        )
    return value


def _encoding(context: click.Context, parameter: click.Parameter, value: str | None) -> str | None:
    from ledgers.sources import is_encoding

    if value is not None and not is_encoding(value):
        raise click.BadParameter(f"`{value}` is no text encoding. write utf-8, gb18030, big5 or utf-16.")
    return value


def _parameters(context: click.Context, parameter: click.Parameter, values: tuple[str, ...]) -> dict[tuple[str, str], str]:
    found = {}
    for value in values:
        name, equals, given = value.partition("=")
        code, dot, own = name.partition(".")
        if not equals or not dot or not given or "'" in given:
            raise click.BadParameter(f"`{value}`: write CODE.NAME=VALUE, such as E01.target=95.")
        if (code, own) in found:
            raise click.BadParameter(f"`{name}` stands twice. keep one of them.")
        found[code, own] = given
    return found


def _share(context: click.Context, parameter: click.Parameter, value: str) -> Decimal:
    try:
        share = Decimal(value)
    except InvalidOperation:
        share = Decimal(-1)
    if not share.is_finite() or not 0 <= share <= 1:
        raise click.BadParameter(f"`{value}` is no share. write a number from 0 to 1, such as 0.1.")
    return share


def _day(context: click.Context, parameter: click.Parameter, value: str | None) -> date:
    try:
        return date.fromisoformat(value) if value else date.today()
    except ValueError as error:
        raise click.BadParameter(f"`{value}` is no day. write YYYY-MM-DD.") from error


_said_kinds = click.option(
    "--ledger", "said", multiple=True, callback=_said, metavar="KIND=PATH[#SHEET]", help="Say the kind of a file."
)
_roster_file = click.option("--roster", type=click.Path(dir_okay=False), metavar="FILE",
                            help="Units expected: a table or YAML; wins over the project file.")  # fmt: skip
_project_file = click.option("--project", type=click.Path(dir_okay=False), metavar="FILE",
                             help="Project file; default: fundcheck.yaml here or above PATH.")  # fmt: skip
_encoding_name = click.option(
    "--encoding", callback=_encoding, metavar="NAME", help="Encoding of CSV files and web pages; recognised otherwise."
)


@main.command()
@click.argument("paths", nargs=-1, metavar="[PATH]...")
@_said_kinds
@click.option("--pack", "packs", multiple=True, metavar="NAME|DIR", help="Add a pack of policies; repeatable.")
@click.option("--no-core", is_flag=True, help="Leave out the core pack.")
@click.option("--policy", "only", multiple=True, metavar="CODE", help="Judge these policies only; repeatable.")
@click.option(
    "--param", "parameters", multiple=True, callback=_parameters, metavar="CODE.NAME=VALUE", help="Set a policy's parameter."
)
@_encoding_name
@click.option("--as-of", callback=_day, metavar="DATE", help="Day to judge deadlines from; default: today.")
@click.option(
    "--format", "formats", multiple=True, type=click.Choice(FORMATS), help="Output format; default: terminal; repeatable."
)
@click.option(
    "--output", "outputs", multiple=True, metavar="FILE", help="File of the format at the same place; `-` is the screen."
)
@_project_file
@click.option("--waivers", type=click.Path(dir_okay=False), metavar="FILE", help="Waivers beside those of the project file.")
@_roster_file
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

    from engine.check import check as run_check
    from engine.delivery import deliver, deliver_by_unit, pair_outputs, spare_ledgers
    from engine.project import NAME, ask, find_project
    from engine.stores.opening import is_in_database, opened

    context = click.get_current_context()
    given = {name: value for name, value in options.items() if context.get_parameter_source(name) != ParameterSource.DEFAULT}
    given |= {"as_of": options["as_of"], "paths": paths} | ({"core": False} if no_core else {})
    if secret := os.environ.get("FUNDCHECK_KEY", "").encode():
        given["key"] = secret
    named = [*paths, *(place.partition("#")[0] for _, place in options["said"] if not is_in_database(place))]
    if not all(path.strip() for path in named):
        raise click.UsageError("an empty path names no ledger. write . for the current folder.")
    with refusals():
        pairs = pair_outputs(formats, outputs)
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
    if not sys.stderr.isatty():
        yield lambda step: None
        return
    from rich.console import Console

    with Console(stderr=True).status("…") as status:
        yield lambda step: status.update(f"{step}…")


@main.command()
@click.argument("paths", nargs=-1, required=True, metavar="PATH...")
@_roster_file
@_encoding_name
@_project_file
@click.option("--format", "form", type=click.Choice(["terminal", "json", "xlsx", "docx"]), default="terminal", show_default=True,
              help="Output format.")  # fmt: skip
@click.option("--output", metavar="FILE", help="File to write; needed for xlsx and docx.")
@click.option("--lang", type=click.Choice(["zh", "en"]), default="zh", show_default=True, help="Language.")
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

            _print_json(project_schema())
            return
        from engine.draft import draft_project

        click.echo(f"已写入 / written: {draft_project(Path(folder))}")


def _print_json(document: object) -> None:
    import json

    click.echo(json.dumps(document, ensure_ascii=False, indent=2))


@main.command()
@click.argument("folder", default="fundcheck-demo", type=click.Path(file_okay=False))
def demo(folder: str) -> None:
    """Write the example ledgers into FOLDER (default: ./fundcheck-demo) and check them; exit 0 where their faults are found."""
    from ledgers.examples import example_ledgers
    from ledgers.written import write_files

    with refusals():
        write_files(Path(folder), example_ledgers())
        try:
            main.main(_checking(folder), prog_name="fundcheck", standalone_mode=False)
        except SystemExit as ended:
            if ended.code != 1:
                raise
    click.echo("预设的问题已查出（退出码 1 表示有发现）。 / The planted faults were found (exit code 1 means: findings).")
    _show_made(folder, _checking(folder))


def _checking(
    folder: str, packs: Iterable[str] = ("central-aid-2015", "yuanjiang-2021"), limits: Iterable[str] = ()
) -> list[str]:
    chosen = [word for pack in packs for word in ("--pack", pack)] + [word for limit in limits for word in ("--param", limit)]
    return ["check", folder, *chosen, "--as-of", "2021-12-31"]


def _show_made(folder: str, checking: Iterable[str]) -> None:
    click.echo(f"台账在 / the ledgers lie in: {Path(folder).resolve()}")
    words = [f'"{word}"' if " " in word else word for word in checking]
    click.echo(f"核查 / check: fundcheck {' '.join(words)}")


@main.group()
def policies() -> None:
    """List, show, prove and write policies."""


_packs = click.option("--pack", "packs", multiple=True, metavar="NAME|DIR", help="Packs beside core; default: all shipped.")


def _library(packs: tuple[str, ...]) -> Library:
    from policies.load import load_library, shipped_packs

    return load_library(packs or [name for name in shipped_packs() if name != "core"])


@policies.command("list")
@_packs
def list_policies(packs: tuple[str, ...]) -> None:
    """List the policies of the packs, a line each."""
    with refusals():
        for code, loaded in _library(packs).policies.items():
            policy = loaded.policy
            click.echo(f"{code}  {policy.severity:<8}  {policy.basis:<8}  {loaded.pack:<16}  {policy.id}  {policy.title.zh}")


@policies.command("show")
@click.argument("code")
@_packs
@click.option("--lang", type=click.Choice(["zh", "en"]), default="zh", show_default=True, help="Language.")
def show_policy(code: str, packs: tuple[str, ...], lang: str) -> None:
    """Show one policy: what, why, example, clauses, parameters, condition."""
    from engine.manual import describe_policy

    with refusals():
        library = _library(packs)
        click.echo(describe_policy(library, _loaded(library, code), lang))


def _loaded(library: Library, code: str) -> Any:
    for loaded in library.policies.values():
        if code in (loaded.policy.code, loaded.policy.id):
            return loaded
    raise click.UsageError(f"no policy `{code}`. known: {', '.join(library.policies)}.")


@policies.command("new")
@click.argument("path", type=click.Path(dir_okay=False))
@click.option("--code", required=True, help="A letter and two digits, such as H01.")
def new_policy(path: str, code: str) -> None:
    """Write a policy to fill in, which loads, with one case of each kind; its folder becomes a pack."""
    from policies.scaffold import scaffold

    with refusals():
        for written in scaffold(Path(path), code):
            click.echo(f"written: {written}")


@policies.command("lint")
@_packs
def lint_policies(packs: tuple[str, ...]) -> None:
    """Check policies against the kinds and the rules of good policies; exit 2 with every problem."""
    from declared import Refused
    from engine.trial import lint

    with refusals():
        library = _library(packs)
        problems = lint(library)
        if problems:
            raise Refused(problems)
        click.echo(f"{len(library.policies)} policies, no problem.")


@policies.command("test")
@_packs
@click.option("--policy", "only", multiple=True, metavar="CODE", help="Only these; repeatable.")
def test_policies(packs: tuple[str, ...], only: tuple[str, ...]) -> None:
    """Judge every case of every policy and compare; exit 1 if one differs."""
    from engine.trial import try_cases

    with refusals():
        library = _library(packs)
        outcomes = list(try_cases(library, {_loaded(library, code).policy.code for code in only}))
        for outcome in outcomes:
            if not outcome.passed:
                click.echo(f"{outcome.place}: {outcome.title}: expected {outcome.expected}, got {outcome.got}")
        failed = sum(not outcome.passed for outcome in outcomes)
        click.echo(f"{len(outcomes) - failed} passed, {failed} failed")
        sys.exit(1 if failed else 0 if outcomes else 3)


@policies.command("verify")
@click.option(
    "--sources", required=True, type=click.Path(exists=True, file_okay=False), help="Folder with the texts of the documents."
)
@_packs
@click.option("--record", is_flag=True, help="Write what was found to the register of proofs.")
def verify_quotes(sources: str, packs: tuple[str, ...], record: bool) -> None:
    """Find each quote exactly once in its document; exit 2 if one is orphaned or ambiguous."""
    from policies.load import PROOFS, SOURCES
    from policies.prove import open_documents, prove
    from policies.prove import record as write_proofs

    with refusals():
        library = _library(packs)
        proofs = list(prove(library.layers, library.documents, open_documents(Path(sources), library.documents)))
        for proof in proofs:
            click.echo(
                f"{proof.status:<16}  {proof.code}  {proof.document}  “{proof.quote}”{'  ' + proof.what if proof.what else ''}"
            )
        lost = [proof for proof in proofs if proof.status != "found"]
        click.echo(f"{len(proofs) - len(lost)} found, {len(lost)} not found")
        if record and not lost:
            (SOURCES / PROOFS).write_text(write_proofs(proofs), encoding="utf-8")
        sys.exit(2 if lost or not proofs else 0)


@policies.command("sql")
@click.argument("code")
@_packs
@click.option("--dialect", type=click.Choice(["duckdb", "postgres", "spark", "oracle", "tsql"]), default="duckdb", show_default=True,
              help="Dialect; oracle and tsql are parse-checked only.")  # fmt: skip
@click.option("--as-of", callback=_day, metavar="DATE", help="Day to judge from; default: today.")
def print_sql(code: str, packs: tuple[str, ...], dialect: str, as_of: date) -> None:
    """Print what a policy asks, as one statement over tables named like the ledger kinds."""
    from engine.manual import policy_sql

    with refusals():
        click.echo(policy_sql(_loaded(_library(packs), code), dialect, as_of))


@policies.command("schema")
def print_schema() -> None:
    """Print the JSON Schema of policy files, for editors."""
    from policies.model import policy_schema

    with refusals():
        _print_json(policy_schema())


@main.group()
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
@_said_kinds
@_encoding_name
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
def write_template(kind: Kind, output: str | None) -> None:
    """Write a workbook to fill in for one kind: headers, drop-downs, and a sheet that explains each column."""
    from ledgers.template import template
    from ledgers.written import write_new

    path = Path(output or f"{kind.kind}.xlsx")
    if path.suffix.lower() != ".xlsx":
        raise click.UsageError(f"{path}：模板是 .xlsx 工作簿，请改文件名。 / a template is an .xlsx workbook; rename it.")
    with refusals():
        write_new(path, template(kind))
        click.echo(f"written: {path}")


@ledgers.command("sample")
@click.argument("folder", type=click.Path(file_okay=False))
@click.option("--rows", type=click.IntRange(1, 100_000), default=100, show_default=True, help="Rows of each judged ledger.")
@click.option("--seed", type=int, default=1, show_default=True, help="Another number, other ledgers.")
@click.option("--kind", "wanted", multiple=True, type=click.Choice(SAMPLED), help="Only these; default: all; repeatable.")
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
        write_files(Path(folder), sample(load_kinds(), wanted or SAMPLED, rows=rows, seed=seed, form=form))
        packs = [pack for pack in shipped_packs() if pack != "core"]
        limits = load_library(packs).asked_for()
        _show_made(folder, _checking(folder, packs, [f"{limit}={example}" for limit, example in limits.items()]))


if __name__ == "__main__":
    main()
