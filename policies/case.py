"""Hold an example of a policy: rows of ledgers, and what is to be said of each row."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from policies.values import Given, Text

Verdict = Literal["compliant", "violation", "suspect", "not_evaluable", "not_applicable", "lead", "no_lead"]
MOST_COPIES = 9999


class Case(BaseModel):
    """Hold one example: rows by ledger kind, and the verdict of each row of the judged ledger in order.

    `times: 300` in a row has it written 300 times, each `####` in it the number of the copy; `{compliant: 300}` expects as many.

    `says`  the message, in Chinese and masked for the public, of the first finding of the case.
    """

    model_config = ConfigDict(extra="allow", frozen=True)
    name: str | None = None
    innocent: str | None = None
    expect: list[Verdict | dict[Verdict, Annotated[int, Field(ge=1, le=MOST_COPIES)]]]
    as_of: date = date(2021, 12, 31)
    region: Text | None = None
    parameters: dict[str, Given] = {}
    says: str | None = None
    todo: str | None = None

    @property
    def title(self) -> str:
        """Give the sentence that names the case."""
        return self.name or f"innocent: {self.innocent}"

    @property
    def verdicts(self) -> list[Verdict]:
        """Give the verdict of each row."""
        return [verdict for verdict, times in self._expected() for _ in range(times)]

    @property
    def told(self) -> list[str]:
        """Say the verdicts, those of many rows at once as the file does."""
        said = (verdict if times == 1 else f"{times} × {verdict}" for verdict, times in self._expected())
        return [words.replace("_", " ") for words in said]

    @property
    def expected(self) -> str:
        """Say the verdicts in one line."""
        return ", ".join(self.told)

    def _expected(self) -> Iterator[tuple[Verdict, int]]:
        for one in self.expect:
            yield from one.items() if isinstance(one, dict) else [(one, 1)]

    @property
    def ledgers(self) -> dict[str, list[dict[str, Any]]]:
        """Give the rows of each ledger, those with `times` written out."""
        return {kind: list(_written_out(rows)) for kind, rows in self.written.items()}

    @property
    def written(self) -> dict[str, Any]:
        """Give the rows of each ledger as the file has them: where lint has yet to look, anything."""
        return dict(self.model_extra or {})


def _written_out(rows: Any) -> Iterator[dict[str, Any]]:
    for row in rows:
        if isinstance(row, dict) and "times" in row:
            for number in range(1, int(row["times"]) + 1):
                yield {name: _numbered(cell, number) for name, cell in row.items() if name != "times"}
        else:
            yield row


def _numbered(cell: Any, number: int) -> Any:
    return cell.replace("####", f"{number:04d}") if isinstance(cell, str) else cell
