"""Share what several commands need: options, their values, and how refusals and faults are told."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from policies.load import Library

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


def _said(context: click.Context, parameter: click.Parameter, values: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    pairs = [value.partition("=") for value in values]
    for kind, _, path in pairs:
        if not kind or not path.partition("#")[0]:
            raise click.BadParameter(f"`{kind}={path}`: write KIND=PATH or KIND=PATH#SHEET.")
    return tuple((kind, path) for kind, _, path in pairs)


def _encoding(context: click.Context, parameter: click.Parameter, value: str | None) -> str | None:
    from ledgers.sources import is_encoding

    if value is not None and not is_encoding(value):
        raise click.BadParameter(f"`{value}` is no text encoding. write utf-8, gb18030, big5 or utf-16.")
    return value


def to_day(context: click.Context, parameter: click.Parameter, value: str | None) -> date:
    """Read a day, or take today."""
    try:
        return date.fromisoformat(value) if value else date.today()
    except ValueError as error:
        raise click.BadParameter(f"`{value}` is no day. write YYYY-MM-DD.") from error


def to_parameters(context: click.Context, parameter: click.Parameter, values: tuple[str, ...]) -> dict[tuple[str, str], str]:
    """Read values for parameters, CODE.NAME=VALUE, by code and name."""
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


own_parameters = click.option(
    "--param", "parameters", multiple=True, callback=to_parameters, metavar="CODE.NAME=VALUE", help="Set a policy's parameter."
)
said_kinds = click.option(
    "--ledger", "said", multiple=True, callback=_said, metavar="KIND=PATH[#SHEET]", help="Say the kind of a file."
)
roster_file = click.option("--roster", type=click.Path(dir_okay=False), metavar="FILE",
                            help="Units expected: a table or YAML; wins over the project file.")  # fmt: skip
project_file = click.option("--project", type=click.Path(dir_okay=False), metavar="FILE",
                             help="Project file; default: fundcheck.yaml here or above PATH.")  # fmt: skip
encoding_name = click.option(
    "--encoding", callback=_encoding, metavar="NAME", help="Encoding of CSV files and web pages; recognised otherwise."
)


packs_option = click.option("--pack", "packs", multiple=True, metavar="NAME|DIR", help="Packs beside core; default: all shipped.")
language = click.option("--lang", type=click.Choice(["zh", "en"]), default="zh", show_default=True, help="Language.")


def chosen_packs(packs: tuple[str, ...]) -> Sequence[str]:
    """Give the packs that were named, or all that are shipped."""
    from policies.load import shipped_packs

    return packs or [name for name in shipped_packs() if name != "core"]


def load_packs(packs: tuple[str, ...]) -> Library:
    """Load the packs that were named, or all that are shipped, over core."""
    from policies.load import load_library

    return load_library(chosen_packs(packs))


def print_json(document: object) -> None:
    """Print a document as JSON."""
    import json

    click.echo(json.dumps(document, ensure_ascii=False, indent=2))


def show_made(folder: str, checking: Iterable[str]) -> None:
    """Say where ledgers were written, and how to check them."""
    click.echo(f"台账在 / the ledgers lie in: {Path(folder).resolve()}")
    words = [f'"{word}"' if " " in word else word for word in checking]
    click.echo(f"核查 / check: fundcheck {' '.join(words)}")


def checking(folder: str, packs: Iterable[str] = ("central-aid-2015", "yuanjiang-2021"), limits: Iterable[str] = ()) -> list[str]:
    """Give the words of the command that checks a folder of made-up ledgers."""
    chosen = [word for pack in packs for word in ("--pack", pack)] + [word for limit in limits for word in ("--param", limit)]
    return ["check", folder, *chosen, "--as-of", "2021-12-31"]
