"""Find files that add up other files of one folder, or tables others of one database, person by person: a summary beside the lists of the months
would be judged once more."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence, Set
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from ledgers.sources import Note
from ledgers.tables import Table
from ledgers.typed import quote, written

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

    from ledgers.desk import Input

MOST_NAMED = 5  # files or tables


def name_summaries(con: DuckDBPyConnection, tables: Iterable[Table], inputs: Sequence[Input], laid: Set[int]) -> Iterator[Note]:
    """Name each whose amounts are, for each who was paid, the sums of what all others beside it hold; nothing is left out for it.

    Shapes:  `laid` are the tables of databases; the sheets of a workbook are held against each other when they are read.
    """
    for table in tables:
        numbers = sorted(number for number in table.inputs if inputs[number].rows and inputs[number].kind == table.kind.kind)
        apart = Counter(inputs[number].path for number in laid & {*table.inputs})
        lists = dict[_List, list[int]]()
        for number in numbers:
            one = inputs[number]
            sheet = one.sheet if number in laid and apart[one.path] > 1 else None
            lists.setdefault(_List(one.path, sheet), []).append(number)
        if len({one.beside for one in lists}) == len(lists):  # none stands beside another
            continue
        paid = _write_paid(table, {*numbers})
        if paid is None:
            continue
        sums = dict(con.execute(f"SELECT _input, sum(amount) FROM ({paid}) GROUP BY _input").fetchall())
        totals = {own: sum((sums.get(number) or Decimal(0) for number in held), Decimal(0)) for own, held in lists.items()}
        whole = dict.fromkeys((one.beside for one in lists), Decimal(0))
        for own, total in totals.items():
            whole[own.beside] += total
        for own in (own for own, total in totals.items() if total and 2 * total == whole[own.beside]):
            others = [other for other in lists if other != own and other.beside == own.beside]
            if _adds_up(con, paid, lists[own], [number for other in others for number in lists[other]]):
                named = "、".join(other.name for other in others[:MOST_NAMED]) + ("…" if len(others) > MOST_NAMED else "")
                what = f"各行金额恰为 {named}（共 {len(others)} 份）里同一对象的各笔之和，像汇总；都判断，请核实是否重复计算。"
                yield Note("Q16", "high", own.path, own.table, None, None, None, what)


class _List(NamedTuple):
    """Say what may add up others: a file, or the table of a database."""

    path: str
    table: str | None

    @property
    def beside(self) -> str:
        """Give what holds the others: its database, or its folder."""
        return self.path if self.table else str(Path(self.path).parent)

    @property
    def name(self) -> str:
        """Give its name among the others."""
        return self.table or Path(self.path).name


def _write_paid(table: Table, numbers: Set[int]) -> str | None:
    """Write the SELECT of input, who was paid, and amount, of the inputs with these numbers; None where the parts of a ledger do not say both alike."""
    kind, parts = table.kind, table.parts
    amounts = [
        name for name, column in kind.columns.items() if column.type == "amount" and all(name in one.pieces for one in parts)
    ]
    names = [name for name in kind.added_up_by if all(name in one.raw.sql_types for one in parts)]
    if not amounts or not names:
        return None
    amount = kind.nets if kind.nets in amounts else amounts[0]
    selects = []
    for part in parts:
        texts = [
            f"upper(regexp_replace({written(f'r.{quote(name)}', part.raw.sql_types[name])}, '\\s', '', 'g'))" for name in names
        ]
        if kind.person:  # of whom the number is enough, where there is one
            filled = [f"nullif({text}, '')" for text in texts]
            whom = f"coalesce({', '.join(filled)})"
        else:
            whom = f"concat_ws('|', {', '.join(texts)})"
        piece, judged = part.pieces[amount], ", ".join(str(number) for number in part.raw.inputs if number in numbers)
        selects.append(
            f"SELECT r._input, {whom} AS whom, {piece.value} AS amount FROM {part.raw.relation} r {piece.join}"
            f" WHERE r._input IN ({judged or -1})"
        )
    return " UNION ALL ".join(selects)


def _adds_up(con: DuckDBPyConnection, paid: str, inputs: Sequence[int], others: Sequence[int]) -> bool:
    """Say whether some inputs hold, in fewer rows, for each who was paid what others hold for him."""
    own, theirs = (", ".join(map(str, numbers)) for numbers in (inputs, others))
    sums = "SELECT whom, sum(amount) AS total, count(*) AS rows, count(*) - count(amount) AS unread FROM ({}) WHERE _input IN ({}) GROUP BY whom"
    [(differ, rows, more)] = con.execute(
        "SELECT count_if(a.total IS NULL OR b.total IS NULL OR a.total <> b.total OR a.unread + b.unread > 0), sum(a.rows), sum(b.rows)"
        f" FROM ({sums.format(paid, own)}) a FULL JOIN ({sums.format(paid, theirs)}) b ON a.whom = b.whom"
    ).fetchall()
    return not differ and 1 < rows < more
