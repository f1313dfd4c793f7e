"""Follow changes: of a document's text, of a pack, of parameters in a table. Commands of `fundcheck policies`."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from commands.shared import language, load_packs, packs_option, refusals

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
