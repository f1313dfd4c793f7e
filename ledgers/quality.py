"""Look at a whole ledger for what no single cell shows: rows that stand twice (Q08), days of another year (Q14), one number with two names (Q15),
payments of which the note says another amount (Q05).

Nothing is left out or left unread for it: these are questions to whoever keeps the ledger.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from ledgers.arrays import TAIL, heads_of_several, keep, number_array, numbers_of
from ledgers.oddities import find_oddities
from ledgers.tables import HELD, Table, count_filled, list_inputs, unsaid
from ledgers.typed import Typed, only, quote, select, written
from ledgers.void_rows import maybe_unpaid

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_PAID = "(?:[只仅僅](?:[发發领領付]|[拨撥]付?)|(?:本次|先|首[期付]|已|各)(?:[发發]放?|[领領]取?|[付缴繳]|[拨撥]付?|支付)?|[实實](?:[际際])?(?:[发發]放?|[领領]取?|[付缴繳拨撥]|支付|到[账帐賬]|[为為系係])|改[为為][发發]?|[调調]整[为為]|更[正改][为為]|[应應][为為])[金额額数數]*[:：为為]?[¥￥]?([0-9][0-9,]*(?:[.][0-9]+)?)(?:[元圆圓]|[^0-9A-Za-z一-鿿.%/-]|$)"
_NUMERALS = "[零〇一二两三四五六七八九十百千万亿壹贰貳叁參肆伍陆陸柒捌玖拾佰仟萬億]"
_CHANGED = f"(分[一二两三四五2-5][次期]|分期|余款|尾款|[尚还還]欠|首[付期]|[合共][领領]|[一共]同[领領]|同[领領](?:[^取]|$)|[0-9一二两三四五][万千百][元圆圓]?|(?:[只仅僅实實应應][发發領领付给給補补]放?|[实實应應]际?[付支]){_NUMERALS}+[元圆圓]|(?:[多少][发發领領付]|扣[发發除减減]?)了?[¥￥]?[0-9][0-9,.]*[元圆圓]?|[减減折]半(?:[发發]放?)?)"
_CARRIED = (
    "[^0-9A-Za-z一-鿿]*(?:(?:[上本][期月年]度?|[期月年][初末]|以前年度)(?:[结結][存转轉余餘]|[库庫]存|[盘盤]存|余额|餘額|累计)|[上承]年?[结結][转轉存余餘]|[期月年][初末])"
    "(?:数量?|數量?|金额|金額|余额|餘額)?[^0-9A-Za-z一-鿿]*"
)
FEWEST = 3  # texts of a row; a shorter one may stand twice by chance
MOST_HASHES = 1 << 22  # held against each other at once
AT_ONCE = 1 << 16  # looked at while what is reckoned of them stays in the processor's cache


def question_rows(con: DuckDBPyConnection, tables: Iterable[Table]) -> None:
    """Note what the rows of ledgers leave to be asked, once older versions are out of them."""
    for table in tables:
        for query in (
            *_find_twice(table),
            *_find_other_years(table),
            *_find_two_names(con, table),
            *_find_other_sums(con, table),
            *_find_unsure(con, table),
            *_find_carried(con, table),
            *find_oddities(con, table),
        ):
            con.execute(f"INSERT INTO cell_notes {query}")


def _find_twice(table: Table) -> Iterator[str]:
    """Give the SELECT of rows of one sheet that are the same in every column but their number; of bulk files nobody asks.

    Lines of a record with one head, such as a voucher, may be equal by right.
    """
    inputs = ", ".join(map(str, table.inputs))
    for part in table.parts if not table.kind.fills_down else ():
        texts = [quote(name) for name in part.raw.sql_types if name != "seq"]
        if not part.raw.relation.startswith(HELD) or len(texts) < FEWEST:
            continue
        filled = count_filled(f"CAST({text} AS VARCHAR)" for text in texts)
        relation, same = part.raw.relation, f"hash({', '.join(texts)})"
        twice = f"SELECT {same} FROM {relation} WHERE _input IN ({inputs}) GROUP BY _input, {same} HAVING count(*) > 1"
        yield (  # only the few rows whose hash stands twice are held against each other
            "SELECT 'Q08', _input, _row, NULL, format('与第 {} 行各列相同，请核实是否重复录入', CAST(first AS VARCHAR)) FROM"
            f" (SELECT _input, _row, min(_row) OVER (PARTITION BY _input, {', '.join(texts)}) AS first FROM {relation}"
            f" WHERE {same} IN ({twice}) AND _input IN ({inputs}) AND {filled} >= {FEWEST}) WHERE _row > first"
        )


def _find_other_years(table: Table) -> Iterator[str]:
    """Give the SELECT that counts, by sheet, the rows whose day is not of the year in the title."""
    days = [name for name in table.kind.business_key if table.kind.columns[name].type == "date"]
    for part in table.parts:
        if part.raw.year is None or not days or days[0] not in part.pieces:
            continue
        day, year = quote(days[0]), part.raw.year.year
        what = f"有 {{}} 行（第 {{}} 行起）的日期不在标题或文件名所写的 {year} 年，请核实"
        yield (
            f"SELECT 'Q14', _input, min(_row), '{days[0]}', format('{what}', CAST(count(*) AS VARCHAR), CAST(min(_row) AS VARCHAR))"
            f" FROM {table.view} WHERE _input IN ({list_inputs(part)}) AND year({day}) <> {year} AND year({quote(f'{days[0]}__to')}) <> {year}"
            " GROUP BY _input"
        )


def _find_other_sums(con: DuckDBPyConnection, table: Table) -> Iterator[str]:
    """Give the SELECTs of payments of which the note says that another amount was paid: 应发500，实发300, or 少发100; of several amounts nobody knows which is meant."""
    for part, paid, few, text in _noted(table):
        piece = part.pieces[paid]
        for pattern, what, differs in (
            (_PAID, "与备注所写实发数 {} 不同，请核实", "TRY_CAST(replace({}, ',', '') AS DECIMAL(18, 2)) <> {}"),
            (_CHANGED, "备注写有“{}”，金额是否已按此增减不明，请核实", "{} <> '' AND {} IS NOT NULL"),
        ):
            noted = f"regexp_extract({text}, '{pattern}', 1)"
            if con.execute(f"SELECT 1 FROM {few} r WHERE {noted} <> '' LIMIT 1").fetchall():
                yield (
                    f"SELECT 'Q05', r._input, r._row, '{paid}', format('{what}', {noted}) FROM {part.raw.relation} r {piece.join}"
                    f" WHERE {differs.format(noted, piece.value)} AND r._input IN ({list_inputs(part)})"
                )


def _find_unsure(con: DuckDBPyConnection, table: Table) -> Iterator[str]:
    """Give the SELECTs of payments that no negative one cancels and of which the note says, among other words, that they came back or were not made."""
    for part, paid, few, text in _noted(table):
        said = maybe_unpaid(text)
        if con.execute(f"SELECT 1 FROM {few} r WHERE {said} <> '' LIMIT 1").fetchall():
            alone = "v._netted IS NULL" if table.netted else "TRUE"
            yield (
                f"SELECT 'Q05', v._input, v._row, '{paid}', format('备注写有“{{}}”，是否支付不明，请核实', {said})"
                f" FROM {table.view} v JOIN {part.raw.relation} r USING (_input, _row)"
                f" WHERE {said} <> '' AND v.{quote(paid)} > 0 AND {alone}"
            )


def _find_carried(con: DuckDBPyConnection, table: Table) -> Iterator[str]:
    """Give the SELECTs of rows that are named like a balance of another time, in ledgers that hold no balances as records."""
    kind = table.kind
    if kind.fills_down or kind.stepped or kind.income:
        return
    texts = [name for name, column in kind.columns.items() if column.type in ("text", "name") and name != "note"]
    for part in table.parts:
        for name in (name for name in texts if name in part.raw.sql_types):
            few = part.raw.seen.few(name)
            if not few and not part.raw.relation.startswith(HELD):
                continue  # of what is as long as that each text would be matched
            carried = f"regexp_full_match({written(f'r.{quote(name)}', part.raw.sql_types[name])}, '{_CARRIED}')"
            if con.execute(f"SELECT 1 FROM {few or part.raw.relation} r WHERE {carried} LIMIT 1").fetchall():
                yield (
                    f"SELECT 'Q12', r._input, r._row, '{name}', '像上期结转或结余，不是一笔记录，请核实' FROM {part.raw.relation} r"
                    f" WHERE {carried} AND r._input IN ({list_inputs(part)})"
                    f" AND {unsaid('r', 'Q12')}"
                )


def _noted(table: Table) -> Iterator[tuple[Typed, str, str, str]]:
    """Give each part of a table of payments that have notes: it, the column of payment, the relation of the notes' distinct texts, and the SQL of a note."""
    paying = {table.kind.nets: "note"} if table.kind.nets else table.kind.unpaid
    [(paid, note)] = paying.items() if len(paying) == 1 else [("", "")]
    for part in table.parts:
        if paid in part.pieces and note in part.raw.sql_types:
            few = part.raw.seen.few(note) or part.raw.relation
            yield part, paid, few, written(f"r.{quote(note)}", part.raw.sql_types[note])


