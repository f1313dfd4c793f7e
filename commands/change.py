"""Follow changes: of a document's text, of a pack, of parameters in a table. Commands of `fundcheck policies`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click
from click.core import ParameterSource

from commands.shared import (
    encoding_name,
    language,
    load_packs,
    own_parameters,
    packs_option,
    project_file,
    refusals,
    said_kinds,
    to_day,
)

text_file = click.Path(exists=True, dir_okay=False)


@click.command("drift")
@click.argument("old", type=text_file)
@click.argument("new", type=text_file)
@click.option("--document", "said", metavar="ID", help="The document that OLD is; recognised by its fingerprint otherwise.")
@packs_option
@language
def compare_texts(old: str, new: str, said: str | None, packs: tuple[str, ...], lang: str) -> None:
    """Compare two versions of a document's text and name what to review; exit 1 if there is something.

    That is quotes that no longer stand exactly once, figures that changed around them with the parameters that rest on them,
    and new clauses that order, forbid or limit. OLD and NEW are plain texts (.txt).
    """
    from engine.drift import compare, describe_drift, name_document, read_document

    with refusals():
        library = load_packs(packs)
        before, after = read_document(Path(old)), read_document(Path(new))
        drift = compare(library, name_document(before, said, library.documents, old), before, after)
        for line in describe_drift(drift, library.documents, lang):
            click.echo(line)
        sys.exit(0 if drift.is_quiet else 1)


@click.command("impact")
@click.argument("paths", nargs=-1, metavar="[PATH]...")
@click.option(
    "--old", required=True, metavar="DIR|PACK", help="The pack as it was: a folder, or the name of one that is shipped."
)
@click.option("--new", required=True, metavar="DIR|PACK", help="The pack as it shall be.")
@click.option("--pack", "packs", multiple=True, metavar="NAME|DIR", help="Packs beside both; repeatable.")
@said_kinds
@own_parameters
@encoding_name
@click.option("--as-of", callback=to_day, metavar="DATE", help="Day to judge deadlines from; default: today.")
@project_file
@click.option(
    "--format", "form", type=click.Choice(["terminal", "json"]), default="terminal", show_default=True, help="Output format."
)
@click.option("--output", default="-", metavar="FILE", help="File to write; default: the screen.")
@language
def compare_versions(
    paths: tuple[str, ...], old: str, new: str, project: str | None, form: str, output: str, lang: str, **options: Any
) -> None:
    """Judge the same ledgers by two versions of a pack and say what changes; exit 1 if something does, 3 if a ledger cannot be read.

    Findings gained, lost and changed in verdict, severity or money, rows by verdict, and the money of each policy and in all. Without
    PATH, the ledgers named in the project file are judged.
    """
    import os

    from engine import impact_forms
    from engine.delivery import spare_ledgers, write_with
    from engine.impact import compare_packs
    from engine.project import NAME, ask, find_project

    context = click.get_current_context()
    given = {name: value for name, value in options.items() if context.get_parameter_source(name) != ParameterSource.DEFAULT}
    given |= {"as_of": options["as_of"], "paths": paths, "lang": lang}
    if secret := os.environ.get("FUNDCHECK_KEY", "").encode():
        given["key"] = secret
    named = [*paths, *(place.partition("#")[0] for _, place in options["said"])]
    with refusals():
        file = Path(project) if project else find_project(named[0] if named else None)
        request = ask(file, given, None)
        if not request.paths and not request.said:
            raise click.UsageError(f"name at least one ledger file or folder, --ledger KIND=PATH, or `ledgers` in {NAME}.")
        spare_ledgers([output], [*named, *request.paths])
        impact = compare_packs(request, old, new)
        write_with(getattr(impact_forms, f"write_{form}"), (impact, lang), output, for_people=form == "terminal")
    sys.exit(impact.exit_code)


@click.command("parameters")
@click.option("--pack", required=True, metavar="NAME|DIR", help="The pack; to change it, its folder.")
@click.option("--output", type=click.Path(dir_okay=False), metavar="FILE.xlsx", help="Workbook to write.")
@click.option("--from", "given", type=text_file, metavar="FILE.xlsx", help="Workbook to read the values back from.")
def table_parameters(pack: str, output: str | None, given: str | None) -> None:
    """Write the parameters of a pack into a workbook, or read them back from it into the files of the pack.

    Only the values of parameters are changed, comments and layout stay. Every cell that does not do is named, and then nothing is written.
    """
    from engine.parameter_book import open_pack, write_book
    from engine.parameter_cells import read_book, write_texts
    from ledgers.written import write_new
    from policies.load import shipped_packs

    if (output is None) == (given is None):
        raise click.UsageError("写出用 --output，读回用 --from，二者择一。 / give either --output or --from.")
    if output and Path(output).suffix.lower() != ".xlsx":
        raise click.UsageError(f"{output}：请写成 .xlsx 文件名。 / name an .xlsx workbook.")
    if given and pack in shipped_packs():
        raise click.UsageError(
            f"{pack} 是自带的政策包，不能按名称修改。请把它复制到自己的目录，或写出它的目录。 / name the folder of a pack to change it."
        )
    with refusals():
        opened = open_pack(pack)
        if output:
            write_new(Path(output), write_book(opened))
            click.echo(f"written: {output}")
            return
        texts = read_book(opened, Path(given or ""))
        write_texts(texts)
        for path in texts:
            click.echo(f"已改动 / changed: {path}")
        click.echo(f"接着 / next: fundcheck policies test --pack {pack}" if texts else "没有改动。 / nothing changed.")
