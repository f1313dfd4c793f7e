"""Find the few rows of a bulk relation that are no data, or may be totals: blanks, repeated headers, footers, labels of totals.

The rules of small files tell apart each row that has no plain identity number. Where these are very many, SQL looks for candidates first.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import reduce
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from ledgers.arrays import keep, number_array
from ledgers.bulk import PLAIN, ROW, SPOILT, read_to_its_end, rows_of_parquet, text_literal
from ledgers.bulk_sums import reckon_among
from ledgers.headers import Layout
from ledgers.kinds import Kind
from ledgers.neighbours import AGAIN, FEWEST_WORDS, another_table, header_teller
from ledgers.rows import ADDED_UP, DOUBTS, DataRow, Remark, Told, sort_told
from ledgers.telling import (
    BARE,
    BEFORE_A_COMMA,
    BEHIND_A_COMMA,
    DATA,
    NO_DATA,
    PART,
    SUM,
    TOTAL,
    Look,
    is_lone,
    look_of,
    may_go_on,
    tell_apart,
)
from ledgers.total_rows import TotalRow
from ledgers.typed import PART_LIKE, TOTAL_LIKE, UNEVEN, quote

if TYPE_CHECKING:
    import pyarrow as pa
    from duckdb import DuckDBPyConnection

# A total's label as it is written, for SQL; in sheets and CSV files `tell_apart` reads it folded.
_B = r"[\s\x{3000}\x{00a0}\x{200b}\x{feff}]*"
_TOTAL_LABEL = (
    rf"(?i){_B}(.{{0,20}}([合总總小共累]{_B}[计計]|[总總]{_B}([额額数數和]|金{_B}[额額]))(金额|金額|人数|人數|数额|數額|[数數额額]|大写|大寫|\([^()]*\)|（[^（）]*）)*([:：].*|[0-9].*)?"
    rf"|本{_B}[页頁]|[总總共合计計∑Σ]|(sub|grand)?{_B}(total|ｔｏｔａｌ)|sum|ｓｕｍ|[承过過转轉接]{_B}[前上次下]{_B}[页頁]){_B}"
)
_SUMMED = ".{1,20}(汇总|匯總|彙總)"  # where names stand
_PART_LABEL = r"^[\s\x{3000}\x{00a0}]*其中"
# Whatever may label a total, a part or a footer, or end a page, written in any way that folding makes the same.
_LABELS = (
    "(?i)[计計总總共合页頁均∑Σ:]|求和|total|sum|汇|匯|彙|其\\s*中|制表|製表|填表|审|審|[复複覆]核|经办|經辦|负责|負責|主管|主席|会计|會計|出纳|出納|财务|財務|领导|領導"
    "|[盖蓋签簽]|公章|备注|備註|说明|說明|注|註|日期|联系|聯繫|聯絡|余额|餘額|[结結][转轉余餘]|累|承|过次|過次|[续續]|空白|接[上前]|[转轉][入出]|小[结結记記]|合[记記]|剩余|剩餘|费|費|利息|综合|綜合|本[级級]|以上|全\\s*[区區县縣市省镇鎮乡鄉街校厂廠部體体]|所有|^[\\s\u3000(（]*[一二三四五六七八九十各]|各[单單]位|第|年.{1,6}月|半\\s*年|[实實应應]\\s*[发發]"
    "|大写|元整|总付|[总總共]支付|占比|比重|比例|人均|完成|执行|[增下变變][长長减減降动動]|[同环環]比|同期|上年|去年|[结結库庫盘盤]存"
    "|[\\x{00ad}\\x{200b}-\\x{200f}\\x{202a}-\\x{202e}\\x{2060}-\\x{2069}\\x{fe00}-\\x{fe0f}\\x{feff}\\x{2e80}-\\x{2fdf}\\x{f900}-\\x{faff}\\x{ff01}-\\x{ff5e}]"
)
_LEVEL = "^[\\s\u3000]*([一二三四五六七八九十]+、|[(（][一二三四五六七八九十]+[)）]|[0-9０-９]+、|其[\\s\u3000]*中)"  # of SQL and Python; `totals.py` tells levels by these
MOST_LOOKED = 200_000  # rows that are looked at one by one
MOST_LONE = 1000  # rows with nothing but a text and amounts that may stand below the last total
LEFT_OUT = -1
BATCH = 10_000  # candidates


class Below(NamedTuple):
    """Say of the rows of a bulk file which repeat the header in other words, and from which on another table stands."""

    again: frozenset[int]
    end: int | None
    remarks: tuple[Remark, ...]

    def kept(self, row: str) -> str:
        """Write the condition of the rows that are read, where some are not."""
        tests = [f"{row} < {self.end}"] if self.end else []
        tests += [f"{row} NOT IN ({', '.join(map(str, sorted(self.again)))})"] if self.again else []
        return " AND ".join(tests)


class Strays(NamedTuple):
    """Hold the rows of a bulk relation that are no plain data, or name nobody and may be parts, by their number: what each is, its cells; and the
    headers below the table."""

    what: Mapping[int, str]
    cells: Mapping[int, Sequence[str]]
    below: Below
    look: Look

    @property
    def told(self) -> list[Told]:
        """List in order those that stand above another table and are more than furniture."""
        end, again = self.below.end, self.below.again
        numbers = [number for number in sorted(self.what) if number not in again and (end is None or number < end)]
        return [(number, self.cells[number], self.what[number]) for number in numbers if self.what[number] not in NO_DATA]


class Settled(NamedTuple):
    """Say what is left of a bulk relation: the SQL of its rows, those of them that are in doubt, remarks on the others, its totals."""

    rows: str
    doubted: list[DataRow]
    remarks: list[Remark]
    totals: list[TotalRow]


def set_sure_apart(con: DuckDBPyConnection, relation: str, rows: pa.Table, layout: Layout, kind: Kind) -> str:
    """Let DuckDB read the rows that may be no data without those that a plain identity number makes sure; give the relation of them."""
    from pyarrow import compute

    identities = {f"{PLAIN}c{index}" for name, index in layout.fields.items() if kind.columns[name].type == "identity"}
    sure = sorted(identities & set(rows.column_names))
    if not sure:
        return relation
    unsure, others = compute.invert(reduce(compute.or_, map(rows.column, sure))), f"{relation}_unsure"
    if (compute.sum(unsure).as_py() or 0) <= MOST_LOOKED:
        con.register(others, rows.filter(unsure))
    else:  # too many to be held once more
        con.execute(f"CREATE OR REPLACE TEMP VIEW {others} AS SELECT * FROM {relation} WHERE NOT ({' OR '.join(sure)})")
    return others


def find_strays(
    con: DuckDBPyConnection,
    unsure: str,
    header: Sequence[Sequence[str]],
    layout: Layout,
    kinds: Mapping[str, Kind],
    most: float = MOST_LOOKED,
) -> Strays:
    """Find the rows that are no plain data among those that may be none; up to so many are looked at one by one."""
    look = look_of(header, layout, kinds[layout.kind])
    cells = [f"c{index}" for index in range(look.width)]
    below = find_headers(con, unsure, ROW, cells, _wordless(look), layout, kinds)
    found = list(_strays(con, unsure, header, look, most))
    return Strays({number: what for number, what, _ in found}, {number: cells for number, _, cells in found}, below, look)


def settle(con: DuckDBPyConnection, relation: str, strays: Strays, columns: Sequence[str], layout: Layout, kind: Kind) -> Settled:
    """Take out of the rows of a big CSV those that are no data, and mark those that are in doubt.

    Without such rows, the normal case, it is the relation itself.
    """
    import pyarrow as pa

    below, slipped = strays.below, _slipped(con, relation, strays.look)
    data, remarks, totals = add_up(con, relation, strays, layout, kind)
    if any(what in ADDED_UP for _, _, what in strays.told) and (
        slipped or _has_levels(con, relation, data, layout, kind, strays.look.width)
    ):
        # What fits no rows may add up those of one level, which nobody tells apart here.
        totals = [total for total in totals if total.right]
        said = DOUBTS[TOTAL_LIKE]
        bare = {number for number, what in strays.what.items() if what in (BARE, SUM)}
        data = [row._replace(doubt=TOTAL_LIKE, why=said) if row.number in bare and not row.doubt else row for row in data]
    found = dict.fromkeys(slipped, UNEVEN)
    found |= dict.fromkeys((*strays.what, *below.again), LEFT_OUT) | {row.number: row.doubt for row in data}
    found = {number: doubt for number, doubt in found.items() if doubt}
    if not found and below.end is None:
        return Settled(relation, [], [], [])
    numbers, doubts = number_array(found, pa.int64()), number_array(found.values(), pa.int8())
    keep(con, f"{relation}_strays", pa.table({"stray": numbers, "doubt": doubts}))
    settled = (
        f"(SELECT {ROW}, greatest({SPOILT}, coalesce(doubt, 0)) AS {SPOILT}, {', '.join(columns)}"
        f" FROM {relation} LEFT JOIN {relation}_strays ON stray = {ROW}"
        f" WHERE coalesce(doubt, 0) <> {LEFT_OUT} AND {f'{ROW} < {below.end}' if below.end else 'TRUE'})"
    )
    return Settled(settled, [row for row in data if row.doubt], [*remarks, *below.remarks], totals)


def add_up(
    con: DuckDBPyConnection, relation: str, strays: Strays, layout: Layout, kind: Kind
) -> tuple[list[DataRow], list[Remark], list[TotalRow]]:
    """Sort the rows that are no plain data, like those of a small sheet, by what the rows around them come to."""
    told, left = strays.told, {*strays.what, *strays.below.again}
    reckon, apart = reckon_among(con, relation, told, left, strays.below.end, layout, kind)
    return sort_told(told, reckon, layout, strays.look, lambda _: _are_all_dated(con, relation, strays.look), apart=apart)


def _are_all_dated(con: DuckDBPyConnection, relation: str, look: Look) -> bool:
    """Say whether each row of data, of those that add up, has a day, a code or the like."""
    if not look.others:
        return False
    without = " AND ".join(_blank(f"c{index}") for index in look.others)
    others = f"{ROW} NOT IN (SELECT left_out FROM {relation}_left)"
    return not con.execute(f"SELECT 1 FROM {relation} WHERE {without} AND {others} LIMIT 1").fetchall()


def _slipped(con: DuckDBPyConnection, relation: str, look: Look) -> list[int]:
    """Find the rows in which what stood behind the comma of an amount stands in a cell of its own."""
    if not look.slips:
        return []
    parted = (
        f"(({behind} BETWEEN '0' AND ':' OR {_blank(behind)}) AND regexp_full_match({_stripped(behind)}, '{BEHIND_A_COMMA}')"
        f" AND regexp_full_match({_stripped(amount)}, '{BEFORE_A_COMMA}'))"
        for amount, behind in ((f"c{index}", f"c{index + 1}") for index in look.slips)
    )
    return [row for (row,) in con.execute(f"SELECT {ROW} FROM {relation} WHERE {' OR '.join(parted)}").fetchall()]


def _stripped(name: str) -> str:
    return f"trim({name}, ' \t\u00a0\u3000')"


def _has_levels(con: DuckDBPyConnection, relation: str, told: Sequence[DataRow], layout: Layout, kind: Kind, width: int) -> bool:
    """Say whether a row of data has slipped cells, or a text that begins like a step of an outline or a part of another; or its kind has levels.

    Shapes:  `told` are the rows of data among those that were told apart and left out of what was added up.
    """
    if kind.nests or any(re.match(_LEVEL, cell) for row in told if not row.doubt for cell in row.cells):
        return True
    numbers = ("amount", "identity", "date")
    texts = [f"c{index}" for name, index in layout.fields.items() if kind.columns[name].type not in numbers]
    texts += [f"c{index}" for index in layout.unknown if index < width]  # one that has no header stands in no column
    tests = " OR ".join([f"{SPOILT} > 0", *(f"regexp_matches({text}, '{_LEVEL}')" for text in texts)])
    others = f"{ROW} NOT IN (SELECT left_out FROM {relation}_left)"
    return bool(con.execute(f"SELECT 1 FROM {relation} WHERE ({tests}) AND {others} LIMIT 1").fetchall())


def _strays(
    con: DuckDBPyConnection, relation: str, header: Sequence[Sequence[str]], look: Look, most: float
) -> Iterator[tuple[int, str, Sequence[str]]]:
    """Yield the numbers of the rows that are no plain data, with what they are, and their cells."""
    [(count,)] = con.execute(f"SELECT count(*) FROM {relation}").fetchall()
    if not count:
        return
    names = ", ".join(f"c{index}" for index in range(look.width))
    tests = " OR ".join(f"({test})" for test in _tests(header, look)) if count > most else "TRUE"
    found = con.execute(f"SELECT {ROW}, {SPOILT}, {names} FROM {relation} WHERE {tests}")
    parts, totals, nobodies, lone = False, False, list[tuple[int, str, Sequence[str]]](), list[tuple[int, str, Sequence[str]]]()
    while batch := found.fetchmany(BATCH):
        for number, spoilt, *cells in batch:
            what = DATA if spoilt else tell_apart(cells, look)
            parts |= what == PART
            totals |= what == TOTAL
            if what != DATA:
                yield number, what, cells
            elif not spoilt and may_go_on(cells, look):
                nobodies.append((number, what, cells))
            elif not spoilt and len(lone) <= MOST_LONE and is_lone(cells, look):
                lone.append((number, what, cells))
    if parts:  # the next ones may be of them
        yield from nobodies
    if totals and len(lone) <= MOST_LONE:  # they may stand below the last one
        yield from lone


def find_headers(
    con: DuckDBPyConnection,
    relation: str,
    row: str,
    cells: Sequence[str],
    wordless: str,
    layout: Layout,
    kinds: Mapping[str, Kind],
) -> Below:
    """Find in a bulk file the rows below the header that are headers too.

    Shapes:  `cells` are the SQL of each column's text, `wordless` that of a test which few rows of data pass and every header does:
             where it gives none, as nearly always, no other column is read.
    Raises:  Unreadable if the file proves damaged.
    """
    tell, again, others = header_teller(layout, kinds), set[int](), dict[int, str]()
    source = f"FROM {relation} WHERE {wordless}"
    with read_to_its_end():
        if not con.execute(f"SELECT 1 {source} LIMIT 1").fetchall():
            return Below(frozenset(), None, ())
        found = con.execute(f"SELECT {row}, {', '.join(cells)} {source}")
        while batch := found.fetchmany(BATCH):
            for number, *texts in batch:
                what = tell(texts)
                if what == AGAIN:
                    again.add(number)
                elif what:
                    others[number] = what
    end = min(others, default=None)
    return Below(frozenset(again), end, (another_table(end, kinds[others[end]]),) if end is not None else ())


def _wordless(look: Look) -> str:
    """Write the test of a row that has no number where amounts and identity numbers stand."""
    tests = [
        *(_without_digits(f"c{index}", 1) for index in look.amounts),
        *(_without_digits(f"c{index}", 5) for index in look.identities),
    ]
    return " AND ".join(tests) or "TRUE"


def _without_digits(text: str, most: int) -> str:
    """Hold for a text without so many digits in a row; of most texts only the first bytes are looked at."""
    plain = f"NOT ({text} BETWEEN '0' AND ':') AND " if most == 1 else ""
    return f"{plain}NOT regexp_matches({text}, '[0-9０-９]{{{most}}}')"


def _tests(header: Sequence[Sequence[str]], look: Look) -> Iterator[str]:
    """Write conditions that hold for every stray row, and for few others."""
    every = [f"c{index}" for index in range(look.width)]
    yield f"regexp_matches(concat_ws(' ', {', '.join(every)}), '{_LABELS}')"
    yield f"{' + '.join(f'(NOT {_blank(name)})::INTEGER' for name in every)} <= 1"
    for own in (
        set(range(look.width)) - {*look.amounts},
        {*look.typed},
        {*look.identities, *look.others} if look.identities or not look.names else (),
        {*look.names, *look.identities},
    ):
        if own:
            yield " AND ".join(_blank(f"c{index}") for index in sorted(own))
    yield from (_header_like(row, look) for row in header)


def _blank(name: str) -> str:
    """Hold for what begins with white space, or is empty; a comparison looks at four bytes only."""
    return f"({name} < '!' OR {name} BETWEEN '\u3000' AND '\u3001' OR {name} BETWEEN '\u00a0' AND '\u00a1')"


def _header_like(header: Sequence[str], look: Look) -> str:
    """Hold where numbers are expected and a Chinese character stands, or whatever the header's own cell begins with."""
    number = next(iter((*look.identities, *look.amounts)), None)
    index = number if number is not None else next(n for n, cell in enumerate(header) if cell.strip())
    name, first = f"c{index}", header[index].strip()[:1]
    spaced = f"({_blank(name)} AND {_stripped(name)} <> '')"
    same = f"starts_with({name}, {text_literal(first)}) OR {spaced}" if first else _blank(name)
    return same if number is None else f"{same} OR {name} BETWEEN '\u3400' AND '\uf900'"