def _find_two_names(con: DuckDBPyConnection, table: Table) -> Iterator[str]:
    """Give the SELECT of rows whose number stands in the ledger with another name too; what stands in brackets is no name."""
    columns = table.kind.columns
    numbers = [name for name in table.kind.person if columns[name].type == "identity"]
    names = [name for name in table.kind.person if columns[name].type == "name"]
    if not numbers or not names or any(not {numbers[0], names[0]} <= part.pieces.keys() for part in table.parts):
        return
    number, name = numbers[0], names[0]
    if not _hold_hashes(con, " UNION ALL ".join(_hashes(part, number, name) for part in table.parts), table.rows):
        return
    few = (select(only(part, {number, name}), table.kind, _of_several(part, number)) for part in table.parts)
    told = f"SELECT _input, _row, {quote(number)} AS number, split_part({quote(name)}, '(', 1) AS name FROM ({' UNION ALL '.join(few)})"
    yield (
        f"WITH few AS MATERIALIZED ({told} WHERE _problems & {table.kind.bit(number) | table.kind.bit(name)} = 0)"
        f" SELECT 'Q15', _input, _row, '{number}', '同一证件号码在台账中有不同的姓名，请核实' FROM few"
        " WHERE number IN (SELECT number FROM few GROUP BY number HAVING min(name) <> max(name))"
    )


