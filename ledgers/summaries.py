"""Find files that add up other files of one folder, person by person: a summary beside the lists of the months would be judged once more."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence, Set
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

from ledgers.sources import Note
from ledgers.tables import Table
from ledgers.typed import quote, written

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

    from ledgers.desk import Input

MOST_NAMED = 5  # files
EMPTY = "''"


def name_summaries(con: DuckDBPyConnection, tables: Iterable[Table], inputs: Sequence[Input]) -> Iterator[Note]:
    """Name each file whose amounts are, for each who was paid, the sums of what all other files of its folder hold; nothing is left out for it."""
    for table in tables:
        numbers = {number for number in table.inputs if inputs[number].rows and inputs[number].kind == table.kind.kind}
        files = {inputs[number].path: str(Path(inputs[number].path).parent) for number in sorted(numbers)}
        if len({*files.values()}) == len(files):  # none stands beside another
            continue
        paid = _write_paid(table, numbers)
        if paid is None:
            continue
        totals, folders = dict.fromkeys(files, Decimal(0)), dict.fromkeys(files.values(), Decimal(0))
        for number, total in con.execute(f"SELECT _input, sum(amount) FROM ({paid}) GROUP BY _input").fetchall():
            totals[inputs[number].path] += total or 0
            folders[files[inputs[number].path]] += total or 0
        for path in (path for path, total in totals.items() if total and 2 * total == folders[files[path]]):
            others = [other for other in files if other != path and files[other] == files[path]]
            if _adds_up(con, paid, path, others, inputs):
                named = "、".join(Path(other).name for other in others[:MOST_NAMED]) + ("…" if len(others) > MOST_NAMED else "")
                what = f"各行金额恰为同一文件夹中 {named}（共 {len(others)} 个文件）里同一对象的各笔之和，像汇总；都判断，请核实是否重复计算。"
                yield Note("Q16", "high", path, None, None, None, None, what)


def _write_paid(table: Table, numbers: Set[int]) -> str | None:
    """Write the SELECT of input, who was paid, and amount, of the inputs with these numbers; None where the parts of a ledger do not say both alike."""
    kind, parts = table.kind, table.parts
    amounts = [
        name for name, column in kind.columns.items() if column.type == "amount" and all(name in one.pieces for one in parts)
    ]
    keys = kind.paid if kind.nets else [name for name in kind.business_key if kind.columns[name].type in ("text", "name")]
    names = [name for name in keys if all(name in one.raw.sql_types for one in parts)]
    if not amounts or not names:
        return None
    amount = kind.nets if kind.nets in amounts else amounts[0]
    selects = []
    for part in parts:
        texts = [
            f"upper(regexp_replace({written(f'r.{quote(name)}', part.raw.sql_types[name])}, '\\s', '', 'g'))" for name in names
        ]
        # Of a person the number is enough, where there is one.
        whom = (
            f"coalesce({', '.join(f'nullif({text}, {EMPTY})' for text in texts)})"
            if kind.person
            else f"concat_ws('|', {', '.join(texts)})"
        )
        piece, judged = part.pieces[amount], ", ".join(str(number) for number in part.raw.inputs if number in numbers)
        selects.append(
            f"SELECT r._input, {whom} AS whom, {piece.value} AS amount FROM {part.raw.relation} r {piece.join}"
            f" WHERE r._input IN ({judged or -1})"
        )
    return " UNION ALL ".join(selects)


def _adds_up(con: DuckDBPyConnection, paid: str, path: str, others: Sequence[str], inputs: Sequence[Input]) -> bool:
    """Say whether a file holds, in fewer rows, for each who was paid what other files hold for him."""
    own, theirs = (", ".join(str(one.number) for one in inputs if one.path in of) for of in ({path}, {*others}))
    sums = "SELECT whom, sum(amount) AS total, count(*) AS rows, count(*) - count(amount) AS unread FROM ({}) WHERE _input IN ({}) GROUP BY whom"
    [(differ, rows, more)] = con.execute(
        "SELECT count_if(a.total IS NULL OR b.total IS NULL OR a.total <> b.total OR a.unread + b.unread > 0), sum(a.rows), sum(b.rows)"
        f" FROM ({sums.format(paid, own)}) a FULL JOIN ({sums.format(paid, theirs)}) b ON a.whom = b.whom"
    ).fetchall()
    return not differ and 1 < rows < more