def below_in(con: DuckDBPyConnection, path: Path, columns: Mapping[str, str], layout: Layout, kinds: Mapping[str, Kind]) -> Below:
    """Find the headers that stand in the rows of a Parquet file: only texts can hold one."""
    kind, names = kinds[layout.kind], list(columns)
    places: dict[str, list[str]] = {"amount": [], "identity": []}
    for field, index in layout.fields.items():
        places.get(kind.columns[field].type, []).append(names[index])
    if sum(sql_type == "VARCHAR" for sql_type in columns.values()) < FEWEST_WORDS:
        return Below(frozenset(), None, ())
    tests = [
        _without_digits(f"coalesce({quote(name)}, '')", most) if columns[name] == "VARCHAR" else f"{quote(name)} IS NULL"
        for own, most in (("amount", 1), ("identity", 5))
        for name in places[own]
    ]
    cells = [f"coalesce(CAST({quote(name)} AS VARCHAR), '')" for name in names]
    return find_headers(con, rows_of_parquet(path), "file_row_number + 2", cells, " AND ".join(tests) or "TRUE", layout, kinds)


def doubted_by_label(layout: Layout, kind: Kind, types: Mapping[str, str]) -> str:
    """Write the doubt of each row of a Parquet file: it may be a total, or a part of the row above, by a label in its first texts and nobody's number.

    Nothing, where no text stands in which a label could.
    """
    fields = sorted(layout.fields, key=layout.fields.__getitem__)
    texts = [field for field in fields if kind.columns[field].type in ("text", "name") and types[field] == "VARCHAR"][:3]
    if not texts:
        return ""
    written = [name for name in fields if types[name] == "VARCHAR"]
    cells = ", ".join(f"CAST({quote(name)} AS VARCHAR)" for name in fields)
    first = f"list_filter([{cells}], lambda x: {_stripped('x')} <> '')[:3]"  # also where a number should stand
    mention = " OR ".join(f"contains({quote(name)}, '其中')" for name in written)
    parts = f"({mention}) AND len(list_filter({first}, lambda x: regexp_matches(x, '{_PART_LABEL}'))) > 0"
    numbers = [field for field in fields if kind.columns[field].type == "identity"]
    nobody = " AND ".join(f"coalesce(CAST({quote(name)} AS VARCHAR), '') = ''" for name in numbers) or "TRUE"
    persons = bool(numbers) or any(kind.columns[field].type == "name" for field in fields)
    label = f"{_TOTAL_LABEL}|{_SUMMED}" if any(kind.columns[field].type == "name" for field in fields) else _TOTAL_LABEL
    totals = " OR ".join(f"regexp_full_match({quote(name)}, '{label}')" for name in texts)
    part = f" WHEN {parts} THEN {PART_LIKE}" if persons else ""
    return f"CASE WHEN NOT ({nobody}) THEN 0 WHEN {totals} THEN {TOTAL_LIKE}{part} ELSE 0 END"