def _hashes(part: Typed, number: str, name: str) -> str:
    """Write the SELECT of the hash of each number beside that of its name as it was written: the same text is the same name."""
    read, text = part.pieces[number], written(f"r.{quote(name)}", part.raw.sql_types[name])
    both = f"((hash({read.value}) >> {TAIL}) << {TAIL}) | (hash({text}) & {(1 << TAIL) - 1})"
    return f"SELECT {both} AS h FROM {part.raw.relation} r {read.join} WHERE {read.value} IS NOT NULL AND {text} <> ''"


def _of_several(part: Typed, number: str) -> str:
    """Write the relation of the rows whose number may have two names, before the names are looked up."""
    read = part.pieces[number]
    return (
        f"(SELECT r.* FROM {part.raw.relation} r {read.join} WHERE (hash({read.value}) >> {TAIL}) IN (SELECT h FROM two_names))"
    )


def _hold_hashes(con: DuckDBPyConnection, hashes: str, rows: int) -> bool:
    """Lay the hashes of numbers with two hashes of names down as `two_names`, if there are any, and say so; both make one number.

    To group the texts, or even their hashes, takes three times as long; the texts of these few then decide.
    """
    import numpy as np
    import pyarrow as pa

    parts, found = rows // MOST_HASHES + 1, list[np.ndarray]()
    for part in range(parts):
        held = con.sql(f"SELECT h FROM ({hashes}) WHERE (h >> {TAIL}) % {parts} = {part}").to_arrow_table(AT_ONCE)
        found.append(heads_of_several(numbers_of(held.column("h"))))
    if any(map(len, found)):
        keep(con, "two_names", pa.table({"h": number_array(np.concatenate(found), pa.uint64())}))
    return any(map(len, found))
