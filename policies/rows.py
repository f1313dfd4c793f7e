"""Read what each source document states, row by row: which policies find it broken, or why none does.

The rows are our own words. What the clauses say word for word stands in the policies.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Literal, NamedTuple

from pydantic import model_validator

from declared import Declared, Problem, Refused, check, read
from policies.load import SOURCES, Library
from policies.model import Strict, Words
from policies.values import Text

ROWS = SOURCES / "rows"
LETTERS = {"N": "norm", "C": "target", "F": "reported", "I": "inferred"}


class Row(Strict):
    """State one thing that a document says and that a ledger might contradict.

    `policies`    those that find it broken; `by` says why, where none of them cites the document, and `leaves` what they do not see.
    `notes`       codes of the notes that the reader of ledgers makes of it.
    `untestable`  why no ledger can tell. `not_yet`  why no policy does, though a ledger could.
    """

    id: str
    section: Text
    basis: Literal["N", "C", "F", "I"]
    says: Words
    policies: tuple[str, ...] = ()
    by: Words | None = None
    leaves: Words | None = None
    notes: tuple[str, ...] = ()
    untestable: Words | None = None
    not_yet: Words | None = None

    @model_validator(mode="after")
    def _has_one_answer(self) -> Row:
        given = [name for name in ("policies", "notes", "untestable", "not_yet") if getattr(self, name)]
        if len(given) != 1:
            raise ValueError("give exactly one of `policies`, `notes`, `untestable`, `not_yet`")
        if (self.by or self.leaves) and not self.policies:
            raise ValueError("`by` and `leaves` go with `policies`")
        return self


class Rows(Strict):
    """Hold the rows of one registered document, in its order."""

    document: str
    rows: list[Row]


class Stated(NamedTuple):
    """Hold what one document states, with the file that declares it."""

    document: str
    rows: list[Row]
    declared: Declared


def load_rows(folder: Path = ROWS) -> dict[str, Stated]:
    """Read the rows of all documents, by document, in the order of their numbers.

    Raises:  Refused.
    """
    found: list[Stated] = []
    problems: list[Problem] = []
    for path in sorted(folder.glob("*.yaml")):
        declared = read(path, f"policies/sources/rows/{path.name}")
        try:
            stated = check(Rows, declared)
        except Refused as refused:
            problems += refused.problems
            continue
        found.append(Stated(stated.document, stated.rows, declared))
    if problems:
        raise Refused(problems)
    return {one.document: one for one in sorted(found, key=lambda one: one.rows[0].id)}


def find_gaps(stated: Iterable[Stated], library: Library) -> Iterator[Problem]:
    """Find rows out of order, and rows that name a policy which does not exist or does not rest on the document."""
    citing = documents_by_policy(library)
    for document, rows, declared in stated:
        if document not in library.documents or declared.path.rsplit("/", 1)[-1] != f"{document}.yaml":
            yield declared.problem(("document",), f"document: `{document}` is not registered, or not the name of this file.")
        for number, row in enumerate(rows):
            place = ("rows", number)
            expected = f"{rows[0].id[:2]}-{number + 1:02}"
            if row.id != expected:
                yield declared.problem((*place, "id"), f"id: `{row.id}` stands where `{expected}` should. rows count from 01.")
            unknown = [code for code in row.policies if code not in citing]
            if unknown:
                yield declared.problem((*place, "policies"), f"policies: no policy {', '.join(unknown)} in the shipped packs.")
            rests = any(document in citing.get(code, ()) for code in row.policies)
            if row.policies and not rests and row.by is None:
                yield declared.problem(
                    (*place, "policies"), "policies: none cites this document. say with `by` why it is covered."
                )
            if rests and row.by is not None:
                yield declared.problem((*place, "by"), "by: a policy cites this document. leave `by` out.")


def documents_by_policy(library: Library) -> Mapping[str, set[str]]:
    """Give the documents that each policy cites, or that recite what it cites, in any pack."""
    found: dict[str, set[str]] = {}
    for layer in library.layers:
        cited = {name for one in layer.policy.citations for name in (one.source, one.recited_in) if name}
        found.setdefault(layer.policy.code, set()).update(cited)
    return found
