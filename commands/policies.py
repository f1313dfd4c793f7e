"""Show, make, prove and test policies."""

from __future__ import annotations

import sys
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from commands.change import compare_texts, compare_versions, table_parameters
from commands.shared import chosen_packs, language, load_packs, packs_option, print_json, refusals, to_day

if TYPE_CHECKING:
    from policies.load import Library


@click.group()
def policies() -> None:
    """List, show, prove and write policies."""


@policies.command("list")
@packs_option
def list_policies(packs: tuple[str, ...]) -> None:
    """List the policies of the packs, a line each."""
    with refusals():
        for code, loaded in load_packs(packs).policies.items():
            policy = loaded.policy
            click.echo(f"{code}  {policy.severity:<8}  {policy.basis:<8}  {loaded.pack:<16}  {policy.id}  {policy.title.zh}")


@policies.command("show")
@click.argument("code")
@packs_option
@language
def show_policy(code: str, packs: tuple[str, ...], lang: str) -> None:
    """Show one policy: what, why, example, clauses, parameters, condition."""
    from engine.manual import describe_policy

    with refusals():
        library = load_packs(packs)
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
@packs_option
@click.option(
    "--sources", type=click.Path(exists=True, file_okay=False), help="Folder with the texts of the documents, to prove quotes."
)
@click.option("--explain", metavar="CODE", help="Print what a rule is about, such as P07, with an example, and stop.")
@click.option("--verbose", is_flag=True, help="Name the pairs of policies of which nothing was decided.")
def lint_policies(packs: tuple[str, ...], sources: str | None, explain: str | None, verbose: bool) -> None:
    """Check policies against the kinds and the rules of good policies (docs/lint.md); exit 2 with every problem."""
    from declared import Refused
    from engine.lint.explain import explain as explain_rule

    if explain is not None:
        try:
            click.echo(explain_rule(explain))
        except KeyError as error:
            raise click.UsageError(error.args[0]) from error
        return
    from engine.lint.rules import lint
    from policies.load import read_library
    from policies.prove import open_documents

    with refusals():
        library, refused = read_library(chosen_packs(packs))
        found = lint(library, refused, open_documents(Path(sources), library.documents) if sources else {})
        if verbose:
            for pair in found.undecided:
                click.echo(f"P16 undecided: {' and '.join(pair)}: no row of their cases shows whether both can be complied with.")
        if found.problems:
            raise Refused(found.problems)
        undecided = f" {len(found.undecided)} pairs undecided (P16)." if found.undecided else ""
        click.echo(f"{len(library.policies)} policies, no problem.{undecided}")


@policies.command("test")
@packs_option
@click.option("--policy", "only", multiple=True, metavar="CODE", help="Only these; repeatable.")
def test_policies(packs: tuple[str, ...], only: tuple[str, ...]) -> None:
    """Judge every case of every policy and compare; exit 1 if one differs."""
    from engine.trial import try_cases

    with refusals():
        library = load_packs(packs)
        outcomes = list(try_cases(library, {_loaded(library, code).policy.code for code in only}))
        for outcome in outcomes:
            if not outcome.passed:
                click.echo(f"{outcome.place}: {outcome.title}: expected {outcome.expected}, got {outcome.got}")
        failed = sum(not outcome.passed for outcome in outcomes)
        click.echo(f"{len(outcomes) - failed} passed, {failed} failed")
        sys.exit(1 if failed else 0 if outcomes else 3)


@policies.command("mutate")
@packs_option
@click.option("--policy", "only", multiple=True, metavar="CODE", help="Only these; repeatable.")
@click.option(
    "--share", type=click.FloatRange(0, 1, min_open=True), default=1.0, show_default=True, help="Share of the mutants to try."
)
@click.option("--workers", type=click.IntRange(1, 64), default=1, show_default=True, help="Processes.")
def mutate_policies(packs: tuple[str, ...], only: tuple[str, ...], share: float, workers: int) -> None:
    """Change policies in one small way at a time and report what no case notices; exit 1 if a change survives."""
    from engine.mutation import mutate

    with refusals():
        library = load_packs(packs)
        codes = [_loaded(library, code).policy.code for code in only]
        made = bad = equivalent = 0
        for trial in mutate(library, codes=codes, share=share, workers=workers):
            for change in trial.survivors:
                click.echo(f"{trial.path}: {trial.code} survives: {change}")
            for change in trial.unknown:
                click.echo(f"{trial.path}: {trial.code} equivalents: no mutant that survives is called `{change}`")
            made += trial.mutants
            bad += len(trial.survivors) + len(trial.unknown)
            equivalent += len(trial.equivalent)
        click.echo(f"{made} mutants, {bad} problems, {equivalent} proven equivalents")
        sys.exit(1 if bad else 0 if made else 3)


@policies.command("verify")
@click.option(
    "--sources", required=True, type=click.Path(exists=True, file_okay=False), help="Folder with the texts of the documents."
)
@packs_option
@click.option("--record", is_flag=True, help="Write what was found to the register of proofs.")
def verify_quotes(sources: str, packs: tuple[str, ...], record: bool) -> None:
    """Find each quote exactly once in its document; exit 2 if one is orphaned or ambiguous."""
    from policies.load import PROOFS, SOURCES
    from policies.prove import open_documents, prove
    from policies.prove import record as write_proofs

    with refusals():
        library = load_packs(packs)
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
@packs_option
@click.option("--dialect", type=click.Choice(["duckdb", "postgres", "spark", "oracle", "tsql"]), default="duckdb", show_default=True,
              help="Dialect; oracle and tsql are parse-checked only.")  # fmt: skip
@click.option("--as-of", callback=to_day, metavar="DATE", help="Day to judge from; default: today.")
def print_sql(code: str, packs: tuple[str, ...], dialect: str, as_of: date) -> None:
    """Print what a policy asks, as one statement over tables named like the ledger kinds."""
    from engine.manual import policy_sql

    with refusals():
        click.echo(policy_sql(_loaded(load_packs(packs), code), dialect, as_of))


@policies.command("schema")
def print_schema() -> None:
    """Print the JSON Schema of policy files, for editors."""
    from policies.model import policy_schema

    with refusals():
        print_json(policy_schema())


for change in (compare_texts, compare_versions, table_parameters):
    policies.add_command(change)
